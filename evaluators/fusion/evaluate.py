"""Measure late fusion and agreement on real people: python -m genstudio.evaluators.fusion.evaluate --data DIR [--write]

There is no audio-visual corpus here: faces of FER-2013 PublicTest are paired with EmoDB clips of speakers that the recogniser
never heard and with GoEmotions test comments of the same label (and of another). Artificial pairs: nobody's face belongs to
the voice. The figures say what fusion gains when errors are independent, which is the best case.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio import registry
from genstudio.emotion import EKMAN
from genstudio.media.audio import read_audio
from genstudio.media.rates import SAMPLE_RATE
from genstudio.protocols import Reading, Speech
from genstudio.splits import EMODB_SCORE

from ..measures import bootstrap, uar
from .agreement import FIGURES, belief, divergence
from .late import Channel, fuse

EMODB_LABELS = {"W": "anger", "E": "disgust", "A": "fear", "F": "joy", "T": "sadness", "N": "neutral"}
FALSE_ALARMS = 0.10
F64 = NDArray[np.float64]


def faces(data: Path, most: int = 1500) -> tuple[F64, list[str]]:
    """Posteriors [n, 7] and labels of PublicTest faces."""
    held = np.load(data / "fer2013" / "public_test.npz")
    some = np.random.default_rng(0).permutation(len(held["labels"]))[:most]
    x, y = held["images"][some], held["labels"][some]
    p = registry.load("evaluator:face").probabilities(x)
    return np.asarray(p, float), [EKMAN[int(i)] for i in y]  # FER-2013's order is ours


def voices(data: Path) -> tuple[list[Reading], list[str], list[str]]:
    """Readings, labels and speakers of EmoDB clips that the scoring recogniser never heard."""
    judge = registry.load("evaluator:speech")
    readings, labels, who = [], [], []
    for path in sorted((data / "emodb" / "wav").glob("*.flac")):
        if path.stem[:2] in EMODB_SCORE or path.stem[5] not in EMODB_LABELS:
            continue
        readings.append(judge(Speech(read_audio(path), SAMPLE_RATE)))
        labels.append(EMODB_LABELS[path.stem[5]])
        who.append(path.stem[:2])
    return readings, labels, who


def texts(data: Path, each: int = 40) -> tuple[list[Reading], list[str]]:
    """Readings and labels of GoEmotions test comments with one label of the seven."""
    judge = registry.load("evaluator:text")
    names = (data / "text" / "goemotions" / "labels.txt").read_text().split()
    found: dict[str, int] = dict.fromkeys(EKMAN, 0)
    readings, labels = [], []
    for line in (data / "text" / "goemotions" / "test.tsv").read_text(encoding="utf-8").splitlines():
        parts = line.split("\t")
        name = names[int(parts[1])] if len(parts) > 1 and parts[1].isdigit() else ""
        if name in found and found[name] < each:
            found[name] += 1
            readings.append(judge(parts[0]))
            labels.append(name)
    return readings, labels


def measure(data: Path, pairs: int = 1200, seed: int = 0) -> dict[str, Any]:
    """Recall of face, voice and both on pairs of one label; distances of pairs of one label and of labels dealt at random."""
    random = np.random.default_rng(seed)
    face_channel, voice_channel = (Channel.of(registry.load(f"evaluator:{m}")) for m in ("face", "speech"))
    f, f_labels = faces(data)
    v, v_labels, who = voices(data)
    t, t_labels = texts(data)
    heard = np.stack([voice_channel.columns(dict(r.categories)) for r in v])
    shown: list[tuple[int, int]] = []
    for _ in range(pairs):
        j = int(random.integers(len(v)))
        same = [i for i, x in enumerate(f_labels) if x == v_labels[j]]
        shown.append((int(random.choice(same)), j))
    fi, vi = (np.array(x) for x in zip(*shown, strict=True))
    truth = [v_labels[j] for j in vi]
    one = np.ones(pairs)
    said = {
        "face": fuse([(face_channel, f[fi], one)]), "speech": fuse([(voice_channel, heard[vi], one)]),
        "both": fuse([(face_channel, f[fi], one), (voice_channel, heard[vi], one)]),
    }  # fmt: skip
    clusters = [who[j] for j in vi]
    recall = {
        k: bootstrap(uar, truth, [EKMAN[i] for i in p.argmax(1)], clusters=clusters, repeats=300)
        for k, p in said.items()
    }
    out: dict[str, Any] = {
        "fusion": {k: {"uar": round(x.value, 3), "interval": [round(x.low, 3), round(x.high, 3)]} for k, x in recall.items()},
        "pairs": pairs, "speakers": len(set(who)), "classes": sorted(set(truth)), "chance": round(1 / 7, 3),
    }  # fmt: skip
    beliefs = {
        "face": (list(fuse([(face_channel, f, np.ones(len(f)))])), f_labels),
        "speech": ([belief(r, voice_channel) for r in v], v_labels),
        "text": ([belief(r) for r in t], t_labels),
    }  # fmt: skip
    for a, b in (("face", "speech"), ("face", "text"), ("speech", "text")):
        out[f"{a}-{b}"] = _distances(*beliefs[a], *beliefs[b], random)
    return out


def _distances(
    p: list[F64], p_labels: list[str], q: list[F64], q_labels: list[str], random: np.random.Generator
) -> dict[str, Any]:
    same, mixed = [], []
    for _ in range(3000):
        i = int(random.integers(len(p)))
        fit = [j for j, x in enumerate(q_labels) if x == p_labels[i]]
        if fit:
            same.append(divergence(p[i], q[int(random.choice(fit))]))
            other = [j for j in range(len(q)) if q_labels[j] != p_labels[i]]
            mixed.append(divergence(p[i], q[int(random.choice(other))]))
    threshold = float(np.quantile(same, 1 - FALSE_ALARMS))
    return {
        "threshold": round(threshold, 4), "false_alarms": FALSE_ALARMS, "same": round(float(np.mean(same)), 4),
        "chance": round(float(np.mean(mixed)), 4), "conflicts_found": round(float((np.array(mixed) > threshold).mean()), 4),
    }  # fmt: skip


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(prog="python -m genstudio.evaluators.fusion.evaluate", description=__doc__)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--write", action="store_true", help="keep the thresholds beside the code")
    a = p.parse_args(argv)
    found = measure(a.data)
    print(json.dumps(found, indent=1))
    if a.write:
        FIGURES.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
