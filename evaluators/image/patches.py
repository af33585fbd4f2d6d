"""Features learned without labels, for the steering copy: whitened colour patches against a dictionary (Coates & Ng 2011)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .features import HEIGHT, WIDTH, oklab, shrink

SIZE = 6  # pixels a side
ATOMS = 256
F32 = NDArray[np.float32]


def _small(pixels: NDArray[np.uint8]) -> F32:
    import cv2

    return np.asarray(
        cv2.resize(oklab(shrink(pixels)), (WIDTH // 3, HEIGHT // 3), interpolation=cv2.INTER_AREA), np.float32
    ) * np.array([1, 3, 3], np.float32)


def _patches(x: F32) -> F32:
    """All patches of a picture [rows, columns, 108], contrast-normalised, with their mean colour kept."""
    view = np.lib.stride_tricks.sliding_window_view(x, (SIZE, SIZE), (0, 1))  # [rows, columns, 3, 6, 6]
    flat = view.reshape(*view.shape[:2], -1)
    mean = flat.mean(-1, keepdims=True)
    return ((flat - mean) / np.sqrt(flat.var(-1, keepdims=True) + 0.002)).astype(np.float32)


def learn(pictures: list[NDArray[np.uint8]], seed: int = 0, each: int = 60) -> dict[str, F32]:
    """Dictionary from patches of the pictures: 'mean', 'whiten' [108, 108], 'atoms' [256, 108]."""
    random = np.random.default_rng(seed)
    rows = []
    for p in pictures:
        patches = _patches(_small(p)).reshape(-1, 3 * SIZE * SIZE)
        rows.append(patches[random.integers(0, len(patches), each)])
    x = np.concatenate(rows).astype(np.float64)
    mean = x.mean(0)
    value, vector = np.linalg.eigh(np.cov(x - mean, rowvar=False))
    whiten = vector @ np.diag(1 / np.sqrt(value + 0.05)) @ vector.T
    z = (x - mean) @ whiten
    atoms = z[random.choice(len(z), ATOMS, replace=False)]
    for _ in range(12):  # spherical k-means
        atoms /= np.linalg.norm(atoms, axis=1, keepdims=True) + 1e-9
        near = z @ atoms.T
        best = near.argmax(1)
        for k in range(ATOMS):
            mine = best == k
            atoms[k] = (near[mine, k, None] * z[mine]).sum(0) if mine.any() else z[random.integers(len(z))]
    atoms /= np.linalg.norm(atoms, axis=1, keepdims=True) + 1e-9
    return {"mean": mean.astype(np.float32), "whiten": whiten.astype(np.float32), "atoms": atoms.astype(np.float32)}


def features(pixels: NDArray[np.uint8], dictionary: dict[str, Any]) -> dict[str, F32]:
    """Mean rectified response of each atom in the whole, and mean colour over a 5 by 5 grid."""
    x = _small(pixels)
    patches = _patches(x)[::2, ::2]
    response = np.maximum(
        (patches.reshape(-1, patches.shape[-1]) - dictionary["mean"]) @ (dictionary["whiten"] @ dictionary["atoms"].T)
        - 0.5,
        0,
    )
    response = response.reshape(*patches.shape[:2], -1)
    half = response.shape[0] // 2
    h, w = x.shape[0] // 5 * 5, x.shape[1] // 5 * 5
    colour = x[:h, :w].reshape(5, h // 5, 5, w // 5, 3).mean((1, 3)).reshape(-1)
    return {
        "atoms": np.sqrt(response.mean((0, 1))),
        "upper": np.sqrt(response[:half].mean((0, 1))),
        "lower": np.sqrt(response[half:].mean((0, 1))),
        "grid": colour.astype(np.float32),
    }
