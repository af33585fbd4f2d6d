"""The acoustic network: phones to prosody, prosody to frames, both by conditional flow matching.

    text     TextEncoder: phone, stress, place, sentence kind, language -> h [b, phones, d], one for prosody, one for frames
    prosody  flow over 5 numbers a phone: log duration, log F0 at three points, level
    mean     a regression of the frames from h, prosody, speaker and emotion
    detail   flow over what the mean leaves, two 10 ms frames at a time

Everything is in normalised units (see `normal.py`); the emotion enters as the pooled code of `EmotionEncoder`, once a phone.
Only sizes in `Config` are needed to build it again.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genstudio.media.rates import MEL_BANDS

from ..frontend.inventory import KINDS, LANGUAGES, PLACES, SYMBOLS

PROSODY = 5  # log duration, log F0 x 3, level
FRAME = MEL_BANDS + 9  # as genstudio.models.speech.analysis: envelope, log F0, voicing, periodicity
PAIR = 2  # frames the decoder makes at a time


@dataclass(frozen=True)
class Config:
    """Constructor arguments of `Acoustic`."""

    speakers: tuple[str, ...]
    emotion: int = 64
    text: int = 192
    text_blocks: int = 5
    prosody_text: int = 0  # width of the prosody's own text encoder; 0: it reads the frames'
    prosody_text_blocks: int = 4
    prosody: int = 160
    prosody_blocks: int = 4
    mean: int = 208
    mean_blocks: int = 3
    detail: int = 256
    detail_blocks: int = 6
    cond: int = 96
    dropout: float = 0.1  # of the frames' networks
    prosody_dropout: float = 0.15

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "speakers": list(self.speakers)}


class Block(nn.Module):
    """ConvNeXt block over [b, t, d], optionally modulated by a condition [b, cond]."""

    def __init__(self, d: int, kernel: int, cond: int = 0, mult: int = 3, dropout: float = 0.1) -> None:
        super().__init__()
        self.conv = nn.Conv1d(d, d, kernel, padding=kernel // 2, groups=d)
        self.norm = nn.LayerNorm(d)
        self.up, self.down = nn.Linear(d, mult * d), nn.Linear(mult * d, d)
        self.gain = nn.Parameter(torch.full((d,), 0.3))
        self.mod = nn.Linear(cond, 2 * d) if cond else None
        if self.mod is not None:
            nn.init.zeros_(self.mod.weight), nn.init.zeros_(self.mod.bias)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor, cond: Tensor | None = None) -> Tensor:
        y = self.norm(self.conv((x * mask).transpose(1, 2)).transpose(1, 2))
        if self.mod is not None:
            scale, shift = self.mod(cond)[:, None].chunk(2, -1)
            y = y * (1 + scale) + shift
        return x + self.gain * self.down(self.drop(F.gelu(self.up(y))))


class Stack(nn.Module):
    def __init__(
        self, cin: int, cout: int, d: int, blocks: int, kernel: int, cond: int = 0, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.inp = nn.Linear(cin, d)
        self.blocks = nn.ModuleList(Block(d, kernel, cond, dropout=dropout) for _ in range(blocks))
        self.norm = nn.LayerNorm(d)
        self.out = nn.Linear(d, cout)

    def forward(self, x: Tensor, mask: Tensor, cond: Tensor | None = None) -> Tensor:
        x = self.inp(x)
        for block in self.blocks:
            x = block(x, mask, cond)
        return self.out(self.norm(x)) * mask


def time_code(t: Tensor, d: int) -> Tensor:
    """[b] in 0..1 -> [b, d]."""
    f = torch.exp(torch.arange(d // 2, device=t.device) * (-math.log(1000.0) / (d // 2 - 1)))
    a = t[:, None] * 100 * f[None]
    return torch.cat([a.sin(), a.cos()], -1)


class Condition(nn.Module):
    """Time and speaker to one vector for the modulation of a flow."""

    def __init__(self, speakers: int, cond: int) -> None:
        super().__init__()
        self.speaker = nn.Embedding(speakers + 1, cond)  # the last is nobody
        self.time = nn.Sequential(nn.Linear(64, cond), nn.GELU(), nn.Linear(cond, cond))

    def forward(self, speaker: Tensor, t: Tensor | None) -> Tensor:
        c = self.speaker(speaker)
        if t is not None:
            c = c + self.time(time_code(t, 64).to(c.dtype))
        return F.gelu(c)


class TextEncoder(nn.Module):
    """Phones with stress and place, the sentence's kind and language -> [b, phones, d]."""

    def __init__(self, d: int, blocks: int, dropout: float) -> None:
        super().__init__()
        self.phone = nn.Embedding(len(SYMBOLS), d)
        self.stress, self.place = nn.Embedding(3, d), nn.Embedding(len(PLACES), d)
        self.kind, self.language = nn.Embedding(len(KINDS), d), nn.Embedding(len(LANGUAGES), d)
        self.position = nn.Linear(2, d)
        self.text = Stack(d, d, d, blocks, 7, dropout=dropout)

    def forward(
        self, ids: Tensor, stress: Tensor, place: Tensor, kind: Tensor, language: Tensor, mask: Tensor
    ) -> Tensor:
        n = mask.sum(1, keepdim=True)
        i = torch.arange(ids.shape[1], device=ids.device, dtype=mask.dtype)[None, :, None].expand(len(ids), -1, -1)
        ends = torch.cat([torch.exp(-i / 8), torch.exp(-(n - 1 - i).clamp(min=0) / 8)], -1)
        x = (
            self.phone(ids)
            + self.stress(stress)
            + self.place(place)
            + self.position(ends.to(self.position.weight.dtype))
        )
        x = x + (self.kind(kind) + self.language(language))[:, None]
        out: Tensor = self.text(x * mask, mask)
        return out


