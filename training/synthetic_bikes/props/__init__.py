"""What stands about the bike: its stage, and the things on it."""
