"""Measures recordings given an emotion: `python -m genstudio.models.speech.evaluate_convert --data DIR [--write]`.

Real neutral recordings are given six emotions and read by the scoring recogniser, which did not steer; beside it the same by mean
shifts through WORLD at the same strength, the speaker's likeness to the original, and words. Kathleen and Kerstin: the recogniser
never heard them feel anything. The four EmoDB speakers the voice never learned from: the recogniser learned from them, so that
their figure is no test of the recogniser, but of the conversion of an unknown speaker.
The readers' held-out sentences come in two halves, one that settings are tried on (`--half tried`) and the other; both count, each
beside the other.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from genstudio import registry
from genstudio.emotion import EKMAN, Emotion
from genstudio.intervals import bootstrap
from genstudio.media.audio import read_audio
from genstudio.media.files import write_text
from genstudio.media.rates import SAMPLE_RATE
from genstudio.protocols import Speech
from genstudio.signals.transcripts import transcribe, word_errors
from genstudio.splits import EMODB_SCORE, utterance_holdout

from .engine import SpeechModel

SIX = tuple(e for e in EKMAN if e != "surprise")
HALVES = ("untried", "tried")
Items = Sequence[tuple[str, str, Speech]]
Rows = Sequence[dict[str, Any]]
MEASURED = Path(__file__).parent / "acoustic" / "weights" / "convert.json"


def recordings(data: Path, each: int, tried: bool = False) -> list[tuple[str, Speech]]:
    """(speaker, neutral recording with its text where known), `each` of every reader, half of it of every actor.

    Readers' sentences are held out from training; tried: the half that settings are tried on, or the other.
    """
    out = []
    for name, language in (("kathleen", "en"), ("kerstin", "de")):
        lines = (data / name / "metadata.csv").read_text(encoding="utf-8").splitlines()
        held = [line.split("|") for i, line in enumerate(lines) if utterance_holdout(i)]
        held = held[0 if tried else 1 :: 2]
        for key, text in (h[:2] for h in held[:: max(1, len(held) // each)][:each]):
            out.append((name, Speech(read_audio(data / name / "audio" / f"{key}.opus"), SAMPLE_RATE, text, language)))
    for who in EMODB_SCORE:
        for path in sorted((data / "emodb" / "wav").glob(f"{who}*N?.flac"))[: max(2, each // 2)]:
            out.append((who, Speech(read_audio(path), SAMPLE_RATE, "", "de")))
    return out


def both(data: Path, each: int, halves: Sequence[str] = HALVES) -> list[tuple[str, str, Speech]]:
    """(half, speaker, recording) of the halves; every actor's once."""
    found = [(half, who, speech) for half in halves for who, speech in recordings(data, each, half == "tried")]
    return [x for x in found if x[1] not in EMODB_SCORE or x[0] == halves[0]]


def measure(items: Items, strength: float, judge_key: str, engines: dict[str, Any]) -> dict[str, Any]:
    """Converts and reads every recording; see `figures`."""
    judge, speaker = registry.load(judge_key), registry.load("tool:speaker")
    rows: list[dict[str, Any]] = []
    before: dict[int, int] = {}
    for k, (half, who, original) in enumerate(items):
        print(f"{k + 1}/{len(items)} {who}", file=sys.stderr, flush=True)
        if original.text and original.language == "en":
            before[k] = word_errors(original.text, transcribe(original.samples, original.rate))[0]
        own = speaker.embed(original)
        for name in SIX:
            for label, engine in engines.items():
                made = engine.convert(original, Emotion.parse(name), seed=k, strength=strength)
                row = {"half": half, "who": who, "item": k, "asked": name, "engine": label, "read": judge(made).top}
                if label == "learned":
                    row["alike"] = float(own @ speaker.embed(made))
                    if original.text and original.language == "en":
                        row["errors"], row["words"] = word_errors(original.text, transcribe(made.samples, made.rate))
                        row["before"] = before[k]
                rows.append(row)
    ceiling = [speaker.ceiling.same, speaker.ceiling.other]
    return {"judge": judge.name, "strength": strength, "recordings": len(items)} | figures(rows, list(engines), ceiling)


