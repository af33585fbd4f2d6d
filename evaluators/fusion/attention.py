"""The fusion network: face and voice aligned in time by attention, then emotions that look for their moments.

Temporal alignment and perception attention after Chao, Tao, Yang, Li & Wen (Audio Visual Emotion Recognition with Temporal
Alignment and Perception Attention, 2016): soft attention aligns the streams, and one embedding a class locates where it shows.
What it finds is added to what late fusion says of the same rows: it learns a correction, not everything anew.
Levels of each stream are mixed as in HiCMAE's hierarchical feature fusion (Sun, Lian, Liu & Tao, Information Fusion 2024).
Convolutions stand in for the LSTM, so that a clip reads the same alone and in a padded batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

from genstudio.emotion import EKMAN

from ..face.net import CLASSES as FACE_CLASSES
from ..speech.data import CLASSES as VOICE_CLASSES
from .frames import FACE, STEP, VOICE

_NEVER = -1e4


@dataclass(frozen=True)
class Config:
    """width: channels; heads: of the alignment; lag: rows (100 ms) that the streams may lie apart; levels: convolution blocks a
    stream; dropout: 0..1; face, voice: numbers a row."""

    width: int = 96
    heads: int = 4
    lag: int = 10
    levels: int = 2
    dropout: float = 0.5
    face: int = FACE
    voice: int = VOICE


@dataclass(frozen=True)
class Batch:
    """face [b, n, 311], seen [b, n], voice [b, n, 60], heard [b, n], float; there [b, n] bool: rows that are no padding. Rows
    where seen (heard) is 0 are missing, whatever stands in them."""

    face: Tensor
    seen: Tensor
    voice: Tensor
    heard: Tensor
    there: Tensor


class Block(nn.Module):
    """Normalised depthwise convolution over 700 ms and a pointwise one around a skip: [b, n, c] -> [b, n, c]."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.along = nn.Conv1d(width, width, 7, padding=3, groups=width)
        self.across = nn.Linear(width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        y = self.norm(x) * there[..., None]
        y = self.along(y.transpose(1, 2)).transpose(1, 2)
        return x + self.drop(self.across(F.gelu(y)))


class Stream(nn.Module):
    """Rows of one modality to a level after each block: float [b, n, c_in], known [b, n] bool -> levels of [b, n, width]."""

    mean: Tensor
    std: Tensor

    def __init__(self, numbers: int, c: Config) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(numbers))
        self.register_buffer("std", torch.ones(numbers))
        self.inward = nn.Linear(numbers, c.width)
        self.missing = nn.Parameter(torch.zeros(c.width))
        self.drop = nn.Dropout(c.dropout)
        self.blocks = nn.ModuleList(Block(c.width, c.dropout) for _ in range(c.levels))

    def fit_scale(self, rows: Tensor) -> None:
        """Mean and spread of known rows [n, c_in]."""
        self.mean, self.std = rows.mean(0), rows.std(0, correction=0).clamp(min=1e-2)

    def normal(self, x: Tensor) -> Tensor:
        """Rows in spreads about the mean, -5 to 5."""
        return ((x - self.mean) / self.std).clamp(-5, 5)

    def forward(self, x: Tensor, known: Tensor, there: Tensor) -> list[Tensor]:
        h = torch.where(known[..., None], self.inward(self.drop(self.normal(x))), self.missing)
        levels = []
        for block in self.blocks:
            h = block(h, there)
            levels.append(h)
        return levels


class Alignment(nn.Module):
    """One stream looks into the other within a learned window of lags: own, other [b, n, c], known [b, n] of the other.

    Each head's window is a Gaussian over lags whose centre and width are learned, at most `lag` rows away; a learned nothing
    can be looked at where the other stream shows nothing.
    """

    def __init__(self, c: Config) -> None:
        super().__init__()
        self.heads, self.lag = c.heads, c.lag
        self.own, self.other = nn.LayerNorm(c.width), nn.LayerNorm(c.width)
        self.query = nn.Linear(c.width, c.width)
        self.keys = nn.Linear(c.width, 2 * c.width)
        self.out = nn.Linear(c.width, c.width)
        self.nothing = nn.Parameter(torch.zeros(c.heads))
        self.centre = nn.Parameter(torch.linspace(-0.3, 0.3, c.heads))
        self.spread = nn.Parameter(torch.full((c.heads,), 3.0))
        self.join = nn.Sequential(
            nn.LayerNorm(2 * c.width), nn.Linear(2 * c.width, 2 * c.width), nn.GELU(), nn.Dropout(c.dropout),
            nn.Linear(2 * c.width, c.width),
        )  # fmt: skip

    def window(self) -> tuple[Tensor, Tensor]:
        """Centre (rows by which the other stream lies later) and spread (rows) of each head [heads]."""
        return self.lag * torch.tanh(self.centre), F.softplus(self.spread) + 0.5

    def forward(self, own: Tensor, other: Tensor, known: Tensor) -> Tensor:
        q = rearrange(self.query(self.own(own)), "b n (h c) -> b h n c", h=self.heads)
        k, v = rearrange(self.keys(self.other(other)), "b n (two h c) -> two b h n c", two=2, h=self.heads)
        at = torch.arange(own.shape[1], device=own.device)
        lag = (at[None] - at[:, None]).float()
        centre, spread = (x[:, None, None] for x in self.window())
        score = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5 - (lag - centre) ** 2 / (2 * spread**2)
        score = score.masked_fill((lag.abs() > self.lag) | ~known[:, None, None], _NEVER)
        nothing = self.nothing[:, None, None].expand(len(q), -1, q.shape[2], 1)
        weight = torch.cat([score, nothing], -1).softmax(-1)[..., :-1]
        seen = self.out(rearrange(weight @ v, "b h n c -> b n (h c)"))
        return own + self.join(torch.cat([own, seen], -1))


