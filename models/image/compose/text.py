"""Prompts as the networks take them: MiniLM states projected to fewer numbers, and how near a prompt is to what is known."""

from __future__ import annotations

import re
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

    subjects: a subject for every row of `known`; names: the noun itself. threshold: cosine similarity.
    """

    @register_to_config
    def __init__(
        self, subjects: list[str] | None = None, names: list[str] | None = None, nouns: int = 0, threshold: float = 0.5
    ) -> None:
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

    def nearest(self, prompt: str, sentence: Tensor) -> tuple[str, float, str]:
        """The known noun nearest to a prompt (its sentence vector [384]) or to what it begins with: its subject, the cosine
        similarity, and the noun."""
        from .minilm import states

        similarity = self.known @ sentence
        beginning = head(prompt)
        if beginning != prompt:
            similarity = torch.maximum(similarity, self.known @ states([beginning])[1][0])
        i = int(similarity.argmax())
        names = self.config.names or self.config.subjects
        return str(self.config.subjects[i]), float(similarity[i]), str(names[i])


_FRAME = re.compile(r"^(an? )?((oil )?painting|picture|view|photo|photograph|image|drawing) of ", re.IGNORECASE)
_LINK = re.compile(
    r"[,;:]|\b(with|without|at|in|by|under|on|near|among|beside|during|and|after|before|over|where|behind|below)\b",
    re.IGNORECASE,
)


def head(prompt: str) -> str:
    """What a prompt begins with, up to its first link word.

    >>> head("a painting of an airship at night")
    'an airship'
    """
    text = _FRAME.sub("", prompt.strip())
    first = _LINK.split(text, maxsplit=1)[0].strip()
    return first if len(first) > 2 else prompt
