"""A small descriptor of faces: grey crops of 48 pixels to 128 numbers of length 1 (0.50 M parameters)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

SIZE = 48
DIM = 128
_THIN = 10  # channels of the last map that is laid flat


class _Unit(nn.Module):
    """Two 3x3 convolutions around a shortcut, channels weighted by their mean (squeeze and excitation)."""

    def __init__(self, inside: int, outside: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.PReLU(outside),
            nn.Conv2d(outside, outside, 3, 1, 1, groups=4, bias=False), nn.BatchNorm2d(outside),
        )  # fmt: skip
        self.weigh = nn.Sequential(
            nn.Linear(outside, outside // 8), nn.ReLU(), nn.Linear(outside // 8, outside), nn.Sigmoid()
        )
        same = inside == outside and stride == 1
        self.short = nn.Identity() if same else nn.Conv2d(inside, outside, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        h = self.body(x)
        h = h * self.weigh(h.mean((2, 3)))[..., None, None]
        out: Tensor = h + self.short(x)
        return out


class FaceNet(nn.Module):
    """x: [B, 1, 48, 48], 0..1 → [B, 128] of length 1."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        w = width
        self.body = nn.Sequential(
            nn.Conv2d(1, w, 3, 1, 1, bias=False), nn.BatchNorm2d(w), nn.PReLU(w),
            _Unit(w, w, 1), _Unit(w, 2 * w, 2), _Unit(2 * w, 2 * w, 1), _Unit(2 * w, 3 * w, 2), _Unit(3 * w, 3 * w, 1),
            _Unit(3 * w, 4 * w, 2), nn.BatchNorm2d(4 * w),
        )  # fmt: skip
        self.reduce = nn.Conv2d(4 * w, _THIN, 1)
        self.out = nn.Sequential(nn.Dropout(0.1), nn.Linear(_THIN * (SIZE // 8) ** 2, DIM))

    def forward(self, x: Tensor) -> Tensor:
        mean, spread = x.mean((2, 3), keepdim=True), x.std((2, 3), keepdim=True)
        h = self.body((x - mean) / (spread + 0.03))
        return F.normalize(self.out(self.reduce(h).flatten(1)).float(), dim=1)
