"""How close the recogniser that scores is to what steered: the same weights, the same people, the same corpus, or none of it."""

from __future__ import annotations

import re
from typing import Any

from genstudio import registry
from genstudio.errors import MissingError
from genstudio.sidecar import weights_of

_CORPORA = (
    "EmoDB",
    "EmoGator",
    "FER-2013",
    "OASIS",
    "GoEmotions",
    "EmoBank",
    "Kathleen",
    "Kerstin",
    "London",
    "Live Link",
    "ICT-FaceKit",
)


def kinship(engine: str, recogniser: str) -> dict[str, Any]:
    """JSON-ready: `same_weights`, `corpora_shared`, `engine_learned_from`, `recogniser_learned_from`, and `kin` in words.

    engine, recogniser: registry keys. 'same corpus, other people' is fair to the recogniser's ears and not to the corpus's habits:
    acted German stays acted German.
    """
    made, reads = registry.find(engine), registry.find(recogniser)
    shared = sorted(c for c in _CORPORA if c in made.trained_on and c in reads.trained_on)
    same = bool(_hashes(engine) & _hashes(recogniser))
    steer = recogniser.endswith("-steer")
    if same or steer:
        kin = "kin: it steers generation; its figures are no score"
    elif shared:
        kin = f"same corpus ({', '.join(shared)}), other people, other network"
    else:
        kin = "none: other data, other network"
    return {
        "kin": kin, "same_weights": same, "corpora_shared": shared,
        "engine_learned_from": made.trained_on or "see its own card", "recogniser_learned_from": reads.trained_on,
    }  # fmt: skip


def _hashes(key: str) -> set[str]:
    try:
        return {v for k, v in weights_of(key).items() if not re.search(r"measured|encoder", k)}
    except (MissingError, ImportError):
        return set()
