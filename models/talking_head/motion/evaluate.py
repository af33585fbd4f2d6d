"""Measure the motion model on speech never trained on: `python -m genstudio.models.talking_head.motion.evaluate --data DIR`.

Lip closure on m, b, p; agreement with the generator; seams, drift over five minutes; blinks against real capture; seeds;
emotion and intensity in coefficient space; speed (what each part adds: `..ablation`). One CSV of (measure, condition, value, n).
"""

from __future__ import annotations

import argparse
import csv
import itertools
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.emotion import EKMAN, Emotion
from genstudio.media.rates import SAMPLE_RATE, VIDEO_FPS
from genstudio.protocols import Speech
from genstudio.signals.arkit import CHANNELS
from genstudio.signals.mel import log_mel, loudness

from . import blinkstats, corpus
from .generator import session, visemes
from .model import AHEAD, MotionModel

F32 = NDArray[np.float32]
C = {c: i for i, c in enumerate(CHANNELS)}
CLOSED_CM = 0.1  # inner lips nearer than this count as closed
STRENGTHS = (0.0, 0.3, 0.6, 1.0, 1.4)
# the coefficients that carry each emotion, signed: its strength is their mean
MARKS = {
    "anger": ("browDownLeft", "mouthLowerDownLeft"),
    "disgust": ("noseSneerLeft", "mouthUpperUpLeft", "noseSneerRight", "mouthUpperUpRight"),
    "fear": ("eyeWideLeft", "mouthStretchLeft"), "joy": ("mouthSmileLeft", "cheekSquintLeft"),
    "sadness": ("browInnerUp", "mouthFrownLeft"), "surprise": ("browOuterUpLeft", "jawOpen"),
}  # fmt: skip


@dataclass
class Table:
    """Rows of what was measured."""

    rows: list[tuple[str, str, float, int]] = field(default_factory=list)

    def add(self, measure: str, condition: str, value: float, n: int) -> None:
        self.rows.append((measure, condition, round(float(value), 4), n))
        print(f"{measure:34s} {condition:26s} {value:9.4f}  n={n}", file=sys.stderr, flush=True)

    def save(self, path: Path) -> None:
        with path.open("w", newline="") as f:
            writer = csv.writer(f)
            writer.writerow(("measure", "condition", "value", "n"))
            writer.writerows(self.rows)


@dataclass(frozen=True)
class Clip:
    """A held-out recording with its visemes."""

    speech: Speech
    segments: visemes.Segments

    def reference(self) -> F32:
        """The generator's own neutral performance without style: what the network should agree with."""
        frames = int(np.ceil(self.speech.duration * VIDEO_FPS))
        weights = np.zeros((frames, 7), np.float32)
        weights[:, EKMAN.index("neutral")] = 1
        feeling = session.Feeling(weights, np.zeros((frames, 3), np.float32), np.ones(frames, np.float32))
        energy = np.pad(loudness(log_mel(self.speech.samples)), (0, 8), constant_values=-60)[: frames * 4]
        rng = np.random.default_rng(0)
        return session.perform(rng, self.segments, energy, feeling, np.zeros(session.STYLE, np.float32))[0]


