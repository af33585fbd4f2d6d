"""Measures voices: `python -m genstudio.evaluators.identity.speaker_evaluate [SOURCE] [--voice kathleen]`.

Without --voice: the error rate of a source (embedded, resemblyzer, transformers:FOLDER) on EmoDB people across emotions and
sentences, kept in the user's cache for a transformers model. With --voice: how alike the embedded engine's voice in seven emotions
is to its own neutral and to the real speaker, beside what acting does to the voices of real people.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio import registry
from genstudio.emotion import EKMAN, Emotion
from genstudio.errors import GenstudioError, MissingDataError
from genstudio.media.audio import read_audio
from genstudio.media.files import write_text
from genstudio.media.rates import SAMPLE_RATE
from genstudio.protocols import Speech
from genstudio.splits import utterance_holdout

from ..measures import bootstrap
from ..speech.data import emodb
from .speaker import SOURCES, SpeakerRecogniser, store_ceiling
from .verification import IdentityCeiling, eer, measure

SECONDS = 2.0  # heard of every recording: what EmoDB's clips hold
SENTENCES = (
    "The train leaves from the second platform.", "She put the letters on the table.",
    "There are seven houses on this street.", "We will meet again on Tuesday evening.",
    "He opened the window and looked outside.", "My brother works in the old library.",
)  # fmt: skip
REAL = 24
_WOMEN = ("08", "09", "14", "13", "16")


def people(recogniser: SpeakerRecogniser, data: Path) -> tuple[NDArray[Any], list[Any]]:
    """Vectors [n, d] and clips of the EmoDB people that the source never learned from."""
    clips = [c for c in emodb(data) if c.speaker not in recogniser.encoder.seen]
    return np.stack([recogniser.embed(heard(c.path)) for c in clips]), clips


def heard(path: Path) -> Speech:
    """The first two seconds of a recording."""
    return Speech(read_audio(path)[: int(SECONDS * SAMPLE_RATE)], SAMPLE_RATE)


def source_ceiling(recogniser: SpeakerRecogniser, data: Path) -> IdentityCeiling:
    """Error rate on EmoDB people never learned from, pairs of one person differing in emotion and sentence."""
    vectors, clips = people(recogniser, data)
    who = [c.speaker for c in clips]
    name = f"EmoDB, {len(set(who))} actors never heard, 2 s clips, other emotion and sentence"
    return measure(vectors, who, name, [[c.label for c in clips], [c.text for c in clips]])


def enrolled(vectors: NDArray[Any], clips: Sequence[Any]) -> dict[str, Any]:
    """Error rate when a voice is known by all its neutral clips, and an emotional clip of everybody is compared with it."""
    who, label = np.array([c.speaker for c in clips]), np.array([c.label for c in clips])
    names = np.unique(who)
    voices = np.stack([_mean(vectors[(who == n) & (label == "neutral")]) for n in names])
    scores = vectors[label != "neutral"] @ voices.T
    own = who[label != "neutral"][:, None] == names
    by = {str(k): round(eer(scores[rows][own[rows]], scores[rows][~own[rows]])[0], 3)
          for k in np.unique(label) if k != "neutral" for rows in [label[label != "neutral"] == k]}  # fmt: skip
    return {"eer": round(eer(scores[own], scores[~own])[0], 3), "by_emotion": by}


def _mean(x: NDArray[Any]) -> NDArray[Any]:
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def acted(vectors: NDArray[Any], clips: Sequence[Any]) -> dict[str, Any]:
    """What acting does to real voices: mean similarity of each emotion to the same person's neutral clips, by emotion."""
    who, label = np.array([c.speaker for c in clips]), np.array([c.label for c in clips])
    out: dict[str, Any] = {}
    for k in np.unique(label):
        values = [_cross(vectors[(who == n) & (label == k)], vectors[(who == n) & (label == "neutral")], k == "neutral")
                  for n in np.unique(who)]  # fmt: skip
        out[str(k)] = round(float(np.nanmean(values)), 3)
    return out


