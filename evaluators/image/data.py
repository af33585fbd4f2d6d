"""OASIS (Kurdi, Lozano & Banaji 2017): photographs rated for valence and arousal by about 100 people each."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import MissingDataError
from genstudio.splits import oasis_fold

WHERE = "OASIS: osf.io/6pnd7; put OASIS.csv and images/ in DATA/oasis"


@dataclass(frozen=True)
class Pictures:
    """valence, arousal: mean ratings 1..7 [n]; sd_valence, sd_arousal: their spread over raters; raters: how many."""

    paths: list[Path]
    themes: list[str]
    valence: NDArray[np.float64]
    arousal: NDArray[np.float64]
    sd_valence: NDArray[np.float64]
    sd_arousal: NDArray[np.float64]
    raters: NDArray[np.float64]
    category: NDArray[np.str_]
    fold: NDArray[np.int64]  # by theme: pictures of one theme stay together


def oasis(data: Path) -> Pictures:
    table = data / "oasis" / "OASIS.csv"
    if not table.exists():
        raise MissingDataError(f"{table} is missing. {WHERE}")
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    def column(name: str) -> NDArray[np.float64]:
        return np.array([float(r[name]) for r in rows])

    themes = [r["Theme"].strip() for r in rows]
    return Pictures(
        [data / "oasis" / "images" / f"{t}.jpg" for t in themes], themes, column("Valence_mean"), column("Arousal_mean"),
        column("Valence_SD"), column("Arousal_SD"), column("Valence_N"), np.array([r["Category"] for r in rows]),
        np.array([oasis_fold(t) for t in themes]),
    )  # fmt: skip


def clusters(themes: list[str]) -> NDArray[np.str_]:
    """Theme without its number: 'Acorns 1' → 'Acorns'."""
    return np.array([t.rstrip("0123456789 ") for t in themes])