class FusionNet(nn.Module):
    """`Batch` -> logits [b, 7] in EKMAN's order (classes not trained are -1e4) and attention [b, 7, 2 n]: for each class the
    weight of every face row, then every voice row, sums to 1."""

    trained: Tensor
    face_says: Tensor
    voice_says: Tensor

    def __init__(self, config: Config | None = None) -> None:
        super().__init__()
        self.config = c = config or Config()
        self.register_buffer("trained", torch.ones(len(EKMAN)))
        self.register_buffer("face_says", torch.zeros(len(FACE_CLASSES), len(EKMAN)))
        self.register_buffer("voice_says", torch.zeros(len(VOICE_CLASSES), len(EKMAN)))
        self.trust = nn.Parameter(torch.zeros(2))  # log of how much each recogniser's word counts
        self.face, self.voice = Stream(c.face, c), Stream(c.voice, c)
        self.mix = nn.Parameter(torch.zeros(2, c.levels))
        self.to_face, self.to_voice = Alignment(c), Alignment(c)
        self.emotions = nn.Parameter(torch.randn(len(EKMAN), c.width) / c.width**0.5)
        self.look = nn.Linear(c.width, c.width)
        self.final = nn.Sequential(nn.LayerNorm(c.width), nn.Dropout(c.dropout))
        self.weight = nn.Parameter(torch.randn(len(EKMAN), c.width) / c.width**0.5)
        self.bias = nn.Parameter(torch.zeros(len(EKMAN)))

    def levels(self, x: Batch) -> tuple[list[Tensor], list[Tensor]]:
        """Levels of face and voice, each seen alone."""
        return self.face(x.face, x.seen > 0, x.there), self.voice(x.voice, x.heard > 0, x.there)

    def aligned(self, face: list[Tensor], voice: list[Tensor], x: Batch) -> tuple[Tensor, Tensor]:
        """Face and voice [b, n, c] after each has looked into the other."""
        f, v = (
            torch.einsum("l,lbnc->bnc", m.softmax(0), torch.stack(s))
            for m, s in zip(self.mix, (face, voice), strict=True)
        )
        return self.to_voice(f, v, x.heard > 0), self.to_face(v, f, x.seen > 0)

    def start_from(self, face: Tensor, voice: Tensor) -> None:
        """log P(read | shown) of the recognisers whose logits end each row: face [7, 7], voice [8, 7], a row a class read."""
        self.face_says, self.voice_says = face, voice

    @torch.no_grad()
    def silent(self) -> FusionNet:
        """The same network without what it found itself: late fusion alone (even odds before `start_from`)."""
        self.weight.zero_()
        self.bias.zero_()
        return self

    def late(self, x: Batch) -> Tensor:
        """What the recognisers say by themselves, through their confusions, log [b, 7]; zeros before `start_from`."""
        out = torch.zeros(len(x.seen), len(EKMAN), device=x.seen.device)
        streams = ((x.face, x.seen, self.face_says), (x.voice, x.heard, self.voice_says))
        for (rows, weight, says), trust in zip(streams, self.trust.exp(), strict=True):
            if says.any():
                said = rows[..., -len(says) :].softmax(-1)
                mean = (said * weight[..., None]).sum(1) * says.any(1)  # a class without a confusion is not read
                out = out + trust * mean / mean.sum(1, keepdim=True).clamp(min=1e-6) @ says
        return out

    def forward(self, x: Batch) -> tuple[Tensor, Tensor]:
        face, voice = self.aligned(*self.levels(x), x)
        tokens = torch.cat([face, voice], 1)
        trust = torch.cat([x.seen, x.heard], 1)
        score = torch.tanh(self.look(tokens)) @ self.emotions.T * tokens.shape[-1] ** 0.5 / 2
        score = score + trust.clamp(min=0.01).log()[..., None]  # what is badly seen or hardly heard counts less
        weight = score.masked_fill(trust[..., None] <= 0, _NEVER).softmax(1).transpose(1, 2)
        found = self.final(weight @ tokens)
        logits = (found * self.weight).sum(-1) + self.bias + self.late(x)
        return logits.masked_fill(self.trained <= 0, _NEVER), weight

    @torch.no_grad()
    def lags(self) -> dict[str, list[float]]:
        """Milliseconds by which each head looks later: the voice into the face, and the face into the voice."""
        found = {"face_after_voice": self.to_face, "voice_after_face": self.to_voice}
        return {k: [round(float(x) * STEP * 1000) for x in a.window()[0]] for k, a in found.items()}
