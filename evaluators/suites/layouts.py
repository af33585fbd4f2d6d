"""The standard layouts of the field's data sets, found by the names of their files.

Each layout is one function: a folder in, items out; an empty list when the folder is not laid out so. Names and codes follow the
sets' own documentation (see `datasets`).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from genstudio.emotion import EKMAN, Emotion
from genstudio.errors import GenstudioError, InputError, suggest

from .items import Item

Layout = Callable[[Path], list[Item]]
LAYOUTS: dict[str, Layout] = {}
_AV = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".mp4", ".avi", ".mov", ".flv")
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
_OTHERWISE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OSError,
    BadZipFile,
)  # what reading a stranger's file raises
MELLOW = {"calm": "serenity", "boredom": "boredom", "bored": "boredom"}
_NAMES = {
    "angry": "anger", "happy": "joy", "happiness": "joy", "sad": "sadness", "fearful": "fear", "disgusted": "disgust",
    "surprised": "surprise", "contempt": "contempt", "calm": "serenity", "bored": "boredom", "excited": "excitement",
    "content": "contentment", "amused": "amusement",
}  # fmt: skip


def layout(name: str) -> Callable[[Layout], Layout]:
    """Register a layout."""

    def keep(f: Layout) -> Layout:
        LAYOUTS[name] = f
        return f

    return keep


def emotion_of(label: str) -> Emotion | None:
    """A corpus's word as an emotion; None when it is unknown."""
    word = label.strip().lower().replace("_", " ")
    try:
        return Emotion.of_categories({_NAMES.get(word, word): 1.0})
    except GenstudioError:
        return None


def find(folder: Path, name: str = "auto") -> tuple[str, list[Item]]:
    """The layout of a folder and its items; ('', []) when 'auto' knows none. Raises InputError."""
    if name != "auto":
        if name not in LAYOUTS:
            raise InputError(
                f"unknown layout '{name}'; valid: auto, {', '.join(LAYOUTS)}" + suggest(name, tuple(LAYOUTS))
            )
        try:
            items = LAYOUTS[name](folder)
        except _OTHERWISE as error:
            raise InputError(f"'{folder}' is not laid out as {name}: {' '.join(str(error).split())[:200]}") from None
        if not items:
            raise InputError(f"'{folder}' is not laid out as {name}")
        return name, items
    best: tuple[str, list[Item]] = ("", [])
    for key, read in LAYOUTS.items():
        try:
            items = read(folder)
        except _OTHERWISE:  # a file of the same kind that holds something else
            continue
        if len(items) > len(best[1]):
            best = (key, items)
    return best


