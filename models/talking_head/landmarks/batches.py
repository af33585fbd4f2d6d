"""Batches for the face finder and the landmark network, made and augmented on the device the pictures lie on."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .geometry import CROP, INPUT, MIRROR, radius_of
from .pack import GROUND, STORE, read_mosaic

PATCH = 64
"""Side of the finder's training patches in pixels."""


def uniform(n: int, low: float, high: float, device: torch.device) -> Tensor:
    return torch.rand(n, device=device) * (high - low) + low


def sample(pictures: Tensor, centre: Tensor, half: Tensor, angle: Tensor, mirror: Tensor, size: int) -> Tensor:
    """Square windows of pictures. pictures: float [b, c, s, s]; centre [b, 2] and half side [b] in their pixels; angle in
    radians; mirror ±1 → [b, c, size, size]. Outside is reflected."""
    s = pictures.shape[-1]
    theta = torch.zeros(len(pictures), 2, 3, device=pictures.device)
    k = half * 2 / s
    cos, sin = torch.cos(angle) * k, torch.sin(angle) * k
    theta[:, 0, 0], theta[:, 0, 1] = cos * mirror, -sin
    theta[:, 1, 0], theta[:, 1, 1] = sin * mirror, cos
    theta[:, :, 2] = (centre + 0.5) * 2 / s - 1
    grid = F.affine_grid(theta, [len(pictures), pictures.shape[1], size, size], align_corners=False)
    return F.grid_sample(pictures, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def to_window(points: Tensor, centre: Tensor, half: Tensor, angle: Tensor, mirror: Tensor) -> Tensor:
    """The same map for points [b, n, 2] → −1..1 in the window. Mirrored faces keep their order: see `reorder`."""
    d = (points - centre[:, None]) / half[:, None, None]
    cos, sin = torch.cos(angle)[:, None], torch.sin(angle)[:, None]
    x = (d[..., 0] * cos + d[..., 1] * sin) * mirror[:, None]
    y = -d[..., 0] * sin + d[..., 1] * cos
    return torch.stack([x, y], -1)


def reorder(points: Tensor, mirror: Tensor, order: Tensor) -> Tensor:
    """Give the points of mirrored faces their iBUG places again."""
    return torch.where((mirror < 0)[:, None, None], points[:, order], points)


def colours(x: Tensor) -> Tensor:
    """Random channel gains, contrast, brightness, gamma, grey, blur, noise and covers. x: float [b, c, s, s], 0..1."""
    n, c, s, device = len(x), x.shape[1], x.shape[-1], x.device

    def one(low: float, high: float) -> Tensor:
        return uniform(n, low, high, device).view(n, 1, 1, 1)

    def some(share: float) -> Tensor:
        return (torch.rand(n, 1, 1, 1, device=device) < share).float()

    if c == 3:
        x = x * (1 + (torch.rand(n, 3, 1, 1, device=device) - 0.5) * 0.4 * some(0.6))
        grey = (x * torch.tensor([0.3, 0.59, 0.11], device=device).view(1, 3, 1, 1)).sum(1, keepdim=True)
        wash = some(0.35) + (1 - some(0.35)) * one(-0.3, 0.5)
        x = x + wash.clamp(max=1) * (grey - x)
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * one(0.5, 1.4) + mean + one(-0.2, 0.2)
    x = x.clamp(1e-3, 1) ** torch.exp(one(-0.6, 0.6))
    ramp = torch.linspace(-1, 1, s, device=device)
    way, amount = one(0, 2 * math.pi), one(0, 0.5) * some(0.4)
    x = x * (1 + amount * (torch.cos(way) * ramp.view(1, 1, 1, s) + torch.sin(way) * ramp.view(1, 1, s, 1)))
    wide = F.avg_pool2d(F.pad(x, (2, 2, 2, 2), mode="replicate"), 5, 1)
    x = x + some(0.35) * one(-0.4, 1.0) * (wide - x)
    small = F.interpolate(F.avg_pool2d(x, 4), scale_factor=4.0, mode="bilinear", align_corners=False)
    x = x + some(0.15) * one(0, 1) * (small - x)
    x = x + torch.randn_like(x) * one(0, 0.06) * some(0.4)
    at = torch.linspace(-1, 1, s, device=device)
    for share, wide_most, high_most in (
        (0.35, 0.45, 0.35),
        (0.12, 0.9, 0.16),
    ):  # patches and bars, as of glasses or hands
        cx, cy = one(-1, 1), one(-1, 1)
        tilt = one(-0.5, 0.5)
        u = (at.view(1, 1, 1, s) - cx) * torch.cos(tilt) + (at.view(1, 1, s, 1) - cy) * torch.sin(tilt)
        v = -(at.view(1, 1, 1, s) - cx) * torch.sin(tilt) + (at.view(1, 1, s, 1) - cy) * torch.cos(tilt)
        inside = ((u.abs() < one(0.05, wide_most)) & (v.abs() < one(0.05, high_most))).float() * some(share)
        x = x + inside * one(0.5, 1.0) * (torch.rand(n, c, 1, 1, device=device) - x)
    return x.clamp(0, 1)


class Pack:
    """The pictures, as uint8 on the device."""

    def __init__(self, cache: Path, device: torch.device) -> None:
        t = dict(np.load(cache / "tables.npz"))
        t["renders"] = t["renders"].astype(np.float32) / 64
        n, real, smiles = len(t["renders"]), len(t["london"]), len(t["smiles"])

        def put(a: np.ndarray) -> Tensor:
            return torch.from_numpy(np.ascontiguousarray(a)).to(device)

        london = read_mosaic(cache, "london", STORE, real + smiles)
        faces = np.concatenate([read_mosaic(cache, "renders", STORE, n), london]).transpose(0, 3, 1, 2)
        self.faces = put(faces)
        self.points = put(np.concatenate([t["renders"], t["london"]]).astype(np.float32))
        circles = [[*radius_of(p)[0], radius_of(p)[1]] for p in np.concatenate([t["renders"], t["london"]])]
        self.circles = put(np.concatenate([np.array(circles, np.float32), t["smiles"]]).astype(np.float32))
        self.renders, self.real = n, real
        self.grounds = put(read_mosaic(cache, "grounds", GROUND, int(t["grounds"])).transpose(0, 3, 1, 2))
        self.fer = put(read_mosaic(cache, "fer", 48, int(t["fer"]), across=40)[..., :1].transpose(0, 3, 1, 2))
        self.fer_circle = put(t["fer_circle"])
        self.mean3, self.mean2 = put(t["mean3"]), put(t["mean2"])
        self.order = put(MIRROR)
        self.device = device


def windows(pack: Pack, n: int, size: int, grey: bool) -> Tensor:
    """n random windows of people-free pictures, float [n, c, size, size]."""
    d = pack.device
    x = pack.grounds[torch.randint(len(pack.grounds), (n,), device=d)].float() / 255
    if grey:
        x = x.mean(1, keepdim=True)
    half = torch.exp(uniform(n, math.log(14), math.log(80), d))
    centre = half[:, None] + torch.rand(n, 2, device=d) * (GROUND - 1 - 2 * half[:, None]).clamp(min=0)
    mirror = torch.where(torch.rand(n, device=d) < 0.5, -1.0, 1.0)
    return sample(x, centre, half, uniform(n, -0.5, 0.5, d), mirror, size)


def parts(pack: Pack, n: int, size: int) -> Tensor:
    """n windows of face pictures that show no whole face: pieces of skin, hair, neck and collar, [n, 3, size, size]."""
    d = pack.device
    pick = torch.randint(len(pack.faces), (n,), device=d)
    circle = pack.circles[pick]
    piece = torch.rand(n, device=d) < 0.6
    half = circle[:, 2] * torch.where(piece, uniform(n, 0.25, 0.75, d), uniform(n, 0.9, 1.5, d))
    way = uniform(n, 0, 2 * math.pi, d)
    off = torch.where(piece, uniform(n, 0, 1.6, d), uniform(n, 1.5, 2.2, d)) * circle[:, 2]
    centre = circle[:, :2] + off[:, None] * torch.stack([torch.cos(way), torch.sin(way)], -1)
    centre = torch.minimum(torch.maximum(centre, half[:, None] * 0.5), STORE - 1 - half[:, None] * 0.5)
    mirror = torch.where(torch.rand(n, device=d) < 0.5, -1.0, 1.0)
    return sample(pack.faces[pick].float() / 255, centre, half, uniform(n, -0.5, 0.5, d), mirror, size)


def wild_faces(pack: Pack, n: int) -> Tensor:
    """n crops of FER-2013 faces, about as the finder would cut them, [n, 3, 128, 128]."""
    d = pack.device
    x = pack.fer[torch.randint(len(pack.fer), (n,), device=d)].float() / 255
    x = F.interpolate(x, size=STORE, mode="bicubic", align_corners=False).clamp(0, 1)
    circle = pack.fer_circle * STORE / 48
    half = circle[2] * CROP * torch.exp(uniform(n, -0.25, 0.15, d))
    centre = circle[:2] + (torch.rand(n, 2, device=d) - 0.5) * 0.5 * circle[2]
    mirror = torch.where(torch.rand(n, device=d) < 0.5, -1.0, 1.0)
    return sample(x, centre, half, uniform(n, -0.35, 0.35, d), mirror, INPUT).expand(-1, 3, -1, -1)


def landmark_batch(pack: Pack, n: int) -> tuple[Tensor, Tensor, Tensor]:
    """→ crops [n, 3, 128, 128], points [n, 68, 2], face or not [n]. The last fifth shows no face, the eighth
    before it FER-2013's faces, whose points are not known: target has the others' points alone."""
    d = pack.device
    empty, wild = n // 5, n // 8
    m = n - empty - wild
    real = torch.rand(m, device=d) < 0.3
    pick = torch.where(
        real, pack.renders + torch.randint(pack.real, (m,), device=d), torch.randint(pack.renders, (m,), device=d)
    )
    x = pack.faces[pick].float() / 255
    circle = pack.circles[pick]
    half = circle[:, 2] * CROP * torch.exp(uniform(m, -0.2, 0.2, d))
    centre = circle[:, :2] + (torch.rand(m, 2, device=d) - 0.5) * 0.7 * circle[:, 2:]
    wide = torch.rand(m, device=d) < 0.6
    angle = torch.where(wide, uniform(m, -0.2, 0.2, d), uniform(m, -0.85, 0.85, d))
    mirror = torch.where(torch.rand(m, device=d) < 0.5, -1.0, 1.0)
    crops = sample(x, centre, half, angle, mirror, INPUT)
    target = reorder(to_window(pack.points[pick], centre, half, angle, mirror), mirror, pack.order)
    blank = torch.cat([windows(pack, empty - empty // 3, INPUT, grey=False), parts(pack, empty // 3, INPUT)])
    face = torch.cat([torch.ones(m + wild, device=d), torch.zeros(empty, device=d)])
    return colours(torch.cat([crops, wild_faces(pack, wild), blank])), target, face


def finder_batch(pack: Pack, n: int) -> tuple[Tensor, Tensor, Tensor]:
    """→ grey patches [n, 1, 64, 64], circles [n, 3] (x, y, radius in patch pixels), face or not [n]."""
    d = pack.device
    base = windows(pack, n, PATCH, grey=True)
    face = (torch.rand(n, device=d) < 0.6).float()
    radius = torch.exp(uniform(n, math.log(5.5), math.log(17), d))
    centre = uniform(2 * n, 10, PATCH - 10, d).view(n, 2)
    # what is laid on: portraits and renders, FER faces, and (no face) pieces of other pictures with the same soft edge
    pick = torch.randint(len(pack.faces), (n,), device=d)
    real = torch.rand(n, device=d) < 0.25
    pick = torch.where(real, pack.renders + torch.randint(len(pack.faces) - pack.renders, (n,), device=d), pick)
    portraits = (pack.faces[pick].float() / 255).mean(1, keepdim=True)
    circle = pack.circles[pick]
    portraits = F.interpolate(portraits, size=96, mode="bilinear", antialias=True, align_corners=False)
    circle = torch.cat([(circle[:, :2] + 0.5) * 96 / STORE - 0.5, circle[:, 2:] * 96 / STORE], 1)
    wild = F.interpolate(
        pack.fer[torch.randint(len(pack.fer), (n,), device=d)].float() / 255,
        size=96,
        mode="bilinear",
        align_corners=False,
    )
    wild_circle = (torch.cat([pack.fer_circle[:2] * 2 + 0.5, pack.fer_circle[2:] * 2])).expand(n, 3)
    is_wild = torch.rand(n, device=d) < 0.45
    top = torch.where(is_wild.view(n, 1, 1, 1), wild, portraits)
    circle = torch.where(is_wild[:, None], wild_circle, circle)
    ratio = circle[:, 2] / radius  # top pixels per patch pixel
    blank = torch.cat([windows(pack, n - n // 3, 96, grey=True), parts(pack, n // 3, 96).mean(1, keepdim=True)])
    blank = blank[torch.randperm(n, device=d)]
    top = torch.where(face.view(n, 1, 1, 1) > 0, top, blank)
    angle = uniform(n, -0.6, 0.6, d) * torch.rand(n, device=d)
    mirror = torch.where(torch.rand(n, device=d) < 0.5, -1.0, 1.0)
    # the patch is a window of the top picture
    off = (PATCH / 2 - 0.5 - centre) * ratio[:, None]
    cos, sin = torch.cos(angle), torch.sin(angle)
    shift = torch.stack([off[:, 0] * mirror * cos - off[:, 1] * sin, off[:, 0] * mirror * sin + off[:, 1] * cos], -1)
    for factor, reach in ((1.3, 3), (2.4, 5)):  # what shrinks is blurred first
        soft = F.avg_pool2d(top, reach, 1, reach // 2, count_include_pad=False)
        top = top + ((ratio - factor) / 1.2).clamp(0, 1).view(n, 1, 1, 1) * (soft - top)
    edge = torch.ones(n, 1, 96, 96, device=d)
    ramp = torch.arange(96, device=d).float() + 0.5
    ramp = (torch.minimum(ramp, 96 - ramp) / 6).clamp(max=1)
    edge = edge * ramp.view(1, 1, 1, 96) * ramp.view(1, 1, 96, 1)
    theta_centre = circle[:, :2] + shift
    half = PATCH / 2 * ratio
    both = torch.cat([top * edge, edge], 1)
    s = 96
    theta = torch.zeros(n, 2, 3, device=d)
    k = half * 2 / s
    theta[:, 0, 0], theta[:, 0, 1] = cos * k * mirror, -sin * k
    theta[:, 1, 0], theta[:, 1, 1] = sin * k * mirror, cos * k
    theta[:, :, 2] = (theta_centre + 0.5) * 2 / s - 1
    grid = F.affine_grid(theta, [n, 2, PATCH, PATCH], align_corners=False)
    both = F.grid_sample(both, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    plain = (torch.rand(n, 1, 1, 1, device=d) < 0.5) & (face.view(n, 1, 1, 1) == 0)
    laid = torch.where(plain, base, both[:, :1] + (1 - both[:, 1:]) * base)
    return colours(laid), torch.cat([centre, radius[:, None]], 1), face
