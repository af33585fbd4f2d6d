"""Resemblyzer's voice encoder (Apache-2.0, Resemble AI; GE2E, Wan et al. 2018), read from its installed package.

The PyPI package carries the weights; only they are used (its code imports a module that scipy no longer has). The checkpoint
is loaded with `weights_only=True`, after its SHA-256 is checked.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from genstudio.errors import MissingExtraError, MissingWeightsError

RATE = 16_000  # Hz
SHA256 = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
MELS, WIDTH, LAYERS = 40, 256, 3
_HOP, _WINDOW = 160, 400  # samples
_FRAMES = 160  # of one window, 1.6 s
_STEP = 77  # frames between windows
_LEVEL = 10 ** (-30 / 20)  # RMS that a quiet recording is raised to
_PAUSE = 20  # frames of silence that stay


class Resemblyzer(nn.Module):
    """Speech to a unit vector of 256."""

    name = "resemblyzer"
    licence = "Apache-2.0 (Resemble AI)"
    rate = RATE
    seen: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(MELS, WIDTH, LAYERS, batch_first=True)
        self.linear = nn.Linear(WIDTH, WIDTH)

    @classmethod
    def load(cls, path: Path | None = None, sha256: str = SHA256) -> Resemblyzer:
        """The published weights. Raises MissingExtraError without the package, MissingWeightsError for another file."""
        from genstudio.media.files import file_sha256

        path = path or package_file()
        if file_sha256(path) != sha256:
            raise MissingWeightsError(
                f"{path} is not the voice encoder that was measured (SHA-256 differs): reinstall resemblyzer==0.1.4"
            )
        state = torch.load(path, map_location="cpu", weights_only=True)["model_state"]
        model = cls()
        model.load_state_dict({k: v for k, v in state.items() if not k.startswith("similarity_")}, strict=True)
        return model.eval().requires_grad_(False)

    @torch.inference_mode()
    def embed(self, samples: NDArray[Any]) -> NDArray[np.float32]:
        """samples: float [n] at 16 kHz → float32 [256] of length 1: the mean over windows of 1.6 s."""
        mel = torch.from_numpy(_mel(_without_pauses(np.asarray(samples, np.float32))))
        starts = list(range(0, max(1, len(mel) - _FRAMES + _STEP + 1), _STEP))
        if len(starts) > 1 and len(mel) - starts[-1] < 0.75 * _FRAMES:
            starts.pop()
        mel = nn.functional.pad(mel, (0, 0, 0, max(0, starts[-1] + _FRAMES - len(mel))))
        parts = torch.cat([self(mel[torch.tensor(starts[i : i + 64])[:, None] + torch.arange(_FRAMES)])
                           for i in range(0, len(starts), 64)])  # fmt: skip
        return nn.functional.normalize(parts.mean(0), dim=0).numpy()

    def forward(self, mel: Tensor) -> Tensor:
        """mel: float [batch, frames, 40] → float [batch, 256] of length 1."""
        _, (hidden, _) = self.lstm(mel)
        return nn.functional.normalize(self.linear(hidden[-1]).relu(), dim=1)


def package_file() -> Path:
    """The checkpoint in the installed package."""
    from importlib.util import find_spec

    spec = find_spec("resemblyzer")  # finds without importing it
    if spec is None or spec.origin is None:
        raise MissingExtraError("resemblyzer", "identity", "the Resemblyzer voice encoder")
    return Path(spec.origin).parent / "pretrained.pt"


@cache
def _filters() -> NDArray[np.float32]:
    from transformers.audio_utils import mel_filter_bank

    return mel_filter_bank(_WINDOW // 2 + 1, MELS, 0, RATE / 2, RATE, norm="slaney", mel_scale="slaney").astype(
        np.float32
    )


def _mel(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mel power (not its logarithm), float32 [frames, 40], as the encoder was trained on."""
    padded = np.pad(x, (_WINDOW // 2, _WINDOW // 2))
    framed = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    out = [np.abs(np.fft.rfft(framed[i : i + 4096] * window)) ** 2 @ _filters() for i in range(0, len(framed), 4096)]
    return np.concatenate(out).astype(np.float32)


def _without_pauses(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Raised to one level when quiet; silence (30 dB below the loudest 10 ms) beyond 0.2 s around speech left out."""
    rms = float(np.sqrt((x**2).mean()))
    if 0 < rms < _LEVEL:
        x = x * (_LEVEL / rms)
    n = len(x) // _HOP
    if n < 2 * _PAUSE:
        return x
    power = (x[: n * _HOP].reshape(n, _HOP) ** 2).mean(1)
    loud = np.convolve(power > power.max() * 1e-3, np.ones(_PAUSE), "same") > 0
    kept = x[: n * _HOP].reshape(n, _HOP)[loud].reshape(-1)
    return kept if len(kept) >= _HOP * 10 else x
