"""Draw what was found on the photo: heat where the map is high, an outline and a numbered tag per region."""

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inspection.regions import Box, Region, binary_mask

__all__ = ["draw_overlay"]

COLOUR_MAP = "inferno"  # perceptually uniform: twice the score looks twice as hot, in gray print too
FAINTEST_SCORE = 0.5  # of the threshold: nothing is painted below it
MAX_OPACITY = 0.65  # reached at the threshold
STRIP_ROWS = 256  # paint this many rows at once, to keep memory flat

# Sizes as fractions of the photo's longer side, with the least that can be read or seen, in pixels.
TEXT_SIZE, MIN_TEXT_SIZE = 0.02, 12
LINE_WIDTH, MIN_LINE_WIDTH = 0.0015, 1
OUTLINE_COLOUR = (255, 255, 255)
TAG_COLOUR = (20, 20, 26)  # also the dark edge that keeps a white outline visible on white


def draw_overlay(
    photo: np.ndarray,
    anomaly_map: np.ndarray,
    bike_mask: np.ndarray | None,
    regions: list[Region],
    threshold: float = 0.6,
) -> Image.Image:
    """Draw a heat map, outlines and numbered tags on a copy of the photo.

    Args:
        photo: (H, W, 3) uint8, RGB; left as it is.
        anomaly_map: (H, W) float32 in [0, 1].
        bike_mask: (H, W) bool, no heat outside it; None takes the whole photo as the bike.
        regions: what to outline and number, 1 for the first.
        threshold: the one the regions were found with, in [0, 1].

    Returns:
        An RGB image of the photo's size.

    Raises:
        ValueError: photo, anomaly_map and bike_mask differ in height or width.
    """
    if photo.shape[:2] != anomaly_map.shape:
        raise ValueError(f"anomaly_map has shape {anomaly_map.shape}: expected {photo.shape[:2]}, as the photo")
    if bike_mask is not None and bike_mask.shape != anomaly_map.shape:
        raise ValueError(f"bike_mask has shape {bike_mask.shape}: expected {photo.shape[:2]}, as the photo")
    canvas = photo.copy()
    line_width = max(MIN_LINE_WIDTH, round(LINE_WIDTH * max(canvas.shape)))
    _paint_heat(canvas, anomaly_map, bike_mask, threshold)
    if regions:
        _paint_outlines(canvas, binary_mask(anomaly_map, bike_mask, threshold), regions, line_width)
    image = Image.fromarray(canvas)
    _draw_tags(image, regions, line_width)
    return image


def _paint_heat(canvas: np.ndarray, anomaly_map: np.ndarray, bike_mask: np.ndarray | None, threshold: float) -> None:
    heat, remainder = _heat_tables(threshold)
    faintest_level = np.flatnonzero(remainder[:, 0] < 256)[0]
    for top in range(0, len(canvas), STRIP_ROWS):
        rows = slice(top, top + STRIP_ROWS)
        level = (anomaly_map[rows] * 255).astype(np.uint8)
        painted = level >= faintest_level
        if bike_mask is not None:
            painted &= bike_mask[rows]
        level = level[painted]  # (N,)
        canvas[rows][painted] = (canvas[rows][painted] * remainder[level] + heat[level]) >> 8


