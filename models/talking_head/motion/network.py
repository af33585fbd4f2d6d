"""The motion transformer: predicts clean facial motion from noisy, given speech, emotion, style and what came before.

A diffusion transformer over time (after Peebles & Xie 2023, with one shared adaptive norm as in PixArt-alpha, Chen et al.
2023): one token a video frame; the first tokens hold the past, the rest the window being made.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

from genstudio.media.rates import HOPS_PER_VIDEO_FRAME, MEL_BANDS
from genstudio.signals.arkit import CHANNELS


@dataclass(frozen=True)
class MotionConfig:
    """past, window: video frames of memory and of motion made at once; style: numbers of the style vector."""

    channels: int = len(CHANNELS)
    past: int = 20
    window: int = 100
    width: int = 256
    depth: int = 6
    heads: int = 4
    feed: int = 704
    emotion: int = 64
    style: int = 16

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


class SpeechEncoder(nn.Module):
    """Log-mel [batch, 4 * frames, 80] (network scale) to [batch, frames, width]: convolutions with 0.25 s to each side."""

    def __init__(self, width: int, hidden: int = 144) -> None:
        super().__init__()
        self.inside = nn.Conv1d(MEL_BANDS, hidden, 5, padding=2)
        self.stride = nn.Conv1d(hidden, width, 8, stride=HOPS_PER_VIDEO_FRAME, padding=2)
        self.mix = nn.ModuleList(nn.Conv1d(width, width, 5, padding=2, groups=width) for _ in range(2))
        self.point = nn.ModuleList(nn.Conv1d(width, width, 1) for _ in range(2))

    def forward(self, mel: Tensor) -> Tensor:
        x = F.gelu(self.inside(rearrange(mel, "b t m -> b m t")))
        x = self.stride(x)
        for mix, point in zip(self.mix, self.point, strict=True):
            x = x + point(F.gelu(mix(x)))
        return rearrange(x, "b d t -> b t d")


class Block(nn.Module):
    """Attention over time and a feed-forward net, modulated by (noise level, style), with speech and emotion added in."""

    def __init__(self, c: MotionConfig) -> None:
        super().__init__()
        self.heads = c.heads
        self.norm1 = nn.LayerNorm(c.width, elementwise_affine=False)
        self.norm2 = nn.LayerNorm(c.width, elementwise_affine=False)
        self.qkv = nn.Linear(c.width, 3 * c.width)
        self.out = nn.Linear(c.width, c.width)
        self.inject = nn.Linear(c.width, c.width)
        self.feed = nn.Sequential(nn.Linear(c.width, c.feed), nn.GELU(), nn.Linear(c.feed, c.width))
        self.table = nn.Parameter(torch.zeros(6, c.width))

    def forward(self, x: Tensor, condition: Tensor, modulation: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        """x, condition: [batch, tokens, width]; modulation: [batch, 6, width]; turn: rotary cosines and sines."""
        a1, b1, g1, a2, b2, g2 = (modulation + self.table)[:, :, None].unbind(1)
        h = self.norm1(x) * (1 + a1) + b1 + self.inject(condition)
        q, k, v = rearrange(self.qkv(h), "b t (n h d) -> n b h t d", n=3, h=self.heads).unbind(0)
        h = F.scaled_dot_product_attention(rotate(q, turn), rotate(k, turn), v)
        x = x + (1 + g1) * self.out(rearrange(h, "b h t d -> b t (h d)"))
        return x + (1 + g2) * self.feed(self.norm2(x) * (1 + a2) + b2)


def rotary(tokens: int, dim: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosines and sines [tokens, dim / 2] of rotary positions (Su et al. 2021)."""
    speed = 1000.0 ** (-torch.arange(0, dim, 2, device=device) / dim)
    angle = torch.arange(tokens, device=device)[:, None] * speed
    return angle.cos(), angle.sin()


def rotate(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Rotate halves of the last axis by position."""
    cos, sin = (t.to(x.dtype) for t in turn)
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, a * sin + b * cos), dim=-1)


class MotionNet(nn.Module):
    """Clean motion of a window from a noisy one."""

    def __init__(self, config: MotionConfig | None = None) -> None:
        super().__init__()
        c = self.config = config or MotionConfig()
        self.speech = SpeechEncoder(c.width)
        self.no_speech = nn.Parameter(torch.zeros(c.width))
        self.emotion = nn.Sequential(nn.Linear(c.emotion, c.width), nn.GELU(), nn.Linear(c.width, c.width))
        self.no_emotion = nn.Parameter(torch.zeros(c.width))
        self.enter = nn.Linear(2 * c.channels + 1, c.width)  # noisy motion, past motion, whether this is past
        self.time = nn.Sequential(nn.Linear(64, c.width), nn.SiLU(), nn.Linear(c.width, c.width))
        self.style = nn.Linear(c.style, c.width)
        last = nn.Linear(64, 6 * c.width)
        self.modulate = nn.Sequential(nn.SiLU(), nn.Linear(c.width, 64), last)
        self.blocks = nn.ModuleList(Block(c) for _ in range(c.depth))
        self.norm = nn.LayerNorm(c.width)
        self.leave = nn.Linear(c.width, c.channels)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)

    def condition(
        self, mel: Tensor, emotion: Tensor, keep_speech: Tensor | None = None, keep_emotion: Tensor | None = None
    ) -> Tensor:
        """What does not depend on the noise, once a window: [batch, past + window, width].

        mel: [batch, 4 * (past + window), 80]; emotion: [batch, past + window, 64]; keep_*: bool [batch], False where the
        condition is withheld (classifier-free guidance).
        """
        s, e = self.speech(mel), self.emotion(emotion)
        if keep_speech is not None:
            s = torch.where(keep_speech[:, None, None], s, self.no_speech.to(s.dtype))
        if keep_emotion is not None:
            e = torch.where(keep_emotion[:, None, None], e, self.no_emotion.to(e.dtype))
        return s + e

    def forward(
        self, noisy: Tensor, t: Tensor, condition: Tensor, past: Tensor, has_past: Tensor, style: Tensor
    ) -> Tensor:
        """noisy: [batch, window, channels]; t: [batch], 0 noise to 1 clean; past: [batch, past, channels]; has_past: bool
        [batch]; style: [batch, 16]. Returns clean motion [batch, window, channels]. All in normalised units."""
        p = self.config.past
        held = (past * has_past[:, None, None]).to(noisy.dtype)
        known = has_past.to(noisy.dtype)[:, None, None].expand(-1, p, 1)
        first = torch.cat((torch.zeros_like(held), held, known), dim=-1)
        rest = torch.cat((noisy, torch.zeros_like(noisy), torch.zeros_like(noisy[..., :1])), dim=-1)
        x = self.enter(torch.cat((first, rest), dim=1)) + condition
        m = self.modulate(self.time(waves(t)) + self.style(style))
        m = rearrange(m, "b (n d) -> b n d", n=6)
        turn = rotary(x.shape[1], self.config.width // self.config.heads, x.device)
        for block in self.blocks:
            x = block(x, condition, m, turn)
        out: Tensor = self.leave(self.norm(x[:, p:]))
        return out


def waves(t: Tensor) -> Tensor:
    """Sine features [batch, 64] of a level 0..1."""
    f = torch.exp(torch.linspace(0, 6.2, 32, device=t.device))
    a = t[:, None].float() * f
    return torch.cat((a.cos(), a.sin()), dim=-1)


def mel_scale(db: Tensor) -> Tensor:
    """dB to the network's scale."""
    return (db.clamp(-60.0, 20.0) + 28.0) / 18.0