def _files(folder: Path, suffixes: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in suffixes and path.is_file():
            yield path.relative_to(folder).as_posix(), path


def _item(
    name: str, path: Path, label: str, cluster: str = "", modality: str = "", split: str = "", **more: Any
) -> Item:
    target = emotion_of(label)
    problem = "" if target is not None else f"unknown label '{label}'"
    return Item(name, path, modality, target, label, cluster, split, problem=problem, **more)


def _coded(
    folder: Path, pattern: str, names: dict[str, str], modality: str, suffixes: tuple[str, ...] = _AV
) -> list[Item]:
    """Files whose names carry groups 'who' and 'what' (a code in `names`)."""
    rule = re.compile(pattern)
    out = []
    for name, path in _files(folder, suffixes):
        found = rule.search(name)
        if found and found["what"] in names:
            kind = "" if path.suffix.lower() in (".mp4", ".avi", ".mov", ".flv") else modality
            out.append(_item(name, path, names[found["what"]], found["who"], kind))
    return out


@layout("ravdess")
def ravdess(folder: Path) -> list[Item]:
    """03-01-06-01-02-01-12.wav: modality, channel, emotion, intensity, statement, repetition, actor."""
    names = dict(zip(("01", "02", "03", "04", "05", "06", "07", "08"),
                     ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"), strict=True))  # fmt: skip
    return _coded(folder, r"(?:^|/)\d\d-\d\d-(?P<what>\d\d)-\d\d-\d\d-\d\d-(?P<who>\d\d)\.", names, "speech")


@layout("crema-d")
def crema_d(folder: Path) -> list[Item]:
    """1001_DFA_ANG_XX.wav: actor, sentence, emotion, level."""
    names = {"ANG": "anger", "DIS": "disgust", "FEA": "fear", "HAP": "joy", "NEU": "neutral", "SAD": "sadness"}
    return _coded(folder, r"(?:^|/)(?P<who>1\d{3})_[A-Z]{3}_(?P<what>[A-Z]{3})_[A-Z]{2}\.", names, "speech")


@layout("emodb")
def emodb(folder: Path) -> list[Item]:
    """03a01Fa.wav: speaker, text, emotion, version."""
    names = {"W": "anger", "L": "boredom", "E": "disgust", "A": "fear", "F": "joy", "T": "sadness", "N": "neutral"}
    return _coded(folder, r"(?:^|/)(?P<who>\d\d)[ab]\d\d(?P<what>[WLEAFTN])[a-z]?\.", names, "speech")


@layout("esd")
def esd(folder: Path) -> list[Item]:
    """0011/Angry/[train/]0011_000351.wav."""
    names = {n: n for n in ("Angry", "Happy", "Neutral", "Sad", "Surprise")}
    return _coded(folder, r"(?:^|/)(?P<who>00[12]\d)/(?P<what>\w+)/(?:\w+/)?00[12]\d_\d+\.", names, "speech")


@layout("mead")
def mead(folder: Path) -> list[Item]:
    """M003/video/front/angry/level_1/001.mp4, or M003/audio/angry/level_1/001.m4a."""
    words = ("angry", "contempt", "disgusted", "fear", "happy", "neutral", "sad", "surprised")
    return _coded(
        folder, r"(?:^|/)(?P<who>[MW]\d{3})/(?:video/\w+|audio)/(?P<what>\w+)/level_\d/\d+\.", {w: w for w in words}, "speech",
        (*_AV, ".m4a"),
    )  # fmt: skip


@layout("meld")
def meld(folder: Path) -> list[Item]:
    """train_sent_emo.csv (Utterance, Speaker, Emotion, Dialogue_ID, Utterance_ID) and diaX_uttY.mp4; text where no clip is."""
    out = []
    clips = {p.stem: p for _, p in _files(folder, _AV)}
    for name, path in _files(folder, (".csv",)):
        for k, row in enumerate(_rows(path, ("Utterance", "Emotion", "Dialogue_ID", "Utterance_ID"))):
            clip = clips.get(f"dia{row['Dialogue_ID']}_utt{row['Utterance_ID']}")
            split = path.name.split("_")[0]
            if clip is not None:
                shown = clip.relative_to(folder).as_posix()
                out.append(
                    _item(
                        shown, clip, row["Emotion"], row.get("Speaker", ""), "speech", split, reference=row["Utterance"]
                    )
                )
            else:
                text = row["Utterance"]
                out.append(
                    _item(
                        f"{name}#{k}",
                        path,
                        row["Emotion"],
                        row.get("Speaker", ""),
                        "text",
                        split,
                        load=partial(str, text),
                    )
                )
    return out


@layout("fer2013")
def fer2013(folder: Path) -> list[Item]:
    """fer2013.csv (emotion, pixels, Usage), train/angry/….jpg, or public_test.npz."""
    import numpy as np

    order = EKMAN  # the challenge numbers its classes in the same order
    out: list[Item] = []
    for name, path in _files(folder, (".csv",)):
        for k, row in enumerate(_rows(path, ("emotion", "pixels"))):
            pixels = row["pixels"]
            out.append(_item(f"{name}#{k}", path, order[int(row["emotion"])], "", "face", row.get("Usage", ""),
                             load=lambda p=pixels: np.array(p.split(), np.uint8).reshape(48, 48)))  # fmt: skip
    for name, path in _files(folder, (".npz",)):
        with np.load(path) as held:
            if not {"images", "labels"} <= set(held.files) or held["images"].shape[1:] != (48, 48):
                continue
            images, labels = held["images"], held["labels"]
        split = "train" if "train" in path.stem else "test"
        for k, label in enumerate(labels):
            out.append(_item(f"{name}#{k}", path, order[int(label)], "", "face", split, load=lambda x=images[k]: x))
    if out:
        return out
    return _foldered(
        folder, ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"), "face", r"(?:train|test)"
    )


@layout("affectnet")
def affectnet(folder: Path) -> list[Item]:
    """train/0 … 7 folders, or a table (subDirectory_filePath, expression, valence, arousal)."""
    order = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "anger", "contempt")
    out: list[Item] = []
    for _, path in _files(folder, (".csv",)):
        for row in _rows(path, ("subDirectory_filePath", "expression", "valence", "arousal")):
            picture = path.parent / row["subDirectory_filePath"]
            v, a = float(row["valence"]), float(row["arousal"])
            if abs(v) <= 1 and abs(a) <= 1:
                label = order[int(row["expression"])] if int(row["expression"]) < 8 else ""
                shown = picture.relative_to(folder).as_posix()
                out.append(Item(shown, picture, "face", Emotion.from_vad(v, a), label))
    if out:
        return out
    found = []
    for name, path in _files(folder, _PICTURES):
        match = re.search(r"(?:^|/)(train|val|test)\w*/([0-7])/", name)
        if match:
            found.append(_item(name, path, order[int(match[2])], "", "face", match[1]))
    return found


@layout("oasis")
def oasis(folder: Path) -> list[Item]:
    """OASIS.csv (Theme, Valence_mean and Arousal_mean, 1 to 7) and images/Lake 1.jpg."""
    out = []
    for _, path in _files(folder, (".csv",)):
        for row in _rows(path, ("Theme", "Valence_mean", "Arousal_mean")):
            theme = row["Theme"].strip()
            picture = path.parent / "images" / f"{theme}.jpg"
            point = Emotion.from_vad((float(row["Valence_mean"]) - 4) / 3, (float(row["Arousal_mean"]) - 4) / 3)
            shown = picture.relative_to(folder).as_posix()
            out.append(Item(shown, picture, "image", point, "", theme.rstrip("0123456789 ")))
    return out


@layout("emoset")
def emoset(folder: Path) -> list[Item]:
    """image/amusement/amusement_00000.jpg, Mikels' eight."""
    words = ("amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness")
    return _foldered(folder, words, "image", "image")


@layout("findingemo")
def findingemo(folder: Path) -> list[Item]:
    """annotations_single.ann: a table with image_path, valence (-3 to 3), arousal (0 to 6), emotion."""
    out = []
    for _, path in _files(folder, (".csv", ".ann")):
        for row in _rows(path, ("image_path", "valence", "arousal", "emotion")):
            picture = path.parent / row["image_path"].lstrip("/")
            point = Emotion.from_vad(float(row["valence"]) / 3, (float(row["arousal"]) - 3) / 3)
            out.append(
                Item(
                    row["image_path"].lstrip("/"), picture, "image", point, row["emotion"].lower(), row.get("user", "")
                )
            )
    return out


@layout("emonet-face")
def emonet_face(folder: Path) -> list[Item]:
    """metadata.csv (file_name, emotion) beside pictures."""
    return _table_of_files(folder, ("file_name", "emotion"), _PICTURES, "face")


@layout("emonet-voice")
def emonet_voice(folder: Path) -> list[Item]:
    """metadata.csv (file_name, emotion, speaker) beside recordings."""
    return _table_of_files(folder, ("file_name", "emotion"), _AV, "speech")


@layout("cameo")
def cameo(folder: Path) -> list[Item]:
    """metadata.jsonl: file_id, emotion, transcription, speaker_id, dataset, language, path to the audio."""
    import json

    out = []
    for path in sorted(folder.rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line) if line.strip() else {}
            name = row.get("path") or row.get("audio") or row.get("file_name")
            if isinstance(name, str) and "emotion" in row and "speaker_id" in row:
                who = f"{row.get('dataset', '')}{row['speaker_id']}"
                out.append(_item(name, path.parent / name, row["emotion"], who, "speech", row.get("split", ""),
                                 reference=row.get("transcription", "")))  # fmt: skip
    return out


@layout("goemotions")
def goemotions(folder: Path) -> list[Item]:
    """train.tsv, dev.tsv, test.tsv: text, label numbers, id; emotions.txt or labels.txt names them."""
    lists = [p for p in folder.rglob("*.txt") if p.name in ("emotions.txt", "labels.txt")]
    if not lists:
        return []
    names = lists[0].read_text(encoding="utf-8").split()
    out = []
    for name, path in _files(folder, (".tsv",)):
        for k, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            parts = line.split("\t")
            numbers = parts[1].split(",") if len(parts) >= 3 else []
            if not numbers or not all(n.isdigit() and int(n) < len(names) for n in numbers):
                continue
            labels = [names[int(n)] for n in numbers]
            target = Emotion.of_categories({n: 1 / len(labels) for n in labels})
            out.append(
                Item(f"{name}#{k}", path, "text", target, "+".join(labels), parts[2], path.stem, partial(str, parts[0]))
            )
    return out


@layout("emobank")
def emobank(folder: Path) -> list[Item]:
    """emobank.csv: id, split, V, A, D (1 to 5), text."""
    out = []
    for name, path in _files(folder, (".csv",)):
        for k, row in enumerate(_rows(path, ("V", "A", "D", "text"))):
            v, a, d = ((float(row[x]) - 3) / 2 for x in "VAD")
            target = Emotion.from_vad(*(min(max(x, -1.0), 1.0) for x in (v, a, d)))
            split = row.get("split", "")
            out.append(
                Item(f"{name}#{k}", path, "text", target, "", row.get("id", ""), split, partial(str, row["text"]))
            )
    return out


@layout("semeval2025-11")
def semeval(folder: Path) -> list[Item]:
    """eng.csv: id, text, and a column of 0 or 1 for each of anger, disgust, fear, joy, sadness, surprise."""
    out = []
    for name, path in _files(folder, (".csv",)):
        for k, row in enumerate(_rows(path, ("text", "fear", "joy", "sadness"))):
            lower = {c.lower(): v for c, v in row.items()}
            shown = [e for e in EKMAN if e != "neutral" and lower.get(e) in ("1", "1.0")]
            target = Emotion.of_categories({e: 1 / len(shown) for e in shown}) if shown else Emotion.neutral()
            label = "+".join(shown) or "neutral"
            split = path.parent.name
            out.append(
                Item(f"{name}#{k}", path, "text", target, label, row.get("id", ""), split, partial(str, row["text"]))
            )
    return out


def _foldered(folder: Path, words: tuple[str, ...], modality: str, above: str) -> list[Item]:
    """Pictures in folders named by their emotion, under a folder whose name fits `above`."""
    rule = re.compile(rf"(?:^|/)({above})/({'|'.join(words)})/", re.I)
    out = []
    for name, path in _files(folder, _PICTURES):
        if match := rule.search(name):
            out.append(_item(name, path, match[2], "", modality, match[1]))
    return out


def _table_of_files(folder: Path, columns: tuple[str, ...], suffixes: tuple[str, ...], modality: str) -> list[Item]:
    out = []
    for _, path in _files(folder, (".csv",)):
        for row in _rows(path, columns):
            file = path.parent / row["file_name"]
            if file.suffix.lower() in suffixes:
                shown = file.relative_to(folder).as_posix()
                out.append(_item(shown, file, row["emotion"], row.get("speaker", ""), modality, row.get("split", "")))
    return out


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Rows of a table that has these columns; none when it has not."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as f:
            reader = csv.DictReader(f)
            if set(columns) <= set(reader.fieldnames or ()):
                yield from reader
    except (UnicodeDecodeError, csv.Error):
        return
