"""Measure the talking head, whole: `python -m genstudio.models.talking_head.evaluate --data DIR --out FILE.csv`.

Held-out sentences and held-out portraits become videos through the registry's engine, and the registry's face recogniser reads
them back: emotion asked for against emotion read (unweighted recall, its interval by resampling portraits, confusion), rising
intensity, valence and arousal over a grid, speed from portrait and sound to mp4, driving and streaming (`live`), and what each
part adds (`ablation`). Recipes and guidance must be chosen with the steering recogniser (`--role steer`); the scoring one is for
reporting.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio import registry, scoring
from genstudio.emotion import EKMAN, Emotion
from genstudio.errors import FaceError, MissingDataError
from genstudio.intervals import bootstrap
from genstudio.media.audio import SAMPLE_RATE, read_audio
from genstudio.media.image import read_image
from genstudio.media.video import write_video
from genstudio.protocols import Motion, Reading, Speech
from genstudio.splits import london_holdout, utterance_holdout

from . import live

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]
INTENSITIES = (0.0, 0.3, 0.6, 1.0, 1.4)
GRID = (-0.8, -0.4, 0.0, 0.4, 0.8)
PARTS = ("seven", "rising", "grid", "speed", "driven", "stream", "ablation")
EVERY = 5  # frames of a video that are read, as genstudio.scoring does


@dataclass(frozen=True)
class Row:
    """One figure; low and high: 95 % interval where there is one."""

    measure: str
    condition: str
    value: float
    n: int
    low: float | None = None
    high: float | None = None


def sentences(data: Path, n: int) -> list[Speech]:
    """Held-out recordings of the reading voice, or the embedded voice when the data are absent."""
    folder = data / "kathleen"
    if not folder.is_dir():
        voice = registry.load("speech:embedded")
        lines = (
            "The train was late again this morning.",
            "I found the letter under the old book.",
            "They are waiting for us.",
        )
        return [voice(line, Emotion.neutral(), seed=k) for k, line in enumerate(lines[:n])]
    names = [line.split("|", 1)[0] for line in (folder / "metadata.csv").read_text(encoding="utf-8").splitlines()]
    held = [name for k, name in enumerate(names) if utterance_holdout(k)]
    chosen = held[:: max(len(held) // n, 1)][:n]
    return [Speech(read_audio(folder / "audio" / f"{name}.opus"), SAMPLE_RATE) for name in chosen]


def portraits(data: Path, n: int) -> dict[str, U8]:
    """The demo's portraits, and n held-out people of the London set when it is there."""
    out = {name: read_image(path) for name, path in registry.load("head:embedded").portraits().items()}
    paths = sorted((data / "london" / "neutral").glob("*.jpg"))
    held = [p for p in paths if london_holdout(p.stem)]
    for p in held[:: max(len(held) // max(n, 1), 1)][:n]:
        out[f"london_{p.stem}"] = read_image(p)
    return out


@dataclass(frozen=True)
class Rig:
    """What makes and reads the videos."""

    head: Any
    speeches: list[Speech]
    role: str
    size: int

    def read(self, portrait: U8, emotion: Emotion, k: int) -> Reading:
        """Make a video of sentence and seed k and read every EVERY-th frame of it (only those are drawn)."""
        speech = self.speeches[k % len(self.speeches)]
        motion = self.head(portrait, speech, emotion, seed=k, size=self.size).motion
        seen = Motion(motion.values[::EVERY], motion.channels, motion.fps / EVERY)
        drawn = self.head(portrait, speech, emotion, seed=k, size=self.size, motion=seen)
        return scoring.read_face(drawn.frames(), emotion, self.role)


def interval(right: NDArray[np.bool_], rounds: int = 2000) -> tuple[float, float]:
    """95 % interval of the unweighted recall of [emotions, portraits], portraits drawn anew."""
    found = bootstrap(lambda portraits: float(portraits.mean()), right.T, repeats=rounds)
    return found.low, found.high


def spearman(a: Sequence[float], b: Sequence[float]) -> float:
    """Rank correlation."""
    from scipy.stats import spearmanr

    return float(spearmanr(a, b).statistic)


def seven(rig: Rig, faces: dict[str, U8]) -> tuple[list[Row], list[dict[str, Any]]]:
    """Asked for against read, each emotion with each portrait."""
    p = np.zeros((len(EKMAN), len(faces), len(EKMAN)))
    videos: list[dict[str, Any]] = []
    for i, (name, portrait) in enumerate(faces.items()):
        for k, emotion in enumerate(EKMAN):
            reading = rig.read(portrait, Emotion.parse(emotion), i)
            p[k, i] = [reading.categories.get(e, 0.0) for e in EKMAN]
            videos.append({
                "portrait": name, "asked": emotion, "read": EKMAN[int(p[k, i].argmax())],
                **{f"P({e})": round(float(v), 4) for e, v in zip(EKMAN, p[k, i], strict=True)},
            })  # fmt: skip
        say(f"{name}: " + ", ".join(EKMAN[k] for k in p[:, i].argmax(axis=-1)))
    top = p.argmax(axis=-1)
    right = top == np.arange(len(EKMAN))[:, None]
    low, high = interval(right)
    rows = [Row("unweighted recall of seven", "all portraits", float(right.mean()), right.size, low, high)]
    demo = np.array([not name.startswith("london") for name in faces])
    for label, mask in (("demo portraits", demo), ("London, held out", ~demo)):
        if mask.any():
            part = right[:, mask]
            rows.append(Row("unweighted recall of seven", label, float(part.mean()), part.size, *interval(part)))
    rows.append(Row("unweighted recall of seven", "chance", 1 / len(EKMAN), right.size))
    for k, emotion in enumerate(EKMAN):
        rows.append(Row("recall", emotion, float(right[k].mean()), right.shape[1]))
        rows.append(Row("mean P(asked)", emotion, float(p[k, :, k].mean()), right.shape[1]))
        for j in range(len(EKMAN)):
            if count := int((top[k] == j).sum()):
                rows.append(Row("confusion", f"{emotion} read as {EKMAN[j]}", count, right.shape[1]))
    return rows, videos


def rising(rig: Rig, faces: dict[str, U8]) -> list[Row]:
    """P(asked) against intensity."""
    rows = []
    for emotion in (e for e in EKMAN if e != "neutral"):
        curve = []
        for s in INTENSITIES:
            asked = Emotion.parse(emotion).scaled(s)
            made = [rig.read(f, asked, i).categories.get(emotion, 0.0) for i, f in enumerate(faces.values())]
            curve.append(float(np.mean(made)))
            rows.append(Row(f"P({emotion})", f"intensity {s}", curve[-1], len(made)))
        rises = all(b > a for a, b in itertools.pairwise(curve))
        rows.append(Row("P(asked) rises with intensity", emotion, float(rises), len(curve)))
        say(f"{emotion}: " + " ".join(f"{v:.2f}" for v in curve))
    return rows


def grid(rig: Rig, faces: dict[str, U8]) -> list[Row]:
    """Valence and arousal asked for against those of what is read (the norms' coordinates of the category posterior)."""
    asked, got = [], []
    for v, a in itertools.product(GRID, GRID):
        read = [rig.read(f, Emotion.from_vad(v, a), i) for i, f in enumerate(faces.values())]
        asked.append((v, a))
        got.append((float(np.mean([r.valence or 0 for r in read])), float(np.mean([r.arousal or 0 for r in read]))))
    return [
        Row("Spearman asked and read", axis, spearman([x[k] for x in asked], [x[k] for x in got]), len(asked))
        for k, axis in enumerate(("valence", "arousal"))
    ]


def speed(head: Any, portrait: U8, speech: Speech) -> list[Row]:
    """Frames a second from a portrait already seen and sound to a finished mp4."""
    rows = []
    for size in (256, 512):
        head(portrait, speech, Emotion.parse("joy"), size=size)  # the portrait is made ready
        began = time.perf_counter()
        made = head(portrait, speech, Emotion.parse("joy"), size=size, seed=1)
        with tempfile.TemporaryDirectory() as folder:
            write_video(Path(folder) / "x.mp4", made.frames(), made.size, audio=speech.samples, rate=speech.rate)
        rows.append(
            Row(
                "frames a second, sound to mp4",
                f"{size} pixels",
                made.count / (time.perf_counter() - began),
                made.count,
            )
        )
    return rows


def write(path: Path, rows: list[Row], videos: list[dict[str, Any]], facts: dict[str, Any]) -> None:
    """The figures as CSV, and every video's reading beside them as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as f:
        writer = csv.writer(f)
        writer.writerow(("measure", "condition", "value", "low", "high", "n"))
        for r in rows:
            ends = ("" if v is None else round(v, 4) for v in (r.low, r.high))
            writer.writerow((r.measure, r.condition, round(float(r.value), 4), *ends, r.n))
    path.with_suffix(".json").write_text(json.dumps({**facts, "videos": videos}, indent=1) + "\n", encoding="utf-8")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(argv: list[str] | None = None) -> None:
    p = argparse.ArgumentParser(prog="genstudio.models.talking_head.evaluate", description=__doc__)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--out", type=Path, default=Path("evaluation.csv"))
    p.add_argument(
        "--role", choices=("score", "steer"), default="score", help="recogniser: score reports, steer is for tuning"
    )
    p.add_argument("--london", type=int, default=6, help="held-out London portraits besides the demo's")
    p.add_argument("--sentences", type=int, default=3)
    p.add_argument("--few", type=int, default=3, help="portraits for intensity and the grid")
    p.add_argument("--size", type=int, default=256)
    p.add_argument("--only", nargs="*", choices=PARTS, default=None)
    a = p.parse_args(argv)
    parts = set(a.only or PARTS)
    faces = portraits(a.data, a.london)
    if not faces:
        raise MissingDataError("no portraits: neither the demo's nor the London set's were found")
    rig = Rig(registry.load("head:embedded"), sentences(a.data, a.sentences), a.role, a.size)
    reader = scoring.evaluator("face", a.role)
    ceiling = reader.ceiling
    facts = {
        "recogniser": reader.name,
        "frames_read": f"every {EVERY}th",
        "size": a.size,
        "portraits": list(faces),
        "speech": f"{len(rig.speeches)} held-out sentences",
        "ceiling": ceiling.value,
        "ceiling_data": ceiling.data,
    }
    rows = [Row(f"ceiling: {ceiling.metric} of the recogniser", ceiling.data, ceiling.value, 0, *ceiling.interval)]
    videos: list[dict[str, Any]] = []
    few = dict(itertools.islice(faces.items(), a.few))
    if "seven" in parts:
        try:
            more, videos = seven(rig, faces)
        except FaceError as error:
            raise FaceError(f"a made frame holds no face: {error}") from None
        rows += more
    if "rising" in parts:
        rows += rising(rig, few)
    if "grid" in parts:
        rows += grid(rig, few)
    if "speed" in parts:
        rows += speed(rig.head, next(iter(faces.values())), rig.speeches[0])
    if "driven" in parts:
        rows += live.driven(dict(itertools.islice(faces.items(), 2)), a.size)
    if "stream" in parts:
        rows += live.streamed(next(iter(faces.values())), rig.speeches[0], a.size)
    if "ablation" in parts:
        from .ablation import ablation

        rows += ablation(rig, dict(itertools.islice(faces.items(), 2 * a.few)), a.data, say)
    write(a.out, rows, videos, facts)
    for r in rows:
        say(f"{r.measure:32s} {r.condition:28s} {r.value:8.3f}  n={r.n}")


if __name__ == "__main__":
    main()
