"""Tone: exposure, a shoulder that keeps hues, the mood's dark, middle and light values, split tone and saturation."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from ..scene import Mood
from ..scene.colour import curve, srgb
from .noise import JIT
from .view import View, bands

LUMA = np.array([0.3, 0.59, 0.11], np.float32)


def encode(x: np.ndarray) -> np.ndarray:
    """Linear light to sRGB, float32."""
    return np.asarray(srgb(x), np.float32)


def bloom(img: np.ndarray, amount: float, view: View) -> None:
    """Light bleeding out of what is brighter than paper white."""
    h, w = img.shape[:2]
    small = cv2.resize(np.clip(img - 0.85, 0, 1.5), (max(1, w // 4), max(1, h // 4)), interpolation=cv2.INTER_AREA)
    img += amount * 0.8 * cv2.resize(cv2.GaussianBlur(small, (0, 0), view.unit / 130), (w, h))


_curve = njit("float64(float64)", **JIT)(curve)


@njit("void(int64, int64, float32[:, :, ::1], float64, float32[:, :, ::1])", **JIT)
def _expose(y0, y1, img, gain, out):
    """Exposure, a shoulder on the largest channel (keeps hues) mixed with one on each, and the sRGB curve."""
    for y in range(y0, y1):
        for x in range(img.shape[1]):
            top = max(max(img[y, x, 0], img[y, x, 1]), img[y, x, 2]) * gain + 1e-6
            k = min(top * (1 + top / 9) / (1 + top * 0.8) * 1.15, 1.0) / top
            for c in range(3):
                q = img[y, x, c] * gain
                v = 0.35 * (q * (1 + q / 9) / (1 + q * 0.8) * 1.15) + 0.65 * q * k
                v = min(max(v, 0.0), 1.0)
                out[y, x, c] = _curve(v)


@njit("void(int64, int64, float32[:, :, ::1], float64[::1], float64[:, ::1])", **JIT)
def _tone(y0, y1, x, v, tint):
    """In place. v: dark and light points, gamma, contrast, black, white, saturation, split. tint rows: shadow, shadow
    / mean - 1, light / mean - 1, cast.
    """
    a, c, g, s, black, white, sat, k = v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]
    p = np.empty(3)
    for i in range(y0, y1):
        for j in range(x.shape[1]):
            y = 0.3 * x[i, j, 0] + 0.59 * x[i, j, 1] + 0.11 * x[i, j, 2]
            t = min(max((y - a) / (c - a), 0.0), 1.25) ** g
            t1 = min(t, 1.0)
            t -= s * (t1 - t1 * t1 * (3 - 2 * t1))
            z = black + (white - black) * t
            m = z / max(y, 0.02)
            for ch in range(3):
                p[ch] = x[i, j, ch] * (0.75 * m + 0.25) + 0.25 * (z - y)
            z = 0.3 * p[0] + 0.59 * p[1] + 0.11 * p[2]
            shade = 1 - min(max(z * 1.7, 0.0), 1.0)
            light = min(max(z * 1.7 - 0.7, 0.0), 1.0)
            for ch in range(3):
                q = z + (p[ch] - z) * sat
                q = (
                    q * (1 + k * shade * tint[1, ch]) * (1 + k * 0.6 * light * tint[2, ch])
                    + k * 0.10 * shade * tint[0, ch]
                )
                p[ch] = q * tint[3, ch]
            over = max(max(p[0], p[1]), p[2]) - 1
            w = min(over * 0.8, 0.7) if over > 0 else 0.0
            for ch in range(3):
                x[i, j, ch] = min(max(p[ch] + (1 - p[ch]) * w, 0.0), 1.0)


def grade(img: np.ndarray, m: Mood) -> np.ndarray:
    """Linear light [h, w, 3] to display colour 0..1."""
    median = float(np.percentile(img[::4, ::4].mean(2), 50))
    out = np.empty_like(img)
    bands(_expose, len(img), img, (0.22 / max(median, 0.02)) ** 0.5, out)
    a, b, c = (float(v) for v in np.percentile(out[::4, ::4] @ LUMA, [1.5, 50, 98.5]))
    a = min(a, 0.28)
    c = max(c, 0.66, a + 0.15)
    tm = float(np.clip((b - a) / (c - a), 0.08, 0.85))
    black, white = m["black"], m["white"]
    want = float(np.clip((m["middle"] - black) / (white - black), 0.1, 0.85))
    g = float(np.clip(np.log(0.5 * want + 0.5 * tm) / np.log(tm), 0.55, 1.12 + 2.2 * max(0.0, 0.46 - want)))
    st, ht, cast = encode(m["shadow_tint"]), encode(m["light_tint"]), encode(m["cast"])
    tint = np.stack(
        [st, st / st.mean() - 1, ht / ht.mean() - 1, 1 + m["cast_strength"] * 1.2 * (cast / cast.mean() - 1)]
    ).astype(float)
    v = np.array([a, c, g, (m["contrast"] - 1) * 0.9, black, white, m["saturation"], m["split_tone"]])
    bands(_tone, len(img), out, v, tint)
    return out
