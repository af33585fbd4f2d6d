"""`SpeakerRecogniser`: is it the same voice? One interface, several sources, each beside its own measured error rate.

embedded              trained here: statistics of cepstra and pitch, and a projection that keeps what tells people apart
resemblyzer           the voice encoder of the PyPI package (extra `identity`)
resemblyzer+embedded  both side by side: the default where the package is installed
transformers:X        an x-vector model of transformers: a folder, a cached hub id or a hub id
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from genstudio import hub
from genstudio.errors import InputError, MissingError, MissingWeightsError, suggest
from genstudio.media.files import write_text
from genstudio.media.rates import MIN_AUDIO_SECONDS
from genstudio.protocols import Speech
from genstudio.signals.listen import samples_at
from genstudio.splits import EMODB_SCORE
from genstudio.weights import read_tensors

from .verification import IdentityCeiling

F32 = NDArray[np.float32]
WEIGHTS = Path(__file__).parent / "weights" / "speaker.safetensors"
SOURCES = ("resemblyzer+embedded", "embedded", "resemblyzer")  # the first that is installed is the default
LONGEST = 60.0  # seconds heard of a recording


class Encoder(Protocol):
    """A source: samples at `rate` Hz to a vector. seen: EmoDB speakers it learned from, who measure nothing."""

    name: str
    licence: str
    rate: int
    seen: tuple[str, ...]

    def embed(self, samples: NDArray[Any]) -> F32: ...


class Embedded:
    """Statistics of cepstra and pitch (see `speaker_stats`), and linear discriminants trained across emotions and sentences:
    x → ((x − mean) / scale) · matrix, float32 [71] to [24]."""

    name, licence, rate = "embedded", "Apache-2.0", 16_000
    seen: tuple[str, ...] = EMODB_SCORE

    def __init__(self, mean: F32, scale: F32, matrix: F32) -> None:
        self.mean, self.scale, self.matrix = mean, scale, matrix

    @classmethod
    def load(cls) -> Embedded:
        """The shipped weights."""
        tensors, _ = read_tensors(WEIGHTS)
        return cls(*(tensors[f"embedded.{k}"].float().numpy() for k in ("mean", "scale", "matrix")))

    def project(self, statistics: F32) -> F32:
        """What is not there (NaN) counts as average."""
        return np.asarray(np.nan_to_num((statistics - self.mean) / self.scale) @ self.matrix, np.float32)

    def embed(self, samples: NDArray[Any]) -> F32:
        from .speaker_stats import statistics

        return self.project(statistics(samples, self.rate))


class Both:
    """A general encoder, centred on the mean voice, and the embedded one: unit vectors side by side, of equal weight."""

    rate = 16_000
    seen: tuple[str, ...] = EMODB_SCORE

    def __init__(self, general: Encoder, mean: F32, embedded: Embedded) -> None:
        self.general, self.mean, self.embedded = general, mean, embedded
        self.name = f"{general.name}+embedded"
        self.licence = f"{general.licence}; Apache-2.0"

    def embed(self, samples: NDArray[Any]) -> F32:
        return self.join(self.general.embed(samples), self.embedded.embed(samples))

    def join(self, general: F32, embedded: F32) -> F32:
        """Of the two vectors."""
        return np.concatenate([unit(general - self.mean), unit(embedded)])


class SpeakerRecogniser:
    """Compares voices, not identities: it says how alike two recordings sound as voices, with the error rate in `ceiling`.

    Feeling changes a voice, so people are compared across emotions and sentences; a similarity means little by itself:
    read it between `ceiling.other` and `ceiling.same`. The trained parts saw four EmoDB actors, half of EmoGator's people and
    Kerstin; German acting and vocal bursts are what it knows best. Not for establishing who a real person is.
    """

    def __init__(self, encoder: Encoder, ceiling: IdentityCeiling | None) -> None:
        self.encoder, self.ceiling = encoder, ceiling
        self.name = f"speaker-{encoder.name}"
        self.licence = encoder.licence

    @classmethod
    def load(cls, source: str | None = None, allow_pickle: bool = False, device: str = "cpu") -> SpeakerRecogniser:
        """source: 'embedded', 'resemblyzer', 'transformers:FOLDER-OR-HUB-ID', or None for the best that is installed.

        Raises InputError for an unknown source, MissingError when its package or weights are absent.
        """
        if source is None:
            try:
                return cls.load(SOURCES[0])
            except MissingError:
                return cls.load(SOURCES[1])
        if source.startswith("transformers:"):
            from .speaker_xvector import XVector

            found = XVector.load(source.partition(":")[2], allow_pickle, device)
            return cls(found, read_ceiling(found.key))
        if source not in SOURCES:
            raise InputError(
                f"unknown speaker source '{source}'; valid: {', '.join(SOURCES)}, transformers:FOLDER-OR-HUB-ID"
                + suggest(source, SOURCES)
            )
        return cls(shipped(source), _measured(source))

    def embed(self, speech: Speech) -> F32:
        """float32 [d] of length 1, from at most the first minute. Raises MediaError when there is nothing to hear."""
        x = samples_at(speech, self.encoder.rate, least=2 * MIN_AUDIO_SECONDS, most=LONGEST)
        vector = self.encoder.embed(x)
        return unit(vector)

    def similarity(self, a: Speech | Sequence[Speech], b: Speech | Sequence[Speech]) -> float:
        """-1..1: cosine of two voices; of several recordings the mean vector counts, which knows a voice better."""
        return float(self._voice(a) @ self._voice(b))

    def _voice(self, speech: Speech | Sequence[Speech]) -> F32:
        if isinstance(speech, Speech):
            return self.embed(speech)
        if not len(speech):
            raise InputError("no recording to compare; give one or more")
        return unit(np.mean([self.embed(s) for s in speech], 0))

    def same(self, a: Speech | Sequence[Speech], b: Speech | Sequence[Speech]) -> bool:
        """Whether the similarity is above the threshold of equal errors. Raises MissingError for an unmeasured source."""
        if self.ceiling is None:
            raise MissingError(
                f"{self.name} has no measured threshold: measure it with evaluators.identity.speaker_evaluate"
            )
        return self.similarity(a, b) >= self.ceiling.threshold


def shipped(source: str) -> Encoder:
    """The encoder of a built-in source. Raises MissingExtraError when the package 'resemblyzer' is not installed."""
    if source == "embedded":
        return Embedded.load()
    from .speaker_resemblyzer import Resemblyzer

    general = Resemblyzer.load()
    if source == "resemblyzer":
        return general
    tensors, _ = read_tensors(WEIGHTS)
    return Both(general, tensors["resemblyzer.mean"].float().numpy(), Embedded.load())


def unit(x: Any) -> F32:
    x = np.asarray(x, np.float32)
    return x / max(float(np.linalg.norm(x)), 1e-9)


def _measured(source: str) -> IdentityCeiling:
    try:
        facts = json.loads(WEIGHTS.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise MissingWeightsError("'speaker.json' of the speaker recogniser is missing; reinstall genstudio") from None
    return _ceiling(facts["ceilings"][source])


def _ceiling(found: dict[str, Any]) -> IdentityCeiling:
    return IdentityCeiling(**(found | {"interval": tuple(found["interval"])}))


def _cache(key: str) -> Path:
    return hub.cache_folder("ceilings", f"speaker-{key[:32]}.json")


def read_ceiling(key: str) -> IdentityCeiling | None:
    """What was measured of weights with this fingerprint on this computer, or None."""
    try:
        return _ceiling(json.loads(_cache(key).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def store_ceiling(key: str, ceiling: IdentityCeiling) -> None:
    """Keep a measured ceiling in the user's cache."""
    write_text(_cache(key), json.dumps(ceiling.as_dict(), indent=1) + "\n")