def figures(rows: Rows, engines: Sequence[str], ceiling: Sequence[float]) -> dict[str, Any]:
    """Recall by group of speakers and engine, likeness, words. ceiling: similarity within a real speaker's emotions, between
    speakers."""
    groups = {"kathleen, kerstin": ("kathleen", "kerstin"), "EmoDB, four speakers unknown to the voice": EMODB_SCORE}
    out: dict[str, Any] = {"chance": round(1 / 6, 3)}
    for group, people in groups.items():
        for label in engines:
            mine = [r for r in rows if r["who"] in people and r["engine"] == label]
            out[f"{group}: {label}"] = {"uar": _interval(mine, _uar), "recall": {e: _recall(mine, e) for e in SIX}}
    learned = [r for r in rows if "alike" in r and r["asked"] != "neutral"]
    out["likeness to the original"] = _interval(learned, lambda some: np.mean([r["alike"] for r in some]))
    out["one real speaker's own emotions, two speakers"] = list(ceiling)
    heard = [r for r in rows if "errors" in r]
    for half in (None, *sorted({r["half"] for r in heard})):
        out["words" if half is None else f"words, {half}"] = _words([r for r in heard if half in (None, r["half"])])
    return out


def _words(heard: Rows) -> dict[str, Any]:
    """Word error rates of the originals and of what was made, and what was added."""
    return {
        "words": sum(r["words"] for r in heard if r["asked"] == "neutral"),
        "wer of the originals": _interval(heard, lambda some: _rate(some, "before")),
        "wer": _interval(heard, lambda some: _rate(some, "errors")),
        "wer added": _interval(heard, lambda some: _rate(some, "errors") - _rate(some, "before")),
        "wer by emotion": {e: round(_rate([r for r in heard if r["asked"] == e], "errors"), 3) for e in SIX},
    }


def _rate(rows: Rows, of: str) -> float:
    return sum(int(r[of]) for r in rows) / max(1, sum(int(r["words"]) for r in rows))


def _recall(rows: Rows, emotion: str) -> float:
    mine = [r["read"] == emotion for r in rows if r["asked"] == emotion]
    return round(float(np.mean(mine)), 3) if mine else 0.0


def _uar(rows: Rows) -> float:
    return float(np.mean([_recall(rows, e) for e in SIX]))


def _interval(rows: Rows, of: Callable[[Rows], Any]) -> list[float]:
    """[value, low, high] (95 %) of what `of` makes of rows: recordings resampled."""
    found = bootstrap(of, np.array(rows, object), clusters=[r["item"] for r in rows], repeats=300)
    return [round(q, 3) for q in (found.value, found.low, found.high)]


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(prog="python -m genstudio.models.speech.evaluate_convert", description=__doc__)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--each", type=int, default=24, help="recordings of each reading voice")
    p.add_argument("--half", choices=(*HALVES, "both"), default="both", help="of the readers' held-out sentences")
    p.add_argument("--strength", type=float, default=1.0)
    p.add_argument("--judge", default="evaluator:speech", help="'evaluator:speech-steer' to try settings with")
    p.add_argument("--world", action="store_true", help="also through WORLD instead of the neural vocoder")
    p.add_argument("--write", action="store_true", help="keep the figures beside the weights")
    a = p.parse_args(argv)
    engines = {"learned": SpeechModel.load()} | ({"world": SpeechModel.load(vocoder="world")} if a.world else {})
    items = both(a.data, a.each, HALVES if a.half == "both" else (a.half,))
    found = measure(items, a.strength, a.judge, engines)
    print(json.dumps(found, indent=1))
    if a.write:
        write_text(MEASURED, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