def _heat_tables(threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """By score in 1/255: colour times opacity (256, 3), and what is left to the photo (256, 1); of 256."""
    scores = np.linspace(0, 1, 256)
    faintest = FAINTEST_SCORE * threshold
    visibility = np.clip((scores - faintest) / max(threshold - faintest, 1e-6), 0, 1)
    opacity = np.round(256 * MAX_OPACITY * visibility)[:, None]
    colours = matplotlib.colormaps[COLOUR_MAP](scores, bytes=True)[:, :3]
    return (colours * opacity).astype(np.uint16), (256 - opacity).astype(np.uint16)


def _paint_outlines(canvas: np.ndarray, mask: np.ndarray, regions: list[Region], line_width: int) -> None:
    contours, _ = cv2.findContours(mask.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outlines = [c for c in contours if any(_overlap(_bounds(c), region.box) for region in regions)]
    cv2.drawContours(canvas, outlines, -1, TAG_COLOUR, 3 * line_width, cv2.LINE_AA)
    cv2.drawContours(canvas, outlines, -1, OUTLINE_COLOUR, line_width, cv2.LINE_AA)


def _draw_tags(image: Image.Image, regions: list[Region], line_width: int) -> None:
    text_size = max(MIN_TEXT_SIZE, round(TEXT_SIZE * max(image.size)))
    font = ImageFont.load_default(text_size)
    draw = ImageDraw.Draw(image)
    tags: list[Box] = []
    boxes = [region.box for region in regions]
    for number, region in enumerate(regions, start=1):
        name = f"{region.part} " if region.part else ""
        texts = [f"{number}  {name}{region.score:.2f}", str(number)]
        sizes_wh = [(round(font.getlength(text)) + text_size, round(1.5 * text_size)) for text in texts]
        index, tag = _place_tag(sizes_wh, region.box, image.size, tags, boxes)
        tags.append(tag)
        leader = [_nearest_point(tag, _centre(region.box)), _nearest_point(region.box, _centre(tag))]
        draw.line(leader, TAG_COLOUR, 3 * line_width)
        draw.line(leader, OUTLINE_COLOUR, line_width)
        corners = (tag[0], tag[1], tag[2] - 1, tag[3] - 1)  # Pillow's include the last pixel
        draw.rounded_rectangle(corners, text_size // 4, TAG_COLOUR, OUTLINE_COLOUR, line_width)
        draw.text(_centre(tag), texts[index], OUTLINE_COLOUR, font, anchor="mm")


def _place_tag(
    sizes_wh: list[tuple[int, int]],
    box: Box,
    image_size_wh: tuple[int, int],
    tags: list[Box],
    region_boxes: list[Box],
) -> tuple[int, Box]:
    """Which of the tag's sizes to use, and where: the first place in the photo that covers nothing.

    Tries the first size clear of tags and regions, then clear of tags, then the other; where the photo is too
    full for all of them, the last size stands on the region's upper left corner.
    """
    for index, obstacles in [(0, tags + region_boxes), (0, tags), (1, tags + region_boxes), (1, tags)]:
        for place in _places(sizes_wh[index], box, image_size_wh):
            if not any(_overlap(place, obstacle) for obstacle in obstacles):
                return index, place
    width, height = sizes_wh[-1]
    return len(sizes_wh) - 1, _inside((box[0], box[1], box[0] + width, box[1] + height), image_size_wh)


def _places(size_wh: tuple[int, int], box: Box, image_size_wh: tuple[int, int]) -> list[Box]:
    """Boxes for a tag above, below, right and left of a region, near ones first, moved into the photo."""
    width, height = size_wh
    if width > image_size_wh[0] or height > image_size_wh[1]:
        return []
    x0, y0, x1, y1 = box
    corners = []
    for gap in (height // 3, height * 2, height * 4):
        corners += [(x0, y0 - gap - height), (x0, y1 + gap), (x1 + gap, y0), (x0 - gap - width, y0)]
    return [_inside((x, y, x + width, y + height), image_size_wh) for x, y in corners]


def _inside(box: Box, image_size_wh: tuple[int, int]) -> Box:
    x0, y0, x1, y1 = box
    x = max(0, min(x0, image_size_wh[0] - (x1 - x0)))
    y = max(0, min(y0, image_size_wh[1] - (y1 - y0)))
    return x, y, x + x1 - x0, y + y1 - y0


def _overlap(box: Box, other: Box) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


def _bounds(contour: np.ndarray) -> Box:
    x, y, width, height = cv2.boundingRect(contour)
    return x, y, x + width, y + height


def _centre(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _nearest_point(box: Box, point: tuple[float, float]) -> tuple[float, float]:
    """The point of a box that is nearest to another point."""
    return min(max(point[0], box[0]), box[2]), min(max(point[1], box[1]), box[3])
