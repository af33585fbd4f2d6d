"""Recordings for voice verification: who, in which emotion, saying what."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from genstudio.splits import emogator_role, utterance_holdout

from ..speech.data import emodb

_READING_EVERY = 9


@dataclass(frozen=True)
class Voiced:
    """A recording. emotion and text: labels that pairs must differ in; role: 'train' or 'test'."""

    path: Path
    corpus: str
    speaker: str
    emotion: str
    text: str
    role: str


def clips(data: Path, train_speakers: tuple[str, ...]) -> list[Voiced]:
    """EmoDB (`train_speakers` to learn from, the others to test on), EmoGator (scoring half, steering half) and Kerstin."""
    out = [
        Voiced(c.path, "emodb", c.speaker, c.label, c.text, "train" if c.speaker in train_speakers else "test")
        for c in emodb(data)
    ]
    table = data / "emogator" / "metadata.csv"
    if table.is_file():
        with table.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                role = "train" if emogator_role(row["contributor"]) == "score" else "test"
                who, what = row["contributor"], row["emotion"]
                out.append(Voiced(table.parent / row["file"], "emogator", who, what, what, role))
    lines = data / "kerstin" / "metadata.csv"
    if lines.is_file():
        for i, line in enumerate(lines.read_text(encoding="utf-8").splitlines()):
            if i % _READING_EVERY == 0 and not utterance_holdout(i):
                name = line.split("|")[0]
                path = data / "kerstin" / "audio" / f"{name}.opus"
                out.append(Voiced(path, "kerstin", "kerstin", "neutral", name, "train"))
    return out
