"""The recorded corpora: what is in them, who may learn from what, and their audio at one rate and level."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genstudio.errors import InputError, MissingDataError, MissingExtraError
from genstudio.splits import EMODB_VOICE, utterance_holdout

from .features import HOP, SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 0.08  # RMS of the frames that are not silence, to which every utterance is brought (EmoDB is peak-normalised:
#               its loudness says nothing about the emotion; Kathleen's recording level wanders by 3 dB)

EMODB_EMOTIONS = {
    "W": "anger", "L": "boredom", "E": "disgust", "A": "fear", "F": "joy", "T": "sadness", "N": "neutral",
}  # fmt: skip

_SOURCES = {
    "kathleen": "the CC0 Kathleen voice recordings: metadata.csv (id|text) and audio/ID.opus",
    "kerstin": "the CC0 Kerstin voice recordings: metadata.csv (id|text) and audio/ID.opus",
    "emodb": "the Berlin Database of Emotional Speech: wav/SSttEv.flac and lablaut/",
}
CORPORA = tuple(_SOURCES)


@dataclass(frozen=True)
class Utterance:
    """One recording. `text` is '' for EmoDB; `held` means that no generator may learn from it (see genstudio.splits)."""

    id: str
    corpus: str
    path: Path
    speaker: str  # 'kathleen', 'kerstin', 'emodb03' …
    language: str
    emotion: str
    text: str
    held: bool
    narrow: bool  # nothing above 8 kHz


def utterances(data: Path, corpus: str) -> list[Utterance]:
    """All utterances of a corpus, in the order of its list, held-out ones included."""
    if corpus not in _SOURCES:
        raise InputError(f"unknown corpus '{corpus}'; valid: {', '.join(CORPORA)}")
    folder = Path(data) / corpus
    if not folder.is_dir():
        raise MissingDataError(f"{folder} is missing; put there {_SOURCES[corpus]}, or name another --data")
    if corpus == "emodb":
        return [_emodb(path) for path in sorted((folder / "wav").glob("*.flac"))]
    language = "en" if corpus == "kathleen" else "de"
    found = []
    for index, line in enumerate((folder / "metadata.csv").read_text(encoding="utf-8").splitlines()):
        name, text = line.split("|")[:2]
        path = folder / "audio" / f"{name}.opus"
        found.append(Utterance(name, corpus, path, corpus, language, "neutral", text, utterance_holdout(index), False))
    return found


def _emodb(path: Path) -> Utterance:
    name = path.stem
    held = name[:2] not in EMODB_VOICE
    return Utterance(name, "emodb", path, f"emodb{name[:2]}", "de", EMODB_EMOTIONS[name[5]], "", held, True)


def active_level(x: NDArray[np.floating]) -> float:
    """RMS of the 10 ms frames within 20 dB of the loud ones (95th percentile); 0 for silence."""
    whole = len(x) // HOP * HOP
    rms = np.sqrt((np.asarray(x[:whole], dtype=np.float64).reshape(-1, HOP) ** 2).mean(axis=1))
    if len(rms) == 0 or rms.max() == 0:
        return 0.0
    return float(np.sqrt((rms[rms >= 0.1 * np.percentile(rms, 95)] ** 2).mean()))


def load_audio(utterance: Utterance) -> NDArray[np.float32]:
    """float32 [N] at SAMPLE_RATE, mono, brought to LEVEL."""
    try:
        import soundfile
    except ImportError as error:
        raise MissingExtraError("soundfile", "speech", "Reading the corpora") from error
    x, rate = soundfile.read(utterance.path, dtype="float64", always_2d=True)
    x = x.mean(axis=1)
    if rate != SAMPLE_RATE:
        import soxr

        x = soxr.resample(x, rate, SAMPLE_RATE)
    return np.asarray(x * (LEVEL / max(active_level(x), 1e-6)), dtype=np.float32)
