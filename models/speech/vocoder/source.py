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
_HARMONICS = 6  # what pitch is heard and measured by
_MOST_TURN = 0.3  # radians from filter to filter: 10 Hz
_GATE_FRAMES = 2  # voicing is widened by this at both ends: the filters decide where the voice really starts


def to_samples(frames: Tensor, hop: int = HOP) -> Tensor:
    """[..., T] at frame rate to [..., T * hop] at sample rate: linear between frames, level after the last."""
    following = torch.cat([frames[..., 1:], frames[..., -1:]], dim=-1)
    ramp = torch.arange(hop, device=frames.device, dtype=frames.dtype) / hop
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


def counter_turn(response: Tensor, f0: Tensor) -> Tensor:
    """Radians [B, n - 1] by which the pulses must move from each filter to the next for harmonics to stay on F0.

    A filter whose phase changes bends the frequency of what goes through it: moving formants cost 5 cents in the median.
    `response`: complex [B, n, bins] over 0 .. Nyquist; f0 [B, n] in Hz. Turning the pulses by x turns harmonic k by k x:
    what is taken back is the mean over the first harmonics, weighted by their size.
    """
    order = torch.arange(1, _HARMONICS + 1, device=f0.device, dtype=f0.dtype)
    bins = response.shape[-1] - 1
    pitch = 0.5 * (f0[:, 1:] + f0[:, :-1])
    at = (pitch[..., None] * order * (2 * bins / SAMPLE_RATE)).clamp(max=bins - 1)
    low = at.long()
    part = at - low

    def read(x: Tensor) -> Tensor:
        return torch.gather(x, -1, low) * (1 - part) + torch.gather(x, -1, low + 1) * part

    before, after = read(response[:, :-1]), read(response[:, 1:])
    size = (before.abs() * after.abs()).sqrt()
    turn = (size * torch.angle(after * before.conj())).sum(-1) / ((size * order).sum(-1) + 1e-9)
    return -turn.clamp(-_MOST_TURN, _MOST_TURN)


def bursts(white: Tensor, phase: Tensor, opening: Tensor) -> Tensor:
    """White noise made to come in bursts at the glottal closures; of unit power where the gate is open."""
    return white * (1.91 * (0.5 + 0.5 * torch.cos(phase)) ** 2) * opening


def noises(phase: Tensor, opening: Tensor, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
    """(steady noise, noise in bursts), both [..., N]."""
    white = torch.randn(2, *phase.shape, generator=generator, device=phase.device, dtype=phase.dtype)
    return white[0], bursts(white[1], phase, opening)
