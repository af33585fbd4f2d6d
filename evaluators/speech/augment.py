"""Other rooms, microphones and voices for the same clip."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .features import F32, RATE


def augment(x: F32, random: np.random.Generator) -> F32:
    """One random change of channel, noise, room, speed and length. x: float32 [n] at 16 kHz."""
    speed = float(np.exp(random.normal(0, 0.05)))  # pitch and tempo together
    x = np.interp(np.arange(0, len(x) - 1, speed), np.arange(len(x)), x).astype(np.float32)
    if random.random() < 0.3 and len(x) > 1.6 * RATE:
        keep = int(random.uniform(1.2, 2.0) * RATE)
        start = int(random.integers(0, max(1, len(x) - keep)))
        x = x[start : start + keep]
    size = 1 << int(np.ceil(np.log2(len(x) + RATE // 2)))
    spectrum = np.fft.rfft(x, size)
    if random.random() < 0.3:
        spectrum = spectrum * np.fft.rfft(_room(random), size)
    spectrum = spectrum * _equaliser(size // 2 + 1, random)
    y = np.fft.irfft(spectrum, size)[: len(x)].astype(np.float32)
    if random.random() < 0.6:
        y = y + _noise(len(y), random) * np.sqrt((y**2).mean()) * 10 ** (-random.uniform(15, 45) / 20)
    return y.astype(np.float32)


def _equaliser(bins: int, random: np.random.Generator) -> NDArray[np.float64]:
    """A smooth random frequency response of a few dB, at times a telephone's band."""
    at = np.arange(bins) / (bins - 1)
    mel = np.log1p(at * 20) / np.log(21)
    db = sum(random.normal(0, 3.5 / k) * np.cos(np.pi * k * mel) for k in range(1, 5))
    if random.random() < 0.15:
        db = db - 40 * np.clip((at - random.uniform(0.42, 0.8)) / 0.1, 0, 1)
    if random.random() < 0.15:
        db = db - 30 * np.clip((random.uniform(0.01, 0.035) - at) / 0.01, 0, 1)
    return 10 ** (np.asarray(db) / 20)


def _room(random: np.random.Generator) -> F32:
    seconds = random.uniform(0.08, 0.35)
    n = int(seconds * RATE)
    tail = random.normal(size=n) * np.exp(-6.9 * np.arange(n) / n) * random.uniform(0.02, 0.12)
    tail[0] = 1.0
    return tail.astype(np.float32)


def _noise(n: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Noise of unit power with a random spectral tilt (white to brown)."""
    spectrum = np.fft.rfft(random.normal(size=n))
    spectrum *= np.maximum(np.arange(len(spectrum)), 8) ** -random.uniform(0, 1)
    x = np.fft.irfft(spectrum, n)
    return x / (np.sqrt((x**2).mean()) + 1e-12)
