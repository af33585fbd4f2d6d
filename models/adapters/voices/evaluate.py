"""How well emotion directions found in some speakers' clips hold for another (`python -m` this module).

Clips go through an encoder of voices; each speaker is held out in turn (`latents.fit`). Without --voice the encoder is the
package's own speaker recogniser, in whose vectors a voice should move little with a feeling; with it, that of a voice that clones,
such as coqui:FOLDER (XTTS's latents, YourTTS's d-vectors). What whole recordings given an emotion are worth is measured by
`python -m genstudio.models.speech.evaluate_convert`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from genstudio import registry
from genstudio.emotion import Emotion
from genstudio.errors import InputError
from genstudio.threads import one_thread

from . import latents
from .latents import Clip, Vectors


def encoder(voice: str | None, allow_pickle: bool = False) -> tuple[str, Callable[[Any], Vectors]]:
    """Name, and what takes a clip's vectors. Raises InputError for a voice that takes none from clips."""
    if voice is None:
        recogniser = registry.load("tool:speaker")
        return recogniser.name, lambda speech: {"speaker": recogniser.embed(speech)}
    engine = registry.load_with(f"speech:{voice}", **({"allow_pickle": True} if allow_pickle else {}))
    space = getattr(engine, "space", None)
    if space is None:
        raise InputError(f"'{engine.name}' takes nothing from clips; its directions are fitted on words")
    return engine.name, space.vectors


@one_thread()
def measure(found: list[Clip], shuffles: int = 5) -> dict[str, Any]:
    """`effect` of each axis (correlation of what clips of a speaker held out show with what was acted), its interval over speakers
    drawn anew, and by chance: the mean of fits on emotions shuffled within each speaker."""
    neutral = Emotion.neutral().vad
    people = sorted({c.speaker for c in found})
    rng = np.random.default_rng(0)
    out: dict[str, Any] = {"clips": len(found), "speakers": len(people)}
    real = latents.fit(found)
    drawn = [latents.fit(_drawn(found, people, rng)) for _ in range(20)]
    chance = [latents.fit(_shuffled(found, neutral, rng)) for _ in range(shuffles)]
    for name, d in real.items():
        out[name] = {
            axis: {
                "effect": d.effect[axis],
                "interval": [round(float(q), 3) for q in np.quantile([x[name].effect[axis] for x in drawn], (0.025, 0.975))],
                "chance": round(float(np.mean([x[name].effect[axis] for x in chance])), 3),
            }
            for axis in d.effect
        } | {"explained": d.explained, "length": round(float(np.linalg.norm(d.weight, axis=1).mean()) / d.scale, 3)}  # fmt: skip
    return out


def _drawn(found: list[Clip], people: list[str], rng: np.random.Generator) -> list[Clip]:
    """Speakers with replacement; one drawn twice stays one, so that it is never on both sides."""
    times = {
        p: int(n)
        for p, n in zip(people, rng.multinomial(len(people), np.full(len(people), 1 / len(people))), strict=True)
    }
    return [c for c in found for _ in range(times[c.speaker])]


def _shuffled(found: list[Clip], neutral: tuple[float, ...], rng: np.random.Generator) -> list[Clip]:
    felt = [c for c in found if c.emotion.vad != neutral]
    out = [c for c in found if c.emotion.vad == neutral]
    for person in {c.speaker for c in felt}:
        own = [c for c in felt if c.speaker == person]
        order = rng.permutation(len(own))
        out += [Clip(person, own[j].emotion, c.vectors) for c, j in zip(own, order, strict=True)]
    return out


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(prog="python -m genstudio.models.adapters.voices.evaluate", description=__doc__)
    default = Path(os.environ.get("GENSTUDIO_DATA", "data")) / "emodb"
    p.add_argument("--data", type=Path, default=default, help="labelled clips (EmoDB's layout and others)")
    p.add_argument("--voice", help="a voice that clones, such as coqui:FOLDER or transformers:FOLDER")
    p.add_argument("--allow-pickle", action="store_true", help="also load weights that can run code")
    a = p.parse_args(argv)
    name, take = encoder(a.voice, a.allow_pickle)

    def told(share: float) -> None:
        print(f"\r{share:4.0%}", end="", file=sys.stderr, flush=True)

    print(json.dumps({"encoder": name} | measure(latents.clips(a.data, take, told)), indent=1))


if __name__ == "__main__":
    main()
