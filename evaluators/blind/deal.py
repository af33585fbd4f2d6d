"""Deals a folder's media out for a blind reading: shuffled, numbered, without names, prompts or metadata."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from genstudio.errors import InputError
from genstudio.media.audio import read_audio, write_audio
from genstudio.media.files import write_text
from genstudio.media.image import read_image, write_image
from genstudio.media.video import probe, read_frames
from genstudio.scoring import kind_of

from ..suites.collect import collect
from ..suites.items import Item

U8 = Any
CELL, GAP, HEAD = 340, 8, 26
"""Pixels: side of a picture on a sheet, space between two, height of its number."""

TOLD = """Blind reading. Choose exactly one of these for every number: {choices}.

1. Look only at the sheets (listen only to the clips) in this folder, one number after the other, once.
2. Ask: which emotion does this picture (voice, face) most convey? Not: what does it show, or what may its maker have wanted.
3. Write the word beside the number in answers.csv. Guess when unsure; a number without an answer is not accepted.
4. A second reader copies the empty answers.csv to answers-NAME.csv first. Do not talk about the answers before both are done.

The key lies outside this folder. Every emotion may occur any number of times. {count} numbers, dealt with seed {seed}.
"""


def deal(
    folder: Path | str, out: Path | str, *, targets: Path | str | None = None, count: int | None = None, per_sheet: int = 12,
    seed: int = 0, progress: Callable[[str, float], None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Write `out` (sheets/NN.png of pictures and middle frames, clips/NNN.wav, answers.csv, protocol.txt) and, beside it, the
    key `out`.key.json. Raises InputError.

    folder, targets: as for suites; items need a category (targets.csv, a known layout, or sidecars). count: as many of every
    emotion at most, drawn by the seed. Clusters for intervals: speaker or identity, else the prompt.
    """
    folder, out = Path(folder), Path(out)
    if out.exists() and any(out.iterdir()):
        raise InputError(f"'{out}' is not empty; give a new folder")
    if not 1 <= per_sheet <= 48:
        raise InputError(f"a sheet holds 1 to 48 pictures; got {per_sheet}")
    _, items = collect(folder, targets=Path(targets) if targets else None)
    usable = [
        i for i in items if i.target is not None and i.load is None and kind_of(i.path) in ("image", "video", "audio")
    ]
    labels = Counter(i.target.top for i in usable if i.target)
    if len(labels) < 2:
        raise InputError(
            f"'{folder}' shows {len(labels)} emotions; a blind reading needs at least 2 (targets.csv, or sidecars)"
        )
    dealt = _drawn(usable, count, seed)
    shown, key = [], {}
    for n, item in enumerate(dealt, 1):
        if kind_of(item.path) == "audio":
            write_audio(out / "clips" / f"{n:03d}.wav", read_audio(item.path))
        else:
            shown.append((n, _still(item.path)))
        assert item.target is not None
        key[str(n)] = {
            "file": item.name,
            "asked": item.target.top,
            "cluster": item.cluster or item.reference or item.name,
        }
        if progress is not None:
            progress("dealing", n / len(dealt))
    for page in range(math.ceil(len(shown) / per_sheet)):
        part = shown[page * per_sheet : (page + 1) * per_sheet]
        write_image(out / "sheets" / f"{page + 1:02d}.png", sheet(part))
    choices = sorted(labels)
    write_text(out / "answers.csv", "number,answer\n" + "".join(f"{n},\n" for n in range(1, len(dealt) + 1)))
    write_text(out / "protocol.txt", TOLD.format(choices=", ".join(choices), count=len(dealt), seed=seed))
    write_text(key_of(out), json.dumps({"choices": choices, "items": key}, indent=1, ensure_ascii=False) + "\n")
    return {
        "items": len(dealt),
        "sheets": math.ceil(len(shown) / per_sheet),
        "choices": choices,
        "key": str(key_of(out)),
    }


def key_of(out: Path) -> Path:
    """Beside the folder, so that the folder can be given away."""
    return out.with_name(out.name + ".key.json")


def _drawn(items: Sequence[Item], count: int | None, seed: int) -> list[Item]:
    random = np.random.default_rng(seed)
    order = [items[k] for k in random.permutation(len(items))]
    if count is None:
        return order
    seen: Counter[str] = Counter()
    kept = []
    for item in order:
        assert item.target is not None
        seen[item.target.top] += 1
        if seen[item.target.top] <= count:
            kept.append(item)
    return kept


def _still(path: Path) -> U8:
    """A picture, or a video's middle frame."""
    if kind_of(path) == "image":
        return read_image(path)
    frames = max(probe(path).frames, 1)
    return next(islice(read_frames(path), frames // 2, None))


def sheet(pictures: Sequence[tuple[int, U8]], columns: int = 4) -> U8:
    """Numbered pictures uint8 [h, w, 3] of any size on one grey page."""
    columns = min(columns, len(pictures))
    rows = math.ceil(len(pictures) / columns)
    high, wide = CELL + HEAD + GAP, CELL + GAP
    page = np.full((rows * high + GAP, columns * wide + GAP, 3), 128, np.uint8)
    for k, (n, pixels) in enumerate(pictures):
        y, x = GAP + (k // columns) * high, GAP + (k % columns) * wide
        scale = CELL / max(pixels.shape[:2])
        size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        page[y + HEAD : y + HEAD + size[1], x : x + size[0]] = small
        cv2.putText(page, str(n), (x + 4, y + 20), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 0, 0), 2, cv2.LINE_AA)
    return page
