"""`MappingNet`: a transformer that says how a prompt's embedding changes with valence and arousal.

After EmotiCrafter (PAPERS: "Text-to-Emotional-Image Generation based on Valence-Arousal Model"): emotion is injected into every
block, and the network gives a residual. Here it enters by adaptive layer norms (Peebles & Xie 2023), and what the network says of
neutral is taken off, so that neutral changes exactly nothing.
"""

from __future__ import annotations

from typing import Any

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

AXES = 2  # valence, arousal
_HEAD = 32


class _Block(nn.Module):
    """x: [b, t, d]; feel: [b, d]; there: bool [b, t], which tokens may be looked at."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.heads = max(1, d // _HEAD)
        self.norm1, self.norm2 = nn.LayerNorm(d, elementwise_affine=False), nn.LayerNorm(d, elementwise_affine=False)
        self.qkv, self.join = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))
        self.feel = nn.Linear(d, 6 * d)
        nn.init.zeros_(self.feel.weight)
        nn.init.zeros_(self.feel.bias)

    def forward(self, x: Tensor, feel: Tensor, there: Tensor) -> Tensor:
        a, b, c, d, e, f = self.feel(feel)[:, None].chunk(6, -1)
        y = self.norm1(x) * (1 + a) + b
        q, k, v = rearrange(self.qkv(y), "b t (three h n) -> three b h t n", three=3, h=self.heads)
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=there[:, None, None])
        x = x + (1 + c) * self.join(rearrange(seen, "b h t n -> b t (h n)"))
        return x + (1 + f) * self.mlp(self.norm2(x) * (1 + d) + e)


class MappingNet(nn.Module):
    """width: channels of the embedding; inner: of the network, a multiple of 32; depth: blocks."""

    mean: Tensor
    scale: Tensor

    def __init__(self, width: int, inner: int = 256, depth: int = 4) -> None:
        super().__init__()
        self.config: dict[str, Any] = {"width": width, "inner": inner, "depth": depth}
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("scale", torch.ones(()))
        self.into = nn.Linear(width, inner)
        self.emotion = nn.Sequential(nn.Linear(AXES, inner), nn.SiLU(), nn.Linear(inner, inner), nn.SiLU())
        self.blocks = nn.ModuleList(_Block(inner) for _ in range(depth))
        self.norm = nn.LayerNorm(inner)
        self.out = nn.Linear(inner, width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, va: Tensor, there: Tensor | None = None) -> Tensor:
        """What is to be added to embeddings [b, t, width] for va [b, 2] (-1..1): float32 [b, t, width]; exactly 0 for neutral.

        there: bool [b, t], which tokens exist (all by default); the others get 0.
        """
        if there is None:
            there = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device)
        both = torch.cat([va, torch.zeros_like(va)]).float()
        h = self.into((x.float() - self.mean) / self.scale)
        h, mask, feel = torch.cat([h, h]), torch.cat([there, there]), self.emotion(both)
        for block in self.blocks:
            h = block(h, feel, mask)
        felt, plain = self.out(self.norm(h)).chunk(2)
        return (felt - plain) * self.scale * there[..., None]
