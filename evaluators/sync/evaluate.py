"""Measure the sync evaluator: python -m genstudio.evaluators.sync.evaluate --data DIR [--heads N] [--write]

Held-out voices with made lips: planted offsets found within 80 ms, and own against foreign lips (the threshold of
`SyncReading`). With --heads: the talking head's videos with the sound moved by known amounts, without sound, and with foreign
sound.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from genstudio.media.rates import SAMPLE_RATE, VIDEO_FPS
from genstudio.protocols import Speech

from .articulation import opening, seen
from .data import Clip, clips
from .evaluator import WEIGHTS, SyncEvaluator, margin
from .model import HOPS, LAGS, agreement

REFUSED = 0.05  # share of real pairs below the threshold of confidence
SHIFTS = (-400, -200, -80, 0, 80, 200, 400)  # milliseconds


def _curves(judge: SyncEvaluator, items: list[Clip], random: np.random.Generator, foreign: bool) -> np.ndarray:
    """Agreement curves [clips, 31] of each clip with its own or another's lips."""
    import torch

    out = []
    for i, c in enumerate(items):
        d = items[(i + 1 + int(random.integers(len(items) - 1))) % len(items)] if foreign else c
        n = min(len(c.mel), len(d.mel)) // HOPS
        lips = seen(opening(d.phones, d.seconds, d.level, random), random)[:n]
        with torch.no_grad():
            a, v = judge.net.encode(torch.from_numpy(c.mel[: n * HOPS])[None], torch.from_numpy(lips)[None])
            out.append(agreement(a, v)[0].numpy())
    return np.stack(out)


def held_out(judge: SyncEvaluator, items: list[Clip], rounds: int = 3) -> dict[str, Any]:
    """Offsets and confidence on held-out clips."""
    random = np.random.default_rng(0)
    own = np.concatenate([_curves(judge, items, random, False) for _ in range(rounds)])
    other = np.concatenate([_curves(judge, items, random, True) for _ in range(rounds)])
    late = own.argmax(1) - LAGS
    seconds = np.array([c.seconds for c in items] * rounds)
    long = seconds > 2.5
    yes, no = (margin(c)[long] for c in (own, other))
    threshold = float(np.quantile(yes, REFUSED))
    near = np.abs(other[long].argmax(1) - LAGS) <= 2
    return {
        "clips": len(items), "within_80_ms": round(float((np.abs(late) <= 2).mean()), 4),
        "within_80_ms_beyond_2.5_s": round(float((np.abs(late[long]) <= 2).mean()), 4) if long.any() else None,
        "threshold": round(threshold, 4),
        "false_accept": round(float(((no >= threshold) & near).mean()), 4),
        "refused": REFUSED,
        "chance_within": round(5 / 31, 3),
    }  # fmt: skip


def heads(judge: SyncEvaluator, data: Path, count: int) -> dict[str, Any]:
    """The talking head's own videos, the sound moved by SHIFTS."""
    from genstudio import Emotion, registry
    from genstudio.media.audio import read_audio
    from genstudio.media.image import read_image
    from genstudio.splits import utterance_holdout

    from .evaluator import openings_of

    head = registry.load("head:embedded")
    portraits = [read_image(p) for p in head.portraits().values()]
    lines = (data / "kathleen" / "metadata.csv").read_text(encoding="utf-8").splitlines()
    names = [line.split("|", 1)[0] for i, line in enumerate(lines) if utterance_holdout(i)][:: max(1, 56 // count)][
        :count
    ]
    sounds = [read_audio(data / "kathleen" / "audio" / f"{n}.opus") for n in names]
    right: dict[int, list[float]] = {s: [] for s in SHIFTS}
    foreign, still, passed = [], [], []
    for i, x in enumerate(sounds):
        emotion = Emotion.parse(("neutral", "joy", "anger", "sadness")[i % 4])
        made = head(portraits[i % len(portraits)], Speech(x, SAMPLE_RATE), emotion, seed=i, size=192)
        lips = openings_of(made.frames())
        for ms in SHIFTS:
            n = round(ms / 1000 * SAMPLE_RATE)
            moved = np.roll(np.pad(x, (12_000, 12_000)), -n)[12_000:-12_000]  # sound earlier: lips late
            found = judge.read(lips, VIDEO_FPS, Speech(moved, SAMPLE_RATE))
            right[ms].append(np.nan if found.offset_ms is None else found.offset_ms - ms)
            if ms == 0:
                passed.append(found.in_sync)
        foreign.append(judge.read(lips, VIDEO_FPS, Speech(sounds[(i + 1) % len(sounds)], SAMPLE_RATE)).in_sync)
        still.append(judge.read(np.full_like(lips, 0.1), VIDEO_FPS, Speech(x, SAMPLE_RATE)).in_sync)
        print(
            f"{i + 1}/{count}: {[round(v[-1]) if np.isfinite(v[-1]) else None for v in right.values()]}",
            file=sys.stderr,
        )
    every = np.concatenate([np.array(v) for v in right.values()])
    return {
        "videos": count, "planted_within_80_ms": round(float((np.abs(every) <= 80).mean()), 4),
        "unshifted_within_80_ms": round(float((np.abs(np.array(right[0])) <= 80).mean()), 4),
        "unshifted_in_sync": round(float(np.mean(passed)), 4),
        "median_error_ms": {str(k): round(float(np.nanmedian(v)), 1) for k, v in right.items()},
        "foreign_sound_in_sync": round(float(np.mean(foreign)), 4), "still_mouth_in_sync": round(float(np.mean(still)), 4),
    }  # fmt: skip


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(prog="python -m genstudio.evaluators.sync.evaluate", description=__doc__)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--cache", type=Path, default=Path(".cache/sync"))
    p.add_argument("--heads", type=int, default=0)
    p.add_argument("--write", action="store_true", help="keep the figures beside the weights")
    a = p.parse_args(argv)
    judge = SyncEvaluator.load()
    figures = held_out(judge, clips(a.data, a.cache, True))
    judge.figures = figures
    if a.heads:
        figures = figures | {"heads": heads(judge, a.data, a.heads)}
    print(json.dumps(figures, indent=1))
    if a.write:
        WEIGHTS.with_suffix(".json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
