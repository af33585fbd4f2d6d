"""Colour conversions: sRGB hex, linear RGB, OKLab (Ottosson 2020, https://bottosson.github.io/posts/oklab/)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LMS = np.linalg.inv(_TO_LMS)
_FROM_LAB = np.linalg.inv(_TO_LAB)

F = NDArray[np.float64]


def linear(srgb: F) -> F:
    """sRGB 0..1 to linear light, any shape."""
    srgb = np.asarray(srgb, float)
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def curve(light: float) -> float:
    """`srgb` of one number that is not negative; plain arithmetic, so that kernels may compile it."""
    return 12.92 * light if light < 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


def srgb(light: Any) -> Any:
    """Linear light to sRGB, any shape, in the precision of `light`; values above 1 stay above 1."""
    light = np.asarray(light)
    return np.where(light < 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-6) ** (1 / 2.4) - 0.055)


def from_hex(text: str) -> F:
    """Linear RGB [3] of a colour such as 'd8b450' or '#d8b450'.

    >>> from_hex("#ffffff")
    array([1., 1., 1.])
    """
    text = text.removeprefix("#")
    return linear(np.array([int(text[i : i + 2], 16) for i in (0, 2, 4)]) / 255.0)


def to_hex(light: F) -> str:
    """'#rrggbb' of linear RGB [3]; out-of-gamut channels are clipped."""
    return "#" + "".join(f"{round(float(v) * 255):02x}" for v in np.clip(srgb(light), 0, 1))


def oklab(light: F) -> F:
    """OKLab [..., 3] of linear RGB [..., 3]."""
    return np.cbrt(np.asarray(light, float) @ _TO_LMS.T) @ _TO_LAB.T


def from_oklab(lab: F) -> F:
    """Linear RGB [..., 3] of OKLab [..., 3], never negative."""
    return np.maximum((np.asarray(lab, float) @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T, 0)
