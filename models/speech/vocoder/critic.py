"""A critic on short complex spectra below 7.5 kHz: it knows nothing of positions, so a harmonic may lie where it likes.

It brings back what a spectral distance leaves pale. EmoDB has nothing above 8 kHz, hence the limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from ..analysis.features import SAMPLE_RATE
from .losses import spectrum

if TYPE_CHECKING:
    from torch import Tensor

SIZES = ((2048, 480), (1024, 240), (512, 120))  # window, hop in samples
TOP = 7500.0  # Hz
_SLOPE = 0.1


def _conv(a: int, b: int, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1), dilation: int = 1) -> nn.Module:
    padding = (kernel[0] // 2, dilation * (kernel[1] // 2))
    return weight_norm(nn.Conv2d(a, b, kernel, stride, padding, dilation=(1, dilation)))


class SpectrumCritic(nn.Module):
    """One resolution: [B, N] to scores [B, 1, bins, frames] and the activations on the way."""

    def __init__(self, size: int, hop: int, width: int = 24) -> None:
        super().__init__()
        self.size, self.hop = size, hop
        self.bins = int(TOP / SAMPLE_RATE * size)
        self.layers = nn.ModuleList(
            [
                _conv(3, width, (7, 3)),
                _conv(width, width, (5, 3), (2, 1)),
                _conv(width, width, (5, 3), (2, 1), 2),
                _conv(width, width, (5, 3), (2, 1), 4),
                _conv(width, width, (3, 3)),
            ]
        )
        self.score = _conv(width, 1, (3, 3))

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        z = torch.view_as_real(spectrum(x, self.size, self.hop)[:, 1 : self.bins])
        size = torch.sqrt(z.square().sum(-1, keepdim=True) + 1e-8)
        y = torch.cat([z * size**-0.6, (size.log() + 6) / 3], -1).permute(0, 3, 1, 2)  # compressed, and the level
        kept = []
        for layer in self.layers:
            y = torch.nn.functional.leaky_relu(layer(y), _SLOPE)
            kept.append(y)
        return self.score(y), kept


class Critic(nn.Module):
    """All resolutions."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.parts = nn.ModuleList(SpectrumCritic(size, hop, width) for size, hop in SIZES)

    def forward(self, x: Tensor) -> list[tuple[Tensor, list[Tensor]]]:
        return [part(x) for part in self.parts]

    def own_loss(self, made: Tensor, real: Tensor) -> Tensor:
        """Least squares: real to 1, made to 0."""
        total = made.new_zeros(())
        for score, _ in self(torch.cat([made, real])):
            fake, true = score.float().chunk(2)
            total = total + fake.square().mean() + (true - 1).square().mean()
        return total / len(self.parts)

    def generator_loss(self, draws: Tensor, real: Tensor, repulsion: float = 0.75) -> tuple[Tensor, Tensor]:
        """(adversarial, feature distance) of two noise draws [2, B, N]: the second again as an energy distance."""
        adversarial, distance = draws.new_zeros(()), draws.new_zeros(())
        layers = 0
        for score, kept in self(torch.cat([draws[0], draws[1], real])):
            a, b, _ = score.float().chunk(3)
            adversarial = adversarial + 0.5 * ((a - 1).square().mean() + (b - 1).square().mean())
            for y in kept:
                one, two, true = y.float().chunk(3)
                true = true.detach()
                scale = true.abs().mean() + 1e-4
                apart = (one - true).abs().mean() + (two - true).abs().mean() - repulsion * (one - two).abs().mean()
                distance = distance + apart / scale
                layers += 1
        return adversarial / len(self.parts), distance / layers
