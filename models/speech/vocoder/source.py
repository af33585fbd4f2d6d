"""What the filters are fed with: glottal pulses and noise, made from F0 by arithmetic.

Band-limited pulses of constant power in closed form: harmonics follow any F0, by construction. All tracks are per sample.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from ..analysis.features import HOP, SAMPLE_RATE

if TYPE_CHECKING:
    from torch import Tensor

TAU = 2 * math.pi
_GATE_FRAMES = 2  # voicing is widened by this at both ends: the filters decide where the voice really starts


def to_samples(frames: Tensor) -> Tensor:
    """[..., T] at frame rate to [..., T * HOP] at sample rate: linear between frames, level after the last."""
    following = torch.cat([frames[..., 1:], frames[..., -1:]], dim=-1)
    ramp = torch.arange(HOP, device=frames.device, dtype=frames.dtype) / HOP
    return (frames[..., None] + (following - frames)[..., None] * ramp).flatten(-2)


def gate(voiced: Tensor) -> Tensor:
    """[..., T] 0/1 to [..., T * HOP] 0..1: voicing widened by two frames, with linear ramps."""
    flat = voiced.reshape(-1, 1, voiced.shape[-1]).float()
    wide = torch.nn.functional.max_pool1d(flat, 2 * _GATE_FRAMES + 1, stride=1, padding=_GATE_FRAMES)
    return to_samples(wide.reshape(voiced.shape))


def phase_of(f0: Tensor, start: Tensor | float = 0.0) -> Tensor:
    """Phase [..., N] in 0..2 pi of F0 [..., N] in Hz, from the phase `start` at the first sample."""
    turns = torch.cumsum(f0.double(), dim=-1) / SAMPLE_RATE
    turns = turns - turns[..., :1]
    return (torch.remainder(turns, 1.0) * TAU).to(f0.dtype) + start


def pulses(phase: Tensor, f0: Tensor) -> Tensor:
    """Band-limited pulse train [..., N] of unit power whatever F0 is: the sum of all cosines below 0.98 Nyquist.

    The topmost harmonic fades in and out as F0 moves, so that none appears with a click.
    """
    count = (0.98 * SAMPLE_RATE / 2) / f0
    whole = count.floor()
    half = torch.sin(phase / 2)
    safe = half.abs() > 1e-3
    half = torch.where(safe, half, torch.ones_like(half))

    def cosines(n: Tensor) -> Tensor:
        return torch.where(safe, 0.5 * (torch.sin((n + 0.5) * phase) / half - 1), n)

    full = cosines(whole)
    return 2 * torch.sqrt(f0 / SAMPLE_RATE) * (full + (count - whole) * (cosines(whole + 1) - full))


def noises(phase: Tensor, opening: Tensor, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
    """(steady noise, noise in bursts at the glottal closures), both [..., N] of unit power where the gate is open."""
    white = torch.randn(2, *phase.shape, generator=generator, device=phase.device, dtype=phase.dtype)
    return white[0], white[1] * (1.91 * (0.5 + 0.5 * torch.cos(phase)) ** 2) * opening
