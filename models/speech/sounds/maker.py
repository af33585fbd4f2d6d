"""`SoundMaker`: a sound in the voice that speaks, as acoustic features for the vocoder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from genstudio.emotion import Emotion
from genstudio.errors import InputError, suggest
from genstudio.weights import read_tensors

from ..analysis.features import F0_MAX, F0_MIN, LOG_FLOOR, Features
from .data import LONGEST, Person, Space
from .kinds import SOUNDS
from .network import SoundFlow, sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

WEIGHTS = Path(__file__).parent / "weights" / "sounds.safetensors"
STRONGEST = 2.0
_SHORTEST = 18  # frames
_EDGE = 4  # frames faded at either end
_FADE = 3.0  # nepers of power


@dataclass(frozen=True)
class _Variety:
    """How one seed differs from another, standard deviations: length, of the way to the longest or shortest; strength; timbre that
    the network is asked for; tilt of the spectrum, nepers of power from 0 to 12 kHz. guidance, warmth: see `network.sample`."""

    length: float = 0.4
    strength: float = 0.0
    timbre: float = 0.0
    tilt: float = 0.0
    guidance: float = 3.0
    warmth: float = 0.85


# one breath or one vowel leaves the network little to vary by itself
_VARIETY = {
    "gasp": _Variety(1.2, 1.0, 1.0, tilt=2.5, guidance=2.0, warmth=1.1),
    "groan": _Variety(1.2, 1.0, 1.0, tilt=1.2, guidance=2.0, warmth=1.1),
}


def strength_of(felt: Emotion) -> float:
    """How strong a sound is at an emotion, -2..2 (0: as people's usual one): by how much is felt, and how aroused.

    >>> low, usual, high = (strength_of(Emotion.parse("joy").scaled(x)) for x in (0, 0.5, 1.5))
    >>> low < usual < high
    True
    """
    much = max(1.0, felt.intensity) * (1 - felt.categories.get("neutral", 0.0))
    return float(np.clip(-0.6 + 1.2 * much + 0.8 * felt.arousal, -STRONGEST, STRONGEST))


class SoundMaker:
    """Makes the sounds for any voice whose mean spectrum and pitch are known. The same seed gives the same features.

    seconds: usual length of each sound (short, middle, long).
    """

    def __init__(self, net: SoundFlow, space: Space, seconds: dict[str, tuple[float, float, float]]) -> None:
        self.net, self.space, self.seconds = net.eval().requires_grad_(False), space, seconds

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> SoundMaker:
        """The shipped weights. Raises MissingWeightsError."""
        tensors, meta = read_tensors(path)
        numbers = {k: v.float() for k, v in tensors.items()}
        space = Space(*(numbers.pop(f"space.{name}").numpy() for name in Space.__dataclass_fields__))
        net = SoundFlow()
        net.load_state_dict(numbers, strict=True)
        return cls(net, space, {k: (v[0], v[1], v[2]) for k, v in json.loads(meta["seconds"]).items()})

    def __call__(self, name: str, voice: Person, strength: float = 0.0, seed: int = 0) -> Features:
        """name: one of SOUNDS; strength: -2 (faint, short) .. 2 (loud, long). Raises InputError for an unknown name."""
        if name not in SOUNDS:
            raise InputError(f"there is no sound '{name}'; valid: {', '.join(SOUNDS)}" + suggest(name, SOUNDS))
        strength = float(np.clip(strength, -STRONGEST, STRONGEST))
        random, varied = np.random.default_rng((seed, SOUNDS.index(name))), _VARIETY.get(name, _Variety())
        short, usual, long = self.seconds[name]
        place = float(np.clip(0.35 * strength + random.normal(0, varied.length), -1.2, 1.5))
        seconds = usual + place * ((long - usual) if place > 0 else (usual - short))
        frames = int(np.clip(round(100 * seconds), _SHORTEST, LONGEST))
        generator = torch.Generator().manual_seed(int(random.integers(2**31)))
        own = np.clip(strength + random.normal(0, varied.strength), -STRONGEST, STRONGEST)
        timbre = self.space.timbre(voice)
        about = np.r_[frames / 100, own, timbre + random.normal(0, varied.timbre, len(timbre))].astype(np.float32)
        x = sample(
            self.net, SOUNDS.index(name), frames, about, generator, guidance=varied.guidance, warmth=varied.warmth
        )
        return self._features(x, voice, varied.tilt * float(np.clip(random.normal(), -2, 2)))

    def _features(self, x: NDArray[np.floating], voice: Person, tilt: float) -> Features:
        envelope, octaves, likely, period = self.space.features(np.clip(x, -5, 5))
        ends = np.minimum(np.arange(len(x)), np.arange(len(x))[::-1])
        envelope += voice.spectrum - np.float32(_FADE) * np.clip(1 - ends / _EDGE, 0, 1).astype(np.float32)[:, None]
        envelope += np.linspace(-tilt / 2, tilt / 2, envelope.shape[1], dtype=np.float32)
        voiced = _calm(likely > 0.5)
        smooth = np.convolve(np.pad(octaves, 2, mode="edge"), [0.1, 0.2, 0.4, 0.2, 0.1], "valid")
        f0 = np.where(voiced, np.clip(voice.f0 * 2**smooth, F0_MIN, F0_MAX), 0)
        envelope = np.maximum(envelope, np.float32(LOG_FLOOR))
        return Features(envelope, f0.astype(np.float32), (period * voiced[:, None]).astype(np.float32))


def _calm(voiced: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Holes and islands of one frame removed."""
    from scipy.ndimage import median_filter

    return np.asarray(median_filter(voiced.astype(np.uint8), 3) > 0)
