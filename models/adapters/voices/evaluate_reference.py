"""What the emotional reference is worth to a voice that clones: `python -m genstudio.models.adapters.voices.evaluate_reference`.

Real neutral recordings are cloned by an engine that copies its clip exactly, the best that a cloning voice can do, through the
call that a user makes: with lever 'none' (before) and 'reference' (after), in six emotions. Both are read by the scoring
recogniser, which made nothing here; beside it the likeness of the voice to the original, and English words by pocketsphinx. Groups
by who could have known whom: Kathleen, of whom nobody's data hold an emotion; the EmoDB speakers that the lever learned from and
the recogniser never heard; and those that the recogniser learned from and the lever never heard.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from genstudio import registry
from genstudio.emotion import Emotion
from genstudio.errors import MediaError
from genstudio.media.audio import read_audio
from genstudio.media.files import write_text
from genstudio.media.rates import SAMPLE_RATE
from genstudio.protocols import Speech
from genstudio.signals.transcripts import transcribe, word_errors
from genstudio.splits import EMODB_SCORE, EMODB_VOICE, utterance_holdout

from .chosen import SIX
from .voice import PretrainedVoice, Push

GROUPS = {
    "kathleen": ("kathleen",),
    "EmoDB, unknown to the recogniser": EMODB_VOICE,
    "EmoDB, unknown to the lever": EMODB_SCORE,
}


class Copies(PretrainedVoice):
    """Says its clip again, sample by sample: a clone without loss."""

    scheme, clones = "exact", True

    def plain(
        self, text: str, seed: int, clip: Speech | None = None, clip_text: str = "", options: Mapping[str, Any] | None = None,
        voice: str | None = None, push: Push | None = None,
    ) -> Speech:  # fmt: skip
        """The clip."""
        assert clip is not None
        return Speech(clip.samples, clip.rate, text, clip.language, "clone")


def recordings(data: Path, each: int, long: int) -> list[tuple[str, Speech]]:
    """(speaker, neutral recording): `long` held-out ones of Kathleen, up to `each` of every EmoDB speaker."""
    lines = (data / "kathleen" / "metadata.csv").read_text(encoding="utf-8").splitlines()
    held = [line.split("|")[:2] for i, line in enumerate(lines) if utterance_holdout(i)]
    out = [
        ("kathleen", Speech(read_audio(data / "kathleen" / "audio" / f"{key}.opus"), SAMPLE_RATE, text, "en"))
        for key, text in held[:: max(1, len(held) // long)][:long]
    ]
    for who in (*EMODB_VOICE, *EMODB_SCORE):
        for path in sorted((data / "emodb" / "wav").glob(f"{who}*N?.flac"))[:each]:
            out.append((who, Speech(read_audio(path), SAMPLE_RATE, "", "de")))
    return out


def measure(
    items: Sequence[tuple[str, Speech]], strength: float = 1.0, progress: Callable[[float], None] | None = None
) -> dict[str, Any]:
    """Recall before and after, likeness, by group of speakers; clips that are no reference are counted and left out."""
    judge, engine = registry.load("evaluator:speech"), Copies("clone", "", SAMPLE_RATE)
    rows: list[dict[str, Any]] = []
    refused: dict[str, str] = {}
    for k, (who, original) in enumerate(items):
        try:
            before = judge(engine(original.text, Emotion.neutral(), reference=original, lever="none"))
            for name in SIX:
                asked = Emotion.parse(name)
                made = engine(original.text, asked, reference=original, lever="reference", strength=strength, seed=k)
                rows.append({
                    "who": who, "item": k, "asked": asked, "before": before, "after": judge(made),
                    "alike": made.info["reference"].get("speaker_similarity"),
                    "words": _heard(original, original if name == "neutral" else made),
                })  # fmt: skip
        except MediaError as error:
            refused[f"{who}/{k}"] = str(error)
        if progress:
            progress((k + 1) / len(items))
    speaker = registry.load("tool:speaker")
    return {
        "judge": judge.name, "strength": strength, "recordings": len(items), "refused": refused, "chance": round(1 / len(SIX), 3),
        "speaker": {
            "recogniser": speaker.name, "same person": speaker.ceiling.same, "two people": speaker.ceiling.other,
            "threshold": speaker.ceiling.threshold,
        },
        **{name: _group([r for r in rows if r["who"] in people], speaker) for name, people in GROUPS.items()},
        "all": _group(rows, speaker),
    }  # fmt: skip


def _heard(original: Speech, made: Speech) -> tuple[int, int]:
    """Word errors and words; nothing where the words are not known to be English."""
    if not original.text or original.language != "en":
        return 0, 0
    return word_errors(original.text, transcribe(made.samples, made.rate))


def _group(rows: Sequence[dict[str, Any]], speaker: Any) -> dict[str, Any]:
    if not rows:
        return {}
    table = registry.load("tool:requested-vs-achieved")
    who = [r["item"] for r in rows]
    before, after = (table([(r["asked"], r[k]) for r in rows], who, repeats=300) for k in ("before", "after"))
    neutral = [r for r in rows if r["asked"].vad == Emotion.neutral().vad]
    alike = np.array([r["alike"] for r in rows if r["alike"] is not None])
    said = {
        name: np.sum([r["words"] for r in rows if (r["asked"].vad == Emotion.neutral().vad) == (name == "before")], 0)
        for name in ("before", "after")
    }
    return {
        "recordings": len(set(who)),
        "uar before": _interval(before.uar),
        "uar after": _interval(after.uar),
        "recall after": {k: round(v, 3) for k, v in after.recall.items()},
        "read as neutral before": round(float(np.mean([r["before"].top == "neutral" for r in neutral])), 3),
        "agreement, before and after": [
            round(float(np.mean([replace(r[k], target=r["asked"]).agreement or 0.0 for r in rows])), 3)
            for k in ("before", "after")
        ],
        "likeness": round(float(alike.mean()), 3),
        "taken for the same person": round(float((alike >= speaker.ceiling.threshold).mean()), 3),
        **{f"word error rate {name}": round(float(e / n), 3) for name, (e, n) in said.items() if n},
    }  # fmt: skip


def _interval(x: Any) -> list[float]:
    return [round(x.value, 3), round(x.low, 3), round(x.high, 3)]


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(
        prog="python -m genstudio.models.adapters.voices.evaluate_reference", description=__doc__
    )
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--each", type=int, default=4, help="recordings of every EmoDB speaker")
    p.add_argument("--long", type=int, default=16, help="recordings of Kathleen")
    p.add_argument("--strength", type=float, default=1.0)
    p.add_argument("--out", type=Path, help="also write the JSON here")
    a = p.parse_args(argv)

    def told(share: float) -> None:
        print(f"\r{share:4.0%}", end="", file=sys.stderr, flush=True)

    text = json.dumps(measure(recordings(a.data, a.each, a.long), a.strength, told), indent=1)
    if a.out:
        write_text(a.out, text + "\n")
    print(text)


if __name__ == "__main__":
    main()
