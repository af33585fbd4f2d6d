"""Scores a folder made by any tool, a row a file and modality; what was read before is not read again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from genstudio import registry, scoring
from genstudio.batch.report import write_results
from genstudio.emotion import Emotion
from genstudio.errors import GenstudioError, InputError, MediaError
from genstudio.media import audio, video
from genstudio.media.files import file_sha256, write_text
from genstudio.media.rates import SAMPLE_RATE
from genstudio.protocols import Reading, Speech
from genstudio.sidecar import reading_dict, weights_of

from .collect import collect, left_out
from .items import Item
from .page import page
from .summary import summarise

LEDGER, TABLE, SUMMARY, REPORT = "readings.jsonl", "results.parquet", "summary.json", "report.html"
PIECE_SECONDS = 600.0  # longer recordings are read piece by piece
_MAX_PIECES = 400
Progress = Callable[[str, float], None]


def evaluate_folder(
    folder: Path | str, out: Path | str | None = None, *, suite: str = "all", targets: Path | str | None = None,
    layout: str = "auto", recogniser: Any = None, limit: int | None = None, split: str = "",
    target: Emotion | None = None, progress: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Read every file of `folder` and compare with its target. Returns the summary (see `summary.summarise`).

    out: a folder for results.parquet, summary.json, report.html and the ledger by which a second run goes on where the first
    stopped (a file that changed, or other weights, are read again). suite: 'talking-head', 'speech', 'image', 'face', 'text',
    'all'. targets: a CSV of file, emotion[, reference, cluster]. recogniser: another evaluator than ours. limit: so many items,
    evenly over the folder. split: a corpus's own split.
    target: of all files, in place of what the folder says of each. Files that cannot be read become rows with an error.
    """
    folder = Path(folder)
    if limit is not None and limit < 1:
        raise InputError(f"limit is a whole number from 1 up; got {limit}")
    if target is not None and targets is not None:
        raise InputError("give one target for all files, or a table of targets, not both")
    name, items = collect(folder, suite, Path(targets) if targets else None, layout)
    if target is not None:
        items = [replace(i, target=target, label=target.top or "") for i in items]
    if split:
        items = [i for i in items if i.split == split]
        if not items:
            raise InputError(f"no item of '{folder}' is of the split '{split}'")
    if limit is not None and limit < len(items):
        items = [items[int(k * len(items) / limit)] for k in range(limit)]
    store = _Ledger(Path(out) / LEDGER if out is not None else None)
    rows: list[dict[str, Any]] = []
    for k, item in enumerate(items):
        rows += _rows(item, store, recogniser)
        if progress is not None:
            progress("evaluate", (k + 1) / len(items))
    summary = {"folder": folder.name, "suite": suite, "layout": name, "items": len(items), **summarise(rows),
               "left_out": [] if name or targets else left_out(folder)}  # fmt: skip
    if out is not None:
        place = Path(out)
        place.mkdir(parents=True, exist_ok=True)
        write_results(rows, place / TABLE)
        write_text(place / SUMMARY, json.dumps(summary, indent=1, ensure_ascii=False) + "\n")
        write_text(place / REPORT, page(summary, rows, folder))
    return {**summary, "rows": rows}


