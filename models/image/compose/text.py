"""Prompts as the networks take them: MiniLM states projected to fewer numbers, and how near a prompt is to what is known."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .nets.base import ModelMixin, Network, register_to_config  # noqa: F401  # from_pretrained finds ModelMixin here
from .nets.condition import SENTENCE_DIM, TOKEN_DIM, WORDS


@dataclass(frozen=True)
class TextCode:
    """tokens: float32 [batch, 12, 96]; mask: bool [batch, 12], True where there is a word; sentence: float32 [batch, 128]."""

    tokens: Tensor
    mask: Tensor
    sentence: Tensor

    def to(self, device: torch.device | str) -> TextCode:
        return TextCode(self.tokens.to(device), self.mask.to(device), self.sentence.to(device))


class TextProjector(Network):
    """Frozen: principal components of MiniLM's word states and sentence vectors (fitted on prompts and a wide vocabulary),
    and the sentence vectors of known nouns, with the similarity below which a prompt counts as unknown.

    subjects: a name for every row of `known`. threshold: cosine similarity.
    """

    @register_to_config
    def __init__(self, subjects: list[str] | None = None, nouns: int = 0, threshold: float = 0.5) -> None:
        super().__init__()
        for name, width in (("token", TOKEN_DIM), ("sentence", SENTENCE_DIM)):
            self.register_buffer(f"{name}_mean", torch.zeros(384))
            self.register_buffer(f"{name}_axes", torch.zeros(384, width))
            self.register_buffer(f"{name}_scale", torch.ones(width))
        self.register_buffer("known", torch.zeros(nouns, 384))

    def fit(self, words: Tensor, sentences: Tensor) -> None:
        """Principal axes of words [n, 384] and sentences [m, 384]; components are scaled by the square root of their spread."""
        for name, x in (("token", words), ("sentence", sentences)):
            mean = x.mean(0)
            axes = getattr(self, f"{name}_axes")
            _, s, v = torch.linalg.svd((x - mean).float(), full_matrices=False)
            getattr(self, f"{name}_mean").copy_(mean)
            axes.copy_(v[: axes.shape[1]].T)
            spread = s[: axes.shape[1]] / len(x) ** 0.5
            getattr(self, f"{name}_scale").copy_(1 / (spread.clamp_min(1e-6) * spread[0].clamp_min(1e-6)).sqrt())

    def encode(self, texts: list[str]) -> tuple[TextCode, Tensor]:
        """The code of prompts, and their sentence vectors float32 [batch, 384]."""
        from .minilm import states

        words, sentences = states(texts)
        tokens = torch.zeros(len(texts), WORDS, TOKEN_DIM)
        mask = torch.zeros(len(texts), WORDS, dtype=torch.bool)
        for i, w in enumerate(words):
            n = min(len(w), WORDS)
            tokens[i, :n] = ((w[:n] - self.token_mean) @ self.token_axes) * self.token_scale
            mask[i, :n] = True
        sentence = ((sentences - self.sentence_mean) @ self.sentence_axes) * self.sentence_scale
        return TextCode(tokens, mask, sentence), sentences

    def nearest(self, sentence: Tensor) -> tuple[str, float]:
        """The known subject nearest to a sentence vector [384], and its cosine similarity."""
        similarity = self.known @ sentence
        i = int(similarity.argmax())
        return str(self.config.subjects[i]), float(similarity[i])
