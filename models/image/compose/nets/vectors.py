"""VectorNet: the velocity of a noisy vector (the plan, or the mood), given prompt, emotion and perhaps another vector."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .base import ModelMixin, Network, register_to_config, zero  # noqa: F401  # from_pretrained finds ModelMixin here
from .condition import Condition, Conditioner


class Block(nn.Module):
    """Residual, steered by the condition vector, with a look at the words and feelings."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.steer = nn.Linear(width, 3 * width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.q, self.kv = nn.Linear(width, 64), nn.Linear(width, 128)
        self.out = nn.Linear(64, width)
        for layer in (self.steer, self.mlp[-1], self.out):
            zero(layer)

    def forward(self, x: Tensor, context: Tensor, mask: Tensor, c: Tensor) -> Tensor:
        scale, shift, gate = self.steer(c).chunk(3, -1)
        q = self.q(F.layer_norm(x, x.shape[-1:]))[:, None, None]
        k, v = self.kv(context)[:, None].chunk(2, -1)
        x = x + self.out(F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None]).flatten(1))
        return x + (1 + gate) * self.mlp(F.layer_norm(x, x.shape[-1:]) * (1 + scale) + shift)


class VectorNet(Network):
    """x float32 [b, size] (noisy, standardised), time [b] in 0..1000, Condition, given [b, given] or None -> velocity like x.

    `mean` and `spread` standardise the raw vector."""

    @register_to_config
    def __init__(self, size: int = 80, given: int = 0, width: int = 128, depth: int = 4) -> None:
        super().__init__()
        self.conditioner = Conditioner(width, given)
        self.enter = nn.Linear(size, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(depth))
        self.leave = nn.Linear(width, size)
        zero(self.leave)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("spread", torch.ones(size))

    def forward(self, x: Tensor, time: Tensor, condition: Condition, given: Tensor | None = None) -> Tensor:
        context, mask, c = self.conditioner(time / 1000, condition, given)
        h = self.enter(x)
        for block in self.blocks:
            h = block(h, context, mask, c)
        return self.leave(F.layer_norm(h, h.shape[-1:]))