def clips(data: Path, cache: Path, n: int) -> tuple[list[Clip], list[Clip]]:
    """Held-out utterances of the reading voice, and neutral and emotional ones of four unheard EmoDB actors."""
    reading = [u for u in corpus.kathleen(data, cache) if u.held_out]
    acted = [u for u in corpus.emodb(data) if u.held_out]

    def some(us: list[corpus.Utterance], sampa: bool) -> list[Clip]:
        out = []
        for u in us[:: max(len(us) // n, 1)][:n]:
            x = u.samples(SAMPLE_RATE)
            out.append(Clip(Speech(x, SAMPLE_RATE), visemes.segments(u.phones, len(x) / SAMPLE_RATE, sampa)))
        return out

    return some(reading, False), some(acted, True)


def closed(motion: F32, segments: visemes.Segments) -> list[bool]:
    """For each m, b, p: whether the lips meet during it (40 ms of grace), mouthClose counting as far as the jaw is open."""
    drawn = motion.copy()
    drawn[:, C["mouthClose"]] = np.minimum(motion[:, C["mouthClose"]], motion[:, C["jawOpen"]])
    gap = session.lip_gap(drawn)
    out = []
    for a, b in zip(
        *(x[segments.viseme == visemes.NAMES.index("PP")] for x in (segments.start, segments.end)), strict=True
    ):
        i, j = int((a - 0.04) * VIDEO_FPS), int((b + 0.04) * VIDEO_FPS) + 1
        if i >= 0 and j <= len(gap):
            out.append(bool(gap[i:j].min() < CLOSED_CM))
    return out


def best_lag(a: F32, b: F32, reach: int = 5) -> int:
    """Frames by which a lags b, by correlation."""
    scores = {
        k: np.corrcoef(a[reach + k : len(a) - reach + k], b[reach : len(b) - reach])[0, 1]
        for k in range(-reach, reach + 1)
    }
    return max(scores, key=lambda k: scores[k])


def lips(table: Table, model: MotionModel, name: str, tests: list[Clip], steps: int) -> None:
    for emotion in EKMAN:
        hits: list[bool] = []
        jaw, gap, lags = [], [], []
        for k, clip in enumerate(tests):
            m = model(clip.speech, Emotion.parse(emotion), seed=k, steps=steps).values
            hits += closed(m, clip.segments)
            if emotion == "neutral":
                r = clip.reference()
                jaw.append(np.corrcoef(m[:, C["jawOpen"]], r[:, C["jawOpen"]])[0, 1])
                gap.append(np.corrcoef(session.lip_gap(m), session.lip_gap(r))[0, 1])
                lags.append(best_lag(session.lip_gap(m), session.lip_gap(r)))
        table.add("lip closure on m b p", f"{name}, {emotion}", float(np.mean(hits)), len(hits))
        if emotion == "neutral":
            table.add("correlation of jawOpen", name, float(np.mean(jaw)), len(jaw))
            table.add("correlation of lip gap", name, float(np.mean(gap)), len(gap))
            table.add("share within 40 ms of reference", name, float((np.abs(lags) <= 1).mean()), len(lags))


def long_speech(table: Table, model: MotionModel, tests: list[Clip], steps: int, minutes: float) -> F32:
    """Five minutes: speed, seams, drift, blinks, memory of the process."""
    need = int(minutes * 60 * SAMPLE_RATE)
    gap = np.zeros(SAMPLE_RATE // 2, np.float32)
    x = np.concatenate([np.concatenate([c.speech.samples, gap]) for c in tests])
    x = np.tile(x, need // len(x) + 1)[:need]
    began = time.monotonic()
    m = model(Speech(x, SAMPLE_RATE), Emotion.parse("joy:0.4"), seed=5, steps=steps).values
    table.add("frames a second (1 thread)", f"{steps} steps", len(m) / (time.monotonic() - began), len(m))
    scale = model.std.numpy()
    jump = np.abs(np.diff(m, axis=0) / scale).mean(axis=1)
    kept = model.net.config.window - AHEAD
    at = np.zeros(len(jump), bool)
    at[kept - 1 :: kept] = True
    table.add("step at seams / elsewhere", "mean |change|", float(jump[at].mean() / jump[~at].mean()), int(at.sum()))
    table.add(
        "step at seams / elsewhere",
        "95th percentile",
        float(np.percentile(jump[at], 95) / np.percentile(jump[~at], 95)),
        int(at.sum()),
    )
    parts = np.array_split(m / scale, 10)
    means = np.stack([p.mean(axis=0) for p in parts])
    stds = np.stack([p.std(axis=0) for p in parts])
    table.add(
        "drift", "largest mean shift, first to last 30 s, in deviations", float(np.abs(means[-1] - means[0]).mean()), 10
    )
    table.add("drift", "shift between other parts", float(np.abs(np.diff(means[:-1], axis=0)).mean()), 9)
    table.add("drift", "deviation last / first", float(stds[-1].mean() / stds[0].mean()), 10)
    return m


def blinking(table: Table, m: F32, data: Path) -> None:
    ours = blinkstats.blinks(m[:, C["eyeBlinkLeft"]], VIDEO_FPS)
    real, fps = blinkstats.take(data / "arkit_motion" / "alex_rom_4.npz", "eyeBlinkLeft")
    theirs = blinkstats.blinks(real, fps)
    table.add("blinks a minute", "model", 60 * VIDEO_FPS * len(ours) / len(m), len(ours))
    for name in ("onset", "offset", "width", "peak"):
        for who, events in (("model", ours), ("capture alex_rom_4", theirs)):
            table.add(
                f"blink {name}",
                who,
                float(np.median([getattr(e, name) for e in events])) if events else np.nan,
                len(events),
            )


def emotions(table: Table, model: MotionModel, tests: list[Clip], steps: int) -> None:
    """Separability by nearest centroid over mean coefficients, leaving each utterance out; strength against intensity; seeds."""
    features = np.zeros((len(tests), 7, 52), np.float32)
    for i, clip in enumerate(tests):
        for k, name in enumerate(EKMAN):
            features[i, k] = (
                model(clip.speech, Emotion.parse(name), seed=10 * i + k, steps=steps).values[:, :52].mean(axis=0)
            )
    right = np.zeros(7)
    for i in range(len(tests)):
        centre = np.delete(features, i, axis=0).mean(axis=0)
        found = np.linalg.norm(features[i][:, None] - centre[None], axis=-1).argmin(axis=1)
        right += found == np.arange(7)
    for k, name in enumerate(EKMAN):
        table.add("read from mean coefficients", name, right[k] / len(tests), len(tests))
    table.add("read from mean coefficients", "unweighted recall", float(right.mean() / len(tests)), 7 * len(tests))
    for name, marks in MARKS.items():
        curve = []
        for s in STRENGTHS:
            e = Emotion.parse(name).scaled(s)
            made = [
                model(c.speech, e, seed=i, steps=steps).values[:, [C[x] for x in marks]].mean()
                for i, c in enumerate(tests[:4])
            ]
            curve.append(float(np.mean(made)))
            table.add(f"strength of {name}", f"intensity {s}", curve[-1], len(made))
        table.add(
            "intensity monotone",
            name,
            float(all(b > a for a, b in itertools.pairwise(curve))),
            len(STRENGTHS),
        )
    speech = tests[0].speech
    a, b, c = (model(speech, Emotion.parse("joy"), seed=s, steps=steps).values for s in (1, 1, 2))
    table.add("same seed: largest difference", "joy", float(np.abs(a - b).max()), 1)
    table.add("two seeds: mean difference", "joy, in deviations", float(np.abs((a - c) / model.std.numpy()).mean()), 1)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--align-cache", type=Path, default=Path(".cache/motion"))
    p.add_argument("--weights", type=Path, default=None)
    p.add_argument("--steps", type=int, default=8)
    p.add_argument("--clips", type=int, default=24)
    p.add_argument("--minutes", type=float, default=5.0)
    p.add_argument("--out", type=Path, default=Path("evaluation.csv"))
    a = p.parse_args()
    torch.set_num_threads(1)
    model, table = MotionModel.load(a.weights), Table()
    reading, acted = clips(a.data, a.align_cache, a.clips)
    lips(table, model, "unheard sentences (Kathleen)", reading, a.steps)
    lips(table, model, "unheard German voices (EmoDB)", acted, a.steps)
    m = long_speech(table, model, reading, a.steps, a.minutes)
    blinking(table, m, a.data)
    emotions(table, model, reading[:8], a.steps)
    table.save(a.out)


if __name__ == "__main__":
    main()
