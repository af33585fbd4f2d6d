"""Real speech with timed phones: what the motion generator is driven by in training.

Kathleen (aligned by pocketsphinx, cached as JSON) and the EmoDB voices (phone labels by hand, SAMPA). Held-out utterances and
speakers follow `genstudio.splits`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.errors import MissingDataError
from genstudio.protocols import Span
from genstudio.signals.labels import read_lablaut
from genstudio.splits import EMODB_SCORE, EMODB_VOICE, utterance_holdout

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EMODB_EMOTION = {"W": "anger", "L": "boredom", "E": "disgust", "A": "fear", "F": "joy", "T": "sadness", "N": "neutral"}


@dataclass(frozen=True)
class Utterance:
    """A recording with its phones. held_out: never trained on. phones: seconds, IPA or SAMPA symbols."""

    name: str
    path: Path
    emotion: str
    held_out: bool
    phones: tuple[Span, ...]

    def samples(self, rate: int) -> NDArray[np.float32]:
        """float32 [samples] at `rate` Hz, mono, as recorded."""
        import soundfile
        import soxr

        x, r = soundfile.read(self.path, dtype="float32", always_2d=True)
        x = x.mean(axis=1)
        return x if r == rate else soxr.resample(x, r, rate)


def kathleen(data: Path, cache: Path, limit: int | None = None) -> Iterator[Utterance]:
    """Kathleen's utterances, aligned once and kept in `cache`/align.json."""
    folder = data / "kathleen"
    if not folder.is_dir():
        raise MissingDataError(f"{folder} is absent: the Kathleen voice (CC0) is needed, see docs/data.md")
    store = cache / "align.json"
    known: dict[str, list[list[float | str]]] = json.loads(store.read_text()) if store.exists() else {}
    lines = (folder / "metadata.csv").read_text(encoding="utf-8").splitlines()
    fresh = 0
    for index, line in enumerate(lines[:limit]):
        name, text = line.split("|", 1)
        u = Utterance(name, folder / "audio" / f"{name}.opus", "neutral", utterance_holdout(index), ())
        if name not in known:
            from genstudio.signals.align import SPHINX_RATE, align

            known[name] = [[s.text, s.start, s.end] for s in align(u.samples(SPHINX_RATE), SPHINX_RATE, text)]
            fresh += 1
            if fresh % 50 == 0:
                _save(store, known)
        phones = tuple(Span(str(t), float(a), float(b)) for t, a, b in known[name])
        if phones:
            yield Utterance(u.name, u.path, u.emotion, u.held_out, phones)
    if fresh:
        _save(store, known)


def _save(store: Path, known: dict[str, list[list[float | str]]]) -> None:
    store.parent.mkdir(parents=True, exist_ok=True)
    part = store.with_suffix(".part")
    part.write_text(json.dumps(known, ensure_ascii=False))
    part.replace(store)


def emodb(data: Path) -> Iterator[Utterance]:
    """EmoDB's clips with labels. The six voice speakers train; the four others are held out (unheard voices)."""
    folder = data / "emodb"
    if not folder.is_dir():
        raise MissingDataError(f"{folder} is absent: the Berlin Emotional Speech database is needed, see docs/data.md")
    for path in sorted((folder / "wav").glob("*.flac")):
        name = path.stem
        label = folder / "lablaut" / f"{name[:6]}{name[6:] or ''}xx.lablaut"
        if not label.exists():
            matches = sorted((folder / "lablaut").glob(f"{name[:6]}*.lablaut"))
            if not matches:
                continue
            label = matches[0]
        speaker = name[:2]
        if speaker in EMODB_VOICE + EMODB_SCORE:
            phones = tuple(read_lablaut(label, limit=2.0))
            yield Utterance(name, path, EMODB_EMOTION[name[5]], speaker in EMODB_SCORE, phones)
