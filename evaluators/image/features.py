"""What a picture looks like, in readable numbers. Numpy and OpenCV, no learned network.

Sources: OKLab (Ottosson 2020), colourfulness (Hasler & Suesstrunk 2003), affective colour statistics (Machajdik & Hanbury 2010).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 192, 152  # every picture is looked at in this size
F32 = NDArray[np.float32]


def oklab(pixels: NDArray[np.uint8]) -> F32:
    """uint8 sRGB [h, w, 3] → OKLab float32 [h, w, 3]: lightness 0..1, green-red and blue-yellow about -0.4..0.4."""
    linear = _linear()[pixels]
    lms = linear @ np.array(
        [[0.4122214708, 0.2119034982, 0.0883024619], [0.5363325363, 0.6806995451, 0.2817188376],
         [0.0514459929, 0.1073969566, 0.6299787005]], np.float32,
    )  # fmt: skip
    return np.cbrt(lms) @ np.array(
        [[0.2104542553, 1.9779984951, 0.0259040371], [0.7936177850, -2.4285922050, 0.7827717662],
         [-0.0040720468, 0.4505937099, -0.8086757660]], np.float32,
    )  # fmt: skip


@cache
def _linear() -> F32:
    v = np.arange(256) / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4).astype(np.float32)


def shrink(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 [h, w, 3] of any size → [152, 192, 3]."""
    import cv2

    return np.asarray(cv2.resize(pixels, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def attributes(pixels: NDArray[np.uint8]) -> dict[str, float]:
    """Readable attributes: brightness, contrast 0..1, saturation, colourfulness (Hasler & Suesstrunk), warmth -1..1,
    shares of sky-like, green and skin-like area, detail (edge density) 0..1."""
    small = shrink(pixels)
    lab = oklab(small)
    rgb = small.astype(np.float32)
    rg, yb = rgb[..., 0] - rgb[..., 1], 0.5 * (rgb[..., 0] + rgb[..., 1]) - rgb[..., 2]
    colourful = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    chroma, hue = np.hypot(lab[..., 1], lab[..., 2]), np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    weight = chroma / (chroma.sum() + 1e-6)
    top, bottom = rgb.max(-1), rgb.min(-1)
    third = HEIGHT // 3
    sky = ((hue > 215) & (hue < 290) & (chroma > 0.02) & (lab[..., 0] > 0.5)) | ((chroma < 0.03) & (lab[..., 0] > 0.85))
    skin = (hue > 25) & (hue < 75) & (chroma > 0.03) & (chroma < 0.14) & (lab[..., 0] > 0.35)
    edges = _gradient(lab[..., 0])[0]
    return {
        "brightness": float(lab[..., 0].mean()),
        "contrast": float(np.percentile(lab[..., 0], 95) - np.percentile(lab[..., 0], 5)),
        "saturation": float(((top - bottom) / np.maximum(top, 1)).mean()),
        "colourfulness": float(colourful),
        "warmth": float((weight * np.cos(np.radians(hue - 60))).sum()),
        "sky": float(sky[:third].mean()),
        "green": float(((hue > 110) & (hue < 165) & (chroma > 0.04)).mean()),
        "skin": float(skin.mean()),
        "detail": float((edges > 0.08).mean()),
    }


def _gradient(x: F32) -> tuple[F32, F32]:
    """Strength and orientation (0..pi) of the gradient."""
    gy, gx = np.gradient(x)
    return np.hypot(gx, gy), np.arctan2(gy, gx) % np.pi
