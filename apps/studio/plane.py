"""The valence-arousal plane as a picture: where the request lies, and where the readings lie."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from genstudio.emotion import EKMAN, Emotion
from genstudio.protocols import Reading
from genstudio.report import COLOURS

SIZE = 420
_PAD = 26
_LABELS = {
    "disgust": (0, 11, "mm"),
    "fear": (-8, 0, "rm"),
    "anger": (8, 0, "lm"),
}  # where names would lie on each other
_INK, _SOFT, _GRID = (30, 41, 54), (110, 124, 138), (214, 221, 229)


def to_pixel(valence: float, arousal: float) -> tuple[float, float]:
    """Where a point lies in the picture."""
    inner = SIZE - 2 * _PAD
    return _PAD + (valence + 1) / 2 * inner, _PAD + (1 - arousal) / 2 * inner


def from_pixel(x: float, y: float) -> tuple[float, float]:
    """Valence and arousal of a pixel, within -1..1."""
    inner = SIZE - 2 * _PAD
    v, a = 2 * (x - _PAD) / inner - 1, 1 - 2 * (y - _PAD) / inner
    return max(-1.0, min(1.0, v)), max(-1.0, min(1.0, a))


def draw(requested: Emotion | None, readings: Sequence[Reading] = ()) -> Image.Image:
    """RGB picture of SIZE x SIZE pixels: ring = requested, dots = read."""
    scale = 2  # drawn twice as large, for smooth edges
    image = Image.new("RGB", (SIZE * scale, SIZE * scale), (252, 253, 254))
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(13 * scale)

    def at(v: float, a: float) -> tuple[float, float]:
        x, y = to_pixel(v, a)
        return x * scale, y * scale

    (x0, y0), (x1, y1), (mx, my) = at(-1, 1), at(1, -1), at(0, 0)
    pen.rectangle((x0, y0, x1, y1), outline=_GRID, width=scale)
    pen.line((x0, my, x1, my), fill=_GRID, width=scale)
    pen.line((mx, y0, mx, y1), fill=_GRID, width=scale)
    pen.text((mx, y0 / 2), "excited", fill=_SOFT, font=font, anchor="mm")
    pen.text((mx, y1 + y0 / 2), "calm", fill=_SOFT, font=font, anchor="mm")
    pen.text((x0 + 6 * scale, my + 10 * scale), "unpleasant", fill=_SOFT, font=font, anchor="lm")
    pen.text((x1 - 6 * scale, my + 10 * scale), "pleasant", fill=_SOFT, font=font, anchor="rm")
    for name in EKMAN[:-1]:
        e = Emotion.of(name)
        x, y = at(e.valence, e.arousal)
        pen.ellipse((x - 3 * scale, y - 3 * scale, x + 3 * scale, y + 3 * scale), fill=_GRID)
        dx, dy, anchor = _LABELS.get(name, (0, -11, "mm"))
        pen.text((x + dx * scale, y + dy * scale), name, fill=_SOFT, font=font, anchor=anchor)
    ring = at(requested.valence, requested.arousal) if requested is not None else None
    for reading in readings:
        if reading.valence is None or reading.arousal is None:
            continue
        x, y = at(reading.valence, reading.arousal)
        colour = COLOURS.get(reading.modality, "#555555")
        if ring is not None:
            pen.line((*ring, x, y), fill=colour, width=scale)
        pen.ellipse((x - 7 * scale, y - 7 * scale, x + 7 * scale, y + 7 * scale), fill=colour)
    if ring is not None:
        r = 10 * scale
        pen.ellipse((ring[0] - r, ring[1] - r, ring[0] + r, ring[1] + r), outline=_INK, width=3 * scale)
    return image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
