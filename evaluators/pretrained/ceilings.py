"""How good a pretrained recogniser is on labelled files of yours: measured once, kept by weight hash in the user's cache.

    python -m genstudio.evaluators.pretrained transformers:FOLDER --measure DIR

DIR holds `targets.csv` (`file,emotion[,speaker]`), or one folder a category with files in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genstudio import hub
from genstudio.emotion.norms import coordinates
from genstudio.errors import GenstudioError, InputError, ManifestError
from genstudio.media.files import write_text
from genstudio.media.text import read_table, read_text
from genstudio.protocols import Ceiling

from ..measures import bootstrap, pearson, uar
from .labels import AXES, canonical

if TYPE_CHECKING:
    from genstudio.protocols import Evaluator

Labelled = tuple[Any, str, str]  # media or its file, category, speaker (or the file itself)


def _file(key: str) -> Path:
    return hub.cache_folder("ceilings", f"{key}.json")


def read_ceiling(key: str) -> Ceiling | None:
    """What was measured of these weights on this computer, or None."""
    try:
        found = json.loads(_file(key).read_text(encoding="utf-8"))
        return Ceiling(**(found | {"interval": tuple(found["interval"]), "classes": tuple(found["classes"])}))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def store_ceiling(key: str, ceiling: Ceiling) -> Path:
    """Keep a ceiling in the user's cache; returns the file."""
    write_text(_file(key), json.dumps(asdict(ceiling), indent=1) + "\n")
    return _file(key)


def rows_of(folder: Path | str) -> list[Labelled]:
    """Labelled files of a folder: its targets.csv, else one subfolder a category. Raises InputError."""
    folder = Path(folder)
    table = folder / "targets.csv"
    rows: list[Labelled] = []
    if table.is_file():
        for i, row in enumerate(read_table(table), 2):
            label = canonical(row.get("emotion") or "")
            if label is None or not row.get("file"):
                raise ManifestError(
                    f"'{table}' line {i}: a file and the name of an emotion are needed; got {dict(row)}"
                )
            rows.append((folder / row["file"], label, row.get("speaker") or row["file"]))
    elif folder.is_dir():
        for sub in sorted(p for p in folder.iterdir() if p.is_dir() and canonical(p.name)):
            rows += [(f, str(canonical(sub.name)), f.as_posix()) for f in sorted(sub.iterdir()) if f.is_file()]
    if not rows:
        raise InputError(
            f"'{folder}' has neither a targets.csv (file,emotion[,speaker]) nor folders named after emotions"
        )
    return rows


def reader(modality: str) -> Callable[[Path], Any]:
    """How a file of a modality becomes what a recogniser takes."""
    from genstudio.media import audio, image
    from genstudio.protocols import Speech

    if modality == "speech":
        return lambda p: Speech(audio.read_audio(p), audio.SAMPLE_RATE)
    if modality == "text":
        return read_text
    return lambda p: image.read_image(p)


def measure_ceiling(
    recogniser: Evaluator, rows: Sequence[Labelled], data: str, read: Callable[[Any], Any] = lambda m: m,
    progress: Callable[[float], None] | None = None, repeats: int = 1000,
) -> tuple[Ceiling, list[str]]:  # fmt: skip
    """How well labels are read, with an interval by speaker; and what could not be read.

    rows: (media or what `read` makes media of, category, speaker). Of a recogniser that shows categories: UAR over those that the
    rows have too; other rows are left out, and the data's name says so. Of one that reads axes only: the mean over its axes of
    Pearson's r with the norms' coordinates of the labels. Raises InputError when fewer than two categories are left.
    """
    known = recogniser.ceiling.classes
    kept = [r for r in rows if r[1] in known] if known else list(rows)
    if len({r[1] for r in kept}) < 2:
        raise InputError(
            f"{recogniser.name} shows {', '.join(known) or 'no categories'}; the files have "
            f"{', '.join(sorted({r[1] for r in rows}))}: two categories in common are needed"
        )
    readings, labels, who, problems = [], [], [], []
    for i, (media, label, speaker) in enumerate(kept):
        try:
            readings.append(recogniser(read(media)))
        except GenstudioError as error:
            problems.append(f"{media}: {error}")
            continue
        labels.append(label)
        who.append(speaker)
        if progress is not None:
            progress((i + 1) / len(kept))
    if len(set(labels)) < 2:
        raise InputError(
            f"fewer than two categories could be read; first problem: {problems[0] if problems else 'none'}"
        )
    left_out = sorted({r[1] for r in rows} - {r[1] for r in kept})
    name = f"{data} ({len(labels)} files{', without ' + ', '.join(left_out) if left_out else ''})"
    if known:
        classes = [c for c in known if c in labels]
        said = [max(classes, key=lambda c: r.categories.get(c, 0.0)) for r in readings]
        found = bootstrap(_uar, np.array(labels), np.array(said), clusters=who, repeats=repeats)
        metric, chance = "UAR", 1 / len(classes)
    else:
        axes = [i for i, a in enumerate(AXES) if getattr(readings[0], a) is not None]
        wanted = np.array([[coordinates()[label][i] for i in axes] for label in labels])
        got = np.array([[getattr(r, AXES[i]) for i in axes] for r in readings])
        found = bootstrap(_mean_r, wanted, got, clusters=who, repeats=repeats)
        metric, chance = f"pearson, mean of {', '.join(AXES[i] for i in axes)} of the labels", 0.0
    interval = (round(found.low, 4), round(found.high, 4))
    return Ceiling(metric, round(found.value, 4), interval, chance, name, tuple(known)), problems


def _uar(true: Any, said: Any) -> float:
    return uar(list(true), list(said))


def _mean_r(wanted: Any, got: Any) -> float:
    return float(
        np.mean([pearson(w, g) if np.ptp(w) and np.ptp(g) else 0.0 for w, g in zip(wanted.T, got.T, strict=True)])
    )
