"""Two small encoders, one for sound and one for lips, whose outputs agree where they belong together.

The audio-visual correspondence idea of SyncNet (Chung & Zisserman 2016), on lip opening instead of pixels: it sees nobody's
face, so it cannot prefer one. Agreement at a lag is the mean cosine of the two sequences shifted by it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MELS = 80
HOPS = 4  # audio frames of 10 ms a video frame
LAGS = 15  # frames to each side that are looked at: 0.6 s
WIDTH, OUT = 64, 32


def _encoder(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(channels, WIDTH, 5, padding=2), nn.GroupNorm(4, WIDTH), nn.GELU(),
        nn.Conv1d(WIDTH, WIDTH, 5, padding=2), nn.GroupNorm(4, WIDTH), nn.GELU(),
        nn.Conv1d(WIDTH, OUT, 3, padding=1),
    )  # fmt: skip


class SyncNet(nn.Module):
    """forward(mel [b, 4 t, 80] dB, lips [b, t]) → agreement [b, 2 LAGS + 1]: at index k that of lips k - LAGS frames late."""

    def __init__(self) -> None:
        super().__init__()
        self.squeeze = nn.Linear(MELS, 16)
        self.sound = _encoder(16 * HOPS)
        self.lips = _encoder(2)
        self.heat = nn.Parameter(torch.tensor(2.5))

    def encode(self, mel: Tensor, lips: Tensor) -> tuple[Tensor, Tensor]:
        """Unit vectors [b, t, OUT] of both."""
        b, t = lips.shape
        x = self.squeeze(mel / 30 + 1).reshape(b, t, HOPS * 16)
        spread = lips.std(1, keepdim=True)
        z = (lips - lips.mean(1, keepdim=True)) / (spread + 1e-5)
        step = F.pad(z[:, 1:] - z[:, :-1], (1, 0))
        a = self.sound(x.transpose(1, 2)).transpose(1, 2)
        v = self.lips(torch.stack([z, step], 1)).transpose(1, 2)
        return F.normalize(a, dim=-1), F.normalize(v, dim=-1)

    def forward(self, mel: Tensor, lips: Tensor) -> Tensor:
        a, v = self.encode(mel, lips)
        return agreement(a, v)


def agreement(a: Tensor, v: Tensor, lags: int = LAGS) -> Tensor:
    """Mean cosine [b, 2 lags + 1] of sequences [b, t, d]: at index k, a at time i with v at i + k - lags."""
    t = a.shape[1]
    out = []
    for k in range(-lags, lags + 1):
        first, last = max(0, -k), min(t, t - k)
        out.append((a[:, first:last] * v[:, first + k : last + k]).sum(-1).mean(1))
    return torch.stack(out, 1)
