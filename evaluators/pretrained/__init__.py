"""Recognisers that others trained, behind the `Evaluator` protocol.

transformers:FOLDER-OR-HUB-ID[#face]   a classifier of speech, pictures, faces or text
clip:FOLDER-OR-HUB-ID[#face]           CLIP or SigLIP: categories by prompts, V and A by a fitted direction
fusion:FOLDER                          face and voice together, trained here by `evaluators.fusion.train`
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio.errors import InputError, suggest

if TYPE_CHECKING:
    from ..fusion.evaluator import FusionEvaluator
    from .clip import ClipRecogniser
    from .recogniser import PretrainedRecogniser

KINDS = ("transformers", "clip", "fusion")


def load_recogniser(
    spec: str, modality: str | None = None, *, labels: dict[str, Any] | str | Path | None = None, **options: Any
) -> PretrainedRecogniser | ClipRecogniser | FusionEvaluator:
    """The recogniser a spec names: 'transformers:…' or 'clip:…', with '#face' (or #image, #speech, #text) at its end at will.

    labels: what a classifier's labels mean, or the JSON file that says it (see `labels.read_map`). options: allow_pickle,
    device ('auto', 'cpu', 'cuda'), dtype ('float32', 'float16', 'bfloat16'); batch and multi_label of classifiers; taxonomy of
    clip. Raises InputError or MissingError in one line.
    """
    kind, colon, rest = spec.partition(":")
    place, _, wanted = rest.partition("#")
    if not colon or kind not in KINDS or not place:
        raise InputError(
            f"unknown recogniser '{spec}'; write {' or '.join(f'{k}:FOLDER-OR-HUB-ID' for k in KINDS[:2])}, or fusion:FOLDER"
            + suggest(kind, KINDS)
        )
    if modality and wanted and modality != wanted:
        raise InputError(f"'{spec}' is asked to read {modality}, but says #{wanted}")
    if kind == "fusion":
        from ..fusion.evaluator import FusionEvaluator

        if labels is not None or wanted or modality:
            raise InputError(
                "a fusion recogniser reads face and voice, in its own classes; leave out labels, '#…' and --as"
            )
        return FusionEvaluator.load(place)
    if kind == "clip":
        from .clip import ClipRecogniser

        if labels is not None:
            raise InputError("a clip recogniser has no labels to map: its categories are a taxonomy")
        return ClipRecogniser.load(place, modality or wanted or None, **options)
    from .labels import read_map
    from .recogniser import load_classifier

    known = read_map(labels) if isinstance(labels, (str, Path)) else labels
    return load_classifier(place, modality or wanted or None, known, **options)


__all__ = ["KINDS", "load_recogniser"]
