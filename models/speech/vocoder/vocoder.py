"""`Vocoder`: features to samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from genstudio.errors import InputError, MissingWeightsError

from ..analysis.features import HOP, LOG_F0, SAMPLE_RATE, Features, fill_f0
from .network import FFT, ROOM, STEP, SourceFilter, VocoderConfig
from .source import gate, noises, phase_of, pulses, to_samples

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

WEIGHTS = Path(__file__).parent / "weights" / "vocoder.safetensors"
_CONTEXT = 20  # frames on either side that a block's filters are computed with
_BLOCK = 400  # frames: memory stays the same for any length


def save_network(network: SourceFilter, path: Path, notes: dict[str, str] | None = None) -> None:
    """float16 safetensors; the config stands in the header."""
    from safetensors.torch import save_file

    tensors = {k: v.detach().to("cpu", torch.float16).contiguous() for k, v in network.state_dict().items()}
    save_file(tensors, str(path), {"config": json.dumps(network.config.as_dict()), **(notes or {})})


def load_network(path: Path = WEIGHTS) -> SourceFilter:
    from safetensors import safe_open

    if not path.exists():
        raise MissingWeightsError(f"{path} is missing; train it with python -m genstudio.models.speech.vocoder.train")
    with safe_open(str(path), "pt") as file:
        config = VocoderConfig(**json.loads(file.metadata()["config"]))
        network = SourceFilter(config)
        network.load_state_dict({k: file.get_tensor(k).float() for k in file.keys()})  # noqa: SIM118
    return network.eval()


class Vocoder:
    """Acoustic features to 24 kHz samples. The same features and seed give the same samples, in any number of blocks.

    samples = Vocoder.load()(features)
    """

    rate = SAMPLE_RATE

    def __init__(self, network: SourceFilter) -> None:
        self.network = network.eval()

    @classmethod
    def load(cls, path: Path | None = None) -> Vocoder:
        return cls(load_network(path or WEIGHTS))

    @torch.inference_mode()
    def __call__(
        self, features: Features | NDArray[np.floating], *, seed: int = 0, phase: NDArray[np.floating] | None = None
    ) -> NDArray[np.float32]:
        """features: [T, 89] (see analysis.features). Returns float32 [T * 240] in -1..1, at the features' own level.

        phase: per-sample pulse phase [T * 240] instead of the sum of F0, for comparing with a recording.
        """
        features = features if isinstance(features, Features) else Features.from_array(features)
        if len(features) == 0:
            raise InputError("features without frames cannot be spoken")
        array = features.as_array()
        if not np.isfinite(array).all():
            raise InputError("features hold values that are not finite numbers")
        pitch = fill_f0(features.f0).astype(np.float32)
        array[:, LOG_F0] = np.log(pitch)
        f0 = to_samples(torch.from_numpy(pitch)[None])
        opening = gate(torch.from_numpy(features.voiced)[None])
        turn = phase_of(f0) if phase is None else torch.from_numpy(np.asarray(phase, dtype=np.float32))[None]
        steady, bursts = noises(turn, opening, torch.Generator().manual_seed(seed))
        sources = (pulses(turn, f0) * opening, steady, bursts)
        return self._shape(torch.from_numpy(array)[None], sources)

    def _shape(self, feats: Tensor, sources: tuple[Tensor, Tensor, Tensor]) -> NDArray[np.float32]:
        """Filter the sources [1, N] block by block and add the responses up."""
        frames = feats.shape[1]
        total = torch.zeros(frames * HOP + STEP + FFT)
        padded = [torch.nn.functional.pad(s, (STEP, STEP)) for s in sources]
        for start in range(0, frames, _BLOCK):
            end = min(start + _BLOCK, frames)
            first, last = max(0, start - _CONTEXT), min(frames, end + _CONTEXT)
            inside = slice(2 * (start - first), 2 * (end - first))
            h, g0, g1 = (f[:, inside] for f in self.network.filters(feats[:, first:last]))
            cut = slice(start * HOP, end * HOP + STEP)  # from one step before, in padded samples
            voice, steady, bursts = (self.network.block_spectra(p[:, cut]) for p in padded)
            response = self.network.add_up(h * voice + g0 * steady + g1 * bursts)[0]
            total[start * HOP : start * HOP + len(response)] += response
        out = total[ROOM + STEP : ROOM + STEP + frames * HOP].numpy()
        return np.clip(out, -1.0, 1.0)