class _Ledger:
    """Readings by content: one JSON line each, appended as they are made."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.known: dict[str, Any] = {}
        if path is not None and path.is_file():
            text = path.read_text(encoding="utf-8")
            if text and not text.endswith("\n"):  # a line cut off when a run was stopped: what follows begins anew
                path.write_text(text + "\n", encoding="utf-8")
            for line in text.splitlines():
                try:
                    entry = json.loads(line)
                    self.known[entry["key"]] = entry["value"]
                except (ValueError, KeyError, TypeError):
                    continue

    def get(self, key: str, make: Callable[[], Any]) -> Any:
        if key not in self.known:
            self.known[key] = make()
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8") as f:
                    f.write(json.dumps({"key": key, "value": self.known[key]}, ensure_ascii=False) + "\n")
        return self.known[key]


def _rows(item: Item, store: _Ledger, recogniser: Any) -> list[dict[str, Any]]:
    target = item.target
    base: dict[str, Any] = {
        "path": item.name, "kind": item.modality, "target": item.label, "cluster": item.cluster, "split": item.split,
        "target_valence": None if target is None else target.valence,
        "target_arousal": None if target is None else target.arousal,
        "target_dominance": None if target is None else target.dominance,
        "target_category": None if target is None else target.top,
    }  # fmt: skip
    if item.problem:
        return [{**base, "error": item.problem}]
    try:
        content = _content(item)
        sha = content if isinstance(content, str) else _hash(content)
        key = hashlib.sha256(json.dumps([sha, item.modality, _version(recogniser)]).encode()).hexdigest()
        found = store.get(key, lambda: [reading_dict(r) for r in _read(item, recogniser)])
        words = _words(item, sha, store)
    except GenstudioError as error:
        return [{**base, "error": str(error)}]
    except Exception as error:  # one bad file never stops a run
        return [{**base, "error": f"unexpected {type(error).__name__}: {' '.join(str(error).split())[:200]}"}]
    return [_row(base, reading, item, words) for reading in found]


def _row(base: Mapping[str, Any], reading: Mapping[str, Any], item: Item, words: Mapping[str, Any]) -> dict[str, Any]:
    emotion = reading["emotion"]
    c = reading["ceiling"]
    distance = agreement = None
    if item.target is not None:
        point = Reading("", "", emotion["valence"], emotion["arousal"], emotion["dominance"], emotion["categories"], "",
                        None, target=item.target)  # type: ignore[arg-type]  # fmt: skip
        distance, agreement = point.distance, point.agreement
    warnings = reading["details"].get("warnings") or []
    return {
        **base, "modality": reading["modality"], "valence": emotion["valence"], "arousal": emotion["arousal"],
        "dominance": emotion["dominance"], "categories": json.dumps(emotion["categories"]), "distance": distance,
        "agreement": agreement, "top": max(emotion["categories"], key=emotion["categories"].get) if emotion["categories"] else None,
        "recogniser": reading["recogniser"], "vad_source": reading["vad_source"],
        "ceiling": None if c["value"] is None else f"{c['metric']} {c['value']:.2f} on {c['data']}",
        "ceiling_facts": c, "error": "; ".join(warnings) or None, **(words if reading["modality"] == "speech" else {}),
    }  # fmt: skip


def _version(recogniser: Any) -> str:
    """Changes when other weights would read."""
    if recogniser is not None:
        return str(recogniser.name)
    keys = [f"evaluator:{m}" for m in scoring.MODALITIES]
    return hashlib.sha256(json.dumps([weights_of(k) for k in keys], sort_keys=True).encode()).hexdigest()


def _content(item: Item) -> Any:
    """The file's SHA-256, or what stands in the row."""
    if item.load is not None:
        return item.load()
    if not item.path.is_file():
        raise MediaError(f"there is no file '{item.name}'")
    return file_sha256(item.path)


def _hash(content: Any) -> str:
    raw = content.tobytes() if hasattr(content, "tobytes") else str(content).encode()
    return hashlib.sha256(raw).hexdigest()


def _read(item: Item, recogniser: Any) -> list[Reading]:
    if item.load is not None:
        content = item.load()
        if recogniser is not None:
            return [recogniser(content)]
        if item.modality == "text":
            return [scoring.read_text(content)]
        return list(registry.load("evaluator:face").read_aligned(content[None]))
    kind = scoring.kind_of(item.path)
    if kind == "audio" and recogniser is None and _long(item.path):
        return [_read_long(item.path)]
    modality = item.modality if item.modality in scoring.MODALITIES else None
    if kind == "video" and modality == "image":
        modality = None
    return scoring.evaluate_file(item.path, None, modality, recogniser)


def _long(path: Path) -> bool:
    return audio.duration(path) > 1.5 * PIECE_SECONDS


def _read_long(path: Path) -> Reading:
    """Hours of audio in bounded memory: pieces are decoded, read and let go; the mean counts each by its seconds."""
    judge = registry.load("evaluator:speech")
    parts: list[tuple[float, Reading]] = []
    for piece in audio.read_pieces(path, PIECE_SECONDS, _MAX_PIECES):
        try:
            parts.append((len(piece) / SAMPLE_RATE, judge(Speech(piece, SAMPLE_RATE))))
        except MediaError:
            continue  # a silent piece
    if not parts:
        raise MediaError(f"'{path.name}' holds no sound to read")
    total = sum(s for s, _ in parts)
    first = parts[0][1]
    mean = {k: sum(s * r.categories[k] for s, r in parts) / total for k in first.categories}
    from genstudio.emotion import vad_of_categories

    v, a, d = vad_of_categories(mean)
    details = {"seconds": round(total, 1), "pieces": len(parts)}
    return replace(first, valence=v, arousal=a, dominance=d, categories=mean, details=details)


def _words(item: Item, sha: str, store: _Ledger) -> dict[str, Any]:
    """Word error rate where what is said is known (English, by pocketsphinx)."""
    said = item.reference
    if not said or (item.path.parent / said).is_file() or item.load is not None:
        return {}
    kind = scoring.kind_of(item.path)
    if kind == "video" and not video.probe(item.path).has_audio:
        return {}
    if kind not in ("audio", "video"):
        return {}
    from genstudio.signals.transcripts import wer

    def hear() -> str:
        speech = Speech(audio.read_audio(item.path), SAMPLE_RATE)
        return str(registry.load("tool:transcript")(speech).text)

    heard = store.get(f"heard:{sha}", hear)
    try:
        return {"heard": heard, "wer": wer(said, heard)}
    except InputError:
        return {"heard": heard}
