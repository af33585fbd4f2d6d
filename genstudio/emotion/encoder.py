"""EmotionEncoder: the trained map from `Emotion` to conditioning, the only one the models here use.

Ordinal in valence, arousal and dominance by Rank-N-Contrast (Zha et al. 2023; for emotion EmotionRankCLAP 2025): the
further two emotions lie apart, the further apart their pooled vectors. Decodable back to VAD and categories.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from einops import rearrange
from torch import Tensor, nn

from genstudio.emotion import norms
from genstudio.emotion.space import Emotion
from genstudio.weights import load_weights

TOKENS = 4
WIDTH = 64
WEIGHTS = Path(__file__).parent / "weights" / "encoder.safetensors"


@dataclass(frozen=True)
class EmotionCode:
    """tokens: float32 [batch, 4, 64]; pooled: float32 [batch, 64]; both of about unit variance."""

    tokens: Tensor
    pooled: Tensor


class EmotionEncoder(nn.Module):
    """Emotion values in, `EmotionCode` out; `decode` reads VAD and categories back from the code.

    >>> code = EmotionEncoder.load()([Emotion.parse("joy")])
    >>> code.tokens.shape, code.pooled.shape
    (torch.Size([1, 4, 64]), torch.Size([1, 64]))
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, hidden: int = 192) -> None:
        super().__init__()
        n = len(norms.vocabulary())
        inputs = 3 + len(norms.EKMAN) + n + 1
        self.trunk = nn.Sequential(
            nn.Linear(inputs, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU(), nn.LayerNorm(hidden)
        )
        self.to_pooled = nn.Linear(hidden, WIDTH)
        self.to_tokens = nn.Linear(hidden, TOKENS * WIDTH)
        self.vad_head = nn.Linear(WIDTH, 3)
        self.category_head = nn.Linear(WIDTH, n)
        self.token_head = nn.Linear(TOKENS * WIDTH, n)
        self.register_buffer("shift", torch.zeros(WIDTH))
        self.register_buffer("scale", torch.ones(WIDTH))

    @staticmethod
    @cache
    def load() -> EmotionEncoder:
        """The shipped encoder, frozen, on the CPU."""
        module = load_weights(EmotionEncoder(), WEIGHTS)
        assert isinstance(module, EmotionEncoder)
        return module

    def forward(self, emotions: Sequence[Emotion]) -> EmotionCode:
        """Encode a list of emotions."""
        return self.encode(features(emotions).to(self.shift.device))

    def encode(self, x: Tensor) -> EmotionCode:
        """Encode the features [batch, inputs] of `features`."""
        h = self.trunk(x)
        pooled = (self.to_pooled(h) - self.shift) * self.scale
        tokens = nn.functional.layer_norm(rearrange(self.to_tokens(h), "b (k d) -> b k d", k=TOKENS), (WIDTH,))
        return EmotionCode(tokens, pooled)

    def decode(self, code: EmotionCode) -> tuple[Tensor, Tensor]:
        """VAD float32 [batch, 3] in -1..1, and category distribution [batch, len(norms.vocabulary())]."""
        vad = self.vad_head(code.pooled).clamp(-1, 1)
        return vad, self.category_logits(code).softmax(-1)

    def category_logits(self, code: EmotionCode) -> Tensor:
        """Unnormalised log-probabilities over `norms.vocabulary()`, read from the pooled vector."""
        logits: Tensor = self.category_head(code.pooled)
        return logits

    def token_logits(self, code: EmotionCode) -> Tensor:
        """The same, read from the tokens."""
        logits: Tensor = self.token_head(rearrange(code.tokens, "b k d -> b (k d)"))
        return logits


def features(emotions: Sequence[Emotion]) -> Tensor:
    """float32 [batch, inputs]: VAD, the canonical seven, the whole vocabulary, intensity."""
    index = {name: i for i, name in enumerate(norms.vocabulary())}
    rows = torch.zeros(len(emotions), 3 + len(norms.EKMAN) + len(index) + 1)
    for row, e in zip(rows, emotions, strict=True):
        row[:3] = torch.tensor(e.vad)
        row[3:10] = torch.tensor(list(e.ekman().values()))
        for name, weight in e.categories.items():
            row[10 + index[name]] = weight
        row[-1] = e.intensity
    return rows
