"""The source-filter network: y = H * pulses + G0 * noise + G1 * noise at the closures, filters every 5 ms.

A ConvNeXt trunk at frame rate corrects the envelope it is given: it predicts three log magnitudes and an all-pass (the
glottal shape), twice a frame. Only `Trunk` needs a neural runtime; the rest is FFTs.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ..analysis.features import DIM, HOP, MEL_BANDS, SAMPLE_RATE, mel_points
from .source import TAU, noises, pulses

if TYPE_CHECKING:
    from torch import Tensor

FFT = 1024
BINS = FFT // 2 + 1
STEP = HOP // 2  # samples between filters, 5 ms
WINDOW = 2 * STEP
ROOM = 256  # samples of a filter's response that may come before its input
_LESS_NOISE = ((0, 1000, 2000, 3000), (-6, -6, -4, 0))  # Hz, dB where voiced: more costs mel distance and aperiodicity


@dataclass(frozen=True)
class VocoderConfig:
    """Sizes of the trunk; `level` is the corpus mean of (ln power spectrum - envelope), the starting gain."""

    width: int = 256
    blocks: int = 5
    expansion: int = 2
    kernel: int = 7
    allpass: int = 128
    level: float = 0.0

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


class Block(nn.Module):
    """ConvNeXt block on [B, T, C]."""

    def __init__(self, width: int, expansion: int, kernel: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width)
        self.norm = nn.LayerNorm(width)
        self.wide = nn.Linear(width, expansion * width)
        self.narrow = nn.Linear(expansion * width, width)
        self.scale = nn.Parameter(torch.full((width,), 0.3))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.depthwise(x.transpose(1, 2)).transpose(1, 2))
        return x + self.scale * self.narrow(F.gelu(self.wide(y)))


class Trunk(nn.Module):
    """[B, C_in, T] to [B, T, C_out]; sees 17 frames to either side at the default size."""

    def __init__(self, c_in: int, c_out: int, config: VocoderConfig) -> None:
        super().__init__()
        self.entry = nn.Conv1d(c_in, config.width, 5, padding=2)
        self.blocks = nn.ModuleList(Block(config.width, config.expansion, config.kernel) for _ in range(config.blocks))
        self.norm = nn.LayerNorm(config.width)
        self.exit = nn.Linear(config.width, c_out)
        with torch.no_grad():
            self.exit.weight.mul_(0.1)
            self.exit.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        x = self.entry(x).transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        return self.exit(self.norm(x))


class SourceFilter(nn.Module):
    """Features [B, T, 89] (log F0 filled through unvoiced stretches), phase, F0 and gate [B, T * HOP] to [B, T * HOP]."""

    basis: Tensor
    sines: Tensor
    window: Tensor
    fold: Tensor
    keep: Tensor

    def __init__(self, config: VocoderConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or VocoderConfig()
        self.outputs = 3 * MEL_BANDS + config.allpass
        self.trunk = Trunk(DIM, 2 * self.outputs, config)
        freq = np.arange(BINS) * SAMPLE_RATE / FFT
        rows = np.array([np.interp(freq, mel_points(), row) for row in np.eye(MEL_BANDS)])
        turn = torch.arange(1, config.allpass + 1)[:, None] * torch.arange(BINS)[None] * (TAU / FFT)
        fold = torch.zeros(FFT)
        fold[1 : FFT // 2] = 1.0
        keep = 10 ** (np.interp(freq, *_LESS_NOISE) / 10)
        self.register_buffer("keep", torch.tensor(keep, dtype=torch.float32), persistent=False)
        self.register_buffer("basis", torch.tensor(rows, dtype=torch.float32), persistent=False)
        self.register_buffer("sines", torch.sin(turn), persistent=False)
        self.register_buffer("window", torch.hann_window(WINDOW), persistent=False)
        self.register_buffer("fold", fold, persistent=False)

    def filters(self, feats: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Complex H and real G0, G1, each [B, 2 T, BINS]."""
        envelope = feats[..., :MEL_BANDS]
        scaled = torch.cat(
            [(envelope + 12) / 3, (feats[..., MEL_BANDS : MEL_BANDS + 1] - 5.05) * 3, feats[..., MEL_BANDS + 1 :]], -1
        )
        out = self.trunk(scaled.transpose(1, 2)).float()
        batch, frames, _ = envelope.shape
        out = out.reshape(batch, 2 * frames, self.outputs)
        between = 0.5 * (envelope + torch.cat([envelope[:, 1:], envelope[:, -1:]], 1))
        base = 0.5 * (torch.stack([envelope, between], 2).reshape(batch, 2 * frames, MEL_BANDS) + self.config.level)
        logs = [
            ((base + out[..., i * MEL_BANDS : (i + 1) * MEL_BANDS] - start) @ self.basis).clamp(-14, 4)
            for i, start in enumerate((0.2, 1.0, 1.5))
        ]
        cepstrum = torch.fft.irfft(logs[0], FFT)  # minimum phase of the magnitude, then the learned all-pass
        phase = torch.fft.rfft(cepstrum * self.fold).imag * 2 + (0.5 * out[..., 3 * MEL_BANDS :]) @ self.sines
        return torch.polar(logs[0].exp(), phase), logs[1].exp(), logs[2].exp()

    def steadied(self, h: Tensor, g0: Tensor, g1: Tensor, voiced: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same filters with less noise below 3 kHz where voiced [B, T], its power given to the pulses.

        Training lays pulses on closures found to a fraction of a period and the filters call what is left noise; spoken
        from F0 it would only shake the pitch and blur the formants.
        """
        keep = torch.where(voiced.repeat_interleave(2, 1)[..., None], self.keep, torch.ones_like(self.keep))
        power = h.abs().square() + (1 - keep) * (g0.square() + g1.square())
        return torch.polar(power.sqrt(), h.angle()), g0 * keep.sqrt(), g1 * keep.sqrt()

    def block_spectra(self, x: Tensor) -> Tensor:
        """[B, STEP + n * STEP] to complex [B, n, BINS]: windowed frames, one every STEP, frame 0 centred on sample STEP."""
        cut = x.unfold(-1, WINDOW, STEP) * self.window
        return torch.fft.rfft(F.pad(cut, (ROOM, FFT - ROOM - WINDOW)))

    def spectra(self, x: Tensor) -> Tensor:
        """[B, N] to complex [B, N // STEP, BINS], frame k centred on sample k * STEP."""
        return self.block_spectra(F.pad(x, (STEP, 0)))

    def add_up(self, spectra: Tensor) -> Tensor:
        """Complex [B, n, BINS] to [B, (n - 1) * STEP + FFT]; sample ROOM + STEP is the centre of frame 0."""
        y = torch.fft.irfft(spectra, FFT).transpose(1, 2)
        return F.fold(y, (1, (y.shape[-1] - 1) * STEP + FFT), (1, FFT), stride=(1, STEP))[:, 0, 0]

    def overlap_add(self, spectra: Tensor, samples: int) -> Tensor:
        """Complex [B, samples // STEP, BINS] to [B, samples]."""
        return self.add_up(spectra)[:, ROOM + STEP : ROOM + STEP + samples]

    def forward(
        self, feats: Tensor, phase: Tensor, f0: Tensor, opening: Tensor,
        generator: torch.Generator | None = None, draws: int = 1,
    ) -> Tensor:  # fmt: skip
        """[draws, B, N]: the same filters with independent noises (the energy distance needs two)."""
        h, g0, g1 = self.filters(feats)
        voice = h * self.spectra(pulses(phase, f0) * opening)
        out = []
        for _ in range(draws):
            steady, bursts = noises(phase, opening, generator)
            out.append(self.overlap_add(voice + g0 * self.spectra(steady) + g1 * self.spectra(bursts), phase.shape[-1]))
        return torch.stack(out)


def parameters_of(module: nn.Module) -> int:
    return sum(math.prod(p.shape) for p in module.parameters())
