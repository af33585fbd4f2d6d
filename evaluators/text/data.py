"""GoEmotions and EmoBank from a folder, as ids and targets."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genstudio.emotion.norms import GOEMOTIONS
from genstudio.errors import MissingDataError

SPLITS = ("train", "dev", "test")
WHERE = (
    "GoEmotions: github.com/google-research/google-research/tree/master/goemotions (train.tsv, dev.tsv, test.tsv); "
    "EmoBank: github.com/JULIELab/EmoBank (emobank.csv); put them in DATA/text/goemotions and DATA/text"
)


@dataclass(frozen=True)
class Sentences:
    """labels: float32 [n, 28], NaN where unlabelled; vad: float32 [n, 3], EmoBank's 1..5, NaN where unrated."""

    texts: list[str]
    labels: NDArray[np.float32]
    vad: NDArray[np.float32]
    documents: list[str]  # EmoBank's source document, for intervals clustered by it; '' for GoEmotions

    def __add__(self, other: Sentences) -> Sentences:
        return Sentences(
            self.texts + other.texts,
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.vad, other.vad]),
            self.documents + other.documents,
        )


def goemotions(data: Path, split: str) -> Sentences:
    """One split of GoEmotions (Demszky et al. 2020, CC BY 4.0)."""
    path = data / "text" / "goemotions" / f"{split}.tsv"
    if not path.exists():
        raise MissingDataError(f"{path} is missing. {WHERE}")
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    labels = np.zeros((len(rows), len(GOEMOTIONS)), np.float32)
    for i, row in enumerate(rows):
        labels[i, [int(j) for j in row[1].split(",")]] = 1
    return Sentences([r[0] for r in rows], labels, np.full((len(rows), 3), np.nan, np.float32), [""] * len(rows))


def emobank(data: Path, split: str) -> Sentences:
    """One split of EmoBank (Buechel & Hahn 2017, CC BY-SA 4.0)."""
    path = data / "text" / "emobank.csv"
    if not path.exists():
        raise MissingDataError(f"{path} is missing. {WHERE}")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["split"] == split]
    vad = np.array([[float(r[k]) for k in "VAD"] for r in rows], np.float32)
    none = np.full((len(rows), len(GOEMOTIONS)), np.nan, np.float32)
    return Sentences([r["text"] for r in rows], none, vad, [document(r["id"]) for r in rows])


def document(sentence_id: str) -> str:
    """EmoBank's ids are DOCUMENT_START_END.

    >>> document("110CYL068_1036_1079")
    '110CYL068'
    """
    return sentence_id.rsplit("_", 2)[0]