class Acoustic(nn.Module):
    """See the module's docstring. Masks are float [b, t, 1]; speaker int [b]; emotion float [b, phones, 64]."""

    spread: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        c = self.config = config
        n = len(config.speakers)
        self.text = TextEncoder(c.text, c.text_blocks, 0.15)
        own = c.prosody_text
        self.text_p = TextEncoder(own, c.prosody_text_blocks, c.prosody_dropout) if own else None
        wide = own or c.text
        self.nothing = nn.Parameter(torch.zeros(c.emotion))  # in place of the emotion when it is dropped: frames
        self.nothing_p = nn.Parameter(torch.zeros(c.emotion))  # and prosody

        self.feel_p = nn.Linear(c.emotion, wide, bias=False)
        self.cond_p = Condition(n, c.cond)
        self.flow_p = Stack(PROSODY + wide, PROSODY, c.prosody, c.prosody_blocks, 7, c.cond, dropout=c.prosody_dropout)

        self.feel_m = nn.Linear(c.emotion, c.text, bias=False)
        self.cond_m = Condition(n, c.cond)
        self.mean = Stack(c.text + PROSODY + 5, PAIR * FRAME, c.mean, c.mean_blocks, 7, c.cond, dropout=c.dropout)

        self.feel_d = nn.Linear(c.emotion, c.text, bias=False)
        self.cond_d = Condition(n, c.cond)
        self.detail = Stack(
            2 * PAIR * FRAME + c.text, PAIR * FRAME, c.detail, c.detail_blocks, 7, c.cond, dropout=c.dropout
        )
        self.register_buffer("spread", torch.full((FRAME,), 0.5))  # standard deviation of what the mean leaves

    # text

    def encode(self, *phones: Tensor) -> tuple[Tensor, Tensor]:
        """ids, stress, place int [b, phones]; kind, language [b]; mask -> what frames and what prosody are made from."""
        h: Tensor = self.text(*phones)
        return h, h if self.text_p is None else self.text_p(*phones)

    # prosody

    def prosody_velocity(
        self, x: Tensor, t: Tensor, h: Tensor, speaker: Tensor, emotion: Tensor, mask: Tensor
    ) -> Tensor:
        """x [b, phones, 5] at time t [b] -> velocity of the same shape."""
        h = h + self.feel_p(emotion)
        return self.flow_p(torch.cat([x, h], -1), mask, self.cond_p(speaker, t))

    # frames

    def frame_mean(
        self, h: Tensor, speaker: Tensor, emotion: Tensor, prosody: Tensor, inside: Tensor, mask: Tensor
    ) -> Tensor:
        """h, emotion, prosody at the pairs; inside [b, pairs, 5]: where in the phone, its length, F0 of both frames."""
        x = torch.cat([h + self.feel_m(emotion), prosody, inside], -1)
        return self.mean(x, mask, self.cond_m(speaker, None))

    def detail_velocity(
        self, x: Tensor, t: Tensor, mean: Tensor, h: Tensor, speaker: Tensor, emotion: Tensor, mask: Tensor
    ) -> Tensor:
        """x, mean [b, pairs, 2 * 89] -> velocity of the residual."""
        y = torch.cat([x, mean, h + self.feel_d(emotion)], -1)
        return self.detail(y, mask, self.cond_d(speaker, t))


def rows_at(x: Tensor, index: Tensor) -> Tensor:
    """Rows of [b, n, d] at index [b, m]."""
    return torch.gather(x, 1, index[..., None].expand(-1, -1, x.shape[-1]))
