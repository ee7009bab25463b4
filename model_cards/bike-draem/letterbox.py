"""Fit a crop of a photo into a fixed canvas, and bring maps and boxes back: one geometry, exact both ways."""

from dataclasses import dataclass

import cv2
import numpy as np

__all__ = ["Box", "Letterbox"]

Box = tuple[int, int, int, int]  # x0, y0, x1, y1 in photo pixels; x1 and y1 exclusive


@dataclass(frozen=True)
class Letterbox:
    """A crop of the photo, scaled without distortion and centred on a canvas.

    Attributes:
        photo_size: height, width of the whole photo in pixels.
        crop: the part of the photo that is shown.
        canvas_size: height, width of the canvas in pixels.
        content_size: height, width of the scaled crop on the canvas.
        offset: top, left of the scaled crop on the canvas.
    """

    photo_size: tuple[int, int]
    crop: Box
    canvas_size: tuple[int, int]
    content_size: tuple[int, int]
    offset: tuple[int, int]

    @classmethod
    def fit(cls, photo_size: tuple[int, int], canvas_size: tuple[int, int], crop: Box | None = None) -> "Letterbox":
        """Make the crop as large as the canvas allows.

        Args:
            photo_size: height, width in pixels.
            canvas_size: height, width in pixels.
            crop: None takes the whole photo.

        Raises:
            ValueError: the crop is empty or reaches out of the photo.

        >>> Letterbox.fit((1000, 2000), (384, 512)).content_size
        (256, 512)
        """
        height, width = photo_size
        x0, y0, x1, y1 = crop = crop or (0, 0, width, height)
        if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
            raise ValueError(f"crop {crop} is empty or reaches out of the photo of {width}x{height}")
        scale = min(canvas_size[0] / (y1 - y0), canvas_size[1] / (x1 - x0))
        content = tuple(
            min(side, max(1, round(extent * scale)))
            for side, extent in zip(canvas_size, (y1 - y0, x1 - x0), strict=True)
        )
        offset = (canvas_size[0] - content[0]) // 2, (canvas_size[1] - content[1]) // 2
        return cls(tuple(photo_size), tuple(crop), tuple(canvas_size), content, offset)

    def to_canvas(self, image: np.ndarray, fill: int = 127) -> np.ndarray:
        """The photo (H, W, C) uint8 on the canvas, (canvas height, canvas width, C) uint8, `fill` around it."""
        x0, y0, x1, y1 = self.crop
        shrinks = self.content_size[0] < y1 - y0
        content = cv2.resize(
            image[y0:y1, x0:x1],
            self.content_size[::-1],
            # Averaging when shrinking: every photo pixel counts, a scratch does not fall between two samples.
            interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
        )
        canvas = np.full((*self.canvas_size, image.shape[2]), fill, np.uint8)
        canvas[self._content()] = content
        return canvas

    def labels_to_canvas(self, labels: np.ndarray, fill: int = 0) -> np.ndarray:
        """Labels (H, W) uint8 of the photo on the canvas, each pixel one of the values it had, `fill` around them."""
        x0, y0, x1, y1 = self.crop
        canvas = np.full(self.canvas_size, fill, np.uint8)
        canvas[self._content()] = cv2.resize(
            labels[y0:y1, x0:x1], self.content_size[::-1], interpolation=cv2.INTER_NEAREST_EXACT
        )
        return canvas

    def to_photo(self, canvas_map: np.ndarray, size: tuple[int, int] | None = None) -> np.ndarray:
        """Bring a map back: zero outside the crop.

        Args:
            canvas_map: (canvas height, canvas width) float32 or uint8, or any multiple or fraction of that size.
            size: height, width of the result in pixels; None gives the photo's own. A smaller one saves time and
                memory and shows the same.

        Returns:
            (height, width), of the map's dtype.
        """
        return self._to_photo(canvas_map, size, nearest=False)

    def labels_to_photo(self, canvas_labels: np.ndarray, size: tuple[int, int] | None = None) -> np.ndarray:
        """Labels (height, width) uint8 brought back as `to_photo` does, each pixel one of the values they had."""
        return self._to_photo(canvas_labels, size, nearest=True)

    def box_to_photo(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """A box x0, y0, x1, y1 in canvas pixels, in photo pixels."""
        (scale_x, scale_y), (shift_x, shift_y) = self._scales()
        x0, y0, x1, y1 = box
        return (
            (x0 - shift_x) / scale_x + self.crop[0],
            (y0 - shift_y) / scale_y + self.crop[1],
            (x1 - shift_x) / scale_x + self.crop[0],
            (y1 - shift_y) / scale_y + self.crop[1],
        )

    def box_to_canvas(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """A box x0, y0, x1, y1 in photo pixels, in canvas pixels."""
        (scale_x, scale_y), (shift_x, shift_y) = self._scales()
        x0, y0, x1, y1 = box
        return (
            (x0 - self.crop[0]) * scale_x + shift_x,
            (y0 - self.crop[1]) * scale_y + shift_y,
            (x1 - self.crop[0]) * scale_x + shift_x,
            (y1 - self.crop[1]) * scale_y + shift_y,
        )

    def _to_photo(self, canvas_map: np.ndarray, size: tuple[int, int] | None, nearest: bool) -> np.ndarray:
        height, width = size or self.photo_size
        scale_y, scale_x = height / self.photo_size[0], width / self.photo_size[1]
        x0, y0, x1, y1 = self.crop
        left, right = round(x0 * scale_x), max(round(x0 * scale_x) + 1, round(x1 * scale_x))
        top, bottom = round(y0 * scale_y), max(round(y0 * scale_y) + 1, round(y1 * scale_y))
        if canvas_map.shape != self.canvas_size:
            interpolation = cv2.INTER_NEAREST_EXACT if nearest else cv2.INTER_LINEAR
            canvas_map = cv2.resize(canvas_map, self.canvas_size[::-1], interpolation=interpolation)
        content = canvas_map[self._content()]
        shrinks = content.shape[0] > bottom - top
        smooth = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        photo_map = np.zeros((height, width), canvas_map.dtype)
        photo_map[top:bottom, left:right] = cv2.resize(
            content, (right - left, bottom - top), interpolation=cv2.INTER_NEAREST_EXACT if nearest else smooth
        )[: height - top, : width - left]
        return photo_map

    def _content(self) -> tuple[slice, slice]:
        top, left = self.offset
        return slice(top, top + self.content_size[0]), slice(left, left + self.content_size[1])

    def _scales(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Canvas pixels per photo pixel in x and y, and where the crop's corner lies on the canvas, x and y."""
        x0, y0, x1, y1 = self.crop
        return (self.content_size[1] / (x1 - x0), self.content_size[0] / (y1 - y0)), self.offset[::-1]
