"""Real photos of sound bikes, broken on purpose: pairs of an intact and a damaged picture with exact masks."""
