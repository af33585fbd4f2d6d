"""Trains the embedded voice encoder: `python -m genstudio.evaluators.identity.speaker_train` (three minutes on one core).

Linear discriminants (Fisher 1936, as in i-vector systems, Dehak et al. 2011) with a shrunk within-person covariance: a person's
recordings in all emotions are one class, so what emotion and words do to a voice is what is suppressed. Each
voice also appears with a longer and a shorter vocal tract as four more people.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from genstudio.errors import GenstudioError, MissingError
from genstudio.media.audio import read_audio
from genstudio.media.files import write_text
from genstudio.splits import EMODB_SCORE
from genstudio.weights import save_weights

from ..speech.features import analyse, prepare
from .speaker import WEIGHTS, Both, Embedded, unit
from .speaker_data import Voiced, clips
from .speaker_stats import of_frames
from .verification import IdentityCeiling, measure

WARPS = (0.88, 0.94, 1.06, 1.12)
RATE = 16_000
SHRINK, WIDTH = 0.1, 24
CORPORA = ("emodb", "kerstin")  # with EmoGator, a microphone a person, the projection learns microphones


def discriminants(x: NDArray[Any], people: NDArray[Any], width: int = WIDTH, shrink: float = SHRINK) -> Embedded:
    """The projection [d, width] of vectors [n, d] whose between-person over within-person spread is largest.

    shrink: share of a sphere in the within-person covariance, 0 to 1. Columns come in order of that ratio.
    """
    x = np.asarray(x, np.float64)
    mean, scale = np.nanmean(x, 0), np.nanstd(x, 0) + 1e-6
    z = np.nan_to_num((x - mean) / scale)
    names = np.unique(people)
    centres = np.stack([z[people == n].mean(0) for n in names])
    within = np.mean([np.cov(z[people == n].T, bias=True) for n in names], 0)
    within = (1 - shrink) * within + shrink * np.trace(within) / len(within) * np.eye(len(within))
    _, vectors = eigh(np.cov(centres.T, bias=True), within)
    best = vectors[:, ::-1][:, :width]
    f32 = np.float32
    return Embedded(mean.astype(f32), scale.astype(f32), best.astype(f32))


def analysed(files: list[Voiced], encoder: Any) -> tuple[dict[str, NDArray[Any]], dict[float, NDArray[Any]], list[int]]:
    """Vectors of every source [n, d], the warped statistics, and which files could be read."""
    plain: dict[str, list[Any]] = {"embedded": [], "resemblyzer": []}
    other: dict[float, list[Any]] = {w: [] for w in WARPS}
    kept: list[int] = []
    began = time.monotonic()
    for i, clip in enumerate(files):
        try:
            x = read_audio(clip.path, rate=RATE)
        except GenstudioError as error:
            print(error, file=sys.stderr)
            continue
        frames = analyse(prepare(x, RATE))
        kept.append(i)
        plain["embedded"].append(of_frames(frames))
        for w in WARPS:
            other[w].append(of_frames(frames, w))
        if encoder is not None:
            plain["resemblyzer"].append(encoder.embed(x))
        if i % 200 == 199:
            left = (time.monotonic() - began) / (i + 1) * (len(files) - i - 1)
            print(f"{i + 1} of {len(files)}, {left:.0f} s left", file=sys.stderr, flush=True)
    found = {k: np.stack(v) for k, v in plain.items() if v}
    return found, {w: np.stack(v) for w, v in other.items()}, kept


def fit(vectors: NDArray[Any], warps: dict[float, NDArray[Any]], files: list[Voiced]) -> Embedded:
    """The encoder from the training recordings among `files`; each voice also as four others, by a longer or shorter tract."""
    rows = np.array([f.role == "train" and f.corpus in CORPORA for f in files])
    people = np.array([f.speaker for f in files])[rows]
    x, who = [vectors[rows]], [people]
    for warp, those in warps.items():
        x.append(those[rows])
        who.append(np.array([f"{p}@{warp}" for p in people]))
    return discriminants(np.concatenate(x), np.concatenate(who))


def ceiling(vectors: NDArray[Any], files: list[Voiced], corpus: str, everybody: bool = False) -> IdentityCeiling:
    """Error rate on the people of a corpus that were not learned from (everybody: of a source that learned from none), pairs of
    one person differing in emotion and words."""
    rows = [i for i, f in enumerate(files) if (everybody or f.role == "test") and f.corpus == corpus]
    x = np.stack([unit(vectors[i]) for i in rows])
    some = [files[i] for i in rows]
    apart = [[f.emotion for f in some]] + ([[f.text for f in some]] if corpus == "emodb" else [])
    people = [f.speaker for f in some]
    names = {
        "emodb": f"EmoDB, {len(set(people))} actors never heard, 2 s clips, other emotion and sentence",
        "emogator": f"EmoGator, {len(set(people))} people never heard, vocal bursts, other emotion",
    }
    return measure(x, people, names[corpus], apart)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--speakers", default=",".join(EMODB_SCORE), help="EmoDB speakers to learn from")
    args = parser.parse_args(argv)
    began = time.monotonic()
    files = clips(args.data, tuple(args.speakers.split(",")))
    try:
        from .speaker_resemblyzer import Resemblyzer

        encoder: Any = Resemblyzer.load()
    except MissingError as error:
        encoder = None
        print(f"only the embedded source: {error}", file=sys.stderr)
    found, warps, kept = analysed(files, encoder)
    files = [files[i] for i in kept]
    import torch

    model = fit(found["embedded"], warps, files)
    tensors = {f"embedded.{k}": torch.from_numpy(getattr(model, k)) for k in ("mean", "scale", "matrix")}
    vectors = {"embedded": np.stack([model.project(x) for x in found["embedded"]])}
    if encoder is not None:
        train = np.array([f.role == "train" for f in files])
        mean = found["resemblyzer"][train].mean(0)
        tensors["resemblyzer.mean"] = torch.from_numpy(mean)
        pairs = zip(found["resemblyzer"], vectors["embedded"], strict=True)
        vectors["resemblyzer+embedded"] = np.stack([Both(encoder, mean, model).join(a, b) for a, b in pairs])
        vectors["resemblyzer"] = found["resemblyzer"]
    facts: dict[str, Any] = {"ceilings": {}, "other": {}, "speakers": args.speakers.split(",")}
    for source, x in vectors.items():
        facts["ceilings"][source] = ceiling(x, files, "emodb", everybody=source == "resemblyzer").as_dict()
        facts["other"][source] = ceiling(x, files, "emogator").as_dict()
    facts["seconds"] = round(time.monotonic() - began)
    save_weights(tensors, args.out)
    write_text(args.out.with_suffix(".json"), json.dumps(facts, indent=1) + "\n")
    with args.out.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["source", "corpus", "eer", "low", "high", "same", "other", "people", "pairs"])
        for source, c in [*facts["ceilings"].items(), *facts["other"].items()]:
            table.writerow(
                [
                    source,
                    c["data"].split(",")[0],
                    c["value"],
                    *c["interval"],
                    c["same"],
                    c["other"],
                    c["people"],
                    c["pairs"],
                ]
            )
    print(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main()
