"""The two expression networks over 48 × 48 grey faces: one scores, one steers. They differ in kind, size, seed and data.

Both map float [b, 1, 48, 48] (0..1, FER-2013-like crops) to logits [b, 7] in `CLASSES` order.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from genstudio.emotion import EKMAN

CLASSES = EKMAN
"""FER-2013's label order under the canonical names (its angry, happy and sad)."""

SIZE = 48
"""Side of a crop in pixels."""

MEAN, STD = 0.508, 0.255
"""Of FER-2013 train, as fractions of full white."""


class SqueezeExcite(nn.Module):
    """Channel gates from the pooled map: [b, c, h, w] → [b, c, h, w]."""

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        self.down = nn.Conv2d(channels, channels // reduction, 1)
        self.up = nn.Conv2d(channels // reduction, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        gate = self.up(torch.relu(self.down(x.mean((2, 3), keepdim=True))))
        return x * torch.sigmoid(gate)


class Residual(nn.Module):
    """Two 3 × 3 convolutions with batch norm, gated, around a skip: [b, c_in, h, w] → [b, c_out, h/stride, w/stride]."""

    def __init__(self, c_in: int, c_out: int, stride: int = 1, drop: float = 0.0) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(c_out)
        self.gate = SqueezeExcite(c_out)
        self.skip: nn.Module = nn.Identity()
        if stride != 1 or c_in != c_out:
            self.skip = nn.Sequential(
                nn.AvgPool2d(stride, ceil_mode=True) if stride > 1 else nn.Identity(),
                nn.Conv2d(c_in, c_out, 1, bias=False),
                nn.BatchNorm2d(c_out),
            )
        self.drop = drop

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.norm1(self.conv1(x)))
        y = self.gate(self.norm2(self.conv2(y)))
        if self.training and self.drop:
            y = y * (torch.rand(len(y), 1, 1, 1, device=y.device) >= self.drop).to(y.dtype) / (1 - self.drop)
        return torch.relu(self.skip(x) + y)


class ScoreNet(nn.Module):
    """A gated residual network."""

    def __init__(
        self,
        widths: tuple[int, ...] = (40, 80, 160, 304),
        depths: tuple[int, ...] = (1, 2, 2, 2),
        dropout: float = 0.4,
        drop_path: float = 0.1,
        classes: int = len(CLASSES),
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, widths[0], 3, 1, 1, bias=False),
            nn.BatchNorm2d(widths[0]),
            nn.ReLU(),
        )
        total, done, last = sum(depths), 0, widths[0]
        blocks: list[nn.Module] = []
        for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            for k in range(depth):
                done += 1
                blocks.append(Residual(last, width, 2 if k == 0 and stage else 1, drop_path * done / total))
                last = width
        self.blocks = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(last, classes)

    def features(self, x: Tensor) -> Tensor:
        """Pooled features [b, c]."""
        return self.blocks(self.stem((x - MEAN) / STD)).mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.dropout(self.features(x)))


class ConvNextBlock(nn.Module):
    """Depthwise 5 × 5, then a wide pointwise pair: [b, c, h, w] → [b, c, h, w]."""

    def __init__(self, channels: int, drop: float) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 5, 1, 2, groups=channels, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.expand = nn.Conv2d(channels, 3 * channels, 1)
        self.project = nn.Conv2d(3 * channels, channels, 1)
        self.scale = nn.Parameter(torch.full((1, channels, 1, 1), 0.1))
        self.drop = drop

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(nn.functional.gelu(self.expand(self.norm(self.depthwise(x))))) * self.scale
        if self.training and self.drop:
            y = y * (torch.rand(len(y), 1, 1, 1, device=y.device) >= self.drop).to(y.dtype) / (1 - self.drop)
        return x + y


class SteerNet(nn.Module):
    """A small ConvNeXt-like network with a convolutional stem."""

    def __init__(
        self,
        widths: tuple[int, ...] = (48, 96, 176),
        depths: tuple[int, ...] = (2, 3, 2),
        dropout: float = 0.4,
        drop_path: float = 0.1,
        classes: int = len(CLASSES),
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, 32, 3, 1, 1, bias=False),
            nn.BatchNorm2d(32),
            nn.GELU(),
            nn.Conv2d(32, widths[0], 3, 2, 1, bias=False),
            nn.BatchNorm2d(widths[0]),
            nn.GELU(),
        )
        total, done, last = sum(depths), 0, widths[0]
        blocks: list[nn.Module] = []
        for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            if stage:
                blocks += [nn.Conv2d(last, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width), nn.GELU()]
            for _ in range(depth):
                done += 1
                blocks.append(ConvNextBlock(width, drop_path * done / total))
            last = width
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.BatchNorm1d(last)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(last, classes)

    def features(self, x: Tensor) -> Tensor:
        """Pooled features [b, c]."""
        return self.norm(self.blocks(self.stem((x - MEAN) / STD)).mean((2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.dropout(self.features(x)))


NETS: dict[str, Any] = {"score": ScoreNet, "steer": SteerNet}
"""Network class by role."""


def build(role: str) -> nn.Module:
    """The untrained network of a role, 'score' or 'steer'."""
    return NETS[role]()
