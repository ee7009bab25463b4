"""Bikes modelled in 3D and broken on purpose: twin pictures, intact and damaged, with exact masks and part labels."""
