"""Augmentation of grey face crops on the device they lie on: no loader, no copies."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def _uniform(n: int, low: float, high: float, device: torch.device) -> Tensor:
    return torch.rand(n, device=device) * (high - low) + low


def affine(x: Tensor, strength: float = 1.0) -> Tensor:
    """Random mirror, rotation ±17°, scale, shear, stretch and shift. x: float [b, 1, s, s]; edges are reflected."""
    n, device = len(x), x.device
    angle = _uniform(n, -0.3, 0.3, device) * strength
    scale = 1 + _uniform(n, -0.16, 0.2, device) * strength
    stretch = 1 + _uniform(n, -0.07, 0.07, device) * strength
    shear = _uniform(n, -0.12, 0.12, device) * strength
    mirror = torch.where(torch.rand(n, device=device) < 0.5, -1.0, 1.0)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    theta = torch.zeros(n, 2, 3, device=device)
    theta[:, 0, 0] = cos * stretch * mirror
    theta[:, 0, 1] = -sin + shear
    theta[:, 1, 0] = sin * mirror
    theta[:, 1, 1] = cos / stretch
    theta[:, :, 2] = (torch.rand(n, 2, device=device) - 0.5) * 0.3 * strength
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def photometric(x: Tensor) -> Tensor:
    """Random contrast, brightness, gamma, side light, blur and noise. x: float [b, 1, s, s], 0..1."""
    n, device, side = len(x), x.device, x.shape[-1]
    mean = x.mean((2, 3), keepdim=True)
    contrast = _uniform(n, 0.65, 1.4, device).view(n, 1, 1, 1)
    x = (x - mean) * contrast + mean + _uniform(n, -0.15, 0.15, device).view(n, 1, 1, 1)
    ramp = torch.linspace(-1, 1, side, device=device)
    light = _uniform(n, 0, 2 * math.pi, device).view(n, 1, 1, 1)
    amount = (_uniform(n, 0, 0.25, device) * (torch.rand(n, device=device) < 0.4)).view(n, 1, 1, 1)
    x = x * (1 + amount * (torch.cos(light) * ramp.view(1, 1, 1, side) + torch.sin(light) * ramp.view(1, 1, side, 1)))
    x = x.clamp(1e-3, 1) ** torch.exp(_uniform(n, -0.35, 0.35, device)).view(n, 1, 1, 1)
    blurred = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    weight = (_uniform(n, -0.5, 1.0, device) * (torch.rand(n, device=device) < 0.4)).view(n, 1, 1, 1)
    x = x + weight * (blurred - x)  # negative weights sharpen
    noise = (_uniform(n, 0, 0.05, device) * (torch.rand(n, device=device) < 0.4)).view(n, 1, 1, 1)
    return (x + torch.randn_like(x) * noise).clamp(0, 1)


def erase(x: Tensor, share: float = 0.4) -> Tensor:
    """A random rectangle of a share of the faces is set to a random grey. x: float [b, 1, s, s]."""
    n, device, side = len(x), x.device, x.shape[-1]
    at = torch.arange(side, device=device)
    centre = torch.randint(0, side, (2, n, 1), device=device)
    half = torch.randint(3, side // 5 + 1, (2, n, 1), device=device)
    rows = (at - centre[0]).abs() <= half[0]
    cols = (at - centre[1]).abs() <= half[1]
    hit = rows.unsqueeze(2) & cols.unsqueeze(1) & (torch.rand(n, 1, 1, device=device) < share)
    return torch.where(hit.unsqueeze(1), torch.rand(n, 1, 1, 1, device=device), x)


def augment(x: Tensor) -> Tensor:
    """All of it. x: float [b, 1, s, s], 0..1 → the same shape."""
    return erase(photometric(affine(x)))


def mixup(x: Tensor, target: Tensor, alpha: float = 0.3, share: float = 0.5) -> tuple[Tensor, Tensor]:
    """Blend a share of the batch with other members. x: [b, 1, s, s], target: distributions [b, k]."""
    n = len(x)
    beta = torch.distributions.Beta(alpha, alpha).sample((n,)).to(x.device)
    lam = torch.where(torch.rand(n, device=x.device) < share, torch.maximum(beta, 1 - beta), torch.ones_like(beta))
    other = torch.randperm(n, device=x.device)
    wide = lam.view(n, 1, 1, 1)
    return wide * x + (1 - wide) * x[other], lam[:, None] * target + (1 - lam[:, None]) * target[other]
