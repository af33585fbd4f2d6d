"""Talking clips of a user's folder in RAVDESS, CREMA-D, MEAD (or another known) layout, as cached frames with label and speaker.

Sets that keep pictures and sound apart (MEAD's video/ and audio/, RAVDESS' modalities 02 and 03, CREMA-D's AudioWAV) are put
together by their file names; a stream without a partner stays a clip of its own.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genstudio.emotion import EKMAN
from genstudio.errors import GenstudioError, InputError, MediaError, MissingDataError
from genstudio.media import video
from genstudio.media.files import file_sha256, writing

from ..suites.items import Item
from ..suites.layouts import find
from .frames import Frames, read_frames, version

AV_LAYOUTS = ("ravdess", "crema-d", "mead")
_ROWS = ("face", "seen", "voice", "heard")
_PICTURES = video.SUFFIXES
Told = Callable[[int, int, int], None]  # clips done, of how many, how many of them failed


@dataclass(frozen=True)
class Clip:
    """name: for messages; picture, sound: the files of the streams, None where there is none (the same file when the video has
    the sound); label: one of the seven, '' for none of them; speaker: unique over corpora, '' unknown."""

    name: str
    picture: Path | None
    sound: Path | None
    label: str
    speaker: str


@dataclass(frozen=True)
class Sample:
    """A clip's frames, its label and speaker ('' unknown); key: the same for the same files' content."""

    frames: Frames
    label: str
    speaker: str
    key: str = ""


def clips_of(folder: Path, layout: str = "auto") -> tuple[str, list[Clip]]:
    """The layout of a labelled folder and its clips. Raises MissingDataError or InputError."""
    if not folder.is_dir():
        raise MissingDataError(
            f"there is no folder '{folder}'; give one in the layout of {', '.join(AV_LAYOUTS)} ('genstudio data list')"
        )
    name, items = find(folder, layout)
    items = [i for i in items if i.load is None and i.modality in ("", "speech")]
    if not items:
        raise InputError(f"'{folder}' holds no clips in a known layout; valid: {', '.join(AV_LAYOUTS)}")
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[_key(name, item)].append(item)
    sounds = {k: next((i.path for i in g if not _pictured(i.path)), None) for k, g in groups.items()}
    out: list[Clip] = []
    for key, group in groups.items():
        first = group[0]
        label = first.target.top if first.target is not None and first.target.top in EKMAN else ""
        about = (label, f"{name}/{first.cluster}" if first.cluster else "")
        shown = [i for i in group if _pictured(i.path)]
        own = [i for i in shown if _has_sound(i.path)]
        for item in own or shown:  # RAVDESS holds the same take with sound (01) and without (02)
            out.append(Clip(item.name, item.path, item.path if item in own else sounds[key], *about))
        if not shown:
            out += [Clip(i.name, None, i.path, *about) for i in group]
    return name, sorted(out, key=lambda c: c.name)


def videos_of(folder: Path) -> list[Clip]:
    """Every video under a folder, unlabelled. Raises InputError when there is none."""
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _PICTURES and p.is_file())
    if not found:
        raise InputError(f"'{folder}' holds no videos; valid: {', '.join(_PICTURES)}")
    return [Clip(p.relative_to(folder).as_posix(), p, p if _has_sound(p) else None, "", "") for p in found]


def _key(layout: str, item: Item) -> str:
    """The same for the streams of one take."""
    name = item.name.rsplit(".", 1)[0]
    stem = name.rsplit("/", 1)[-1]
    if layout == "ravdess":
        return stem[2:]  # without the modality
    if layout == "mead":
        return re.sub(r"(?:^|.*/)([MW]\d{3})/(?:video/\w+|audio)/", r"\1/", name)  # every camera hears the same
    return stem if layout == "crema-d" else name


def _pictured(path: Path) -> bool:
    return path.suffix.lower() in _PICTURES


def _has_sound(path: Path) -> bool:
    try:
        return video.probe(path).has_audio
    except GenstudioError:
        return False  # a broken file is reported when it is read


def gather(clips: Iterable[Clip], cache: Path, told: Told | None = None) -> tuple[list[Sample], list[tuple[str, str]]]:
    """Frames of all clips that can be read, from the cache where they are, and (name, reason) of those that cannot.

    What was computed is kept file by file, so that a run that was stopped goes on where it was.
    """
    clips = list(clips)
    samples: list[Sample] = []
    problems: list[tuple[str, str]] = []
    for k, clip in enumerate(clips, 1):
        try:
            frames, key = cached_frames(clip, cache)
            samples.append(Sample(frames, clip.label, clip.speaker, key))
        except GenstudioError as error:
            problems.append((clip.name, str(error)))
        except Exception as error:  # one bad file never stops a run
            problems.append((clip.name, f"unexpected {type(error).__name__}: {' '.join(str(error).split())[:200]}"))
        if told is not None:
            told(k, len(clips), len(problems))
    return samples, problems


def cached_frames(clip: Clip, cache: Path) -> tuple[Frames, str]:
    """A clip's frames, and the key of its files' content by which they are kept. Raises MediaError."""
    hashes = [file_sha256(p) if p is not None and p.is_file() else "" for p in (clip.picture, clip.sound)]
    key = hashlib.sha256(" ".join([version(), *hashes]).encode()).hexdigest()[:32]
    path = cache / f"{key}.npz"
    kept = _kept(path)
    if kept is None:
        frames = read_frames(clip.picture, clip.sound)
        with writing(path) as temporary:
            half = {k: getattr(frames, k).astype(np.float16) for k in _ROWS}
            np.savez_compressed(temporary, seconds=np.float64(frames.seconds), **half)
        kept = _kept(path)
    if kept is None:
        raise MediaError(f"'{path}' cannot be read back; is the disk full?")
    return kept, key


def _kept(path: Path) -> Frames | None:
    try:
        with np.load(path) as held:
            rows = {k: held[k].astype(np.float32) for k in _ROWS}
            return Frames(seconds=float(held["seconds"]), **rows)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
