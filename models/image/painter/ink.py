"""Ink and wash: contours, hatching along the forms, crossed where dark, a thin wash of the scene's colour."""

from __future__ import annotations

import cv2
import numpy as np

from .strokes import Hand, directions
from .watercolour import paper, wobble


def _hatch(turn: np.ndarray, spacing: float, length: int, rng: np.random.Generator) -> np.ndarray:
    """Lines along a direction field: noise smeared along it, stretched to 0..1."""
    h, w = turn.shape
    n = rng.random((int(h / spacing) + 2, int(w / spacing) + 2)).astype(np.float32)
    noise = cv2.resize(n, (w, h), interpolation=cv2.INTER_CUBIC)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    out = noise.copy()
    dx, dy = np.cos(turn) * spacing * 0.8, np.sin(turn) * spacing * 0.8
    for sign in (-1, 1):
        px, py = x.copy(), y.copy()
        for _ in range(length):
            px += sign * dx
            py += sign * dy
            out = out + cv2.remap(noise, px, py, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    out = (out - out.mean()) / (out.std() + 1e-6)
    return np.clip(0.5 + 0.3 * out, 0, 1)


def ink(
    src: np.ndarray, form: np.ndarray, weight: np.ndarray, detail: np.ndarray, hand: Hand, seed: int, unit: float
) -> np.ndarray:
    """Display colour [h, w, 3] in pen and wash."""
    h, w = form.shape
    k = unit / 1024
    rng = np.random.default_rng(seed)
    drawn = wobble(src, 3.0, unit, seed % 9973)
    grey = cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY)
    soft = cv2.GaussianBlur(grey, (0, 0), max(0.6, 1.3 * k))
    ridge = cv2.GaussianBlur(grey, (0, 0), max(1.0, 2.6 * k)) - soft  # thin dark lines where tone turns
    pen = np.clip(ridge * 9 - 0.16, 0, 1) * (0.45 + 0.55 * np.clip(detail * 1.6, 0, 1))
    turn = directions(src, form, weight, 0.25 + 0.4 * hand.energy, unit, seed)
    spacing = max(1.0, 1.9 * k)
    tone = 1 - cv2.GaussianBlur(grey, (0, 0), max(0.8, 2.0 * k))
    lines = np.zeros_like(grey)
    for turn_by, start in ((0.0, 0.42), (0.9, 0.64), (-0.7, 0.82)):
        cover = np.clip((tone - start) * 1.5, 0, 0.55)
        lines = np.maximum(
            lines, np.clip((cover - _hatch(turn + turn_by, spacing, 7, rng) + 0.18) * 4.5, 0, 1) * (cover > 0)
        )
    mark = np.clip(np.maximum(pen, lines * 0.9), 0, 1)
    wash = cv2.bilateralFilter(cv2.GaussianBlur(drawn, (0, 0), max(1.0, 5 * k)), 0, 0.2, max(2.0, 8 * k))
    luma = wash.mean(2, keepdims=True)
    wash = luma + (wash - luma) * 0.9
    sheet = np.array([0.965, 0.945, 0.905], np.float32) * (1 + 0.02 * paper(h, w, unit))[..., None]
    tint = sheet * (0.40 + 0.64 * np.clip(wash, 0, 1) ** 0.8)
    black = np.array([0.085, 0.08, 0.105], np.float32)
    return np.clip(tint * (1 - mark[..., None]) + black * mark[..., None], 0, 1).astype(np.float32)
