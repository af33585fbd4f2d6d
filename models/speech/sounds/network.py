"""Flow matching (Lipman et al. 2023) over the frames of a burst, given its kind, length, strength and who makes it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .data import ABOUT, ANY, CHANNELS

if TYPE_CHECKING:
    import numpy as np


class _Block(nn.Module):
    """Dilated convolution, modulated by the condition."""

    def __init__(self, width: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.near = nn.Conv1d(width, width, 5, padding=2 * dilation, dilation=dilation, groups=width // 16)
        self.mix = nn.Conv1d(width, 2 * width, 1)
        self.out = nn.Conv1d(width, width, 1)
        self.condition = nn.Linear(width, 2 * width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        scale, shift = self.condition(c)[..., None].chunk(2, 1)
        h = self.norm(x) * (1 + scale) + shift
        return x + self.out(self.drop(F.glu(self.mix(self.near(h)), 1)))


class SoundFlow(nn.Module):
    """Velocity of frames x at flow time t (0 noise .. 1 sound).

    x: [B, T, CHANNELS]; t: [B]; kind: long [B] (`ANY`: any burst); about: [B, ABOUT] seconds, strength (-2..2), timbre;
    mask: [B, T, 1] of the frames that are there. Returns [B, T, CHANNELS].
    """

    def __init__(self, width: int = 128, blocks: int = 8, dropout: float = 0.1) -> None:
        super().__init__()
        self.width = width
        self.enter = nn.Conv1d(CHANNELS + 2, width, 3, padding=1)
        self.kind = nn.Embedding(ANY + 1, width)
        self.time = nn.Sequential(nn.Linear(width + ABOUT, width), nn.SiLU(), nn.Linear(width, width))
        self.blocks = nn.ModuleList(_Block(width, 2 ** (i % 4), dropout) for i in range(blocks))
        self.attend = nn.MultiheadAttention(width, 4, batch_first=True)
        self.leave = nn.Sequential(nn.GroupNorm(8, width), nn.SiLU(), nn.Conv1d(width, CHANNELS, 3, padding=1))

    def forward(self, x: Tensor, t: Tensor, kind: Tensor, about: Tensor, mask: Tensor) -> Tensor:
        half = self.width // 2
        rates = torch.exp(-math.log(1000.0) * torch.arange(half, device=x.device) / half)
        angle = 100 * t[:, None] * rates
        c = self.time(torch.cat([angle.cos(), angle.sin(), about], 1)) + self.kind(kind)
        place = mask.cumsum(1) / mask.sum(1, keepdim=True).clamp(min=1)
        h = self.enter(torch.cat([x * mask, place * mask, mask], 2).transpose(1, 2))
        m = mask.transpose(1, 2)
        for i, block in enumerate(self.blocks):
            h = block(h, c) * m
            if i == len(self.blocks) // 2:
                q = h.transpose(1, 2)
                seen = self.attend(q, q, q, key_padding_mask=mask[..., 0] < 0.5, need_weights=False)[0]
                h = (q + seen).transpose(1, 2) * m
        out: Tensor = self.leave(h).transpose(1, 2) * mask
        return out


@torch.inference_mode()
def sample(
    net: SoundFlow, kind: int, frames: int, about: np.ndarray, generator: torch.Generator, *, steps: int = 16,
    guidance: float = 3.0, warmth: float = 0.85,
) -> np.ndarray:  # fmt: skip
    """Frames [T, CHANNELS] of one sound. about: float32 [ABOUT]. guidance: how far it is moved away from any burst (1: not);
    warmth: scale of the noise it starts from, below 1 for safer samples."""
    x = torch.randn(1, frames, CHANNELS, generator=generator) * warmth
    mask = torch.ones(2, frames, 1)
    kinds = torch.tensor([kind, ANY])
    asked = torch.from_numpy(about)[None].expand(2, -1)
    for i in range(steps):
        v = net(x.expand(2, -1, -1), torch.full((2,), i / steps), kinds, asked, mask)
        x = x + (v[1:] + guidance * (v[:1] - v[1:])) / steps
    return x[0].numpy()
