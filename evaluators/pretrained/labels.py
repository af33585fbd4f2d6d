"""What a model's own labels mean: its `id2label` in the names of `genstudio.emotion.norms`, or in axes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.emotion import EKMAN
from genstudio.emotion.norms import SYNONYMS, vocabulary
from genstudio.errors import InputError
from genstudio.media.text import read_text

AXES = ("valence", "arousal", "dominance")
_LEAST_PREFIX = 3


@dataclass(frozen=True)
class Labels:
    """names: for each output the category, or None where it is left out; axes: for each axis (output, low, high) of a model that
    predicts dimensions. One of the two is empty."""

    names: tuple[str | None, ...] = ()
    axes: tuple[tuple[str, int, float, float], ...] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        """The categories, each once, in the order of the outputs."""
        return tuple(dict.fromkeys(n for n in self.names if n))

    def categories(self, scores: NDArray[Any]) -> dict[str, float]:
        """A distribution over `classes` from one row of scores (probabilities), several outputs of a name added up."""
        out = dict.fromkeys(self.classes, 0.0)
        for name, score in zip(self.names, scores, strict=True):
            if name:
                out[name] += float(score)
        total = sum(out.values())
        return {k: v / total if total > 0 else 1 / len(out) for k, v in out.items()}

    def vad(self, outputs: NDArray[Any]) -> tuple[float | None, ...]:
        """Valence, arousal, dominance in -1..1, None where the model has no such output."""
        found = {
            axis: float(np.clip(2 * (outputs[i] - low) / (high - low) - 1, -1, 1)) for axis, i, low, high in self.axes
        }
        return tuple(found.get(axis) for axis in AXES)


def canonical(label: str) -> str | None:
    """The category that a label names: as it is, as a synonym, or as the beginning of one of Ekman's ('ang', 'hap'). None when
    it is not understood.

    >>> canonical("Happiness"), canonical("neu"), canonical("LABEL_0")
    ('joy', 'neutral', None)
    """
    word = re.sub(r"[\s_-]+", " ", label.strip().lower())
    if word in vocabulary():
        return word
    if word in SYNONYMS:
        return SYNONYMS[word]
    if len(word) >= _LEAST_PREFIX:
        near = {n for n in EKMAN if n.startswith(word)} | {
            n for s, n in SYNONYMS.items() if s.startswith(word) and n in EKMAN
        }
        if len(near) == 1:
            return near.pop()
    return None


def read_map(path: Path | str) -> dict[str, Any]:
    """A label map: JSON {model's label: category, null to leave it out, or ["valence", low, high]}. Raises InputError."""
    path = Path(path)
    try:
        found = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError(f"the label map '{path.name}' is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise InputError(f'the label map \'{path.name}\' must be an object such as {{"LABEL_0": "joy"}}')
    return found


def map_labels(id2label: Mapping[Any, str], given: Mapping[str, Any] | None = None, name: str = "this model") -> Labels:
    """The labels of a configuration; `given` says what those mean that the names do not tell (see `read_map`).

    Axes without a range are taken as 0..1. Raises InputError with the list of labels that are not understood.
    """
    own = [str(id2label[i]) for i in sorted(id2label, key=int)]
    given = dict(given or {})
    strange = [k for k in given if k not in own]
    if strange:
        raise InputError(
            f"the label map names {', '.join(strange)}, which '{name}' has not; its labels: {', '.join(own)}"
        )
    names: list[str | None] = []
    axes: list[tuple[str, int, float, float]] = []
    unknown: list[str] = []
    for i, label in enumerate(own):
        value = given.get(label, label)
        axis = _axis(value, i)
        if axis is not None:
            axes.append(axis)
        if value is None or axis is not None:
            names.append(None)
            continue
        found = canonical(str(value))
        if found is None:
            unknown.append(label)
        names.append(found)
    if unknown:
        raise InputError(
            f"'{name}' has labels that name no emotion known here: {', '.join(unknown)}; give --labels map.json with "
            f'{{"{unknown[0]}": "joy"}} or null to leave one out (names: genstudio.emotion.norms.vocabulary())'
        )
    if axes and any(names):
        raise InputError(f"'{name}' mixes axes and categories; leave one kind out in --labels by null")
    if not axes and not any(names):
        raise InputError(f"'{name}' has no label left; its labels: {', '.join(own)}")
    return Labels((), tuple(axes)) if axes else Labels(tuple(names))


def _axis(value: Any, i: int) -> tuple[str, int, float, float] | None:
    if isinstance(value, str) and value.strip().lower() in AXES and value.strip().lower() not in vocabulary():
        return value.strip().lower(), i, 0.0, 1.0
    if isinstance(value, str) and value.strip().lower() == "dominance":
        return "dominance", i, 0.0, 1.0  # also one of Plutchik's dyads: as a model's output it is the axis
    if isinstance(value, list) and len(value) == 3 and value[0] in AXES and float(value[1]) < float(value[2]):
        return str(value[0]), i, float(value[1]), float(value[2])
    if isinstance(value, (list, dict)):
        raise InputError(f"a label means a name, null or [axis, low, high]; got {json.dumps(value)}")
    return None
