"""What the recognisers learn from, and whose neutral voice stands beside each clip."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genstudio.errors import MissingDataError
from genstudio.splits import emogator_role

from .data import CLASSES

CORPUS_WEIGHT = {"emodb": 1.0, "emogator": 0.35, "kathleen": 0.06, "kerstin": 0.06}


@dataclass(frozen=True)
class Pack:
    """What `prepare` wrote. x: functionals [n, d]; images [n, 200, 42]; one row a copy; copy 0 is the clip itself."""

    x: Tensor
    images: NDArray[np.float16]
    names: list[str]
    corpus: NDArray[Any]
    speaker: NDArray[Any]
    label: NDArray[np.int64]
    clip: NDArray[np.int64]
    copy: NDArray[np.int64]
    stem: NDArray[Any]

    def rows(
        self, role: str | None = None, without: tuple[str, ...] = (), only: tuple[str, ...] = ()
    ) -> NDArray[np.int64]:
        """Indices of EmoDB speakers `only` (all when empty) but not `without`, of EmoGator's half of `role`, and the readers."""
        keep = np.zeros(len(self.label), bool)
        db = self.corpus == "emodb"
        keep |= db & (np.isin(self.speaker, only) if only else True) & ~np.isin(self.speaker, without)
        gator = self.corpus == "emogator"
        half = np.array(
            [role is None or (g and emogator_role(s) == role) for g, s in zip(gator, self.speaker, strict=True)]
        )
        keep |= gator & half
        keep |= ~db & ~gator
        return np.flatnonzero(keep)


def load_pack(cache: Path) -> Pack:
    path = cache / "speech.npz"
    if not path.exists():
        raise MissingDataError(f"{path} is missing: run python -m genstudio.evaluators.speech.prepare --cache {cache}")
    d = np.load(path)
    return Pack(torch.from_numpy(d["functionals"]), d["images"], [str(n) for n in d["names"]], d["corpus"], d["speaker"],
                d["label"].astype(np.int64), d["clip"].astype(np.int64), d["copy"].astype(np.int64), d["stem"])  # fmt: skip


def weights(pack: Pack, rows: NDArray[np.int64]) -> Tensor:
    """Sampling weight of each row: corpora by CORPUS_WEIGHT, classes evenly within EmoDB and within EmoGator."""
    out = np.zeros(len(rows))
    for corpus, share in CORPUS_WEIGHT.items():
        here = pack.corpus[rows] == corpus
        if here.any():
            count = np.bincount(pack.label[rows][here], minlength=len(CLASSES))
            # surprise and boredom live in one corpus each; the rest is shared
            out[here] = share / count[pack.label[rows][here]]
    return torch.from_numpy(out)


def references(pack: Pack, rows: NDArray[np.int64], random: np.random.Generator) -> Tensor:
    """For each row a random mean of 1 to 8 neutral clips of its speaker, never the clip itself: [n, features], NaN without any."""
    neutral = CLASSES.index("neutral")
    out = torch.full((len(rows), pack.x.shape[1]), float("nan"))
    pool: dict[str, NDArray[np.int64]] = {}
    for s in np.unique(pack.speaker[rows]):
        pool[s] = np.flatnonzero((pack.speaker == s) & (pack.label == neutral))
    for i, r in enumerate(rows):
        mine = pool[pack.speaker[r]]
        mine = mine[pack.clip[mine] != pack.clip[r]]
        clips = np.unique(pack.clip[mine])
        if not clips.size:
            continue
        some = random.choice(clips, int(random.integers(1, min(len(clips), 8) + 1)), replace=False)
        copy = pack.copy[r] if random.random() < 0.7 else None
        which = mine[np.isin(pack.clip[mine], some) & ((pack.copy[mine] == 0) if copy == 0 else True)]
        out[i] = torch.nanmean(pack.x[which], 0)
    return out


def clean_references(pack: Pack, rows: NDArray[np.int64], count: int, random: np.random.Generator) -> Tensor:
    """For each row the mean of `count` random clean neutral clips of its speaker (0: all of them), never the clip itself."""
    neutral = CLASSES.index("neutral")
    out = torch.full((len(rows), pack.x.shape[1]), float("nan"))
    for i, r in enumerate(rows):
        mine = np.flatnonzero(
            (pack.speaker == pack.speaker[r]) & (pack.label == neutral) & (pack.copy == 0) & (pack.clip != pack.clip[r])
        )
        if mine.size:
            out[i] = torch.nanmean(pack.x[random.choice(mine, count, replace=False) if count else mine], 0)
    return out
