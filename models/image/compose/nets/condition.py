"""What the networks are told: the prompt's words and sentence, the emotion's tokens and pooled vector. Either may be left out
(classifier-free guidance, Ho & Salimans 2022): a learned blank then stands in its place."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

WORDS = 12
TOKEN_DIM = 96
SENTENCE_DIM = 128
EMOTION_TOKENS = 4
EMOTION_DIM = 64
CONTEXT = WORDS + 1 + EMOTION_TOKENS + 1


@dataclass(frozen=True)
class Condition:
    """words float32 [b, 12, 96]; mask bool [b, 12]; sentence [b, 128]; emotion_tokens [b, 4, 64]; emotion [b, 64];
    text_on, emotion_on float32 [b]: 1 given, 0 left out."""

    words: Tensor
    mask: Tensor
    sentence: Tensor
    emotion_tokens: Tensor
    emotion: Tensor
    text_on: Tensor
    emotion_on: Tensor

    def switched(self, text: float, emotion: float) -> Condition:
        """The same with text and emotion given (1) or left out (0)."""
        one = torch.ones_like(self.text_on)
        return replace(self, text_on=one * text, emotion_on=one * emotion)

    @staticmethod
    def cat(parts: list[Condition]) -> Condition:
        """Along the batch."""
        return Condition(*(torch.cat([getattr(p, k) for p in parts]) for k in Condition.__dataclass_fields__))


class Conditioner(nn.Module):
    """Condition and time to context tokens [b, 18, width], their mask [b, 18] and one vector [b, width]."""

    def __init__(self, width: int, extra: int = 0) -> None:
        super().__init__()
        self.words = nn.Linear(TOKEN_DIM, width)
        self.sentence = nn.Linear(SENTENCE_DIM, width)
        self.emotion_tokens = nn.Linear(EMOTION_DIM, width)
        self.emotion = nn.Linear(EMOTION_DIM, width)
        self.no_text = nn.Parameter(torch.randn(width) * 0.02)
        self.no_emotion = nn.Parameter(torch.randn(width) * 0.02)
        self.pick = nn.Linear(TOKEN_DIM, 1)  # how much each word counts in the vector
        self.word_sum = nn.Linear(TOKEN_DIM, width)
        self.time = nn.Sequential(nn.Linear(64, width), nn.SiLU(), nn.Linear(width, width))
        self.extra = nn.Sequential(nn.Linear(extra, width), nn.SiLU(), nn.Linear(width, width)) if extra else None
        self.mix = nn.Sequential(nn.SiLU(), nn.Linear(width, width), nn.SiLU())

    def forward(self, time: Tensor, c: Condition, extra: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        t_on, e_on = c.text_on[:, None], c.emotion_on[:, None]
        blank_t, blank_e = self.no_text * (1 - t_on), self.no_emotion * (1 - e_on)
        sentence = self.sentence(c.sentence) * t_on + blank_t
        emotion = self.emotion(c.emotion) * e_on + blank_e
        words = self.words(c.words) * t_on[..., None] + blank_t[:, None]
        feelings = self.emotion_tokens(c.emotion_tokens) * e_on[..., None] + blank_e[:, None]
        context = torch.cat([words, sentence[:, None], feelings, emotion[:, None]], 1)
        rest = torch.ones(len(words), CONTEXT - WORDS, dtype=torch.bool, device=words.device)
        mask = torch.cat([c.mask & (c.text_on > 0.5)[:, None], rest], 1)
        weight = self.pick(c.words).squeeze(-1).masked_fill(~c.mask, -1e4).softmax(-1)
        chosen = self.word_sum((c.words * weight[..., None]).sum(1)) * t_on
        vector = sentence + emotion + chosen + self.time(waves(time))
        if self.extra is not None and extra is not None:
            vector = vector + self.extra(extra)
        return context, mask, self.mix(vector)


def waves(time: Tensor, dim: int = 64) -> Tensor:
    """Sinusoids of a noise level 0..1: float32 [b, dim]."""
    f = torch.exp(torch.arange(dim // 2, device=time.device) * (math.log(1000.0) / (dim // 2 - 1)))
    a = time.float()[:, None] * f[None] * 2
    return torch.cat([a.sin(), a.cos()], -1)
