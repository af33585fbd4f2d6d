"""Two small networks: one finds faces on a picture pyramid, the other places 68 points in an upright crop."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STRIDE = 8
"""Picture pixels per cell of the finder's map."""

RADIUS_UNIT = 10.0
"""The finder sees faces of radius 6 to 16 pixels; sizes are told as log(radius / RADIUS_UNIT)."""


def conv(c_in: int, c_out: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(c_out),
        nn.SiLU(inplace=True),
    )


class Block(nn.Module):
    """Inverted residual: widen, depthwise 3 × 3, narrow: [b, c, h, w] → [b, c, h, w]."""

    def __init__(self, channels: int, widen: int = 2, kernel: int = 3) -> None:
        super().__init__()
        inner = channels * widen
        self.body = nn.Sequential(
            conv(channels, inner, 1),
            conv(inner, inner, kernel, 1, inner),
            nn.Conv2d(inner, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class CentreNet(nn.Module):
    """Fully convolutional. Grey [b, 1, h, w] (0..1) → maps [b, 4, h/8, w/8]: logit of a face centre in the cell, offset
    x, y of that centre from the cell's centre in cells, and log(radius / RADIUS_UNIT)."""

    def __init__(self, widths: tuple[int, int, int] = (16, 32, 64), depth: int = 4) -> None:
        super().__init__()
        a, b, c = widths
        self.body = nn.Sequential(
            conv(1, a, 3, 2),
            conv(a, b, 3, 2),
            Block(b),
            conv(b, c, 3, 2),
            *[Block(c) for _ in range(depth)],
        )
        self.head = nn.Conv2d(c, 4, 1)
        nn.init.constant_(self.head.bias[:1], -4.0)  # type: ignore[index]

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body((x - 0.45) / 0.25))


class LandmarkNet(nn.Module):
    """Crop [b, 3, 128, 128] (0..1) → points [b, 68, 2] in −1..1 over the crop, and the logit [b] that it is a face."""

    def __init__(self, widths: tuple[int, int, int, int] = (24, 56, 112, 176), points: int = 68) -> None:
        super().__init__()
        s, a, b, c = widths
        self.stem = nn.Sequential(conv(3, s, 3, 2), Block(s))
        self.fine = nn.Sequential(conv(s, a, 3, 2), Block(a), Block(a))
        self.middle = nn.Sequential(conv(a, b, 3, 2), Block(b), Block(b), Block(b, kernel=5))
        self.coarse = nn.Sequential(conv(b, c, 3, 2), Block(c), Block(c, kernel=5), Block(c, kernel=5))
        self.down1 = nn.Sequential(conv(c, b, 1), Block(b))
        self.side1 = nn.Conv2d(b, b, 1)
        self.down2 = nn.Sequential(conv(b, a, 1), Block(a))
        self.side2 = nn.Conv2d(a, a, 1)
        self.last = Block(a, kernel=5)
        self.maps = nn.Conv2d(a, points, 1)
        self.face = nn.Linear(c, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        fine = self.fine(self.stem((x - 0.45) / 0.25))
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        y = self.down1(F.interpolate(coarse, scale_factor=2.0, mode="nearest")) + self.side1(middle)
        y = self.down2(F.interpolate(y, scale_factor=2.0, mode="bilinear", align_corners=False)) + self.side2(fine)
        maps = self.maps(self.last(y)).float()
        h, w = maps.shape[-2:]
        share = maps.flatten(2).softmax(-1).view_as(maps)
        at_x = (torch.arange(w, device=x.device).float() + 0.5) * 2 / w - 1
        at_y = (torch.arange(h, device=x.device).float() + 0.5) * 2 / h - 1
        points = torch.stack([(share.sum(2) * at_x).sum(-1), (share.sum(3) * at_y).sum(-1)], -1)
        return points, self.face(coarse.mean((2, 3))).float().squeeze(-1)
