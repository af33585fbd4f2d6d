"""Paints the mouth atlas (teeth, gums, tongue, the dark behind) in the light and colours of a portrait."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from genstudio.signals.shapes import smoothstep

from .atlas import ATLAS, ATLAS_SIZE

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

# widths of the crowns from the midline back, and how far each stands short of the edge: fractions of the strip's height
UPPER = ((0.85, 0.0), (0.66, 0.05), (0.76, 0.015), (0.70, 0.06), (0.66, 0.08), (1.05, 0.10))
LOWER = ((0.54, 0.0), (0.60, 0.01), (0.70, -0.005), (0.70, 0.03), (0.70, 0.06), (1.08, 0.08))
GUM_LINE = {"upper": 0.53, "lower": 0.63}


def _teeth(name: str) -> F32:
    """RGBA float [h, w, 4] of one row, as reflectance 0..1 under full light."""
    _, _, w, h = ATLAS[name]
    crowns = UPPER if name == "upper" else LOWER
    ends = np.r_[0, np.cumsum([c[0] for c in crowns])]
    s = np.linspace(-1, 1, w)[None] * ends[-1] * np.ones((h, 1))
    v = np.linspace(0, 1, h)[:, None] * np.ones((1, w))
    k = np.clip(np.searchsorted(ends, np.abs(s), side="right") - 1, 0, len(crowns) - 1)
    width, short = np.array(crowns)[:, 0][k], np.array(crowns)[:, 1][k]
    t = (np.abs(s) - ends[k]) / width  # 0 at the side nearer the midline
    c = 2 * t - 1
    rng = np.random.default_rng(3)
    vary = rng.uniform(-1, 1, (2, len(crowns), 3))[(s > 0).astype(int), k]
    pointed = np.where(k == 2, 0.035 * np.abs(c + 0.1), 0.0)
    corner = 0.045 * np.abs(c) ** 5 + 0.02 * np.clip(c, 0, 1) ** 3
    edge = 0.985 - short - corner - pointed - 0.012 * vary[..., 0] * (k > 0)
    gum = GUM_LINE[name] - np.where(k == 1, -0.025, np.where(k == 2, 0.03, 0)) + 0.085 * np.abs(c) ** 2.4 - 0.02
    crown = smoothstep((v - gum) / 0.02)
    height = np.clip((v - gum) / (edge - gum), 0, 1)

    enamel = np.stack([0.94 - 0.008 * vary[..., 1], 0.905 - 0.010 * vary[..., 1], 0.845 - 0.015 * vary[..., 2]], -1)
    enamel *= (1 - 0.10 * np.abs(c) ** 4)[..., None]
    enamel *= 1 - np.array([0.03, 0.06, 0.10]) * (1 - height[..., None]) ** 2  # warmer towards the gum
    glassy = smoothstep((height - 0.80) / 0.2)[..., None] * 0.5
    enamel = enamel * (1 - glassy) + enamel * np.array([0.90, 0.93, 0.97]) * glassy
    enamel += (0.05 * np.exp(-(((c + 0.15) / 0.3) ** 2) - ((height - 0.45) / 0.25) ** 2))[..., None]
    line = np.exp(-((np.minimum(t, 1 - t) * width / 0.022) ** 2)) * (0.22 + 0.22 * height)
    enamel *= 1 - line[..., None] * np.array([0.75, 0.95, 1.0])

    pink = np.array([0.74, 0.40, 0.40]) * (0.80 + 0.25 * smoothstep((gum - v) / 0.12))[..., None]
    pink *= (1 + 0.06 * np.cos(np.pi * c))[..., None]
    pink += (0.05 * np.exp(-(((gum - v - 0.05) / 0.03) ** 2)) * np.exp(-((c / 0.5) ** 2)))[..., None]
    colour = enamel * crown[..., None] + pink * (1 - crown[..., None])
    contact = np.exp(-(((v - gum) / 0.022) ** 2))[..., None]
    colour *= 1 - 0.16 * contact * np.array([0.8, 1.0, 1.0])
    colour *= (1 - 0.62 * smoothstep((np.abs(s) / ends[-1] - 0.25) / 0.75) ** 1.2)[..., None]
    alpha = smoothstep((edge - v) / 0.03 + 0.5)
    return np.concatenate([colour, alpha[..., None]], -1).astype(np.float32)


def _tongue() -> F32:
    _, _, w, h = ATLAS["tongue"]
    u, v = np.meshgrid(np.linspace(-1, 1, w), np.linspace(0, 1, h))
    noise = np.random.default_rng(5).standard_normal((h, w))
    grain = cv2.GaussianBlur(noise, (0, 0), 1.3) * 2.2 + cv2.GaussianBlur(noise, (0, 0), 5) * 4
    base = np.array([0.70, 0.36, 0.36]) * (0.35 + 0.65 * smoothstep((v - 0.15) / 0.75))[..., None]
    base *= (1 - 0.28 * np.exp(-((u / 0.07) ** 2)) * (1 - 0.6 * v))[..., None]
    base *= (1 - 0.30 * u**2)[..., None] * (1 + 0.035 * grain)[..., None]
    base += (0.10 * np.exp(-(((np.abs(u) - 0.35) / 0.2) ** 2) - ((v - 0.72) / 0.16) ** 2) * (1 + 0.3 * grain))[
        ..., None
    ]
    return np.concatenate([base, np.ones((h, w, 1))], -1).astype(np.float32)


def _cavity() -> F32:
    _, _, w, h = ATLAS["cavity"]
    u, v = np.meshgrid(np.linspace(-1, 1, w), np.linspace(0, 1, h))
    palate, throat, floor = np.array([0.52, 0.24, 0.23]), np.array([0.22, 0.080, 0.075]), np.array([0.42, 0.18, 0.18])
    up, down = smoothstep(1 - v / 0.5)[..., None], smoothstep((v - 0.62) / 0.38)[..., None]
    colour = throat + (palate - throat) * up * 0.8 + (floor - throat) * down * 0.8
    colour *= (1 - 0.35 * u**2)[..., None]
    return np.concatenate([colour, np.ones((h, w, 1))], -1).astype(np.float32)


@lru_cache(maxsize=1)
def _reflectance() -> F32:
    w, h = ATLAS_SIZE
    out = np.zeros((h, w, 4), np.float32)
    for name, picture in (
        ("upper", _teeth("upper")),
        ("lower", _teeth("lower")),
        ("tongue", _tongue()),
        ("cavity", _cavity()),
    ):
        x, y, pw, ph = ATLAS[name]
        out[y : y + ph, x : x + pw] = picture
    out[ATLAS["lower"][1] : ATLAS["lower"][1] + ATLAS["lower"][3], :, :3] *= 0.93
    return out


def paint(light: F32, lip: F32, colour: float = 1.0) -> U8:
    """The atlas uint8 [h, w, 4].

    light [3]: RGB of something white in the portrait's light, as its sclera; lip [3]: RGB of the lips; colour: 0 for a
    grey portrait.
    """
    base = _reflectance()
    white = np.clip(light, 20, 250)
    out = base.copy()
    out[..., :3] *= white
    x, y, w, h = ATLAS["tongue"]
    mix = 0.35
    flesh = out[y : y + h, x : x + w, :3]
    grey = flesh.mean(-1, keepdims=True) / max(float(lip.mean()), 1.0)
    out[y : y + h, x : x + w, :3] = (1 - mix) * flesh + mix * grey * lip
    mean = out[..., :3].mean(-1, keepdims=True)
    out[..., :3] = mean + colour * (out[..., :3] - mean)
    out[..., 3] *= 255
    return np.clip(out + 0.5, 0, 255).astype(np.uint8)
