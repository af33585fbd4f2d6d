"""`Vocoder`: features to samples."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from genstudio.errors import InputError, MissingWeightsError

from ..analysis.features import HOP, LOG_F0, SAMPLE_RATE, VOICING, Features, fill_f0
from .network import FFT, ROOM, STEP, SourceFilter, VocoderConfig
from .source import TAU, bursts, counter_turn, gate, phase_of, pulses, to_samples

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
            source = _source(array, features, seed, phase)
        total = torch.zeros(frames * HOP + STEP + FFT)
        turned = torch.zeros(1, 1)
        done, start, block = ROOM + STEP, 0, max(2, min(first, _BLOCK))
        while start < frames:
            end = min(start + block, frames)
            with torch.inference_mode():
                response, turned = self._respond(source, turned, start, end)
                total[start * HOP : start * HOP + len(response)] += response
            until = end * HOP if end < frames else frames * HOP + ROOM + STEP  # what no later block adds to
            if until > done:
                yield np.clip(total[done:until].numpy(), -1.0, 1.0)
                done = until
            start, block = end, _BLOCK

    def _respond(self, source: _Source, turned: Tensor, start: int, end: int) -> tuple[Tensor, Tensor]:
        """What frames start..end answer to the source [(end - start) * HOP - STEP + FFT], and how far its pulses have been
        turned by then [1, 1] (`turned`: by the block before)."""
        frames = source.feats.shape[1]
        first, last = max(0, start - _CONTEXT), min(frames, end + _CONTEXT)
        seen = source.feats[:, first:last]
        h, g0, g1 = self.network.steadied(*self.network.filters(seen), seen[..., VOICING] > 0.5)
        cut = slice(start * HOP, end * HOP + STEP)  # from one step before, in padded samples
        turn, opening = source.phase[:, cut], source.opening[:, cut]
        if source.free:
            around = torch.arange(2 * start - 1, 2 * end + 1).clamp(0, 2 * frames - 1) - 2 * first
            steps = counter_turn(h[:, around], source.f0[:, start * HOP : end * HOP + STEP + 1 : STEP])
            knots = turned + torch.cumsum(torch.nn.functional.pad(steps * (opening[:, ::STEP] > 0), (1, 0)), 1)
            turn, turned = turn + to_samples(knots, STEP)[:, :-STEP], torch.remainder(knots[:, -2:-1], TAU)
        inside = slice(2 * (start - first), 2 * (end - first))
        sources = pulses(turn, source.f0[:, cut]) * opening, source.white[0, :, cut]
        voice, steady, burst = map(
            self.network.block_spectra, (*sources, bursts(source.white[1, :, cut], turn, opening))
        )
        return self.network.add_up(h[:, inside] * voice + g0[:, inside] * steady + g1[:, inside] * burst)[0], turned


@dataclass(frozen=True)
class _Source:
    """Tracks of a whole utterance; those in samples stand STEP before it and end STEP after it: [1, STEP + T * HOP + STEP]."""

    feats: Tensor  # [1, T, 89], F0 filled
    f0: Tensor
    phase: Tensor
    opening: Tensor
    white: Tensor  # [2, 1, ...]
    free: bool  # the pulses may be turned: their phase is the sum of F0, not given


def _source(array: NDArray[np.float32], features: Features, seed: int, phase: NDArray[np.floating] | None) -> _Source:
    pitch = fill_f0(features.f0).astype(np.float32)
    array[:, LOG_F0] = np.log(pitch)
    f0 = to_samples(torch.from_numpy(pitch)[None])
    opening = gate(torch.from_numpy(features.voiced)[None])
    turn = phase_of(f0) if phase is None else torch.from_numpy(np.asarray(phase, dtype=np.float32))[None]
    white = torch.randn(2, *f0.shape, generator=torch.Generator().manual_seed(seed))
    held = torch.cat([f0[:, :1].expand(1, STEP), f0, f0[:, -1:].expand(1, STEP)], 1)
    turn, opening, white = (torch.nn.functional.pad(x, (STEP, STEP)) for x in (turn, opening, white))
    return _Source(torch.from_numpy(array)[None], held, turn, opening, white, phase is None)
