"""Damage as people fake it with a photo editor: another hand than `training.photo_damage`'s, to measure with."""
