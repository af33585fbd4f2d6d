"""MapUNet: the velocity of noisy maps, given prompt, emotion and the plan."""

from __future__ import annotations

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

from .base import ModelMixin, Network, register_to_config, zero  # noqa: F401  # from_pretrained finds ModelMixin here
from .condition import Condition, Conditioner


class Res(nn.Module):
    """Two convolutions, shifted and scaled by the condition vector."""

    def __init__(self, inside: int, outside: int, cond: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(8, inside)
        self.conv1 = nn.Conv2d(inside, outside, 3, padding=1)
        self.norm2 = nn.GroupNorm(8, outside)
        self.conv2 = nn.Conv2d(outside, outside, 3, padding=1)
        self.shift = nn.Linear(cond, 2 * outside)
        self.skip = nn.Conv2d(inside, outside, 1) if inside != outside else nn.Identity()
        zero(self.conv2)
        zero(self.shift)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.shift(c)[..., None, None].chunk(2, 1)
        h = self.conv2(F.silu(self.norm2(h) * (1 + scale) + shift))
        out: Tensor = self.skip(x) + h
        return out


class Attend(nn.Module):
    """Cells look at each other and at the context."""

    def __init__(self, width: int, context: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out1 = nn.Linear(width, width)
        self.q = nn.Linear(width, width)
        self.kv = nn.Linear(context, 2 * width)
        self.out2 = nn.Linear(width, width)
        for layer in (self.out1, self.out2):
            zero(layer)

    def forward(self, x: Tensor, context: Tensor, mask: Tensor) -> Tensor:
        h = x.shape[2]
        y = rearrange(x, "b c h w -> b (h w) c")
        q, k, v = (rearrange(z, "b n (g d) -> b g n d", g=self.heads) for z in self.qkv(self.norm1(y)).chunk(3, -1))
        y = y + self.out1(rearrange(F.scaled_dot_product_attention(q, k, v), "b g n d -> b n (g d)"))
        q = rearrange(self.q(self.norm2(y)), "b n (g d) -> b g n d", g=self.heads)
        k, v = (rearrange(z, "b n (g d) -> b g n d", g=self.heads) for z in self.kv(context).chunk(2, -1))
        y = y + self.out2(
            rearrange(F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None]), "b g n d -> b n (g d)")
        )
        return rearrange(y, "b (h w) c -> b c h w", h=h)


class MapUNet(Network):
    """x float32 [b, 12, 64, 64] (noisy, standardised), time [b] in 0..1000, Condition, plan [b, plan] -> velocity like x.

    Cells are folded 2 x 2 into channels, so that the network works at 32 x 32, 16 x 16 and 8 x 8. It says the mean velocity of
    each fold. Inside a fold maps hardly differ: what differs there is noise, whose velocity is known without a network.
    """

    @register_to_config
    def __init__(
        self,
        channels: int = 12,
        plan: int = 80,
        widths: tuple[int, int, int] = (40, 80, 128),
        cond: int = 128,
        heads: int = 4,
    ) -> None:
        super().__init__()
        a, b, c = widths
        self.conditioner = Conditioner(cond, plan)
        self.enter = nn.Conv2d(channels * 4 + 3, a, 3, padding=1)
        self.d0 = Res(a, a, cond)
        self.down0 = nn.Conv2d(a, b, 3, stride=2, padding=1)
        self.d1 = Res(b, b, cond)
        self.down1 = nn.Conv2d(b, c, 3, stride=2, padding=1)
        self.place = nn.Parameter(torch.zeros(c, 8, 8))
        self.m0, self.m1, self.m2 = Res(c, c, cond), Res(c, c, cond), Res(c, c, cond)
        self.a0, self.a1 = Attend(c, cond, heads), Attend(c, cond, heads)
        self.up1 = nn.Conv2d(c, b, 1)
        self.u1 = Res(2 * b, b, cond)
        self.up0 = nn.Conv2d(b, a, 1)
        self.u0 = Res(2 * a, a, cond)
        self.leave = nn.Sequential(nn.GroupNorm(8, a), nn.SiLU(), nn.Conv2d(a, channels, 3, padding=1))
        zero(self.leave[-1])
        g = torch.linspace(-1, 1, 32)
        where = torch.stack([g[:, None].expand(32, 32), g[None].expand(32, 32), g[None].expand(32, 32).abs()])
        self.register_buffer("where", where, persistent=False)
        self.register_buffer("mean", torch.zeros(channels))  # of encoded maps
        self.register_buffer("spread", torch.ones(channels))

    def forward(self, x: Tensor, time: Tensor, condition: Condition, plan: Tensor) -> Tensor:
        context, mask, c = self.conditioner(time / 1000, condition, plan)
        h = F.pixel_unshuffle(x, 2)
        h0 = self.d0(self.enter(torch.cat([h, self.where.to(h.dtype).expand(len(h), -1, -1, -1)], 1)), c)
        h1 = self.d1(self.down0(h0), c)
        h = self.m0(self.down1(h1) + self.place, c)
        h = self.m1(self.a0(h, context, mask), c)
        h = self.m2(self.a1(h, context, mask), c)
        h = self.u1(torch.cat([F.interpolate(self.up1(h), scale_factor=2.0), h1], 1), c)
        h = self.u0(torch.cat([F.interpolate(self.up0(h), scale_factor=2.0), h0], 1), c)
        level = (time / 1000).clamp_min(1e-3).view(-1, 1, 1, 1)
        return _wide(self.leave(h)) + (x - _wide(F.avg_pool2d(x, 2))) / level


def _wide(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0)
