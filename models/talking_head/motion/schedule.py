"""Schedulers: how the noise is taken away. Any of them drives the same trained network.

Motion at level t is x_t = t * clean + (1 - t) * noise (rectified flow, Liu et al. 2022; Lipman et al. 2022); the network
predicts clean motion.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

Denoise = Callable[[Tensor, float], Tensor]
"""(x_t, t) -> predicted clean motion."""


class Scheduler(Protocol):
    """Takes noise to motion in some steps."""

    def __call__(self, noise: Tensor, denoise: Denoise, steps: int, generator: torch.Generator) -> Tensor: ...


def levels(steps: int, bend: float = 1.0) -> list[float]:
    """steps + 1 levels from 0 to 1; bend above 1 spends more of them near the noise."""
    return [(k / steps) ** bend for k in range(steps + 1)]


@dataclass(frozen=True)
class Euler:
    """The flow's differential equation in equal steps: the default, deterministic given the noise (equals DDIM)."""

    bend: float = 1.0

    def __call__(self, noise: Tensor, denoise: Denoise, steps: int, generator: torch.Generator) -> Tensor:
        x, ts = noise, levels(steps, self.bend)
        for t, after in itertools.pairwise(ts):
            x = x + (denoise(x, t) - x) * ((after - t) / (1 - t))
        return x


@dataclass(frozen=True)
class Heun:
    """Second order: half the steps, twice the work each."""

    def __call__(self, noise: Tensor, denoise: Denoise, steps: int, generator: torch.Generator) -> Tensor:
        x, ts = noise, levels(max(steps // 2, 1))
        for t, after in itertools.pairwise(ts):
            slope = (denoise(x, t) - x) / (1 - t)
            guess = x + slope * (after - t)
            if after < 1:
                slope = 0.5 * (slope + (denoise(guess, after) - guess) / (1 - after))
            x = x + slope * (after - t)
        return x


@dataclass(frozen=True)
class Ancestral:
    """Predict clean motion, then noise it afresh to the next level: more varied, forgets early mistakes."""

    fresh: float = 1.0  # share of new noise

    def __call__(self, noise: Tensor, denoise: Denoise, steps: int, generator: torch.Generator) -> Tensor:
        x, ts = noise, levels(steps)
        for t, after in itertools.pairwise(ts):
            clean = denoise(x, t)
            old = (x - t * clean) / (1 - t)
            new = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
            mixed = (1 - self.fresh**2) ** 0.5 * old + self.fresh * new
            x = after * clean + (1 - after) * mixed
        return x


SCHEDULERS: dict[str, Scheduler] = {"euler": Euler(), "heun": Heun(), "ancestral": Ancestral()}
