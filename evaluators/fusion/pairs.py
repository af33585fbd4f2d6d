"""Attention beside late fusion on real people: python -m genstudio.evaluators.fusion.pairs --data DIR

There is no audio-visual corpus here. EmoDB's six speakers that the voice recogniser never heard speak over photographs of FER-2013
PublicTest with the same label, one a clip: nobody's face belongs to the voice and no face moves, so what is measured is the
weighing of the two streams, not their timing. Two speakers at a time are held out, and their half of the photographs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from genstudio import registry
from genstudio.emotion import EKMAN
from genstudio.errors import MissingDataError
from genstudio.splits import EMODB_VOICE

from ..measures import bootstrap, paired_difference, uar
from .clips import Clip, Sample, gather
from .evaluate import EMODB_LABELS
from .figures import late_posterior, posterior, split
from .frames import Frames
from .learn import Settings, learn

FOLDS = (EMODB_VOICE[:2], EMODB_VOICE[2:4], EMODB_VOICE[4:])


def voices(data: Path, cache: Path) -> list[Sample]:
    """The voices alone. Raises MissingDataError."""
    files = [
        p for p in sorted((data / "emodb" / "wav").glob("*.flac"))
        if p.stem[:2] in EMODB_VOICE and p.stem[5] in EMODB_LABELS
    ]  # fmt: skip
    if not files:
        raise MissingDataError(f"'{data}' holds no emodb/wav; 'genstudio data list' says where to get it")
    return gather([Clip(p.stem, None, p, EMODB_LABELS[p.stem[5]], p.stem[:2]) for p in files], cache)[0]


def faces(data: Path) -> tuple[Any, list[str]]:
    """Rows [n, 311] and labels of PublicTest."""
    with np.load(data / "fer2013" / "public_test.npz") as held:
        images, labels = held["images"], held["labels"]
    rows = np.concatenate(registry.load("evaluator:face").describe(images), 1)
    return rows, [EKMAN[int(i)] for i in labels]  # FER-2013's order is ours


def paired(
    spoken: list[Sample], rows: Any, labels: list[str], half: int, each: int, random: np.random.Generator
) -> list[Sample]:
    """Every voice `each` times, over photographs of its label from one half of them."""
    places = {k: [i for i, x in enumerate(labels) if x == k and i % 2 == half] for k in set(labels)}
    out = []
    for s in spoken:
        for _ in range(each):
            i = int(random.choice(places[s.label]))
            n = len(s.frames)
            frames = Frames(
                np.tile(rows[i], (n, 1)), np.ones(n, np.float32), s.frames.voice, s.frames.heard, s.frames.seconds
            )
            out.append(Sample(frames, s.label, s.speaker, f"{s.key} {i}"))
    return out


def measure(data: Path, cache: Path, settings: Settings, each: int = 4, seed: int = 0) -> dict[str, Any]:
    """UAR of attention with both streams and with each, and of late fusion, on the same held-out pairs of all folds."""
    random = np.random.default_rng(seed)
    spoken, (rows, labels) = voices(data, cache), faces(data)
    said: dict[str, list[str]] = {k: [] for k in ("attention", "face", "voice", "late_fusion")}
    true: list[str] = []
    who: list[str] = []
    for k, out in enumerate(FOLDS):
        learning = paired([s for s in spoken if s.speaker not in out], rows, labels, 0, each, random)
        held = paired([s for s in spoken if s.speaker in out], rows, labels, 1, 2, random)
        some, watched = split(learning, seed)
        net = learn(some, settings, watched=watched).net
        known = np.array([float(any(s.label == e for s in learning)) for e in EKMAN])
        for name in ("attention", "face", "voice"):
            stream = "both" if name == "attention" else name
            said[name] += [EKMAN[int((posterior(net, s.frames, stream)[0] * known).argmax())] for s in held]
        said["late_fusion"] += [EKMAN[int(i)] for i in (late_posterior(held) * known).argmax(1)]
        true += [s.label for s in held]
        who += [s.speaker for s in held]
        print(f"fold {k + 1} of {len(FOLDS)}", file=sys.stderr, flush=True)
    found: dict[str, Any] = {"pairs": len(true), "speakers": len(set(who)), "classes": sorted(set(true))}
    for name, read in said.items():
        x = bootstrap(uar, true, read, clusters=who, repeats=500)
        found[name] = {"uar": round(x.value, 3), "interval": [round(x.low, 3), round(x.high, 3)]}
    right = {k: np.array([a == b for a, b in zip(true, read, strict=True)], float) for k, read in said.items()}
    gain, p = paired_difference(right["attention"], right["late_fusion"], clusters=who)
    found["attention_less_late"] = {
        "accuracy": round(gain.value, 3),
        "interval": [round(gain.low, 3), round(gain.high, 3)],
        "p": round(p, 3),
    }
    return found


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(prog="python -m genstudio.evaluators.fusion.pairs", description=__doc__)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--cache", type=Path, default=Path(".cache/fusion"))
    p.add_argument("--epochs", type=int, default=Settings().epochs)
    p.add_argument("--seed", type=int, default=0)
    a = p.parse_args(argv)
    print(json.dumps(measure(a.data, a.cache, Settings(epochs=a.epochs, seed=a.seed), seed=a.seed), indent=1))


if __name__ == "__main__":
    main()
