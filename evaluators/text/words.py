"""What a described emotion means: VAD of a phrase ('bittersweet relief') learned from the 141 rated words of the norms.

EmoBank's readers rate sentences about events; somebody who names a feeling speaks otherwise. So a ridge regression reads
phrases, from the pooled states of the network to the norms' coordinates, on each rated word in four carrier phrases.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genstudio.emotion.norms import coordinates, vocabulary, words

from .minilm import WIDTH, batch, pool
from .model import EmotionText, encode

CARRIERS = ("{}", "feeling {}", "I feel {}.", "a {} mood")


@torch.inference_mode()
def phrase_features(model: EmotionText, texts: list[str]) -> Tensor:
    """Mean of the last and of the middle hidden states, unit length each: float [n, 768]."""
    model.eval()
    ids, seen = batch(encode(texts))
    states = model.backbone(ids, seen)
    parts = [torch.nn.functional.normalize(pool(states[i], seen)[:, :WIDTH], dim=-1) for i in (3, 6)]
    return torch.cat(parts, -1)


def fit(model: EmotionText) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors of the regression, and its leave-one-word-out Pearson r for each axis."""
    names = list(words())
    x = np.stack([phrase_features(model, [c.format(n) for c in CARRIERS]).numpy() for n in names])  # [141, 4, 768]
    y = np.array([words()[n] for n in names])
    best: tuple[float, float, NDArray[Any]] = (-1.0, 1.0, y)
    for alpha in (0.03, 0.1, 0.3, 1.0, 3.0):
        guess = _held_out(x, y, alpha)
        r = float(np.mean([np.corrcoef(guess[:, a], y[:, a])[0, 1] for a in range(3)]))
        if r > best[0]:
            best = (r, alpha, guess)
    _, alpha, guess = best
    flat, target = x.reshape(-1, x.shape[-1]), np.repeat(y, len(CARRIERS), 0)
    middle, weight = flat.mean(0), _ridge(flat - flat.mean(0), target - y.mean(0), alpha)
    # a regression shrinks towards the mean: stretch to the spread of the norms
    gain = y.std(0) / np.maximum(guess.std(0), 1e-3)
    bare = x[:, 0] / np.linalg.norm(x[:, 0], axis=1, keepdims=True)
    tensors = {
        "phrase.weight": torch.from_numpy((weight * gain).T.copy()).float(),
        "phrase.bias": torch.from_numpy(y.mean(0) - middle @ (weight * gain)).float(),
        "phrase.words": torch.from_numpy(bare).float(),
        "phrase.names": torch.nn.functional.normalize(phrase_features(model, list(vocabulary())), dim=-1),
    }
    found = [round(float(np.corrcoef(guess[:, a], y[:, a])[0, 1]), 3) for a in range(3)]
    return tensors, {
        "leave_one_word_out_pearson": dict(zip(("valence", "arousal", "dominance"), found, strict=True)),
        "alpha": alpha,
    }


def describe(model: EmotionText, phrase: dict[str, Tensor], text: str) -> tuple[Tensor, dict[str, float], float]:
    """What a phrase names: VAD [3] in -1..1, weights over the vocabulary, and 0..1 how near it lies to words for feelings.

    A category counts by how alike its name and the phrase are, and by how near it lies to the phrase's VAD (names of
    opposite feelings are alike to a language model).
    """
    x = phrase_features(model, [text.strip()])
    unit = torch.nn.functional.normalize(x, dim=-1)
    near = float((unit @ phrase["phrase.words"].T).max())
    vad = (x @ phrase["phrase.weight"].T + phrase["phrase.bias"])[0].clamp(-1, 1)
    alike = (unit @ phrase["phrase.names"].T)[0]
    places = torch.tensor([coordinates()[n] for n in vocabulary()])
    weights = (alike / 0.06 - ((places - vad) ** 2).sum(1) / 0.5).softmax(0)
    vad = (vad + weights @ places) / 2
    return vad, dict(zip(vocabulary(), weights.tolist(), strict=True)), min(max((near - 0.4) / 0.3, 0.3), 1.0)


def _ridge(x: NDArray[Any], y: NDArray[Any], alpha: float) -> NDArray[Any]:
    return np.linalg.solve(x.T @ x + alpha * np.eye(x.shape[1]), x.T @ y)


def _held_out(x: NDArray[Any], y: NDArray[Any], alpha: float, folds: int = 20) -> NDArray[Any]:
    out = np.zeros_like(y)
    fold = np.arange(len(y)) % folds
    for k in range(folds):
        train, test = fold != k, fold == k
        flat, target = x[train].reshape(-1, x.shape[-1]), np.repeat(y[train], x.shape[1], 0)
        weight = _ridge(flat - flat.mean(0), target - target.mean(0), alpha)
        out[test] = (x[test].mean(1) - flat.mean(0)) @ weight + target.mean(0)
    return out
