"""ObjectTransformer: the velocity of noisy object attributes, given which objects there are, the maps, prompt and emotion."""

from __future__ import annotations

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

from .base import ModelMixin, Network, register_to_config, zero  # noqa: F401  # from_pretrained finds ModelMixin here
from .condition import Condition, Conditioner


class Layer(nn.Module):
    """Objects look at each other, then at context and land; steered by the condition vector (adaptive norms)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out1 = nn.Linear(width, width)
        self.q = nn.Linear(width, width)
        self.kv = nn.Linear(width, 2 * width)
        self.out2 = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 3 * width), nn.GELU(), nn.Linear(3 * width, width))
        self.steer = nn.Linear(width, 6 * width)
        for layer in (self.out1, self.out2, self.mlp[-1], self.steer):
            zero(layer)

    def forward(self, x: Tensor, seen: Tensor, land: Tensor, land_seen: Tensor, c: Tensor) -> Tensor:
        s1, b1, s2, b2, s3, b3 = self.steer(c)[:, None].chunk(6, -1)

        def norm(y: Tensor, s: Tensor, b: Tensor) -> Tensor:
            return F.layer_norm(y, y.shape[-1:]) * (1 + s) + b

        def heads(y: Tensor) -> Tensor:
            return rearrange(y, "b n (g d) -> b g n d", g=self.heads)

        q, k, v = (heads(z) for z in self.qkv(norm(x, s1, b1)).chunk(3, -1))
        x = x + self.out1(
            rearrange(F.scaled_dot_product_attention(q, k, v, attn_mask=seen[:, None, None]), "b g n d -> b n (g d)")
        )
        q = heads(self.q(norm(x, s2, b2)))
        k, v = (heads(z) for z in self.kv(land).chunk(2, -1))
        x = x + self.out2(
            rearrange(
                F.scaled_dot_product_attention(q, k, v, attn_mask=land_seen[:, None, None]), "b g n d -> b n (g d)"
            )
        )
        out: Tensor = x + self.mlp(norm(x, s3, b3))
        return out


class ObjectTransformer(Network):
    """x float32 [b, n, 11] (noisy, standardised a type), types int64 [b, n] (-1 = empty slot), time [b] in 0..1000,
    Condition, plan [b, plan], maps [b, 12, 64, 64] (clean, standardised) -> velocity like x.

    Each object also feels the maps where it stands now: `place` maps its standardised (u, d) to the grid.
    """

    @register_to_config
    def __init__(
        self, attributes: int = 11, types: int = 59, plan: int = 80, channels: int = 12, width: int = 128,
            depth: int = 4,
        heads: int = 4,
    ) -> None:  # fmt: skip
        super().__init__()
        self.conditioner = Conditioner(width, plan)
        self.kind = nn.Embedding(types + 1, width)
        self.enter = nn.Linear(attributes, width)
        self.rank = nn.Linear(16, width)
        self.here = nn.Linear(channels, width)
        self.patch = nn.Conv2d(channels, width, 8, stride=8)
        self.cell = nn.Parameter(torch.randn(64, width) * 0.02)
        self.context_kind = nn.Parameter(torch.randn(width) * 0.02)
        self.layers = nn.ModuleList(Layer(width, heads) for _ in range(depth))
        self.leave = nn.Linear(width, attributes)
        zero(self.leave)
        self.register_buffer("mean", torch.zeros(types, attributes))  # of raw attributes, a type
        self.register_buffer("spread", torch.ones(types, attributes))
        self.register_buffer("used", torch.ones(types, attributes))

    def place(self, x: Tensor, types: Tensor) -> Tensor:
        """Grid coordinates [b, n, 2] in -1..1 of standardised attributes."""
        t = types.clamp_min(0)
        u = x[..., 0] * self.spread[t, 0] + self.mean[t, 0]
        d = x[..., 1] * self.spread[t, 1] + self.mean[t, 1]
        return torch.stack([u / 0.52, d * 2 - 1], -1).clamp(-1.1, 1.1)

    def forward(
        self, x: Tensor, types: Tensor, time: Tensor, condition: Condition, plan: Tensor, maps: Tensor
    ) -> Tensor:
        context, mask, c = self.conditioner(time / 1000, condition, plan)
        ground = rearrange(self.patch(maps), "b c h w -> b (h w) c") + self.cell
        land = torch.cat([context + self.context_kind, ground], 1)
        land_seen = F.pad(mask, (0, ground.shape[1]), value=True)
        here = F.grid_sample(
            maps.float(), self.place(x.float(), types)[:, None], align_corners=True, padding_mode="border"
        )
        h = (
            self.enter(x)
            + self.kind(types + 1)
            + self.rank(_ranks(types))
            + self.here(rearrange(here, "b c 1 n -> b n c").to(x.dtype))
        )
        seen = types >= 0
        seen = seen | (~seen.any(-1, keepdim=True))
        for layer in self.layers:
            h = layer(h, seen, land, land_seen, c)
        return self.leave(F.layer_norm(h, h.shape[-1:]))


def _ranks(types: Tensor) -> Tensor:
    """Which of its kind an object is: sinusoids of its index and of its share among its kind, [b, n, 16]."""
    same = (types[:, :, None] == types[:, None, :]).float()
    n = same.sum(-1)
    i = torch.tril(same, -1).sum(-1)
    f = torch.tensor([1.0, 3.0, 9.0, 27.0], device=types.device)
    a = (i / n)[..., None] * f
    b = (i * 0.03)[..., None] * f
    return torch.cat([a.sin(), a.cos(), b.sin(), b.cos()], -1)
