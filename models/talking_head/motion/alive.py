"""Small signs of life, made and captured, side by side: `python -m genstudio.models.talking_head.motion.alive --data DIR`.

Captured: the take alex_rom_4, which no fit has seen: a range of motion without speech, the head still, so single events are
compared, not how often they come. Made: two minutes of unheard sentences, for onsets with an emotion that comes and goes every
three seconds. Head motion has
no capture here: its size is set beside the finding that feeling moves it (Busso et al. 2007: range and speed grow in joy and
anger over neutral speech).
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genstudio.emotion import Emotion, EmotionCurve
from genstudio.media.audio import read_audio
from genstudio.media.rates import SAMPLE_RATE, VIDEO_FPS
from genstudio.protocols import Speech
from genstudio.signals.arkit import BLENDSHAPES, CHANNELS
from genstudio.splits import utterance_holdout

from . import blinkstats
from .model import MotionModel

F32 = NDArray[np.float32]
TAKE = "alex_rom_4.npz"
EVENTS = (
    ("mouthSmileLeft", "joy"),
    ("browInnerUp", "surprise"),
    ("browDownLeft", "anger"),
)  # channel, emotion that shows it
PAIRS = ("browDown", "mouthSmile", "eyeSquint", "noseSneer", "mouthFrown")
COMES = 3.0  # seconds
LEAST = 0.2  # swing of a coefficient from which it is an event


def captured(path: Path) -> tuple[F32, float]:
    """Motion float32 [frames, 52] in the order of BLENDSHAPES, and frames a second."""
    with np.load(path) as z:
        index = [list(z["channels"]).index(n) for n in BLENDSHAPES]
        return z["motion"][:, index].astype(np.float32), float(z["fps"])


def rises(x: F32, fps: float, least: float = LEAST) -> list[float]:
    """Seconds from 10 % to 90 % of each rise of a curve by at least `least` between a valley and the next peak."""
    from scipy.signal import find_peaks

    peaks, _ = find_peaks(x, prominence=least, distance=max(1, round(0.4 * fps)))
    out = []
    for p, before in zip(peaks, [0, *peaks[:-1]], strict=False):
        valley = before + int(np.argmin(x[before : p + 1]))
        part = x[valley : p + 1]
        height = part[-1] - part[0]
        if height >= least:
            low, high = (int(np.argmax(part >= part[0] + s * height)) for s in (0.1, 0.9))
            out.append((high - low) / fps)
    return out


def jitter(x: F32, fps: float) -> float:
    """Root mean square of what changes faster than 5 Hz, over the coefficients [frames, n] that move at all."""
    from scipy.signal import butter, sosfiltfilt

    moving = x[:, x.std(axis=0) > 0.02]
    fast = sosfiltfilt(butter(4, 5, "high", fs=fps, output="sos"), moving, axis=0)
    return float(np.sqrt((fast**2).mean()))


def sides(x: F32, stem: str) -> float:
    """Correlation of a coefficient's left and right."""
    return float(np.corrcoef([x[:, BLENDSHAPES.index(stem + side)] for side in ("Left", "Right")])[0, 1])


def compare(made: dict[str, F32], coming: dict[str, F32], real: F32, fps: float) -> list[tuple[str, str, float, int]]:
    """Rows of (measure, who, value, n).

    made, coming: motion [frames, 62] at 25 fps by emotion, held and coming and going; real: [frames, 52] at fps.
    """
    from scipy.signal import resample_poly

    slow = resample_poly(real, VIDEO_FPS, round(fps), axis=0) if round(fps) != VIDEO_FPS else real
    rows: list[tuple[str, str, float, int]] = []
    for channel, emotion in EVENTS:
        for who, curve in (
            ("model", coming[emotion][:, CHANNELS.index(channel)]),
            ("capture", slow[:, BLENDSHAPES.index(channel)]),
        ):
            times = rises(curve, VIDEO_FPS)
            rows.append((f"onset of {channel} (s)", who, float(np.median(times)) if times else np.nan, len(times)))
    lids = CHANNELS.index("eyeBlinkLeft")
    for who, curve, rate in (
        ("model", made["neutral"][:, lids], VIDEO_FPS),
        ("capture", real[:, BLENDSHAPES.index("eyeBlinkLeft")], fps),
    ):
        found = blinkstats.blinks(curve, float(rate))
        for name in ("onset", "offset", "width", "peak"):
            value = float(np.median([getattr(b, name) for b in found])) if found else np.nan
            rows.append((f"blink {name}", who, value, len(found)))
    rows += [
        ("jitter above 5 Hz", who, jitter(x[:, :52], VIDEO_FPS), len(x))
        for who, x in (("model", made["neutral"]), ("capture", slow))
    ]
    for stem in PAIRS:
        whole = np.concatenate(list(made.values()))
        rows += [
            (f"left-right correlation of {stem}", who, sides(x[:, :52], stem), len(x))
            for who, x in (("model", whole), ("capture", slow))
        ]
    for emotion, x in made.items():
        head = np.rad2deg(x[:, 52:55])
        rows.append(("head: mean deviation of yaw, pitch, roll (deg)", emotion, float(head.std(axis=0).mean()), len(x)))
        rows.append(
            (
                "head: speed (deg/s)",
                emotion,
                float(np.linalg.norm(np.diff(head, axis=0), axis=1).mean() * VIDEO_FPS),
                len(x),
            )
        )
    return rows


def and_back(emotion: str, seconds: float) -> EmotionCurve:
    """Neutral and the emotion in turn, COMES seconds each."""
    times = tuple(np.arange(0, seconds, COMES).tolist())
    return EmotionCurve(times, tuple(Emotion.parse(("neutral", emotion)[k % 2]) for k in range(len(times))), "hold")


def long_speech(data: Path, seconds: float) -> Speech:
    """Held-out sentences of the reading voice one after another."""
    names = [
        line.split("|", 1)[0] for line in (data / "kathleen" / "metadata.csv").read_text(encoding="utf-8").splitlines()
    ]
    parts, total = [], 0
    for name in (n for k, n in enumerate(names) if utterance_holdout(k)):
        parts += [read_audio(data / "kathleen" / "audio" / f"{name}.opus"), np.zeros(SAMPLE_RATE // 2, np.float32)]
        total += len(parts[-2]) + len(parts[-1])
        if total > seconds * SAMPLE_RATE:
            break
    return Speech(np.concatenate(parts)[: round(seconds * SAMPLE_RATE)], SAMPLE_RATE)


def main() -> None:
    p = argparse.ArgumentParser(prog="genstudio.models.talking_head.motion.alive", description=__doc__)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--seconds", type=float, default=120.0)
    p.add_argument("--out", type=Path, default=Path("alive.csv"))
    a = p.parse_args()
    speech, model = long_speech(a.data, a.seconds), MotionModel.load()
    felt = ("neutral", "joy", "surprise", "anger", "sadness")
    made = {e: model(speech, Emotion.parse(e), seed=5).values for e in felt}
    coming = {e: model(speech, and_back(e, a.seconds), seed=5).values for _, e in EVENTS}
    rows = compare(made, coming, *captured(a.data / "arkit_motion" / TAKE))
    with a.out.open("w", newline="", encoding="utf-8") as f:
        writer = csv.writer(f)
        writer.writerows([("measure", "who", "value", "n"), *((m, w, round(v, 4), n) for m, w, v, n in rows)])
    for measure, who, value, n in rows:
        print(f"{measure:48s} {who:10s} {value:8.3f}  n={n}", file=sys.stderr)


if __name__ == "__main__":
    main()
