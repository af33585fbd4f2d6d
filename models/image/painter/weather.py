"""Soft things in front of the land: smoke, spray, distant fires, the beam of a lighthouse; rain and snow on top of
the paint.
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from ..scene import Mood, Scene
from .noise import JIT, fbm2
from .view import View


@njit("void(int64, int64, float64[:, ::1], float64[::1], float32[:, ::1], float32[:, :, ::1])", **JIT)
def puffs(ya0, yb0, rows, p, zb, img):
    """Translucent puffs, far to near. Rows: x y z radius aspect | r g b alpha seed."""
    width = zb.shape[1]
    for n in range(rows.shape[0]):
        z = rows[n, 2]
        s = p[0] / z
        x0 = p[1] + rows[n, 0] * s
        y0 = p[2] - (rows[n, 1] - p[3]) * s
        r = rows[n, 3] * s
        r2 = r * rows[n, 4]
        ya = max(ya0, int(y0 - r2))
        yb = min(yb0, int(y0 + r2 + 1))
        xa = max(0, int(x0 - r))
        xb = min(width, int(x0 + r + 1))
        for y in range(ya, yb):
            for x in range(xa, xb):
                if zb[y, x] < z:
                    continue
                a = (x - x0) / r
                b = (y - y0) / r2
                d = np.sqrt(a * a + b * b)
                if d > 1.2:
                    continue
                d += 0.28 * fbm2(a * 2 + rows[n, 9], b * 2, 17, 3)
                if d < 1:
                    k = rows[n, 8] * min(1.0, (1 - d) * 1.8)
                    tone = 0.82 - 0.35 * b + 0.15 * a
                    for c in range(3):
                        img[y, x, c] = img[y, x, c] * (1 - k) + rows[n, 5 + c] * tone * k


def beam(img: np.ndarray, view: View, at: tuple[float, float, float], power: float, mood: Mood) -> None:
    """The light of a lighthouse sweeping toward the middle of the picture. at: world position of the lamp."""
    x, y = view.project(*at)
    yy, xx = np.ogrid[: view.height, : view.width]
    dx = ((xx - x) * -np.sign(x - view.width / 2 + 1e-3)).astype(np.float32)
    dy = (yy - y).astype(np.float32)
    r = np.hypot(dx, dy) + 1
    k = np.clip(1 - np.abs(np.arctan2(dy, dx) + 0.10) / 0.085, 0, 1) * np.exp(-r / (view.unit * 0.45)) * 0.42
    k = (k + np.exp(-((r / (view.unit * 0.022)) ** 2)) * 0.5) * power * (0.35 + 0.65 * mood["night"])
    img += k[..., None].astype(np.float32) * (mood["lamp"] * 1.05).astype(np.float32)


def falling(picture: np.ndarray, mood: Mood, scene: Scene, view: View, when: float = 0.0) -> None:
    """Rain streaks and snowflakes, set on top of the paint. when: seconds fallen."""
    rain, snow = max(0.0, mood["rain"] - 0.12), max(0.0, mood["snowfall"] - 0.08)
    if rain < 0.02 and snow < 0.02:
        return
    rng = np.random.default_rng(scene.seed + 9)
    h, w = picture.shape[:2]
    n = view.unit
    layer = np.zeros((h, w), np.float32)
    side, wind = scene.setting.side, mood["wind"]
    for _ in range(int(560 * rain)):
        x, y = rng.random() * w * 1.1, rng.random() * h * 1.05 - 0.05 * h
        near = rng.random() ** 2
        if when:
            fallen = (0.9 + 0.8 * near) * h * when
            x = (x - side * fallen * (0.12 + 0.35 * wind)) % (1.1 * w)
            y = (y + 0.05 * h + fallen) % (1.05 * h) - 0.05 * h
        length = n * (0.02 + 0.05 * near)
        end = (int(x - side * length * (0.12 + 0.35 * wind)), int(y + length))
        cv2.line(layer, (int(x), int(y)), end, float(0.08 + 0.32 * rng.random() * (0.4 + 0.6 * near)), 1, cv2.LINE_AA)
    for _ in range(int(720 * snow)):
        near = rng.random() ** 3
        x, y = rng.random() * w, rng.random() * h
        if when:
            x = (x - side * n * when * (0.02 + 0.12 * wind) + 0.01 * n * np.sin(1.7 * when + 9 * near)) % w
            y = (y + h * when * (0.06 + 0.12 * near)) % h
        at = (int(x), int(y))
        cv2.circle(layer, at, int(n / 1024 * (1 + 3.4 * near) + 0.5), float(rng.uniform(0.3, 0.85)), -1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(layer, (0, 0), 0.7)
    colour = np.array([0.88, 0.90, 0.93], np.float32)
    picture += (colour - picture) * (soft * (0.55 if rain > snow else 0.8))[..., None]
