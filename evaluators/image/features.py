"""What a picture looks like, in numbers: palette, light, colour, edges, texture, layout. Numpy and OpenCV, no learned network.

Sources: OKLab (Ottosson 2020), colourfulness (Hasler & Suesstrunk 2003), spectral slope (Torralba & Oliva 2003), local binary
patterns (Ojala et al. 2002), affective colour and texture statistics (Machajdik & Hanbury 2010).
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

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


def features(pixels: NDArray[np.uint8]) -> dict[str, F32]:
    """Groups of features of a picture (uint8 [h, w, 3] RGB), each float32 [n]."""
    small = shrink(pixels)
    lab = oklab(small)
    light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    chroma, hue = np.hypot(a, b), np.arctan2(b, a)
    out = {"attributes": np.array(list(attributes(small).values()), np.float32)}
    out["light"] = np.array(
        [*np.percentile(light, [2, 10, 25, 50, 75, 90, 98]), light.mean(), light.std(), _skew(light)], np.float32
    )
    out["colour"] = np.array(
        [a.mean(), b.mean(), a.std(), b.std(), chroma.mean(), chroma.std(), *np.percentile(chroma, [50, 75, 90, 98]),
         _alike(light[::2, ::3], chroma[::2, ::3])], np.float32,
    )  # fmt: skip
    bins = ((hue + np.pi) / (2 * np.pi) * 12).astype(int) % 12
    hues = np.bincount(bins.ravel(), chroma.ravel(), 12) / (chroma.sum() + 1e-3)
    dark = np.bincount(bins.ravel(), (chroma * (light < 0.5)).ravel(), 12) / (chroma.sum() + 1e-3)
    out["hues"] = np.sqrt(np.concatenate([hues, dark, [max(0.0, -(hues * np.log(hues + 1e-6)).sum())]])).astype(
        np.float32
    )
    cell = (
        np.minimum((light * 4).astype(int), 3) * 16
        + np.clip(((a + 0.16) / 0.08).astype(int), 0, 3) * 4
        + np.clip(((b + 0.16) / 0.08).astype(int), 0, 3)
    )
    out["palette"] = np.sqrt(np.bincount(cell.ravel(), minlength=64) / cell.size).astype(np.float32)
    out["layout"] = _grid(lab, 4, 4).reshape(-1)
    out["layout.contrast"] = np.sqrt(_grid((light - light.mean())[..., None] ** 2, 3, 3)).reshape(-1)
    strength, angle = _gradient(light)
    which = (angle / np.pi * 8).astype(int) % 8
    rows = np.arange(HEIGHT) * 3 // HEIGHT
    energy = np.stack([np.bincount(which[rows == r].ravel(), strength[rows == r].ravel(), 8) for r in range(3)])
    total = energy.sum() + 1e-3
    out["edges"] = np.concatenate(
        [np.sqrt(energy.reshape(-1) / total), [np.log(total), *(np.mean(strength > t) for t in (0.03, 0.08, 0.16))]]
    ).astype(np.float32)
    out["scales"] = _scales(light)
    out["symmetry"] = np.array(
        [_alike(light, light[:, ::-1]), _alike(light, light[::-1]), _alike(a, a[:, ::-1]), _alike(b, b[:, ::-1])],
        np.float32,
    )
    centre = light[HEIGHT // 4 : -HEIGHT // 4, WIDTH // 4 : -WIDTH // 4]
    inner = lab[HEIGHT // 4 : -HEIGHT // 4, WIDTH // 4 : -WIDTH // 4].reshape(-1, 3)
    out["centre"] = np.concatenate(
        [inner.mean(0) - lab.reshape(-1, 3).mean(0), inner.std(0) - lab.reshape(-1, 3).std(0), [centre.std()]]
    ).astype(np.float32)
    out["patterns"] = _patterns(light)
    return out


def _skew(x: F32) -> float:
    z = (x - x.mean()) / (x.std() + 1e-4)
    return float((z**3).mean())


def _alike(x: F32, y: F32) -> float:
    x, y = x.ravel() - x.mean(), y.ravel() - y.mean()
    return float(x @ y / (np.sqrt((x @ x) * (y @ y)) + 1e-6))


def _grid(x: NDArray[Any], rows: int, columns: int) -> F32:
    """Means over a grid: [rows, columns, channels]."""
    h, w = x.shape[0] // rows * rows, x.shape[1] // columns * columns
    return x[:h, :w].reshape(rows, h // rows, columns, w // columns, -1).mean((1, 3)).astype(np.float32)


def _scales(light: F32) -> F32:
    """Log energy of six octaves and of horizontals, verticals and diagonals in each; the slope and its misfit."""
    window = np.outer(np.hanning(HEIGHT), np.hanning(WIDTH))
    power = np.abs(np.fft.fft2((light - light.mean()) * window)) ** 2
    fy, fx = np.fft.fftfreq(HEIGHT)[:, None], np.fft.fftfreq(WIDTH)
    radius, angle = np.hypot(fy, fx), np.arctan2(fy, fx) % np.pi
    part = (np.round(angle / (np.pi / 4)).astype(int)) % 4
    edges = 0.5 / 2.0 ** np.arange(6, -1, -1)
    table = np.array(
        [[power[(radius >= lo) & (radius < hi) & (part == p)].mean() for p in range(4)] for lo, hi in pairwise(edges)]
    )
    log = np.log(table + 1e-4)
    mean = log.mean(1)
    octave = np.arange(6) - 2.5
    slope = float(octave @ mean / (octave @ octave))
    return np.concatenate(
        [mean, (log - mean[:, None]).reshape(-1), [slope, (mean - mean.mean() - slope * octave).std()]]
    ).astype(np.float32)


def _patterns(light: F32) -> F32:
    """Uniform local binary patterns at two scales: [2 * 10]."""
    import cv2

    out = []
    for scale in (1, 2):
        x = light if scale == 1 else cv2.resize(light, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA)
        centre = x[1:-1, 1:-1]
        ring = [x[:-2, :-2], x[:-2, 1:-1], x[:-2, 2:], x[1:-1, 2:], x[2:, 2:], x[2:, 1:-1], x[2:, :-2], x[1:-1, :-2]]
        bits = np.stack([r > centre + 0.01 for r in ring]).astype(np.int8)
        turns = np.abs(np.diff(np.concatenate([bits, bits[:1]]), axis=0)).sum(0)
        code = np.where(turns <= 2, bits.sum(0), 9)
        out.append(np.sqrt(np.bincount(code.ravel(), minlength=10) / code.size))
    return np.concatenate(out).astype(np.float32)