def _cross(a: NDArray[Any], b: NDArray[Any], alike: bool = False) -> float:
    """Mean similarity of all pairs; without each one with itself when both are the same set."""
    if not len(a) or not len(b) or (alike and len(a) < 2):
        return float("nan")
    s = a @ b.T
    return float(s[~np.eye(len(s), dtype=bool)].mean() if alike else s.mean())


def voice(recogniser: SpeakerRecogniser, data: Path, name: str) -> dict[str, Any]:
    """The embedded engine's voice in seven emotions against its own neutral, and against the real speaker's recordings."""
    folder = data / name
    if not (folder / "metadata.csv").is_file():
        raise MissingDataError(f"'{folder}' has no recordings of the voice '{name}'; set --data")
    engine = registry.load("speech:embedded")
    made: dict[str, NDArray[Any]] = {}
    for e in EKMAN:
        says = [engine(s, Emotion.parse(e), voice=name, seed=i) for i, s in enumerate(SENTENCES)]
        made[e] = np.stack([recogniser.embed(Speech(s.samples[: int(SECONDS * s.rate)], s.rate)) for s in says])
        print(f"{e} spoken", file=sys.stderr, flush=True)
    lines = (folder / "metadata.csv").read_text(encoding="utf-8").splitlines()
    held = [line.split("|")[0] for i, line in enumerate(lines) if utterance_holdout(i)][:REAL]
    real = np.stack([recogniser.embed(heard(folder / "audio" / f"{n}.opus")) for n in held])
    vectors, clips = people(recogniser, data)
    others = vectors[[c.speaker in _WOMEN for c in clips]]
    synthetic = np.concatenate(list(made.values()))
    groups = np.repeat(np.arange(len(SENTENCES))[None], len(EKMAN), 0).reshape(-1)
    to_real = bootstrap(lambda x: float(x.mean()), (synthetic @ real.T).mean(1), clusters=groups)
    impostors = (others @ real.T).reshape(-1)
    told = bootstrap(lambda x: eer(x.reshape(-1), impostors)[0], synthetic @ real.T, clusters=groups)
    own = (real @ real.T)[np.triu_indices(len(real), 1)]
    return {
        "recogniser": recogniser.name, "ceiling": recogniser.ceiling.as_dict() if recogniser.ceiling else None,
        "to_own_neutral": {k: round(_cross(v, made["neutral"], k == "neutral"), 3) for k, v in made.items()},
        "to_real": {k: round(_cross(v, real), 3) for k, v in made.items()}, "to_real_mean": str(to_real),
        "real_to_real": round(_cross(real, real, True), 3), "other_women_to_real": round(_cross(others, real), 3),
        "eer_against_other_women": str(told), "eer_real_against_other_women": round(eer(own, impostors)[0], 3),
        "real_actors_to_own_neutral": acted(vectors, clips), "sentences": len(SENTENCES), "real_recordings": len(real),
    }  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """0, or an error's exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "source", nargs="?", help="embedded, resemblyzer or transformers:FOLDER; the best installed by default"
    )
    parser.add_argument("--voice", help="measure the embedded engine's voice of this name")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument(
        "--allow-pickle", action="store_true", help="also load weights that are pickles (they can run code)"
    )
    parser.add_argument("--out", type=Path, help="write the result there as JSON")
    args = parser.parse_args(argv)
    try:
        recogniser = SpeakerRecogniser.load(args.source, args.allow_pickle)
        if args.voice:
            result = voice(recogniser, args.data, args.voice)
        else:
            found = source_ceiling(recogniser, args.data)
            vectors, clips = people(recogniser, args.data)
            result = {
                "recogniser": recogniser.name,
                "ceiling": found.as_dict(),
                "known_by_neutral": enrolled(vectors, clips),
            }
            if recogniser.name not in [f"speaker-{s}" for s in SOURCES]:
                store_ceiling(recogniser.encoder.key, found)  # type: ignore[attr-defined]
    except GenstudioError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    text = json.dumps(result, indent=1)
    if args.out is not None:
        write_text(args.out, text + "\n")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
