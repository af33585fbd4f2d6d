"""Measures faces: `python -m genstudio.evaluators.identity.face_evaluate [SOURCE] [--head] --data DIR`.

Without --head: the error rate of a source (embedded, dlib) on London people held out of every training, smiling against neutral;
--store keeps it beside the weights. With --head: is a talking head still the person? Frames of held-out portraits in seven
emotions against the portrait, beside that person's real smile; and the frame of no motion against the photograph, in grey levels.
--smile: joy at the intensity at which it is read as clearly as those smiles.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio import registry, scoring
from genstudio.emotion import EKMAN, Emotion
from genstudio.errors import GenstudioError, MissingDataError
from genstudio.media.audio import read_audio
from genstudio.media.files import write_text
from genstudio.media.image import read_image
from genstudio.media.rates import SAMPLE_RATE
from genstudio.protocols import Motion, Speech
from genstudio.signals.arkit import CHANNELS
from genstudio.splits import london_holdout, utterance_holdout

from ..measures import bootstrap
from .face import SOURCES, WEIGHTS, FaceRecogniser, shipped
from .verification import IdentityCeiling, measure

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]
EVERY, SIZE = 5, 256  # frames of a video that are drawn and read; their side in pixels
CROPS = 6  # of a photograph, as many as the reader takes of a video in turn
SMILES = (0.3, 0.4, 0.5, 0.6, 0.8, 1.0)  # intensities of joy


def held_out(data: Path) -> dict[str, tuple[U8, U8]]:
    """Neutral and smiling photograph of each London person held out of every training."""
    out = {}
    for path in sorted((data / "london" / "neutral").glob("*.jpg")):
        smile = data / "london" / "smiling" / path.name
        if london_holdout(path.stem) and smile.is_file():
            out[path.stem] = (read_image(path), read_image(smile))
    if len(out) < 3:
        raise MissingDataError(
            f"'{data / 'london'}' holds too few people; 'genstudio data list' says where to get the London set"
        )
    return out


def d_prime(same: NDArray[Any], other: NDArray[Any]) -> float:
    """Distance of two means in units of their pooled deviation (Green & Swets 1966)."""
    return float((same.mean() - other.mean()) / np.sqrt((same.var() + other.var()) / 2))


def verification(recogniser: FaceRecogniser, people: dict[str, tuple[U8, U8]]) -> tuple[IdentityCeiling, float]:
    """Error rate and d-prime of smiling against neutral."""
    vectors = np.stack([recogniser.embed(p) for pair in people.values() for p in pair])
    who, smiles = np.repeat(list(people), 2), np.tile([0, 1], len(people))
    name = f"London set, {len(people)} people held out, smiling against neutral"
    found = measure(vectors, list(who), name, [smiles.tolist()])
    a, b = np.triu_indices(len(who), 1)
    scores, same = np.einsum("nd,nd->n", vectors[a], vectors[b]), who[a] == who[b]
    return found, round(d_prime(scores[same], scores[~same]), 2)


def sentence(data: Path) -> Speech:
    """A held-out recording, or the embedded voice without the data."""
    lines = data / "kathleen" / "metadata.csv"
    if not lines.is_file():
        made: Speech = registry.load("speech:embedded")(
            "I found the letter under the old book.", Emotion.neutral(), seed=0
        )
        return made
    names = [line.split("|", 1)[0] for line in lines.read_text(encoding="utf-8").splitlines()]
    held = next(n for k, n in enumerate(names) if utterance_holdout(k))
    return Speech(read_audio(data / "kathleen" / "audio" / f"{held}.opus"), SAMPLE_RATE)


def drawn(head: Any, portrait: U8, speech: Speech, asked: Emotion, seed: int) -> Iterator[U8]:
    """Every EVERY-th frame of the video that the head makes."""
    motion = head(portrait, speech, asked, seed=seed, size=SIZE).motion
    seen = Motion(motion.values[::EVERY], motion.channels, motion.fps / EVERY)
    frames: Iterator[U8] = head(portrait, speech, asked, seed=seed, size=SIZE, motion=seen).frames()
    return frames


def animated(
    recogniser: FaceRecogniser, people: dict[str, tuple[U8, U8]], speech: Speech, intensity: float = 1.0
) -> tuple[F64, F64]:
    """Mean similarity to the portrait [people, 7 emotions] of frames, and of the real smile [people]."""
    head = registry.load("head:embedded")
    frames, smiles = np.zeros((len(people), len(EKMAN))), np.zeros(len(people))
    for i, (name, (portrait, smile)) in enumerate(people.items()):
        smiles[i] = recogniser.similarity(smile, portrait)
        for k, emotion in enumerate(EKMAN):
            made = drawn(head, portrait, speech, Emotion.parse(emotion).scaled(intensity), i)
            frames[i, k] = recogniser.similarities(made, portrait).mean()
        print(
            f"{name}: smile {smiles[i]:.3f}, frames " + " ".join(f"{v:.3f}" for v in frames[i]),
            file=sys.stderr,
            flush=True,
        )
    return frames, smiles


def matched(
    recogniser: FaceRecogniser, people: dict[str, tuple[U8, U8]], speech: Speech
) -> dict[str, dict[str, float]]:
    """What a smile costs where it is read as clearly as the person's own: mean P(joy) by the steering recogniser and mean
    similarity to the portrait, of the photographed smile and of joy at rising intensity."""
    head = registry.load("head:embedded")

    def row(frames: list[list[U8]]) -> dict[str, float]:
        read = [scoring.read_face(f, role="steer").categories.get("joy", 0.0) for f in frames]
        near = [recogniser.similarities(f, pair[0]).mean() for f, pair in zip(frames, people.values(), strict=True)]
        return {"p_joy": round(float(np.mean(read)), 3), "similarity": round(float(np.mean(near)), 3)}

    out = {"photograph": row([[smile] * CROPS for _, smile in people.values()])}
    for intensity in SMILES:
        asked, made = Emotion.parse("joy").scaled(intensity), []
        for i, (portrait, _) in enumerate(people.values()):
            made.append(list(drawn(head, portrait, speech, asked, i)))
        out[f"joy {intensity}"] = row(made)
    return out


def still(portrait: U8) -> tuple[float, float]:
    """Mean absolute difference, in grey levels, of the frame of no motion from the photograph: in the face's box, and in all."""
    h, w = portrait.shape[:2]
    head, silence = registry.load("head:embedded"), Speech(np.zeros(SAMPLE_RATE // 10, np.float32), SAMPLE_RATE)
    rest = Motion(np.zeros((1, len(CHANNELS)), np.float32), CHANNELS)
    made = head(portrait, silence, Emotion.neutral(), size=min(max(h, w), 1024), motion=rest, framing="original")
    frame = next(iter(made.frames()))
    if frame.shape != portrait.shape:
        import cv2

        size = (frame.shape[1], frame.shape[0])
        portrait = np.asarray(cv2.resize(portrait, size, interpolation=cv2.INTER_AREA), np.uint8)
    weights = np.array([0.299, 0.587, 0.114])
    away = np.abs(frame @ weights - portrait @ weights)
    k = frame.shape[1] / w
    left, top, right, bottom = (max(0, round(v * k)) for v in made.info["face_box"])
    return float(away[top:bottom, left:right].mean()), float(away.mean())


def head_report(
    recogniser: FaceRecogniser, people: dict[str, tuple[U8, U8]], data: Path, intensity: float = 1.0
) -> dict[str, Any]:
    """Everything about the talking head, with intervals over people."""
    frames, smiles = animated(recogniser, people, sentence(data), intensity)
    levels = np.array([still(portrait) for portrait, _ in people.values()])

    def mean(x: NDArray[Any]) -> str:
        return str(bootstrap(lambda v: float(v.mean()), x))

    return {
        "recogniser": recogniser.name, "people": len(people), "intensity": intensity, "real_smile": mean(smiles),
        "frames": {e: mean(frames[:, k]) for k, e in enumerate(EKMAN)}, "frames_all": mean(frames.mean(1)),
        "frames_less_smile": {e: mean(frames[:, k] - smiles) for k, e in enumerate(EKMAN)},
        "frames_less_smile_all": mean(frames.mean(1) - smiles),
        "below_threshold": None if recogniser.ceiling is None else int((frames < recogniser.ceiling.threshold).sum()),
        "videos": int(frames.size),
        "still_grey_levels_face": {"mean": round(float(levels[:, 0].mean()), 3), "worst": round(float(levels[:, 0].max()), 3)},
        "still_grey_levels_picture": {"mean": round(float(levels[:, 1].mean()), 3), "worst": round(float(levels[:, 1].max()), 3)},
    }  # fmt: skip


def store(source: str, found: IdentityCeiling, separation: float) -> None:
    """Keep a source's figures in face.json, beside the weights."""
    path = WEIGHTS.with_suffix(".json")
    facts = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    facts.setdefault("ceilings", {})[source] = found.as_dict()
    facts.setdefault("d_prime", {})[source] = separation
    write_text(path, json.dumps(facts, indent=1) + "\n")


def main(argv: list[str] | None = None) -> int:
    """0, or an error's exit code."""
    parser = argparse.ArgumentParser(prog="python -m genstudio.evaluators.identity.face_evaluate", description=__doc__)
    parser.add_argument("source", nargs="?", default=SOURCES[0], choices=SOURCES)
    parser.add_argument("--head", action="store_true", help="measure the embedded talking head")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--people", type=int, help="of --head: only so many")
    parser.add_argument("--intensity", type=float, default=1.0, help="of --head: how strong the emotions are, 0 to 1.5")
    parser.add_argument(
        "--smile", action="store_true", help="of --head: joy as clear as the person's own smile, instead"
    )
    parser.add_argument("--store", action="store_true", help="keep the error rate beside the weights, for `ceiling`")
    args = parser.parse_args(argv)
    try:
        people = held_out(args.data)
        if args.head:
            recogniser, some = FaceRecogniser.load(args.source), dict(list(people.items())[: args.people])
            result: dict[str, Any] = (
                matched(recogniser, some, sentence(args.data))
                if args.smile
                else head_report(recogniser, some, args.data, args.intensity)
            )
        else:
            recogniser = FaceRecogniser(shipped(args.source), None)
            found, separation = verification(recogniser, people)
            result = {"recogniser": recogniser.name, "ceiling": found.as_dict(), "d_prime": separation}
            if args.store:
                store(args.source, found, separation)
    except GenstudioError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    print(json.dumps(result, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
