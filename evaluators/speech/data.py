"""Clips with labels and speakers, from EmoDB, EmoGator and the two reading voices."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from genstudio.emotion.norms import EKMAN, SYNONYMS
from genstudio.errors import MissingDataError
from genstudio.splits import utterance_holdout

CLASSES = (*EKMAN, "boredom")
EMODB_CODES = {"W": "anger", "L": "boredom", "E": "disgust", "A": "fear", "F": "joy", "T": "sadness", "N": "neutral"}
EMODB_CLASSES = tuple(c for c in CLASSES if c in EMODB_CODES.values())
WHERE = (
    "EmoDB: emodb.bilderbar.info, EmoGator: github.com/fredbuhl/EmoGator; put them in DATA/emodb/wav and DATA/emogator"
)
_READING_EVERY = 9  # of the reading voices' sentences every 9th is used: a few, and all neutral


@dataclass(frozen=True)
class Clip:
    """A recording. label: one of CLASSES; corpus: emodb, emogator, kathleen, kerstin; speaker: unique over the corpora."""

    path: Path
    label: str
    corpus: str
    speaker: str
    text: str = ""


def emodb(data: Path) -> list[Clip]:
    """535 acted sentences, `SSttEv.flac`."""
    files = sorted((data / "emodb" / "wav").glob("*.flac"))
    if not files:
        raise MissingDataError(f"{data / 'emodb' / 'wav'} holds no clips. {WHERE}")
    return [Clip(f, EMODB_CODES[f.stem[5]], "emodb", f.stem[:2], f.stem[2:5]) for f in files]


def emogator(data: Path) -> list[Clip]:
    """Vocal bursts whose emotion is one of the canonical seven by its own metadata (contempt, calm and the rest are left out)."""
    path = data / "emogator" / "metadata.csv"
    if not path.exists():
        raise MissingDataError(f"{path} is missing. {WHERE}")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    out = []
    for row in rows:
        label = SYNONYMS.get(row["basic"], row["basic"])
        if label in EKMAN:
            out.append(Clip(path.parent / row["file"], label, "emogator", row["contributor"], row["emotion"]))
    return out


def readers(data: Path) -> list[Clip]:
    """A few neutrally read English and German sentences."""
    out = []
    for voice in ("kathleen", "kerstin"):
        lines = (
            (data / voice / "metadata.csv").read_text(encoding="utf-8").splitlines() if (data / voice).exists() else []
        )
        for i, line in enumerate(lines):
            if i % _READING_EVERY == 0 and not utterance_holdout(i):
                name = line.split("|")[0]
                out.append(Clip(data / voice / "audio" / f"{name}.opus", "neutral", voice, voice, name))
    return out
