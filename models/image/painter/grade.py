"""Tone: exposure, a shoulder that keeps hues, the mood's dark, middle and light values, split tone and saturation."""

from __future__ import annotations

import cv2
import numpy as np

from ..scene import Mood
from .view import View

LUMA = np.array([0.3, 0.59, 0.11], np.float32)


def encode(x: np.ndarray) -> np.ndarray:
    """Linear light to sRGB, float32."""
    return np.where(x < 0.0031308, 12.92 * x, 1.055 * np.power(np.maximum(x, 1e-6), 1 / 2.4) - 0.055).astype(np.float32)


def _shoulder(q: np.ndarray) -> np.ndarray:
    return q * (1 + q / 9) / (1 + q * 0.8) * 1.15


def bloom(img: np.ndarray, amount: float, view: View) -> None:
    """Light bleeding out of what is brighter than paper white."""
    h, w = img.shape[:2]
    small = cv2.resize(np.clip(img - 0.85, 0, 1.5), (max(1, w // 4), max(1, h // 4)), interpolation=cv2.INTER_AREA)
    img += amount * 0.8 * cv2.resize(cv2.GaussianBlur(small, (0, 0), view.unit / 130), (w, h))


def grade(img: np.ndarray, m: Mood) -> np.ndarray:
    """Linear light [h, w, 3] to display colour 0..1."""
    luma = img.mean(2)
    median = float(np.percentile(luma[::4, ::4], 50))
    img = img * np.float32((0.22 / max(median, 0.02)) ** 0.5)
    top = img.max(2, keepdims=True) + 1e-6
    x = encode(np.clip(0.35 * _shoulder(img) + 0.65 * img * (np.minimum(_shoulder(top), 1) / top), 0, 1))
    y = x @ LUMA
    a, b, c = (float(v) for v in np.percentile(y[::4, ::4], [1.5, 50, 98.5]))
    a = min(a, 0.28)
    c = max(c, 0.66, a + 0.15)
    t = np.clip((y - a) / (c - a), 0, 1.25)
    tm = float(np.clip((b - a) / (c - a), 0.08, 0.85))
    black, white = m["black"], m["white"]
    want = float(np.clip((m["middle"] - black) / (white - black), 0.1, 0.85))
    g = np.log(0.5 * want + 0.5 * tm) / np.log(tm)
    t = t ** np.float32(np.clip(g, 0.55, 1.12 + 2.2 * max(0.0, 0.46 - want)))
    t1 = np.clip(t, 0, 1)
    t -= np.float32((m["contrast"] - 1) * 0.9) * (t1 - t1 * t1 * (3 - 2 * t1))
    z = black + (white - black) * t
    x = x * (z / np.maximum(y, 0.02))[..., None] * 0.75 + 0.25 * (x + (z - y)[..., None])
    z = (x @ LUMA)[..., None]
    x = z + (x - z) * np.float32(m["saturation"])
    shade = 1 - np.clip(z * 1.7, 0, 1)
    light = np.clip(z * 1.7 - 0.7, 0, 1)
    st, ht, k = encode(m["shadow_tint"]), encode(m["light_tint"]), m["split_tone"]
    x = x * (1 + k * shade * (st / st.mean() - 1)) * (1 + k * 0.6 * light * (ht / ht.mean() - 1)) + k * 0.10 * shade * st
    cast = encode(m["cast"])
    x = x * (1 + m["cast_strength"] * 1.2 * (cast / cast.mean() - 1))
    over = np.maximum(x.max(2) - 1, 0)[..., None]
    x = np.where(over > 0, x + (1 - x) * np.clip(over * 0.8, 0, 0.7), x)
    return np.ascontiguousarray(np.clip(x, 0, 1), np.float32)
