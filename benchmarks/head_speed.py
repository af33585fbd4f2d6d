"""Frames a second of the talking head: python benchmarks/head_speed.py [--size 256 512] [--seconds 4] [--cold]

Drawing alone (one and two threads, process seconds a frame), beside a peer in the same run (cv2.remap over the full frame), and the
whole path: portrait and wav to mp4 with motion generated. --cold also measures compiling into an empty cache. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from genstudio.protocols import Motion
from genstudio.signals.arkit import CHANNELS


def motion(frames: int) -> Motion:
    """A talking, turning, blinking motion without a model."""
    t = np.arange(frames) / 25
    values = np.zeros((frames, len(CHANNELS)), np.float32)
    at = {n: i for i, n in enumerate(CHANNELS)}
    values[:, at["jawOpen"]] = 0.25 * (1 + np.sin(9 * t))
    values[:, at["headYaw"]] = 0.1 * np.sin(t)
    values[:, at["leftEyeYaw"]] = values[:, at["rightEyeYaw"]] = 0.1 * np.sin(0.7 * t)
    for name in ("mouthSmileLeft", "mouthSmileRight", "cheekSquintLeft", "cheekSquintRight", "browInnerUp"):
        values[:, at[name]] = 0.5
    for name in ("eyeBlinkLeft", "eyeBlinkRight"):
        values[:, at[name]] = (np.sin(2 * t) > 0.95).astype(np.float32)
    return Motion(values, CHANNELS)


def peer(size: int, frames: int) -> float:
    """Milliseconds to warp a full frame by cv2.remap, one thread."""
    cv2.setNumThreads(1)
    picture = np.random.default_rng(0).integers(0, 255, (size, size, 3), dtype=np.uint8)
    x, y = np.meshgrid(np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32))
    x, y = x + 0.3, y + 0.4
    seconds = []
    for _ in range(frames):
        clock = time.perf_counter()
        cv2.remap(picture, x, y, cv2.INTER_LINEAR)
        seconds.append(time.perf_counter() - clock)
    return float(np.median(seconds)) * 1e3


def whole(path: Path, size: int, seconds: float) -> dict[str, float]:
    """Portrait and recording to an mp4 with sound, motion generated: frames a second, everything loaded before."""
    from genstudio import Emotion, Studio

    rate = 24_000
    t = np.arange(int(seconds * rate)) / rate
    from genstudio.protocols import Speech

    voice = (0.2 * np.sin(2 * np.pi * 180 * t) * (np.sin(2 * np.pi * 3 * t) > 0)).astype(np.float32)
    studio = Studio()
    speech, emotion = Speech(voice, rate), Emotion.parse("joy")
    with tempfile.TemporaryDirectory() as folder:  # loads everything, the reader of the result too
        studio.animate(path, speech, emotion, size=size, seed=0).save(Path(folder) / "first.mp4")
    clock = time.perf_counter()
    take = studio.animate(path, speech, emotion, size=size, seed=1)
    drawn = time.perf_counter() - clock
    with tempfile.TemporaryDirectory() as folder:
        take.save(Path(folder) / "head.mp4")
    total = time.perf_counter() - clock
    return {
        "motion_s": round(drawn, 2),
        "total_s": round(total, 2),
        "frames_per_s": round(take.output.count / total, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--no-whole", action="store_true", help="drawing only, without the motion model")
    args = parser.parse_args()
    out: dict = {"cpus": os.cpu_count()}
    if args.cold:
        with tempfile.TemporaryDirectory() as folder:
            env = os.environ | {"NUMBA_CACHE_DIR": folder}
            code = "from genstudio.models.talking_head.animator.warm import warm; warm()"
            clock = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, env=env)
            out["cold_start_s"] = round(time.perf_counter() - clock, 1)
    from genstudio.media.image import read_image
    from genstudio.models.talking_head.animator import Animator
    from genstudio.models.talking_head.portraits import portraits

    path = portraits()["portrait_1"]
    picture = read_image(path)
    moved = motion(round(args.seconds * 25))
    for size in args.size:
        clock = time.perf_counter()
        animator = Animator(picture, size=size)
        row: dict = {"prepare_s": round(time.perf_counter() - clock, 2)}
        animator.frame(moved.values[0])
        for workers in (1, 2):
            wall, cpu = time.perf_counter(), time.process_time()
            count = sum(1 for _ in animator.frames(moved, workers))
            row[f"frames_per_s_{workers}_threads"] = round(count / (time.perf_counter() - wall), 1)
            row["cpu_ms_a_frame"] = round((time.process_time() - cpu) / count * 1e3, 1)
        row["peer_remap_ms"] = round(peer(size, 100), 3)
        row["ratio_to_peer"] = round(row["cpu_ms_a_frame"] / row["peer_remap_ms"], 1)
        if not args.no_whole:
            row["whole_path"] = whole(path, size, args.seconds)
        out[str(size)] = row
    print(json.dumps(out, indent=2))


if __name__ == "__main__":
    main()
