"""Ways of painting: oil, watercolour, gouache, ink, plain. Each takes the graded picture and returns display colour
[h, w, 3].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numba import njit

from ..scene import Mood
from .ink import ink
from .noise import JIT, hash2
from .strokes import Hand, gouache, oil
from .watercolour import watercolour


def hand(m: Mood, ground: np.ndarray) -> Hand:
    """The mood's hand. ground: display colour of the canvas."""
    return Hand(
        m["stroke_size"], m["stroke_length"], m["stroke_energy"] * 0.8, m["stroke_variation"], m["hue_variation"], m["impasto"],
        np.asarray(ground, np.float32),
    )  # fmt: skip


def plain(
    src: np.ndarray, form: np.ndarray, weight: np.ndarray, detail: np.ndarray, hand: Hand, seed: int, unit: float
) -> np.ndarray:
    """No brush at all."""
    return src.copy()


@njit("void(float32[:, :, ::1], float64)", **JIT)
def _weave(img, amount):
    height, width = img.shape[:2]
    for y in range(height):
        for x in range(width):
            g = np.sin(x * 2.1 + 0.7 * np.sin(y * 0.37)) * 0.5 + np.sin(y * 2.1 + 0.7 * np.sin(x * 0.41)) * 0.5
            k = 1 + amount * (0.6 * g + 0.9 * (hash2(x, y, 3) - 0.5))
            for c in range(3):
                img[y, x, c] *= k


def grain(picture: np.ndarray, style: str) -> None:
    """Canvas or paper, at the final size."""
    if style != "plain":
        _weave(picture, 0.012)


Style = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray, Hand, int, float], np.ndarray]
STYLES: Final[dict[str, Style]] = {
    "oil": oil,
    "watercolour": watercolour,
    "gouache": gouache,
    "ink": ink,
    "plain": plain,
}
