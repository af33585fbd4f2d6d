"""The protocol for voices: sentences without feeling, every emotion, the same seeds; the whole beside one cue alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from genstudio import registry
from genstudio.emotion import EKMAN, Emotion
from genstudio.errors import GenstudioError, InputError
from genstudio.protocols import Reading, Speech
from genstudio.signals.transcripts import wer

from ..explain import voice as cues
from ..measures import bootstrap, uar
from .common import Progress, acts_by_category, beside, check, kept, share, table_of
from .controls import CONTROLS, alike, controls
from .kinship import kinship
from .report import Report
from .rows import Rows

RECOGNISER = "evaluator:speech"
SENTENCES = {
    "en": (
        "The train leaves at half past seven.", "There is some milk in the kitchen.", "The books are on the second shelf.",
        "We take the road along the river.", "The shop opens at nine on Monday.", "Her coat hangs behind the door.",
        "The paper lies on the table.", "They will be at the station by noon.",
    ),
    "de": (
        "Der Zug fährt um halb acht.", "In der Küche steht noch Milch.", "Die Bücher stehen im zweiten Regal.",
        "Wir nehmen den Weg am Fluss.", "Der Laden öffnet am Montag um neun.", "Ihr Mantel hängt hinter der Tür.",
        "Die Zeitung liegt auf dem Tisch.", "Sie sind gegen Mittag am Bahnhof.",
    ),
}  # fmt: skip
_WER = 0.5  # a take that is heard worse than this is not scored


def speech_protocol(
    engine: str = "speech:embedded", *, voices: Sequence[str] = (), emotions: Sequence[str] = EKMAN, items: int = 6, seeds: int = 1,
    rows: Path | None = None, progress: Progress | None = None,
) -> Report:  # fmt: skip
    """Judge a speech engine. voices: the engine's first when empty. items: sentences a voice, 2 to 8. rows: a .jsonl to go on from.

    Every take goes through `alike` before it is read. Intervals resample sentences (and voices, when there are several: a sentence
    of each voice is one cluster). Raises InputError.
    """
    check(emotions, items, 8, seeds)
    speaks, judge = registry.load(engine), registry.load(RECOGNISER)
    known = {v["name"]: v["language"] for v in speaks.voices()}
    chosen = list(voices) or [next(iter(known))]
    for v in chosen:
        if v not in known:
            raise InputError(f"unknown voice '{v}'; valid: {', '.join(known)}")
    design = {
        "voices": chosen, "emotions": list(emotions), "sentences": items, "seeds": seeds, "engine": engine,
        "decoded": "16 kHz, -20 LUFS, 16 bits, all alike",
    }  # fmt: skip
    ledger = Rows(rows)
    ledger.check(design)
    work = _Work(speaks, judge, ledger)
    plan = [(v, s, seed) for v in chosen for s in range(items) for seed in range(seeds)]
    found: list[dict[str, Any]] = []
    for i, (v, s, seed) in enumerate(plan):
        text = SENTENCES[known[v] if known[v] in SENTENCES else "en"][s]
        found += [work.row(v, known[v], text, s, seed, e) for e in emotions]
        if progress:
            progress("protocol", (i + 1) / len(plan))
    return _report(engine, design, found, judge)


class _Work:
    """Makes and reads takes, one neutral take a sentence kept at hand."""

    def __init__(self, engine: Any, judge: Any, rows: Rows) -> None:
        self.engine, self.judge, self.rows = engine, judge, rows
        self._neutral: tuple[Any, Speech] | None = None

    def neutral(self, voice: str, text: str, seed: int) -> Speech:
        key = (voice, text, seed)
        if self._neutral is None or self._neutral[0] != key:
            self._neutral = (key, self.engine(text, Emotion.neutral(), voice=voice, seed=seed))
        return self._neutral[1]

    def row(self, voice: str, language: str, text: str, sentence: int, seed: int, emotion: str) -> dict[str, Any]:
        return self.rows.get(
            (voice, sentence, seed, emotion), lambda: self._made(voice, language, text, sentence, seed, emotion)
        )

    def _made(self, voice: str, language: str, text: str, sentence: int, seed: int, emotion: str) -> dict[str, Any]:
        plain = self.neutral(voice, text, seed)
        felt = Emotion.parse(emotion)
        full = plain if emotion == "neutral" else self.engine(text, felt, voice=voice, seed=seed)
        row: dict[str, Any] = {
            "voice": voice, "cluster": f"{voice} {sentence}", "text": text, "asked": emotion, "full": kept(self._read(full)),
            "without": kept(self._read(plain)), "cues": cues.measured(alike(full)), "cues_without": cues.measured(alike(plain)),
        }  # fmt: skip
        if emotion != "neutral":
            half = self.engine(text, felt.scaled(0.5), voice=voice, seed=seed)
            row["half"] = kept(self._read(half))
            row["controls"] = {k: kept(self._read(c)) for k, c in controls(plain, full).items()}
        else:
            row["controls"] = {k: kept(self._read(c)) for k, c in controls(plain, plain).items()}
        row["words"] = self._words(full, text, language)
        row["same speaker"] = registry.load("tool:speaker").similarity(full, plain) if emotion != "neutral" else 1.0
        return row

    def _read(self, speech: Speech) -> Reading:
        return self.judge(alike(speech))

    def _words(self, speech: Speech, text: str, language: str) -> float | None:
        try:
            return wer(text, registry.load("tool:transcript")(speech, language).text)
        except GenstudioError:  # no recogniser of that language
            return None


def _report(engine: str, design: dict[str, Any], found: list[dict[str, Any]], judge: Any) -> Report:
    whole = table_of(found, lambda r: r["full"], judge)
    alone = {n: table_of(found, lambda r, n=n: r["controls"][n], judge) for n in CONTROLS}  # type: ignore[misc]
    speaker = registry.load("tool:speaker")
    threshold = speaker.ceiling.threshold if speaker.ceiling else 0.0
    heard = [r for r in found if r["words"] is not None]
    gates = {
        f"same speaker (at least {threshold:.2f} by {speaker.name})": share(
            [r["same speaker"] >= threshold for r in found]
        )
    }
    if heard:
        gates[f"words (WER up to {_WER})"] = share([r["words"] <= _WER for r in heard])
    passed = [r for r in found if r["same speaker"] >= threshold and (r["words"] is None or r["words"] <= _WER)]
    gated = table_of(passed, lambda r: r["full"], judge) if 0 < len(passed) < len(found) else None
    return Report(
        "voice", engine, judge.name, {**design, "takes": len(found)}, kinship(engine, RECOGNISER), whole, gated,
        beside(whole, alone), _text_only(found), gates, acts_by_category(found), _notes(found, heard),
    )  # fmt: skip


def _text_only(found: list[dict[str, Any]]) -> dict[str, Any]:
    """How well the words alone give the emotion away: every sentence is read as text, whatever was asked of its takes."""
    reader = registry.load("evaluator:text")
    said = {t: reader(t).top for t in dict.fromkeys(r["text"] for r in found)}
    true, read = [r["asked"] for r in found], [said[r["text"]] for r in found]
    value = bootstrap(uar, true, read, clusters=[r["cluster"] for r in found], repeats=300)
    return {
        "recogniser": reader.name, "uar": round(value.value, 4), "interval": [round(value.low, 4), round(value.high, 4)],
        "chance": round(1 / len(set(true)), 4), "read_as": {t: said[t] for t in said},
    }  # fmt: skip


def _notes(found: list[dict[str, Any]], heard: list[dict[str, Any]]) -> tuple[str, ...]:
    notes = []
    if heard:
        notes.append(f"word error rate {np.mean([r['words'] for r in heard]):.2f} over {len(heard)} takes")
    for cue, unit in (("pitch", "Hz"), ("tempo", "syllables/s")):
        pairs = [(r["cues"][cue], r["cues_without"][cue]) for r in found if r["asked"] != "neutral"]
        if pairs:
            a, b = np.nanmean(pairs, 0)
            notes.append(f"{cue} {a:.1f} {unit} with emotion, {b:.1f} without")
    if len({r["voice"] for r in found}) == 1:
        notes.append("one voice: intervals are over its sentences and say nothing of other voices")
    return tuple(notes)
