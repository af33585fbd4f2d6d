"""Cues of a face: distances between landmarks in units of the distance between the eyes, upright."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genstudio import registry
from genstudio.errors import FaceError

from .cues import NOTABLE, Cue, norms
from .published import FACE, typical

if TYPE_CHECKING:
    from genstudio.protocols import U8

# cue: (words when lower, words when higher)
_WORDS = {
    "inner brows": ("inner brows lowered", "inner brows raised"),
    "outer brows": ("outer brows lowered", "outer brows raised"),
    "brow distance": ("brows drawn together", "brows apart"),
    "eye opening": ("eyes narrowed", "eyes widened"),
    "mouth opening": ("lips closed", "mouth open"),
    "mouth width": ("mouth narrow", "mouth stretched"),
    "lip corners": ("lip corners down", "lip corners up"),
    "upper lip": ("upper lip lowered", "upper lip raised"),
    "lip thickness": ("lips pressed or thin", "lips full"),
}
NAMES = tuple(_WORDS)
_SELF = 0.5  # of the deviation between people: a movement of one face worth telling (a medium effect, Cohen 1988)


def measured(landmarks: NDArray[Any]) -> dict[str, float]:
    """Cues of one face from 68 landmarks [68, 2] in pixels (iBUG order), roll taken out, over the distance between the eyes."""
    p = np.asarray(landmarks, float)
    left, right = p[36:42].mean(0), p[42:48].mean(0)
    eyes = right - left
    unit = float(np.hypot(*eyes))
    if unit < 1:
        raise FaceError("the face is too small to measure")
    turn = np.arctan2(eyes[1], eyes[0])
    c, s = np.cos(turn), np.sin(turn)
    q = (p - (left + right) / 2) @ np.array([[c, -s], [s, c]]) / unit  # y grows downwards
    lids = [np.abs(q[[37, 38], 1] - q[[41, 40], 1]).mean(), np.abs(q[[43, 44], 1] - q[[47, 46], 1]).mean()]
    middle = (q[51, 1] + q[57, 1]) / 2
    return {
        "inner brows": float((q[39, 1] + q[42, 1]) / 2 - (q[21, 1] + q[22, 1]) / 2),
        "outer brows": float((q[36, 1] + q[45, 1]) / 2 - (q[[17, 18], 1].mean() + q[[25, 26], 1].mean()) / 2),
        "brow distance": float(q[22, 0] - q[21, 0]),
        "eye opening": float(np.mean(lids)),
        "mouth opening": float(np.mean(q[[65, 66, 67], 1] - q[[63, 62, 61], 1])),
        "mouth width": float(q[54, 0] - q[48, 0]),
        "lip corners": float(middle - (q[48, 1] + q[54, 1]) / 2),
        "upper lip": -float(q[51, 1] - q[33, 1]),
        "lip thickness": float((q[62, 1] - q[51, 1]) + (q[57, 1] - q[66, 1])),
    }


def measured_in(frames: Iterable[U8]) -> dict[str, float]:
    """The median of each cue over frames uint8 [h, w, 3] that show a face. Raises FaceError when none does."""
    find = registry.load("faces:embedded")
    rows, last = [], None
    for frame in frames:
        last = find.follow(frame, last) if last is not None and hasattr(find, "follow") else None
        if last is None:
            found = find(frame)
            last = found[0] if found else None
        if last is not None:
            rows.append(measured(last.landmarks))
    if not rows:
        raise FaceError("no face was found to measure")
    return {name: float(np.median([r[name] for r in rows])) for name in NAMES}


def cues(here: Mapping[str, float], own: Mapping[str, float] | None = None) -> tuple[Cue, ...]:
    """Cues against this face at rest (`own`), or against neutral portraits of other people.

    z counts deviations between people, or half of one for a change of the same face.
    """
    table = norms()["face"]
    against = "this face at rest" if own else f"neutral portraits of {table['people']} people"
    out = []
    for name, (low, high) in _WORDS.items():
        figures = table["cues"][name]
        normal = own[name] if own else figures["mean"]
        z = (here[name] - normal) / (figures["between"] * (_SELF if own else 1.0))
        word = high if z > 0 else low
        change = here[name] - normal
        clause = f"{word} ({100 * change:+.1f} % of the eye distance)"
        fits = typical(FACE, name, z) if abs(z) >= NOTABLE else ()
        out.append(
            Cue(name, round(here[name], 4), "eye distances", round(normal, 4), round(z, 2), against, clause, fits)
        )
    return tuple(out)
