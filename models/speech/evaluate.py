"""Measures the embedded voice: `python -m genstudio.models.speech.evaluate --data DIR --out FILE.json`.

clearness   word error rate by pocketsphinx on everyday sentences never trained on, neutral and in every emotion
emotion     requested against read by a registered recogniser (people the voice never learned from), a confusion table
natural     F0 spread within a sentence, rate and spectral variance against real recordings of the same held-out sentences
intensity   Spearman correlation of intensity and the recogniser's probability of what was asked
axes        Spearman correlation of requested and read valence and arousal
speed       real-time factor
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from genstudio.emotion import EKMAN, Emotion
from genstudio.intervals import bootstrap
from genstudio.media.rates import SAMPLE_RATE
from genstudio.protocols import Speech
from genstudio.signals.transcripts import transcribe, wer, word_errors

from .engine import WEIGHTS, SpeechModel

EVERYDAY = (
    "Please close the door behind you.", "I will call you tomorrow morning.", "The train leaves at half past seven.",
    "We had dinner at the new place on Main Street.", "Can you help me find my keys?", "It has been raining all week.",
    "My brother lives in a small town near the river.", "She bought a red coat and a pair of shoes.",
    "There is some milk in the kitchen.", "They want to go home early today.", "He did not say a single word.",
    "I think we should wait for the others.", "What time does the store open?", "The children are playing in the garden.",
    "You left your phone on the table.", "Nobody told me about the meeting.", "Let me know when you get there.",
    "This is the best coffee in the city.", "We need to talk about the money.", "I never thought I would see you again.",
    "The doctor said everything is fine.", "Turn left at the next corner.", "His car broke down on the way to work.",
    "Thank you very much for the flowers.", "It was the first time I saw the ocean.",
)  # fmt: skip


def spoken_wer(engine: Any, sentences: Sequence[str], emotion: Emotion, seed: int = 0, **options: Any) -> float:
    """Word error rate of the sentences spoken so, by pocketsphinx."""
    spoken = [engine(text, emotion, seed=seed + i, **options) for i, text in enumerate(sentences)]
    return wer(sentences, [transcribe(s.samples, s.rate) for s in spoken])


def emotion_table(
    engine: Any,
    readers: Mapping[str, Callable[[Speech], Any]],
    names: Sequence[str],
    sentences: Sequence[str],
    **options: Any,
) -> dict[str, Any]:
    """For every reader: confusion of requested (rows) and read categories, recall of each, unweighted mean and its 95 %
    interval (bootstrap over sentences); for the classes it can show."""
    hits: dict[str, dict[str, list[str]]] = {k: {n: [] for n in names} for k in readers}
    felt: dict[str, dict[str, list[float]]] = {k: {n: [] for n in names} for k in readers}
    for name in names:
        for i, text in enumerate(sentences):
            speech = engine(text, Emotion.parse(name), seed=100 + i, **options)
            for key, read in readers.items():
                known = {k: v for k, v in read(speech).categories.items() if k in names}
                hits[key][name].append(max(known, key=lambda k: known[k]))
                felt[key][name].append(known.get(name, 0.0))
    rng = np.random.default_rng(0)
    out = {}
    for key in readers:
        right = np.array([[top == name for top in hits[key][name]] for name in names], float)
        found = bootstrap(lambda sentences: float(sentences.mean()), right.T, repeats=2000, seed=rng)
        out[key] = {
            "recall": dict(zip(names, right.mean(1).tolist(), strict=True)),
            "uar": float(right.mean()),
            "interval": [found.low, found.high],
            "confusion": {n: {k: hits[key][n].count(k) for k in sorted(set(hits[key][n]))} for n in names},
            "probability": {n: float(np.mean(felt[key][n])) for n in names},
        }
    return out


def intensity_effect(
    engine: Any, read: Callable[[Speech], Any], names: Sequence[str], sentences: Sequence[str]
) -> dict[str, Any]:
    """Mean probability of the asked emotion at each intensity, and its Spearman correlation with intensity."""
    from scipy.stats import spearmanr

    levels = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
    out: dict[str, Any] = {}
    for name in names:
        means = []
        for x in levels:
            felt = Emotion.parse(name).scaled(x)
            means.append(
                float(
                    np.mean([read(engine(t, felt, seed=i)).categories.get(name, 0.0) for i, t in enumerate(sentences)])
                )
            )
        out[name] = {"intensity": levels, "probability": means, "spearman": float(spearmanr(levels, means).statistic)}
    out["spearman"] = float(np.mean([out[name]["spearman"] for name in names]))
    return out


def axes_effect(engine: Any, read: Callable[[Speech], Any], sentences: Sequence[str]) -> dict[str, Any]:
    """Requested against read valence and arousal over a grid of points and Ekman's emotions at three intensities: Spearman
    correlation of the means over the sentences, 95 % interval by bootstrap over the emotions."""
    from scipy.stats import spearmanr

    asked = [Emotion(v, a) for v in (-0.7, 0.0, 0.7) for a in (-0.7, 0.0, 0.7)]
    asked += [Emotion.parse(e).scaled(x) for e in EKMAN if e != "neutral" for x in (0.5, 1.0, 1.5)]
    heard = [[read(engine(t, e, seed=i)) for i, t in enumerate(sentences)] for e in asked]
    rng = np.random.default_rng(0)
    out: dict[str, Any] = {"emotions": len(asked), "sentences": len(sentences)}
    for axis in ("valence", "arousal"):
        x = np.array([getattr(e, axis) for e in asked])
        y = np.array([np.mean([getattr(r, axis) for r in rs]) for rs in heard])
        found = bootstrap(lambda a, b: float(spearmanr(a, b).statistic), x, y, seed=rng)
        out[axis] = [found.value, found.low, found.high]
    return out


def naturalness(engine: Any, data: Path, count: int = 20) -> dict[str, float]:
    """Held-out Kathleen sentences: ratios made / real of F0 spread, rate and spectral variance; real and made WER."""
    from .acoustic.corpora import clips, samples
    from .analysis import analyse

    rows = []
    errors = np.zeros((2, 2))
    for i, clip in enumerate([c for c in clips(data, ("kathleen",)) if c.held][:count]):
        real = samples(clip)
        made = engine(clip.text, Emotion.neutral(), seed=i).samples
        pair = []
        for k, x in enumerate((real, made)):
            e, n = word_errors(clip.text, transcribe(x, SAMPLE_RATE))
            errors[k] += (e, n)
            f = analyse(x)
            loud = f.envelope.mean(1) > f.envelope.mean(1).max() - 6
            spoken = np.flatnonzero(loud)
            pair.append((np.log(f.f0[f.voiced]).std(), 1 / (spoken[-1] - spoken[0]), f.envelope[loud].var(0).mean()))
        rows.append(pair)
    real_rows, made_rows = np.array(rows).mean(0)
    names = ("f0_spread", "rate", "spectral_variance")
    out = {f"{n}_ratio": float(m / r) for n, m, r in zip(names, made_rows, real_rows, strict=True)}
    return out | {"wer_real": float(errors[0, 0] / errors[0, 1]), "wer_made": float(errors[1, 0] / errors[1, 1])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--vocoder", default="neural", choices=("neural", "world"))
    parser.add_argument("--evaluator", default="speech", help="name in the registry")
    parser.add_argument("--count", type=int, default=20, help="outputs an emotion")
    parser.add_argument("--parts", default="clear,emotion,natural,intensity,axes,speed")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    engine = SpeechModel.load(args.weights or WEIGHTS, vocoder=args.vocoder)
    parts = args.parts.split(",")
    result: dict[str, Any] = {}
    read: Any = None
    names: tuple[str, ...] = ()
    if {"emotion", "intensity", "axes"} & set(parts):
        from genstudio import registry

        read = registry.load(f"evaluator:{args.evaluator}")
        names = tuple(c for c in read.ceiling.classes if c in EKMAN and c != "surprise")  # as cross-corpus figures go
        result["recogniser"] = {"name": read.name, "ceiling": read.ceiling.value, "data": read.ceiling.data}
    if "clear" in parts:
        feelings = ("neutral", *(c for c in EKMAN if c != "neutral"))
        result["wer"] = {e: spoken_wer(engine, EVERYDAY[: args.count], Emotion.parse(e)) for e in feelings}
        result["wer"]["mean"] = float(np.mean(list(result["wer"].values())))
    if "emotion" in parts:
        neutral = [engine(text, Emotion.neutral(), seed=900 + i) for i, text in enumerate(EVERYDAY[-4:])]
        readers = {"unknown_voice": read, "known_voice": lambda speech: read(speech, reference=neutral)}
        result["emotion"] = emotion_table(engine, readers, names, EVERYDAY[: args.count])
    if "natural" in parts:
        result["natural"] = naturalness(engine, args.data, args.count)
    if "intensity" in parts:
        result["intensity"] = intensity_effect(engine, read, [n for n in names if n != "neutral"], EVERYDAY[:4])
    if "axes" in parts:
        result["axes"] = axes_effect(engine, read, EVERYDAY[:4])
    if "speed" in parts:
        start, seconds = time.time(), 0.0
        for i, text in enumerate(EVERYDAY[:10]):
            seconds += engine(text, Emotion.parse("joy"), seed=i).duration
        result["real_time_factor"] = (time.time() - start) / seconds
    text = json.dumps(result, indent=1)
    if args.out:
        args.out.write_text(text + "\n")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
