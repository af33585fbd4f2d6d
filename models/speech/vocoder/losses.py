"""What the vocoder learns from: an energy distance over two noise draws, the low waveform, and the periodicity asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..analysis.features import BAND_EDGES, HOP, SAMPLE_RATE
from .source import TAU

if TYPE_CHECKING:
    from torch import Tensor

RESOLUTIONS = ((2048, 480), (1024, 240), (512, 128), (256, 64), (128, 32), (64, 16))  # window, hop in samples
_LAG_WINDOW, _LAG_FFT = 1080, 2048  # as in the analysis


@lru_cache(maxsize=32)
def _window(size: int, device: str) -> Tensor:
    return torch.hann_window(size, device=device)


def spectrum(x: Tensor, size: int, hop: int) -> Tensor:
    """[B, N] to complex [B, BINS, frames], unit power for white noise."""
    window = _window(size, str(x.device))
    return torch.stft(x, size, hop, window=window, center=False, return_complex=True) / window.square().sum().sqrt()


def magnitude(x: Tensor, size: int, hop: int) -> Tensor:
    z = torch.view_as_real(spectrum(x, size, hop))
    return torch.sqrt(z.square().sum(-1) + 1e-9)


def _distance(a: Tensor, b: Tensor, mean: Tensor) -> Tensor:
    return (a.log() - b.log()).abs().mean() + 0.5 * (a - b).abs().mean() / mean


def energy_distance(
    draws: Tensor, x: Tensor, resolutions: Sequence[tuple[int, int]] = RESOLUTIONS, repulsion: float = 0.75
) -> Tensor:
    """Multi-resolution spectral distance of two noise draws [2, B, N] to x [B, N], less their own distance.

    A plain L1 is lowest for a steady tone where the recording has noise: buzz. Repulsion 1 is the proper score, but
    leans to hiss wherever harmonics cannot be met exactly.
    """
    total = x.new_zeros(())
    for size, hop in resolutions:
        a, b, real = magnitude(torch.cat([draws[0], draws[1], x]), size, hop).chunk(3)
        mean = real.mean()
        total = total + _distance(a, real, mean) + _distance(b, real, mean) - repulsion * _distance(a, b, mean)
    return total / len(resolutions)


def low_phase_loss(y: Tensor, x: Tensor, below: float = 900.0) -> Tensor:
    """Complex distance below `below` Hz; training pulses sit on the real glottal closures, so it can be met."""
    bins = int(below / SAMPLE_RATE * 512) + 1
    a, b = spectrum(torch.cat([y, x]), 512, 128)[:, :bins].chunk(2)
    return (a - b).abs().mean() / b.abs().mean()


@lru_cache(maxsize=4)
def _lag_tables(device: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    window = np.hanning(_LAG_WINDOW)
    own = np.fft.irfft(np.abs(np.fft.rfft(window, 4096)) ** 2)[:600]
    freq = np.fft.rfftfreq(_LAG_FFT, 1 / SAMPLE_RATE)
    bands = np.array([(freq >= a) & (freq < b) for a, b in pairwise(BAND_EDGES)])
    arrays = (window, own / own[0], freq, bands.T)
    return tuple(torch.tensor(a, dtype=torch.float32, device=device) for a in arrays)  # type: ignore[return-value]


def band_periodicity(x: Tensor, f0: Tensor) -> Tensor:
    """[B, T, 7] of x [B, T * HOP + LAG_WINDOW] (frame t centred on sample t * HOP + LAG_WINDOW // 2), f0 [B, T] > 0.

    The differentiable twin of `analysis.extract.periodicity_of`, without its clipping.
    """
    window, own, freq, bands = _lag_tables(str(x.device))
    frames = x.unfold(-1, _LAG_WINDOW, HOP)[:, : f0.shape[1]] * window
    power = torch.view_as_real(torch.fft.rfft(frames, _LAG_FFT)).square().sum(-1)
    turning = torch.cos(TAU * freq / f0[..., None]) * power
    lag = (SAMPLE_RATE / f0).clamp(max=598.0)
    low = lag.floor().long()
    loss_of_window = own[low] + (own[low + 1] - own[low]) * (lag - low)
    return (turning @ bands) / (power @ bands + 1e-7) / loss_of_window[..., None]


def periodicity_loss(draws: Tensor, x: Tensor, f0: Tensor, voiced: Tensor) -> tuple[Tensor, Tensor]:
    """Energy distance of the band periodicity of two draws [2, B, N] to x's [B, N] over voiced frames, and the mean
    signed difference [7] (- hiss, + buzz).

    f0, voiced: [B, T] of all N // HOP frames; the first and last three frames do not count.
    """
    skip = 3
    start = skip * HOP - _LAG_WINDOW // 2
    frames = f0.shape[1] - 2 * skip
    inside = slice(start, start + frames * HOP + _LAG_WINDOW)
    pitch = f0[:, skip : skip + frames]
    weight = voiced[:, skip : skip + frames, None].float()
    one, two, real = band_periodicity(torch.cat([*draws, x])[:, inside], pitch.repeat(3, 1)).chunk(3)
    apart = (one - real).abs() + (two - real).abs() - (one - two).abs()
    count = weight.sum() + 1.0
    signed = ((0.5 * (one + two) - real) * weight).detach().sum((0, 1)) / count
    return (apart * weight).sum() / (count * apart.shape[-1]), signed
