"""Which pixels of a row may lie in a triangle: a thin slanting one fills little of its box; the rest is not tried."""

import numba
import numpy as np

__all__ = ["row_span"]

WIDE = 6  # pixels from which on it pays to ask which of a row lie in a triangle


@numba.njit(cache=True, inline="always")
def row_span(
    y: float, bx: float, by: float, cx: float, cy: float, area: float, origin: float, first: int, last: int
) -> tuple[int, int]:
    """First and last column of `first` to `last`, a pixel too many on either side; first > last where there is none.

    A row that is not wide is left as it is.

    Args:
        y: of the row's middle, bx, by, cx, cy: of the other corners; from the triangle's first corner.
        area: twice the triangle's, signed; origin: the first corner's column.
    """
    if last - first <= WIDE:
        return first, last
    # Each corner's share grows by `rise` a column, from `start` at the first corner's column.
    start_b, rise_b = -cx * y / area, cy / area
    start_c, rise_c = bx * y / area, -by / area
    start_a, rise_a = 1 - start_b - start_c, -rise_b - rise_c
    low, high = float(first), float(last)
    if rise_a > 1e-9:
        low = max(low, origin - start_a / rise_a - 1.5)
    elif rise_a < -1e-9:
        high = min(high, origin - start_a / rise_a + 0.5)
    if rise_b > 1e-9:
        low = max(low, origin - start_b / rise_b - 1.5)
    elif rise_b < -1e-9:
        high = min(high, origin - start_b / rise_b + 0.5)
    if rise_c > 1e-9:
        low = max(low, origin - start_c / rise_c - 1.5)
    elif rise_c < -1e-9:
        high = min(high, origin - start_c / rise_c + 0.5)
    return int(np.floor(low)), int(np.ceil(high))
