"""Bikes modelled in 3D and broken on purpose: twin pictures, intact and damaged, with exact masks and part labels."""

try:
    import numba  # noqa: F401
except ImportError as error:
    raise ImportError("rendering bikes needs Numba: pip install -e '.[synthetic]'") from error
