"""Reads how a picture is felt by its viewers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import InputError, MediaError, MissingWeightsError
from genstudio.media.rates import MAX_IMAGE_SIDE, MIN_IMAGE_SIDE
from genstudio.protocols import Ceiling, Reading

from . import patches
from .axes import seen
from .backbone import SPACES
from .features import attributes
from .model import ContentAndLook, KernelRidge

WEIGHTS = Path(__file__).parent / "weights"


class ImageEvaluator:
    """Valence and arousal of a picture as people would rate it; no dominance, no categories.

    The scoring copy rates what an ImageNet network (EfficientNet-Lite2) sees in a picture, and its colour, light and texture, by
    regression on 665 photographs (OASIS, about 100 US raters each), as they are and as if painted. It explains a third to two
    fifths of the variance of themes it never saw, and arousal hardly carries from one kind of picture to another: read the ceiling
    beside every value. Values are expected ratings, hence drawn towards the mean.
    """

    modality = "image"

    def __init__(self, models: dict[str, Any], dictionary: dict[str, Any], config: dict[str, Any], role: str) -> None:
        self.models, self.dictionary, self.config, self.role = models, dictionary, config, role
        self.name = f"genstudio-image-{role}"
        found = config["figures"]["themes"]
        self.vad_ceilings = {
            a: Ceiling("pearson", found[a]["pearson"], tuple(found[a]["interval"]), 0.0, "OASIS, five folds by theme")
            for a in models
        }
        self.ceiling = Ceiling(
            "pearson, mean of valence and arousal", round(float(np.mean([c.value for c in self.vad_ceilings.values()])), 4),
            tuple(round(float(np.mean([c.interval[i] for c in self.vad_ceilings.values()])), 4) for i in (0, 1)),  # type: ignore[arg-type, index]
            0.0, "OASIS, 665 photographs, five folds by theme",
        )  # fmt: skip

    @classmethod
    def load(cls, role: str = "score") -> ImageEvaluator:
        """role: 'score' (what an ImageNet network sees, and the look) or 'steer' (colour and texture, learned without labels)."""
        if role not in ("score", "steer"):
            raise InputError(f"unknown role '{role}'; valid: score, steer")
        from safetensors.numpy import load_file

        path = WEIGHTS / f"image_{role}.safetensors"
        if not path.exists():
            raise MissingWeightsError(
                f"{path.name} is missing: reinstall, or run python -m genstudio.evaluators.image.train --role {role}"
            )
        config = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        tensors = {k: v.astype(np.float64) for k, v in load_file(str(path)).items()}
        models: dict[str, Any] = {}
        for axis, plan in config["plans"].items():
            groups = tuple(plan["groups"])
            part = {p: {g: tensors[f"{g}.{p}"] for g in groups} for p in ("mean", "std", "points")}
            weights = tensors[f"{axis}.weights"]
            look = KernelRidge(
                groups,
                plan["gain"],
                part["mean"],
                part["std"],
                part["points"],
                weights,
                plan["offset"] if role == "steer" else 0.0,
            )
            models[axis] = look
            if role == "score":
                mean, std = ({s: tensors[f"{s}.{k}"] for s in SPACES} for k in ("mean", "std"))
                content = {s: tensors[f"{axis}.{s}.weights"] for s in SPACES}
                models[axis] = ContentAndLook(look, mean, std, content, plan["offset"])
        dictionary = {
            k.removeprefix("dictionary."): v.astype(np.float32)
            for k, v in tensors.items()
            if k.startswith("dictionary.")
        }
        return cls(models, dictionary, config, role)

    def __call__(self, picture: NDArray[np.uint8]) -> Reading:
        """picture: uint8 [h, w, 3] RGB, 16 to 12,000 pixels a side. Raises MediaError otherwise."""
        x = np.asarray(picture)
        if x.dtype != np.uint8 or x.ndim != 3 or x.shape[2] != 3:
            raise MediaError(f"a picture is uint8 [height, width, 3]; got {x.dtype} {list(x.shape)}")
        if min(x.shape[:2]) < MIN_IMAGE_SIDE or max(x.shape[:2]) > MAX_IMAGE_SIDE:
            raise MediaError(
                f"a picture has {MIN_IMAGE_SIDE} to {MAX_IMAGE_SIDE} pixels a side; got {x.shape[1]} x {x.shape[0]}"
            )
        groups = seen(x) if self.role == "score" else patches.features(x, self.dictionary)
        row = {g: v[None] for g, v in groups.items()}
        rating = {a: float(np.clip(m(row)[0], 1, 7)) for a, m in self.models.items()}
        valence, arousal = (round((rating[a] - 4) / 3, 4) for a in ("valence", "arousal"))
        return Reading(
            "image", self.name, valence, arousal, None, {}, "regression", self.ceiling,
            details={"attributes": {k: round(v, 4) for k, v in attributes(x).items()},
                     "oasis": {a: round(r, 3) for a, r in rating.items()},
                     "ceilings": {a: c.value for a, c in self.vad_ceilings.items()}},
        )  # fmt: skip
