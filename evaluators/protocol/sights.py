"""The protocols for talking heads and for pictures: every emotion, the same seeds with and without, read alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from genstudio import registry, scoring
from genstudio.emotion import EKMAN, Emotion
from genstudio.errors import FaceError
from genstudio.media.image import read_image
from genstudio.protocols import Picture, TalkingHead

from .common import Progress, Row, acts_by_axis, acts_by_category, beside, check, kept, share, table_of
from .kinship import kinship
from .report import Report
from .rows import Rows

SENTENCE = "The train leaves at half past seven, and we will be there by noon."
PROMPTS = (
    "a lake", "a village", "a road with a car", "a wood", "a harbour", "a field", "a town street", "a bridge over a river",
)  # fmt: skip
_SIZE = 256
_SYNC_MS = 80.0


def head_protocol(
    engine: str = "head:embedded", *, emotions: Sequence[str] = EKMAN, items: int = 6, seeds: int = 1, rows: Path | None = None,
    progress: Progress | None = None,
) -> Report:  # fmt: skip
    """Judge a talking-head engine on the portraits that come along; the voice is neutral throughout, so that the face alone can
    carry the emotion. Gates: lips within 80 ms. Intervals resample portraits. Raises InputError."""
    make, judge = registry.load(engine), registry.load("evaluator:face")
    portraits = dict(registry.load("head:embedded").portraits())
    check(emotions, items, len(portraits), seeds)
    names = list(portraits)[:items]
    design = {
        "portraits": names, "emotions": list(emotions), "seeds": seeds, "engine": engine, "voice": "neutral throughout",
        "decoded": f"{_SIZE} pixels, every {scoring.FACE_FRAME_STRIDE}th frame",
    }  # fmt: skip
    ledger = Rows(rows)
    ledger.check(design)
    speech = registry.load("speech:embedded")(SENTENCE, Emotion.neutral(), seed=1)
    sync = registry.load("tool:sync")

    def read(name: str, felt: Emotion, seed: int) -> tuple[TalkingHead, Row]:
        head = make(read_image(portraits[name]), speech, felt, size=_SIZE, seed=seed)
        return head, kept(scoring.read_output(head, None))

    def made(name: str, seed: int, emotion: str) -> Row:
        felt = Emotion.parse(emotion)
        head, full = read(name, felt, seed)
        plain = full if emotion == "neutral" else read(name, Emotion.neutral(), seed)[1]
        half = plain if emotion == "neutral" else read(name, felt.scaled(0.5), seed)[1]
        return {
            "cluster": name, "asked": emotion, "full": full, "without": plain, "half": half, "offset_ms": _offset(sync, head)
        }  # fmt: skip

    found = _run(ledger, names, seeds, emotions, made, progress)
    whole = table_of(found, lambda r: r["full"], judge)
    near = [r["offset_ms"] is not None and abs(r["offset_ms"]) <= _SYNC_MS for r in found]
    passed = [r for r, ok in zip(found, near, strict=True) if ok]
    gated = table_of(passed, lambda r: r["full"], judge) if 0 < len(passed) < len(found) else None
    return Report(
        "talking head", engine, judge.name, {**design, "takes": len(found)}, kinship(engine, "evaluator:face"), whole, gated,
        beside(whole, {"voice and motion without emotion": table_of(found, lambda r: r["without"], judge)}), None,
        {f"lips within {_SYNC_MS:.0f} ms": share(near)}, acts_by_category(found),
    )  # fmt: skip


def _offset(sync: Any, head: TalkingHead) -> float | None:
    from ..sync.evaluator import openings_of

    try:
        found = sync.read(openings_of(head.frames()), head.motion.fps, head.speech)
    except FaceError:
        return None
    return found.offset_ms


def image_protocol(
    engine: str = "image:embedded", *, emotions: Sequence[str] = EKMAN, items: int = 6, seeds: int = 1, rows: Path | None = None,
    progress: Progress | None = None,
) -> Report:  # fmt: skip
    """Judge an image engine on prompts without feeling. Control: the neutral picture with nothing but the emotional one's palette
    (mean and spread of each CIELAB axis, Reinhard et al. 2001). Intervals resample prompts. Raises InputError."""
    make, judge = registry.load(engine), registry.load("evaluator:image")
    check(emotions, items, len(PROMPTS), seeds)
    prompts = PROMPTS[:items]
    design = {
        "prompts": list(prompts), "emotions": list(emotions), "seeds": seeds, "engine": engine, "decoded": f"{_SIZE} pixels, PNG",
    }  # fmt: skip
    ledger = Rows(rows)
    ledger.check(design)

    def paint(prompt: str, felt: Emotion, seed: int) -> Picture:
        picture: Picture = make(prompt, felt, size=(_SIZE, _SIZE), seed=seed)
        return picture

    def made(prompt: str, seed: int, emotion: str) -> Row:
        felt = Emotion.parse(emotion)
        full = paint(prompt, felt, seed)
        plain = full if emotion == "neutral" else paint(prompt, Emotion.neutral(), seed)
        half = plain if emotion == "neutral" else paint(prompt, felt.scaled(0.5), seed)
        palette = with_palette(plain.pixels, full.pixels)
        return {
            "cluster": prompt, "asked": emotion, "full": kept(judge(full.pixels)), "without": kept(judge(plain.pixels)),
            "half": kept(judge(half.pixels)), "controls": {"palette": kept(judge(palette))},
        }  # fmt: skip

    found = _run(ledger, prompts, seeds, emotions, made, progress)
    whole = table_of(found, lambda r: r["full"], judge, "regression")
    palette = table_of(found, lambda r: r["controls"]["palette"], judge, "regression")
    notes = [
        f"{axis}: Spearman with the palette alone {palette.linearity[axis]}, whole {whole.linearity[axis]}"
        for axis in ("valence", "arousal") if whole.linearity[axis] is not None
    ]  # fmt: skip
    acts = {**acts_by_axis(found, "valence"), **acts_by_axis(found, "arousal")}
    return Report(
        "picture", engine, judge.name, {**design, "takes": len(found)}, kinship(engine, "evaluator:image"), whole, None, {},
        None, {}, acts, tuple(notes),
    )  # fmt: skip


def with_palette(pixels: Any, other: Any) -> Any:
    """uint8 [h, w, 3] with the mean and spread of another picture's CIELAB axes."""
    import cv2

    here, there = (cv2.cvtColor(np.ascontiguousarray(p), cv2.COLOR_RGB2LAB).astype(np.float32) for p in (pixels, other))
    a, b = here.reshape(-1, 3), there.reshape(-1, 3)
    moved = (here - a.mean(0)) * (b.std(0) / np.maximum(a.std(0), 1.0)) + b.mean(0)
    return cv2.cvtColor(np.clip(moved, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)


def _run(
    ledger: Rows, items: Sequence[str], seeds: int, emotions: Sequence[str], made: Any, progress: Progress | None
) -> list[Row]:
    plan = [(item, seed, e) for item in items for seed in range(seeds) for e in emotions]
    found = []
    for i, (item, seed, e) in enumerate(plan):
        found.append(ledger.get((item, seed, e), lambda item=item, seed=seed, e=e: made(item, seed, e)))  # type: ignore[misc]
        if progress:
            progress("protocol", (i + 1) / len(plan))
    return found
