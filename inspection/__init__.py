"""From photos to verdicts: read, inspect, find regions, draw, report."""
