"""Pretraining on unlabelled talking clips: masked rows are reconstructed, and face and voice of one clip are found together.

After HiCMAE (Sun, Lian, Liu & Tao, Information Fusion 2024), on the rows of `frames` instead of pixels and spectrograms: most rows
of each stream are hidden in spans and reconstructed from what is left and from the other stream, with skip connections from every
level of the encoder; a contrastive loss at every level (InfoNCE) pulls the streams of one clip together before they have met.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .attention import Batch, Config, FusionNet

MASKED = 0.6  # of the rows of each stream
SPAN = 4  # rows hidden together, 400 ms
CONTRAST = 0.1  # weight of the contrastive loss
_PROJECTED = 64


class Heads(nn.Module):
    """What pretraining needs beside the network, thrown away afterwards."""

    def __init__(self, c: Config) -> None:
        super().__init__()
        wide = c.width * (c.levels + 1)
        self.decode = nn.ModuleDict(
            {
                name: nn.Sequential(nn.Linear(wide, c.width), nn.GELU(), nn.Linear(c.width, numbers))
                for name, numbers in (("face", c.face), ("voice", c.voice))
            }
        )
        self.project = nn.ModuleDict(
            {name: nn.ModuleList(nn.Linear(c.width, _PROJECTED) for _ in range(c.levels)) for name in ("face", "voice")}
        )
        self.levels = c.levels
        self.heat = nn.Parameter(torch.tensor(2.3))  # log of the inverse temperature

    def projected(self, stream: str, level: int, x: Tensor) -> Tensor:
        """Pooled features [b, c] of a stream's level -> [b, 64]."""
        levels: Any = self.project[stream]
        return levels[level](x)


@dataclass(frozen=True)
class Losses:
    """total: what is minimised. rebuilt: mean squared error of hidden rows in spreads about the mean, 1 for guessing the mean.
    contrast: InfoNCE in nats, log(batch) by chance. found: share of clips whose voice is the nearest to their face."""

    total: Tensor
    rebuilt: float
    contrast: float
    found: float


def hidden(known: Tensor, random: np.random.Generator, share: float = MASKED) -> Tensor:
    """Which known rows are hidden, bool [b, n]: spans, at most all but one row of a clip that has any."""
    b, n = known.shape
    spans = torch.from_numpy(random.random((b, -(-n // SPAN) + 1)).astype(np.float32)) < share
    start = int(random.integers(0, SPAN))
    mask = spans.repeat_interleave(SPAN, 1)[:, start : start + n] & known
    whole = (mask == known).all(1) & known.any(1)
    first = known.float().argmax(1)
    mask[whole.nonzero()[:, 0], first[whole]] = False
    return mask


def losses(net: FusionNet, heads: Heads, x: Batch, random: np.random.Generator) -> Losses:
    """Both losses of one batch of unlabelled clips."""
    masks = {"face": hidden(x.seen > 0, random), "voice": hidden(x.heard > 0, random)}
    left = Batch(x.face, x.seen * ~masks["face"], x.voice, x.heard * ~masks["voice"], x.there)
    face, voice = net.levels(left)
    met = net.aligned(face, voice, left)
    terms = []
    for name, levels, top, rows in (("face", face, met[0], x.face), ("voice", voice, met[1], x.voice)):
        mask = masks[name]
        if mask.any():
            guess = heads.decode[name](torch.cat([*levels, top], -1)[mask])
            target = (net.face if name == "face" else net.voice).normal(rows[mask])
            terms.append(F.mse_loss(guess, target))
    rebuilt = torch.stack(terms).mean() if terms else x.face.sum() * 0
    contrast, found = _contrast(heads, face, voice, left)
    return Losses(rebuilt + CONTRAST * contrast, float(rebuilt.detach()), float(contrast.detach()), found)


def _mean(x: Tensor, known: Tensor) -> Tensor:
    """Over known rows: [b, n, c] -> [b, c]."""
    return (x * known[..., None]).sum(1) / known.sum(1, keepdim=True).clamp(min=1)


def _contrast(heads: Heads, face: list[Tensor], voice: list[Tensor], x: Batch) -> tuple[Tensor, float]:
    both = (x.seen > 0).any(1) & (x.heard > 0).any(1)
    if int(both.sum()) < 2:
        return x.face.sum() * 0, float("nan")
    total, found = [], 0.0
    at = torch.arange(int(both.sum()))
    for k in range(heads.levels):
        a, b = (
            F.normalize(heads.projected(name, k, _mean(levels[k], known))[both], dim=-1)
            for name, levels, known in (("face", face, x.seen > 0), ("voice", voice, x.heard > 0))
        )
        score = a @ b.T * heads.heat.clamp(max=4.6).exp()
        total.append((F.cross_entropy(score, at) + F.cross_entropy(score.T, at)) / 2)
        found = float((score.argmax(1) == at).float().mean())
    return torch.stack(total).mean(), found
