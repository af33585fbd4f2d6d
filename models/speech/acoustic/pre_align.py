"""Phones and durations of every recording: `python -m genstudio.models.speech.acoustic.pre_align --data DIR --cache DIR`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from ..frontend import Sentence
from ..frontend.inventory import IDS, KINDS, PAUSE, SYMBOLS
from ..frontend.normalize import tokenize
from ..frontend.phonemes import phonemize
from ..frontend.text import assemble
from .align import Model, Utterance, cepstra, durations, lattice, train
from .corpora import Clip, clips, samples


def whole(text: str, language: str) -> Sentence:
    """A recording's text as one sentence, however many it holds."""
    tokens = [t for t in tokenize(text, language) if t.words or t.mark]
    while tokens and not tokens[0].words:
        tokens.pop(0)
    found = iter(phonemize([w for t in tokens for w in t.words], language))
    return assemble(tokens, [[next(found) for _ in t.words] for t in tokens], language)


def utterance(clip: Clip, sentence: Sentence) -> Utterance:
    x, energy = cepstra(samples(clip))
    ids, optional, source = lattice(sentence.ids, sentence.word)
    ids = np.where(ids < 3, IDS[PAUSE], ids).astype(np.int32)  # all pauses sound the same
    return Utterance(clip.name, ids, optional, x, energy, clip.cut, source)


def record(u: Utterance, path: np.ndarray, sentence: Sentence) -> dict:
    """What training needs of an utterance: only phones that have frames (or a pause of the text, which may have none)."""
    frames = durations(u, path)
    rows = []
    last = int(np.flatnonzero(frames)[-1])
    for i, (n, source) in enumerate(zip(frames, u.source, strict=True)):
        if i > last or (source < 0 and n == 0):
            continue
        if source < 0:
            rows.append((IDS[PAUSE], 0, 4, int(n)))
        else:
            rows.append((sentence.ids[source], sentence.stress[source], sentence.place[source], int(n)))
    return {"phones": rows, "kind": sentence.kind, "whole": bool(last >= len(frames) - 2), "text_phones": len(sentence)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--cache", type=Path, default=Path(".cache/speech"))
    args = parser.parse_args()
    out = args.cache / "align"
    out.mkdir(parents=True, exist_ok=True)
    german: Model | None = None
    for corpus in ("kathleen", "kerstin", "emodb"):
        began = time.time()
        todo = []
        for clip in clips(args.data, (corpus,)):
            try:
                sentence = whole(clip.text, clip.language)
            except ValueError as error:
                print(f"{clip.name}: {error}", file=sys.stderr)
                continue
            todo.append((clip, sentence, utterance(clip, sentence)))
        print(f"{corpus}: {len(todo)} recordings read in {time.time() - began:.0f} s", file=sys.stderr, flush=True)

        def log(text: str, began: float = began) -> None:
            print(f"{time.time() - began:.0f} s {text}", file=sys.stderr, flush=True)

        us = [u for _, _, u in todo]
        if corpus == "emodb":
            model, paths = train(us, model=german, rounds=(4,), log=log)
        else:
            model, paths = train(us, rounds=(8, 3, 3), log=log)
        german = model if corpus == "kerstin" else german
        lines = [
            json.dumps({"name": c.name, "speaker": c.speaker, "language": c.language, "emotion": c.emotion, "held": c.held,
                        "cut": c.cut, **record(u, p, s)}, ensure_ascii=False)
            for (c, s, u), p in zip(todo, paths, strict=True)
        ]  # fmt: skip
        (out / f"{corpus}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (out / "symbols.json").write_text(json.dumps({"symbols": SYMBOLS, "kinds": KINDS}, ensure_ascii=False))


if __name__ == "__main__":
    main()
