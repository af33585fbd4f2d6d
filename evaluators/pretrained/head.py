"""The speech-emotion head that wav2vec 2.0 checkpoints of audEERING and others carry: mean over time and two linear layers.

Wagner et al. 2023, Dawn of the transformer era in speech emotion recognition (arXiv 2203.07378). transformers has no class for it:
its own classifier would leave these weights out and start with random ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import Wav2Vec2Model, Wav2Vec2PreTrainedModel

KEYS = ("classifier.dense.weight", "classifier.out_proj.weight")
"""Tensors by which such a checkpoint is known."""


@dataclass
class HeadOutput:
    """logits: float [batch, labels]; of the published model arousal, dominance, valence in about 0..1."""

    logits: Tensor


class _Head(nn.Module):
    def __init__(self, config: Any) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.dropout = nn.Dropout(config.final_dropout)
        self.out_proj = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, x: Tensor) -> Tensor:
        return self.out_proj(self.dropout(torch.tanh(self.dense(self.dropout(x)))))


class Wav2Vec2ForSpeechClassification(Wav2Vec2PreTrainedModel):
    """Raw speech at 16 kHz to labels or dimensions: `wav2vec2.*`, `classifier.dense.*`, `classifier.out_proj.*`."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.wav2vec2 = Wav2Vec2Model(config)
        self.classifier = _Head(config)
        self.post_init()

    def forward(self, input_values: Tensor, attention_mask: Tensor | None = None, **_: Any) -> HeadOutput:
        """input_values: float [batch, samples]; attention_mask: int [batch, samples], 0 at padding. Padded frames do not count."""
        hidden = self.wav2vec2(input_values, attention_mask=attention_mask).last_hidden_state
        if attention_mask is None:
            return HeadOutput(self.classifier(hidden.mean(1)))
        seen = self._get_feature_vector_attention_mask(hidden.shape[1], attention_mask)[..., None].to(hidden.dtype)  # type: ignore[arg-type]
        return HeadOutput(self.classifier((hidden * seen).sum(1) / seen.sum(1).clamp(min=1)))
