"""Analyses the corpora once, for every speech model that learns from them.

    python -m genstudio.models.speech.analysis.prepare --data DIR --cache .cache/speech

writes CACHE/features/CORPUS/ID.npz (kathleen, kerstin, emodb) with

    feats    float16 [T, 89]  `Features.as_array()`, 100 frames a second (columns: see features.py)
    f0       float32 [T]      Hz, 0 where unvoiced (column 80 in full precision: float16 has steps of 7 cents)
    samples  int              samples at 24 kHz; T = samples // 240 + 1

of audio brought to one level (`corpora.LEVEL`: what is loud or soft within an utterance stays, its recording level goes).
`corpora.utterances` says which are held out; held ones are analysed too. EmoDB has nothing above 8 kHz: from envelope
point 66 (`NARROW_BAND_POINTS`) up its frames are a floor, not speech. Files that exist are left alone, so that a stopped
run goes on; `--jobs N` shares the work between processes. 3.1 h of audio take 4 minutes on one core.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from .corpora import CORPORA, Utterance, load_audio, utterances
from .extract import analyse


def feature_path(cache: Path, utterance: Utterance) -> Path:
    return cache / "features" / utterance.corpus / f"{utterance.id}.npz"


def prepare_one(cache: Path, utterance: Utterance) -> None:
    """Analyse one utterance into its npz, written under another name first so that no half file is ever taken."""
    path = feature_path(cache, utterance)
    if path.exists():
        return
    samples = load_audio(utterance)
    features = analyse(samples)
    part = path.with_name(f".{path.stem}.{os.getpid()}.npz")
    np.savez_compressed(part, feats=features.as_array().astype(np.float16), f0=features.f0, samples=len(samples))
    part.replace(path)


def load_features(cache: Path, utterance: Utterance) -> tuple[np.ndarray, np.ndarray]:
    """(feats float32 [T, 89], f0 float32 [T]) of a prepared utterance."""
    with np.load(feature_path(cache, utterance)) as stored:
        return stored["feats"].astype(np.float32), stored["f0"]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Analyse the speech corpora into acoustic features.")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--cache", type=Path, default=Path(".cache/speech"))
    parser.add_argument("--corpora", nargs="+", default=list(CORPORA), metavar="NAME", help=", ".join(CORPORA))
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args(argv)
    for corpus in options.corpora:
        todo = utterances(options.data, corpus)
        (options.cache / "features" / corpus).mkdir(parents=True, exist_ok=True)
        start = time.time()
        with ProcessPoolExecutor(options.jobs) as pool:
            done = pool.map(prepare_one, [options.cache] * len(todo), todo, chunksize=8)
            for index, _ in enumerate(done, 1):
                if index % 100 == 0 or index == len(todo):
                    left = (time.time() - start) / index * (len(todo) - index)
                    print(f"{corpus}: {index}/{len(todo)}, {left:.0f} s left", file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
