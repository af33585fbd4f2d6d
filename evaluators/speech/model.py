"""The two recognisers: an ensemble over functionals (scores) and a convolutional net over log mel (steers)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genstudio.errors import MissingWeightsError


@dataclass(frozen=True)
class EnsembleConfig:
    """features: functionals in; classes: out; members: networks; hidden: units of each."""

    features: int
    classes: int
    members: int = 12
    hidden: int = 64


class Ensemble(nn.Module):
    """Small networks with a linear path, trained side by side from other starts and on other samples.

    x: float [batch, features], NaN where not measurable → log probabilities [batch, classes].
    """

    mean: Tensor
    std: Tensor

    def __init__(self, config: EnsembleConfig) -> None:
        super().__init__()
        e, d, h, c = config.members, config.features, config.hidden, config.classes
        self.config = config
        self.register_buffer("mean", torch.zeros(d))
        self.register_buffer("std", torch.ones(d))
        self.linear = nn.Parameter(torch.zeros(e, d, c))
        self.inner = nn.Parameter(torch.randn(e, d, h) / d**0.5)
        self.shift = nn.Parameter(torch.zeros(e, 1, h))
        self.outer = nn.Parameter(torch.zeros(e, h, c))
        self.bias = nn.Parameter(torch.zeros(e, 1, c))

    def fit_scale(self, x: Tensor) -> None:
        """Mean and spread of the measurable values."""
        known = ~x.isnan()
        n = known.sum(0).clamp(min=1)
        filled = x.nan_to_num(0.0)
        self.mean = filled.sum(0) / n
        self.std = (((filled - self.mean) ** 2 * known).sum(0) / n).sqrt().clamp(min=1e-4)

    def members(self, x: Tensor) -> Tensor:
        """Logits of each member: [batch, features] or [members, batch, features] → [members, batch, classes]."""
        z = ((x - self.mean) / self.std).clamp(-4, 4).nan_to_num(0.0)
        if z.ndim == 2:
            z = z.expand(self.config.members, *z.shape)
        z = F.dropout(z, 0.2, self.training)
        h = F.dropout(F.gelu(torch.baddbmm(self.shift, z, self.inner)), 0.4, self.training)
        return torch.baddbmm(torch.baddbmm(self.bias, z, self.linear), h, self.outer)

    def forward(self, x: Tensor) -> Tensor:
        return self.members(x).softmax(-1).mean(0).clamp(min=1e-6).log()


def against(x: Tensor, reference: Tensor) -> Tensor:
    """What the known-voice ensemble sees: the change from the voice's neutral, and the values themselves."""
    return torch.cat([x - reference, x], -1)


def both(plain: Ensemble, known: Ensemble, x: Tensor, reference: Tensor) -> Tensor:
    """A known voice is read by both ensembles: the mean of their log probabilities [n, classes]."""
    return (plain(x) + known(against(x, reference))) / 2


def build(tensors: dict[str, Tensor], config: dict[str, Any], part: str) -> Ensemble:
    """One of the two ensembles of a weights file."""
    model = Ensemble(EnsembleConfig(classes=len(config["classes"]), **config["shape"][part]))
    try:
        model.load_state_dict(
            {k.removeprefix(part + "."): v.float() for k, v in tensors.items() if k.startswith(part + ".")}, strict=True
        )
    except RuntimeError as error:
        raise MissingWeightsError(
            f"speech weights do not fit the network: {str(error).splitlines()[-1].strip()}"
        ) from None
    return model.eval().requires_grad_(False)


class Block(nn.Module):
    """Depthwise-separable residual convolution along time, after layer-normalised channels."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, width)
        self.along = nn.Conv1d(width, width, 5, padding=2 * dilation, dilation=dilation, groups=width)
        self.across = nn.Conv1d(width, width, 1)
        self.drop = nn.Dropout(0.15)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.drop(self.across(F.gelu(self.along(self.norm(x)))))


class MelNet(nn.Module):
    """Log mel, F0 and periodicity to classes: 2-D front, dilated 1-D blocks, attentive statistics over time.

    x: float [batch, frames, 42], zeros after the end → log probabilities [batch, classes].
    """

    def __init__(self, classes: int, width: int = 64) -> None:
        super().__init__()
        self.front = nn.Sequential(
            nn.Conv2d(1, 12, 5, stride=(2, 2), padding=2), nn.BatchNorm2d(12), nn.GELU(),
            nn.Conv2d(12, 24, 3, stride=(1, 2), padding=1), nn.BatchNorm2d(24), nn.GELU(),
        )  # fmt: skip
        self.tone = nn.Conv1d(2, 16, 5, stride=2, padding=2)
        self.inward = nn.Conv1d(24 * 10 + 16, width, 1)
        self.blocks = nn.Sequential(*(Block(width, d) for d in (1, 2, 4)))
        self.attend = nn.Conv1d(width, 4, 1)
        self.out = nn.Sequential(nn.LayerNorm(width * 8), nn.Dropout(0.4), nn.Linear(width * 8, classes))

    def logits(self, x: Tensor) -> Tensor:
        there = x.abs().sum(-1)[:, ::2] > 0  # [batch, frames / 2]
        picture = self.front(x[:, None, :, :40])  # [batch, 24, frames / 2, 10]
        b, c, t, f = picture.shape
        picture = picture.permute(0, 1, 3, 2).reshape(b, c * f, t)
        h = self.blocks(self.inward(torch.cat([picture, self.tone(x[..., 40:].transpose(1, 2))], 1)))
        weight = self.attend(h).masked_fill(~there[:, None], -1e4).softmax(-1)  # [batch, 4, t]
        mean = torch.einsum("bkt,bct->bkc", weight, h)
        std = (torch.einsum("bkt,bct->bkc", weight, h * h) - mean**2).clamp(min=1e-4).sqrt()
        return self.out(torch.cat([mean.flatten(1), std.flatten(1)], 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.logits(x).log_softmax(-1)
