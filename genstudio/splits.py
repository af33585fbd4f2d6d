"""Who may learn from what: the only file that assigns speakers, identities and themes to a purpose.

Generators learn from `voice` people, steering recognisers may share them, scoring recognisers learn from the others.
See the model cards for what each shipped model really saw.
"""

from __future__ import annotations

EMODB_VOICE = ("03", "08", "09", "11", "14", "15")  # three women, three men: generators and steering recognisers
EMODB_SCORE = ("10", "12", "13", "16")  # two women, two men: the scoring recogniser
EMODB_SPEAKERS = tuple(sorted(EMODB_VOICE + EMODB_SCORE))

_HOLDOUT_EVERY = 20  # every 20th utterance of the reading voices is never trained on


def emogator_role(contributor: str | int) -> str:
    """'steer' or 'score': EmoGator's contributors (eg001 …) are halved by id; generators may use the 'steer' half.

    >>> emogator_role("eg001")
    'steer'
    """
    return "steer" if int(str(contributor).removeprefix("eg")) % 2 else "score"


def fer_role(face_id: int) -> str:
    """'steer' or 'score': FER-2013 train is halved by id; PublicTest is held out for everybody."""
    return "steer" if int(face_id) % 2 else "score"


def london_holdout(identity: str | int) -> bool:
    """Whether a London identity is held out of every training (a quarter of them)."""
    return int(str(identity).split("_")[0]) % 4 == 0


def utterance_holdout(index: int) -> bool:
    """Whether the index-th line (from 0) of a reading voice's metadata.csv is held out."""
    return index % _HOLDOUT_EVERY == _HOLDOUT_EVERY - 1


def oasis_fold(theme: str, folds: int = 5) -> int:
    """Fold of an OASIS picture by its theme (picture name without trailing number), the same on every machine.

    >>> oasis_fold("Lake 1") == oasis_fold("Lake 12")
    True
    """
    import zlib

    return zlib.crc32(theme.rstrip("0123456789 ").lower().encode()) % folds
