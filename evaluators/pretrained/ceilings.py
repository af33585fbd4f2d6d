"""How good a pretrained recogniser is on labelled files of yours: measured once, kept by weight hash in the user's cache.

    python -m genstudio.evaluators.pretrained transformers:FOLDER --measure DIR

DIR holds `targets.csv` (`file,emotion[,speaker]`), or one folder a category with files in it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genstudio import hub
from genstudio.errors import GenstudioError, InputError, ManifestError
from genstudio.media.files import write_text
from genstudio.protocols import Ceiling

from ..measures import bootstrap, uar
from .labels import canonical

if TYPE_CHECKING:
    from genstudio.protocols import Evaluator

Row = tuple[Path, str, str]  # file, category, speaker (or the file itself)


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


def rows_of(folder: Path | str) -> list[Row]:
    """Labelled files of a folder: its targets.csv, else one subfolder a category. Raises InputError."""
    folder = Path(folder)
    table = folder / "targets.csv"
    rows: list[Row] = []
    if table.is_file():
        with table.open(newline="", encoding="utf-8-sig") as file:
            for i, row in enumerate(csv.DictReader(file), 2):
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
        return lambda p: p.read_text(encoding="utf-8", errors="replace")
    return lambda p: image.read_image(p)


def measure_ceiling(
    recogniser: Evaluator, rows: Sequence[tuple[Any, str, str]], data: str, read: Callable[[Any], Any] = lambda m: m,
    progress: Callable[[float], None] | None = None, repeats: int = 1000,
) -> tuple[Ceiling, list[str]]:  # fmt: skip
    """UAR over the categories that both the rows and the recogniser know, interval by speaker; and what could not be read.

    rows: (media or what `read` makes media of, category, speaker). Rows of categories that the recogniser cannot show are left
    out, and the data's name says so. Raises InputError when fewer than two categories are left.
    """
    true, said, who, problems = [], [], [], []
    known = recogniser.ceiling.classes
    left_out = sorted({label for _, label, _ in rows} - set(known))
    classes = [c for c in known if any(label == c for _, label, _ in rows)]
    if len(classes) < 2:
        raise InputError(
            f"{recogniser.name} shows {', '.join(known) or 'no categories'}; the files have "
            f"{', '.join(sorted({r[1] for r in rows}))}: two in common are needed"
        )
    kept = [r for r in rows if r[1] in classes]
    for i, (media, label, speaker) in enumerate(kept):
        try:
            reading = recogniser(read(media))
        except GenstudioError as error:
            problems.append(f"{media}: {error}")
            continue
        true.append(label)
        said.append(max(classes, key=lambda c: reading.categories.get(c, 0.0)))
        who.append(speaker)
        if progress is not None:
            progress((i + 1) / len(kept))
    if len(set(true)) < 2:
        raise InputError(
            f"fewer than two categories could be read; first problem: {problems[0] if problems else 'none'}"
        )
    found = bootstrap(_uar, np.array(true), np.array(said), clusters=who, repeats=repeats)
    note = f", without {', '.join(left_out)}" if left_out else ""
    return Ceiling("UAR", round(found.value, 4), (round(found.low, 4), round(found.high, 4)), 1 / len(set(true)),
                   f"{data} ({len(true)} files{note})", tuple(known)), problems  # fmt: skip


def _uar(true: Any, said: Any) -> float:
    return uar(list(true), list(said))
