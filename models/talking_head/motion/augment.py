"""Make one voice sound like many, on mel features: for speakers, microphones and languages never heard.

All on tensors [batch, hops, 80] in dB, on any device.
"""

from __future__ import annotations

import torch
from torch import Tensor


def augment(mel: Tensor, g: torch.Generator) -> Tensor:
    """Vocal-tract length, spectral tilt and colour, level, band limits, reverberation, noise, babble."""
    b, hops, bands = mel.shape
    device = mel.device

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=g, device=device)

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=g, device=device)

    position = torch.linspace(0, 1, bands, device=device)
    # vocal-tract length: stretch the band axis (adults differ by some 20 %: Eide & Gish 1996), with an offset for pitch
    stretch = torch.exp(0.11 * normal(b, 1)).clamp(0.76, 1.32)
    source = ((torch.arange(bands, device=device) + 1.8 * normal(b, 1)) * stretch).clamp(0, bands - 1.001)
    i = source.long()
    part = (source - i)[:, None]
    index = i[:, None].expand(-1, hops, -1)
    mel = mel.gather(2, index) * (1 - part) + mel.gather(2, index + 1) * part
    colour = 5.0 * normal(b, 1) * (position * 2 - 1)
    for k in (1, 2, 3):
        colour = colour + 2.5 / k * normal(b, 1) * torch.cos(torch.pi * k * position + 6.28 * uniform(b, 1))
    mel = mel + colour[:, None] + 4.0 * normal(b, 1, 1)
    top = torch.where(
        uniform(b, 1) < 0.3, 0.62 + 0.38 * uniform(b, 1), 2.0
    )  # above it nothing: telephone, low sampling rates
    low = torch.where(uniform(b, 1) < 0.2, 0.14 * uniform(b, 1), -1.0)
    cut = (position > top) | (position < low)
    mel = mel - 45.0 * cut[:, None]
    power = 10 ** (mel / 10)
    # reverberation: energy decays by 60 dB in 0.15-0.8 s
    reach = 48
    decay = 0.15 + 0.65 * uniform(b, 1)
    kernel = 10 ** (-6.0 * torch.arange(reach, device=device) / 100 / decay)
    kernel[:, 1:] *= 0.10 * (uniform(b, 1) < 0.3)
    padded = torch.nn.functional.pad(power.transpose(1, 2), (reach - 1, 0))
    power = torch.nn.functional.conv1d(
        padded.transpose(0, 1), kernel.flip(1)[:, None].to(power.dtype), groups=b
    ).transpose(0, 1).transpose(1, 2)  # fmt: skip
    noisy = (uniform(b, 1, 1) < 0.6).float()
    level = -55 + 47 * uniform(b, 1, 1) ** 1.5
    shape = 6.0 * normal(b, 1, 1) * (position * 2 - 1) + 3.0 * normal(b, hops, bands)
    power = power + noisy * 10 ** ((level + shape) / 10)
    babble = (uniform(b, 1, 1) < 0.15).float() * 10 ** ((-26 + 16 * uniform(b, 1, 1)) / 10)
    power = power + babble * power.roll(1, 0)
    return (10 * torch.log10(power + 1e-7)).clamp(-60.0, 20.0)
