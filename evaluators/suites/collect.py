"""The items of a folder: from targets.csv, a known layout, our sidecars, or the files alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from genstudio import scoring
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import GenstudioError, InputError
from genstudio.media import audio, image, video
from genstudio.media.text import read_table
from genstudio.sidecar import read_sidecar, sidecar_path

from .items import Item
from .layouts import find

SUITES = {
    "talking-head": ("video",), "speech": ("audio",), "image": ("image",), "face": ("image",), "text": ("text",),
    "all": ("video", "audio", "image", "text"),
}  # fmt: skip
_SUFFIXES = {"video": video.SUFFIXES, "audio": audio.SUFFIXES, "image": image.SUFFIXES, "text": (".txt", ".md")}
_BESIDE = (".json", ".jsonl", ".csv", ".tsv", ".parquet", ".html", ".vtt", ".srt", ".yaml", ".yml", ".sqlite", ".npz")
_WANTED = {"speech": "speech", "image": "image", "face": "face", "text": "text"}  # what a suite reads of a file
TARGETS = ("file", "emotion")


def collect(
    folder: Path, suite: str = "all", targets: Path | None = None, layout: str = "auto"
) -> tuple[str, list[Item]]:
    """(layout found or '', items) of a folder, in the order of their names. Raises InputError.

    A target comes from `targets` (file, emotion, reference), else from the layout's labels, else from a sidecar; files without
    one are read all the same. A file that targets.csv names and that is not there is an item whose reading will fail.
    """
    if suite not in SUITES:
        raise InputError(f"unknown suite '{suite}'; valid: {', '.join(SUITES)}")
    if not folder.is_dir():
        raise InputError(f"'{folder}' is no folder")
    if targets is not None:
        items = _named(folder, targets)
        name = ""
    else:
        name, items = find(folder, layout)
        if not items:
            items = [_by_sidecar(folder, path) for path in _media(folder, SUITES[suite])]
    items = [i for i in items if _fits(i, suite)]
    want = _WANTED.get(suite)
    items = [replace(i, modality=i.modality or want or "") for i in items]
    if not items:
        raise InputError(f"'{folder}' holds nothing to read for the suite '{suite}'")
    return name, items


def _fits(item: Item, suite: str) -> bool:
    if suite == "all":
        return True
    if item.load is not None or item.modality:
        return item.modality == _WANTED.get(suite)
    return item.path.suffix.lower() in tuple(s for k in SUITES[suite] for s in _SUFFIXES[k])


def _media(folder: Path, kinds: tuple[str, ...]) -> list[Path]:
    suffixes = tuple(s for k in kinds for s in _SUFFIXES[k])
    return sorted(
        p for p in folder.rglob("*") if p.is_file() and p.suffix.lower() in suffixes and not p.name.startswith(".")
    )


def left_out(folder: Path) -> list[str]:
    """Names of the files of a folder that are neither media nor tables, notes and results that lie beside them."""
    known = {s for suffixes in _SUFFIXES.values() for s in suffixes} | set(_BESIDE)
    files = sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))
    return [p.relative_to(folder).as_posix() for p in files if p.suffix.lower() not in known]


def _by_sidecar(folder: Path, path: Path) -> Item:
    target, reference = None, ""
    if sidecar_path(path).is_file():
        try:
            request = read_sidecar(path)["request"]
            asked = request.get("emotion")
            if asked is not None:
                target = EmotionCurve.from_dict(asked).mean() if "times" in asked else Emotion.from_dict(asked)
            reference = str(request.get("text") or "")
        except (GenstudioError, KeyError, TypeError):
            pass
    label = target.top if target is not None else ""
    return Item(path.relative_to(folder).as_posix(), path, "", target, label or "", reference=reference)


def _named(folder: Path, targets: Path) -> list[Item]:
    rows = read_table(targets)
    if not rows or not set(TARGETS) <= set(rows[0]):
        raise InputError(
            f"'{targets.name}' needs the columns file, emotion and may have reference, cluster; one row a file"
        )
    out = []
    for row in rows:
        name, problem, target = (row["file"] or "").strip(), "", None
        label = (row["emotion"] or "").strip()
        try:
            target = Emotion.parse(label) if label else None
        except GenstudioError as error:
            problem = f"unknown label '{label}': {error}"
        reference, cluster = ((row.get(k) or "").strip() for k in ("reference", "cluster"))
        out.append(Item(name, folder / name, "", target, label, cluster, reference=reference, problem=problem))
    return out


def kind(item: Item) -> str:
    """'audio', 'video', 'image', 'text' or 'row'."""
    return "row" if item.load is not None else scoring.kind_of(item.path)
