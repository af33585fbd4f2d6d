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
    from collections.abc import Iterator

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

    def __call__(
        self, features: Features | NDArray[np.floating], *, seed: int = 0, phase: NDArray[np.floating] | None = None
    ) -> NDArray[np.float32]:
        """features: [T, 89] (see analysis.features). Returns float32 [T * 240] in -1..1, at the features' own level.

        phase: per-sample pulse phase [T * 240] instead of the sum of F0, for comparing with a recording.
        """
        return np.concatenate(list(self.stream(features, seed=seed, phase=phase)))

    def stream(
        self, features: Features | NDArray[np.floating], *, seed: int = 0, phase: NDArray[np.floating] | None = None,
        first: int = _BLOCK,
    ) -> Iterator[NDArray[np.float32]]:  # fmt: skip
        """The same samples piece by piece, the first after `first` frames: little for early sound, no less than 2."""
        features = features if isinstance(features, Features) else Features.from_array(features)
        frames = len(features)
        if frames == 0:
            raise InputError("features without frames cannot be spoken")
        array = features.as_array()
        if not np.isfinite(array).all():
            raise InputError("features hold values that are not finite numbers")
        with torch.inference_mode():
            feats, sources = self._sources(array, features, seed, phase)
        total = torch.zeros(frames * HOP + STEP + FFT)
        done, start, block = ROOM + STEP, 0, max(2, min(first, _BLOCK))
        while start < frames:
            end = min(start + block, frames)
            with torch.inference_mode():
                response = self._respond(feats, sources, start, end)
                total[start * HOP : start * HOP + len(response)] += response
            until = end * HOP if end < frames else frames * HOP + ROOM + STEP  # what no later block adds to
            if until > done:
                yield np.clip(total[done:until].numpy(), -1.0, 1.0)
                done = until
            start, block = end, _BLOCK

    def _sources(
        self, array: NDArray[np.float32], features: Features, seed: int, phase: NDArray[np.floating] | None
    ) -> tuple[Tensor, list[Tensor]]:
        """(network input [1, T, 89], pulses and the two noises [1, STEP + T * HOP + STEP])."""
        pitch = fill_f0(features.f0).astype(np.float32)
        array[:, LOG_F0] = np.log(pitch)
        f0 = to_samples(torch.from_numpy(pitch)[None])
        opening = gate(torch.from_numpy(features.voiced)[None])
        turn = phase_of(f0) if phase is None else torch.from_numpy(np.asarray(phase, dtype=np.float32))[None]
        steady, bursts = noises(turn, opening, torch.Generator().manual_seed(seed))
        sources = (pulses(turn, f0) * opening, steady, bursts)
        return torch.from_numpy(array)[None], [torch.nn.functional.pad(s, (STEP, STEP)) for s in sources]

    def _respond(self, feats: Tensor, sources: list[Tensor], start: int, end: int) -> Tensor:
        """What frames start..end answer to the sources [(end - start) * HOP - STEP + FFT]."""
        first, last = max(0, start - _CONTEXT), min(feats.shape[1], end + _CONTEXT)
        inside = slice(2 * (start - first), 2 * (end - first))
        h, g0, g1 = (f[:, inside] for f in self.network.filters(feats[:, first:last]))
        cut = slice(start * HOP, end * HOP + STEP)  # from one step before, in padded samples
        voice, steady, bursts = (self.network.block_spectra(s[:, cut]) for s in sources)
        return self.network.add_up(h * voice + g0 * steady + g1 * bursts)[0]
