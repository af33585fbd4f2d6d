"""Watercolour: transparent pigment on white paper, gathered at edges, flowing where wet, grainy where the paper is
rough.
"""

from __future__ import annotations

import cv2
import numpy as np

from .noise import field
from .strokes import Hand


def paper(height: int, width: int, unit: float) -> np.ndarray:
    """Float32 [h, w], about -1..1: the tooth of cold-pressed paper."""
    cells = 420 * width / unit
    fine = field(height, width, cells, cells * height / width, 71, 3)
    return fine + 0.5 * field(height, width, cells / 4, cells / 4 * height / width, 75, 2)


def wobble(src: np.ndarray, amount: float, unit: float, seed: int) -> np.ndarray:
    """Edges that a hand drew: the picture displaced by smooth noise. amount: of unit / 1000."""
    h, w = src.shape[:2]
    c = 38 * w / unit
    dx, dy = (field(h, w, c, c * h / w, seed + i, 3) * (amount * unit / 1000) for i in (1, 7))
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    return cv2.remap(src, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def _sheet_edge(h: int, w: int, unit: float, seed: int) -> np.ndarray:
    """0 on the bare margin, 1 inside, with the ragged border of a loosely laid wash and the dark rim where it dried."""
    y, x = np.ogrid[0:h, 0:w]
    inner = np.minimum(np.minimum(x, w - 1 - x), np.minimum(y, h - 1 - y)).astype(np.float32) / np.float32(unit)
    cells = 26 * w / unit
    d = inner - 0.020 + 0.024 * field(h, w, cells, cells * h / w, seed + 51, 4)
    return np.clip(d * 110, 0, 1) + 0.35 * np.exp(-(((d - 0.006) / 0.006) ** 2)).astype(np.float32)


def watercolour(
    src: np.ndarray, form: np.ndarray, weight: np.ndarray, detail: np.ndarray, hand: Hand, seed: int, unit: float
) -> np.ndarray:
    """Display colour [h, w, 3] as washes."""
    h, w = form.shape
    k = unit / 1024
    seed = seed % 9973
    drawn = wobble(src, 7.0, unit, seed)
    small = cv2.resize(drawn, (max(2, w // 2), max(2, h // 2)), interpolation=cv2.INTER_AREA)
    wash = small
    for _ in range(3):
        wash = cv2.bilateralFilter(wash, 0, 0.13, max(1.5, 6.0 * k))
    loose = cv2.bilateralFilter(cv2.GaussianBlur(wash, (0, 0), max(1.0, 5 * k)), 0, 0.2, max(2.0, 10 * k))
    wash, loose = cv2.resize(wash, (w, h)), cv2.resize(loose, (w, h))
    d = np.clip(cv2.GaussianBlur(detail, (0, 0), max(1.0, 6 * k)) * 1.7, 0, 1)[..., None]
    washed = loose * (1 - d) + wash * d
    fine = cv2.bilateralFilter(drawn, 0, 0.10, max(1.0, 2.2 * k))
    washed = washed + (np.minimum(fine, washed) - washed) * (0.85 * d)  # details are laid over, darker only
    luma = washed.mean(2, keepdims=True)
    washed = np.clip(luma + (washed - luma) * 1.22, 0.012, 1)
    density = -np.log(np.clip(0.075 + 0.96 * washed, 0.02, 1.0))
    tone = density.mean(2)
    rim = np.clip(tone - cv2.GaussianBlur(tone, (0, 0), max(1.2, 4.0 * k)), -0.25, 0.5)  # pigment carried to the edge
    cells = 9 * w / unit
    flow = field(h, w, cells, cells * h / w, seed + 31, 4)
    tooth = paper(h, w, unit)
    grainy = np.exp(-(((tone - 0.75) / 0.7) ** 2))
    density *= (
        1 + 0.55 * np.maximum(rim, 0) * 2 + 0.20 * rim + 0.22 * flow * (1 - 0.5 * d[..., 0]) + 0.16 * tooth * grainy
    )[..., None]
    density *= (0.80 - 0.14 * np.clip(flow + 0.1, 0, 1))[..., None]
    dry = np.clip((0.16 - tone) * 6 + 0.5 * tooth, 0, 1)[..., None] * 0.6  # brightest parts stay paper
    density *= _sheet_edge(h, w, unit, seed)[..., None]
    sheet = np.array([0.985, 0.975, 0.95], np.float32) * (1 + 0.012 * tooth)[..., None]
    return np.clip(sheet * np.exp(-density * (1 - dry)), 0, 1).astype(np.float32)
