"""The parts of the web page: layout, what its events do, its words, and its style."""
