"""`PretrainedRecogniser`: any transformers classifier of speech, pictures, faces or text as one of our evaluators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio import hub
from genstudio.emotion import vad_of_categories
from genstudio.errors import FaceError, InputError, suggest
from genstudio.protocols import Ceiling, Reading

from .backends import BACKENDS, Backend
from .ceilings import read_ceiling
from .labels import Labels, map_labels

DTYPES = ("float32", "float16", "bfloat16")
MODALITIES = tuple(BACKENDS)


class PretrainedRecogniser:
    """Somebody else's emotion recogniser behind the `Evaluator` protocol.

    What it was trained on, and whom it serves worse, is in its own card. Its figures there are of other data than yours:
    `ceiling` is unmeasured until `measure_ceiling` was run on labelled files of yours. Role 'score'; name it to nothing that
    steers.
    """

    role = "score"

    def __init__(
        self, backend: Backend, labels: Labels, name: str, key: str, multi_label: bool, folder: Path | None = None
    ) -> None:
        self.backend, self.labels, self.name, self.key = backend, labels, name, key
        self.modality, self.multi_label, self.folder = backend.modality, multi_label, folder
        self.ceiling: Ceiling = read_ceiling(key) or Ceiling.unmeasured(labels.classes)

    def __call__(self, media: Any) -> Reading:
        """media: Speech, uint8 [h, w, 3] (image, face) or str, by `modality`."""
        return self.read([media])[0]

    def read(self, media: Sequence[Any]) -> list[Reading]:
        """Several at once, in batches; the same readings as one by one, to rounding."""
        if not len(media):
            return []
        with hub.explained(self.name, self.folder, str(self.backend.model.device)):
            outputs, details = self.backend.outputs(media)
        return [self._reading(row, about) for row, about in zip(outputs, details, strict=True)]

    def read_video(self, frames: Iterable[NDArray[np.uint8]]) -> Reading:
        """The mean over frames, uint8 [h, w, 3] each; for faces, frames without one are left out. Raises FaceError."""
        rows, total = [], 0
        for frame in frames:
            total += 1
            try:
                rows.append(self.backend.outputs([frame])[0][0])
            except FaceError:
                continue
        if not rows:
            raise FaceError(f"no face was found in {total} frames" if total else "a video without frames shows nothing")
        return self._reading(None, {"frames": total, "frames_read": len(rows)}, np.stack(rows))

    def _reading(self, row: Any, details: dict[str, Any], rows: Any = None) -> Reading:
        many = np.asarray(rows if rows is not None else [row], np.float64)
        if self.labels.axes:
            v, a, d = self.labels.vad(many.mean(0))
            return Reading(self.modality, self.name, v, a, d, {}, "regression", self.ceiling, details)
        p = _probabilities(many, self.multi_label).mean(0)
        categories = self.labels.categories(p)
        if self.multi_label:
            details = details | {
                "scores": {n: round(float(x), 4) for n, x in zip(self.labels.names, p, strict=True) if n}
            }
        return Reading(self.modality, self.name, *vad_of_categories(categories), categories, "categories", self.ceiling,
                       details)  # fmt: skip


def _probabilities(logits: NDArray[Any], multi_label: bool) -> NDArray[Any]:
    if multi_label:
        return 1 / (1 + np.exp(-logits))
    e = np.exp(logits - logits.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def load_classifier(
    spec: str, modality: str | None = None, labels: dict[str, Any] | None = None, *,
    allow_pickle: bool = False, device: str = "auto", dtype: str = "float32", batch: int | None = None,
    multi_label: bool | None = None,
) -> PretrainedRecogniser:  # fmt: skip
    """A transformers classifier from a folder, a cached hub id or a hub id.

    modality: 'speech', 'image', 'face' or 'text'; found from the model when None (a picture model reads whole images then).
    labels: see `labels.read_map`. multi_label: sigmoid instead of softmax; by the model's `problem_type` when None.
    """
    import torch
    from transformers import AutoConfig

    folder = hub.resolve(spec, allow_pickle)
    place = pick_device(device)
    with hub.explained(spec, folder, place):
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        kind = _kind(config, spec)
        modality = _agreed(modality, kind, spec)
        mapped = map_labels(config.id2label, labels, spec)
        if dtype not in DTYPES:
            raise InputError(f"unknown dtype '{dtype}'; valid: {', '.join(DTYPES)}" + suggest(dtype, DTYPES))
        model = _model(folder, kind, config, spec, allow_pickle, getattr(torch, dtype))
        processor = _processor(folder, kind)
        backend = BACKENDS[modality](model.to(place).eval(), processor, modality, batch)
    several = config.problem_type == "multi_label_classification" if multi_label is None else multi_label
    key = f"{hub.fingerprint(folder)}-{modality}"
    return PretrainedRecogniser(backend, mapped, short_name(spec), key, several, folder)


def short_name(spec: str) -> str:
    """'transformers:NAME' of a folder or hub id."""
    return "transformers:" + "/".join(spec.rstrip("/").split("/")[-1 if hub.is_folder(spec) else -2 :])


def pick_device(device: str) -> str:
    """'auto' is a GPU where there is one. Raises InputError for a device that is not there."""
    import torch

    gpu = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if device == "auto":
        return gpu
    valid = ("auto", "cpu", *([gpu] if gpu != "cpu" else []))
    if device.partition(":")[0] not in valid:
        raise InputError(f"device '{device}' is not there; valid here: {', '.join(valid)}")
    return device


def _kind(config: Any, spec: str) -> str:
    """'speech', 'image' or 'text': by the class the weights were saved from, else by the architecture."""
    from transformers.models.auto import modeling_auto as auto

    names = list(config.architectures or [])
    tables: dict[str, Any] = {
        "speech": auto.MODEL_FOR_AUDIO_CLASSIFICATION_MAPPING_NAMES,
        "image": auto.MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES,
        "text": auto.MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES,
    }
    fits = [k for k, table in tables.items() if config.model_type in table]
    heads = ("Classification", "Wav2Vec2ForSpeechClassification", "EmotionModel")
    if not fits or (names and not any(n.endswith(heads) or "ForSpeechClassification" in n for n in names)):
        what = names[0] if names else f"'{config.model_type}' model"
        hint = "; for CLIP and SigLIP write clip:" if config.model_type.startswith(("clip", "siglip")) else ""
        raise InputError(f"'{spec}' is a {what}, not a classifier of speech, pictures or text{hint}")
    return fits[0]


def _agreed(wanted: str | None, kind: str, spec: str) -> str:
    if wanted is None:
        return kind
    if wanted not in MODALITIES:
        raise InputError(f"unknown modality '{wanted}'; valid: {', '.join(MODALITIES)}" + suggest(wanted, MODALITIES))
    if ("image" if wanted == "face" else wanted) != kind:
        raise InputError(f"'{spec}' reads {kind}, not {wanted}; give a {wanted} classifier, or leave the modality out")
    return wanted


def _model(folder: Path, kind: str, config: Any, spec: str, allow_pickle: bool, dtype: Any) -> Any:
    from transformers import (
        AutoModelForAudioClassification,
        AutoModelForImageClassification,
        AutoModelForSequenceClassification,
    )

    classes: dict[str, Any] = {
        "speech": AutoModelForAudioClassification, "image": AutoModelForImageClassification,
        "text": AutoModelForSequenceClassification,
    }  # fmt: skip
    chosen = classes[kind]
    if config.model_type == "wav2vec2":
        from .head import KEYS, Wav2Vec2ForSpeechClassification

        if set(KEYS) <= tensor_names(folder, allow_pickle):
            chosen = Wav2Vec2ForSpeechClassification
    options = hub.options(allow_pickle=allow_pickle, dtype=dtype, output_loading_info=True)
    model, info = chosen.from_pretrained(folder, **options)
    absent = sorted(info["missing_keys"])
    if absent:
        raise InputError(
            f"'{spec}' lacks the weights {', '.join(absent[:3])}{' …' if len(absent) > 3 else ''} of {type(model).__name__}: "
            "they would be random; it was saved from another class"
        )
    return model


def tensor_names(folder: Path, allow_pickle: bool = False) -> set[str]:
    """Names of all stored tensors."""
    from safetensors import safe_open

    names: set[str] = set()
    for path in hub.weight_files(folder, allow_pickle):
        if path.suffix == ".safetensors":
            with safe_open(str(path), framework="pt") as f:
                names |= set(f.keys())
        else:
            import torch

            names |= set(torch.load(path, map_location="meta", weights_only=True))
    return names


def _processor(folder: Path, kind: str) -> Any:
    from transformers import AutoFeatureExtractor, AutoImageProcessor, AutoTokenizer

    makers: dict[str, Any] = {"speech": AutoFeatureExtractor, "image": AutoImageProcessor, "text": AutoTokenizer}
    return makers[kind].from_pretrained(folder, local_files_only=True)
