"""CLIP and SigLIP as recognisers: categories by prompts, valence and arousal by a direction fitted in the shared space.

The direction is a ridge regression from embeddings of templated norm words (Russell & Mehrabian 1977) to their ratings; with a
folder of rated pictures (OASIS), from the pictures' own embeddings. Radford et al. 2021 (CLIP), Zhai et al. 2023 (SigLIP).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio import hub
from genstudio.emotion import EKMAN, TAXONOMIES
from genstudio.emotion.norms import words
from genstudio.errors import FaceError, InputError, suggest
from genstudio.media.files import write_text
from genstudio.protocols import Ceiling, Reading

from ..image.data import clusters, oasis
from ..measures import bootstrap, pearson
from .backends import prepare_pictures
from .ceilings import read_ceiling, store_ceiling
from .direction import Direction

F32 = NDArray[np.float32]
TEMPLATES = {
    "image": ("a picture that makes people feel {}", "a photograph full of {}", "an image that evokes {}", "{}"),
    "face": ("a face showing {}", "a photo of a person expressing {}", "a portrait of someone who feels {}", "{}"),
}
_BATCH = 32
_OPENNESS = 100.0  # when a model states no logit scale


class ClipRecogniser:
    """A picture's (or face's) emotion by its nearness to sentences.

    Trained by others on captions from the web, with their biases; it tells what captions would say, not what a person feels.
    Valence and arousal come from a direction: `vad_source` is 'regression'. Without rated pictures (`fit`) the direction comes
    from words, its origin from plain coloured fields, and the scale is rough: use the order, not the distance.
    """

    role = "score"

    def __init__(self, model: Any, processor: Any, name: str, key: str, modality: str = "image",
                 taxonomy: str = "mikels", folder: Path | None = None) -> None:  # fmt: skip
        self.model, self.processor, self.name, self.modality, self.folder = model, processor, name, modality, folder
        self.classes = EKMAN if modality == "face" else TAXONOMIES[taxonomy]
        self.key = f"{key}-{modality}"
        prompts = [[t.format(c) for t in TEMPLATES[modality]] for c in self.classes]
        self._prompts = np.stack([_unit(self.embed_text(p).mean(0)) for p in prompts])
        self._scale = float(model.logit_scale.detach().exp()) if hasattr(model, "logit_scale") else _OPENNESS
        self.direction = self._stored() or self._from_words()
        self.ceiling: Ceiling = read_ceiling(self.key) or Ceiling.unmeasured(self.classes)

    @classmethod
    def load(cls, spec: str, modality: str | None = None, taxonomy: str = "mikels", *,
             allow_pickle: bool = False, device: str = "auto", dtype: str = "float32") -> ClipRecogniser:  # fmt: skip
        """spec: a folder, a cached hub id or a hub id of a CLIP-like model. taxonomy: the categories, for whole images."""
        from transformers import AutoConfig, AutoModelForZeroShotImageClassification, AutoProcessor

        from .recogniser import DTYPES, pick_device, short_name

        modality = modality or "image"
        if modality not in TEMPLATES:
            raise InputError(f"'{spec}' reads pictures, not {modality}; valid: {', '.join(TEMPLATES)}")
        if taxonomy not in TAXONOMIES:
            raise InputError(
                f"unknown taxonomy '{taxonomy}'; valid: {', '.join(TAXONOMIES)}" + suggest(taxonomy, tuple(TAXONOMIES))
            )
        if dtype not in DTYPES:
            raise InputError(f"unknown dtype '{dtype}'; valid: {', '.join(DTYPES)}" + suggest(dtype, DTYPES))
        folder, place = hub.resolve(spec, allow_pickle), pick_device(device)
        with hub.explained(spec, folder, place):
            config = AutoConfig.from_pretrained(folder, local_files_only=True)
            if not hasattr(config, "text_config") or not hasattr(config, "vision_config"):
                raise InputError(
                    f"'{spec}' is a '{config.model_type}' model, not one of pictures and text such as CLIP or SigLIP"
                )
            options = hub.options(allow_pickle=allow_pickle, dtype=getattr(torch, dtype), output_loading_info=True)
            model, info = AutoModelForZeroShotImageClassification.from_pretrained(folder, **options)
            if info["missing_keys"]:
                raise InputError(
                    f"'{spec}' lacks the weights {', '.join(sorted(info['missing_keys'])[:3])}: they would be random"
                )
            processor = AutoProcessor.from_pretrained(folder, local_files_only=True)
            name = short_name(spec).replace("transformers:", "clip:", 1)
            return cls(model.to(place).eval(), processor, name, hub.fingerprint(folder), modality, taxonomy, folder)

    @torch.inference_mode()
    def embed_text(self, texts: Sequence[str]) -> F32:
        """float32 [n, d], rows of length 1."""
        limit = self.model.config.text_config.max_position_embeddings
        out = []
        for a in range(0, len(texts), _BATCH):
            inputs = self.processor(text=list(texts[a : a + _BATCH]), padding="max_length", truncation=True,
                                    max_length=limit, return_tensors="pt")  # fmt: skip
            out.append(_rows(self.model.get_text_features(**{k: v.to(self.model.device) for k, v in inputs.items()})))
        return _unit(np.concatenate(out))

    @torch.inference_mode()
    def embed_pictures(self, pictures: Sequence[Any]) -> F32:
        """uint8 [h, w, 3] each → float32 [n, d], rows of length 1."""
        out = []
        for a in range(0, len(pictures), _BATCH):
            inputs = self.processor(images=list(pictures[a : a + _BATCH]), return_tensors="pt")
            ready = {
                k: v.to(self.model.device, self.model.dtype if v.is_floating_point() else v.dtype)
                for k, v in inputs.items()
            }
            out.append(_rows(self.model.get_image_features(**ready)))
        return _unit(np.concatenate(out))

    def __call__(self, media: Any) -> Reading:
        """media: uint8 [h, w, 3] RGB."""
        return self.read([media])[0]

    def read(self, media: Sequence[Any]) -> list[Reading]:
        """Several at once; the same readings as one by one, to rounding."""
        if not len(media):
            return []
        with hub.explained(self.name, self.folder, str(self.model.device)):
            pictures, details = prepare_pictures(media, self.modality)
            return [self._reading(x[None], d) for x, d in zip(self.embed_pictures(pictures), details, strict=True)]

    def read_video(self, frames: Iterable[Any]) -> Reading:
        """The mean over frames; for faces, frames without one are left out."""
        rows, total = [], 0
        for frame in frames:
            total += 1
            try:
                rows.append(self.embed_pictures(prepare_pictures([frame], self.modality)[0])[0])
            except FaceError:
                continue
        if not rows:
            raise FaceError(f"no face was found in {total} frames" if total else "a video without frames shows nothing")
        return self._reading(np.stack(rows), {"frames": total, "frames_read": len(rows)})

    def _reading(self, x: F32, details: dict[str, Any]) -> Reading:
        near = self._scale * x @ self._prompts.T
        e = np.exp(near - near.max(-1, keepdims=True))
        p = (e / e.sum(-1, keepdims=True)).mean(0)
        v, a = (float(z) for z in self.direction(x).mean(0))
        categories = {c: float(w) for c, w in zip(self.classes, p, strict=True)}
        about = details | {"direction": self.direction.source}
        return Reading(self.modality, self.name, v, a, None, categories, "regression", self.ceiling, about)

    def _from_words(self) -> Direction:
        rated = words()
        texts = [t.format(w) for w in rated for t in TEMPLATES[self.modality]]
        x = self.embed_text(texts).reshape(len(rated), len(TEMPLATES[self.modality]), -1).mean(1)
        found = Direction.fit(_unit(x), np.array([v[:2] for v in rated.values()], np.float32), "norm words")
        return found.anchored(self.embed_pictures(_plain_fields()).mean(0))

    def fit(self, data: Path | str, store: bool = True) -> Ceiling:
        """Fit valence and arousal on the rated pictures of OASIS in `data`/oasis.

        Returns the mean Pearson r of both axes on themes left out of the fit, the recogniser's ceiling from then on.
        """
        from genstudio.media.image import read_image

        rated = oasis(Path(data))
        x = np.concatenate([self.embed_pictures([read_image(p)]) for p in rated.paths])
        ratings = np.stack([(rated.valence - 4) / 3, (rated.arousal - 4) / 3], 1).astype(np.float32)
        guess = np.zeros_like(ratings)
        for f in np.unique(rated.fold):
            rest = rated.fold != f
            if not rest.any():
                raise InputError(
                    f"'{data}' holds pictures of one fold of themes only; several themes are needed to measure a fit"
                )
            guess[~rest] = Direction.fit(x[rest], ratings[rest], "")(x[~rest])
        found = bootstrap(
            _mean_r,
            ratings[:, 0],
            ratings[:, 1],
            guess[:, 0],
            guess[:, 1],
            clusters=clusters(rated.themes),
            repeats=300,
        )
        self.direction = Direction.fit(x, ratings, "rated pictures")
        self.ceiling = Ceiling("pearson", round(found.value, 4), (round(found.low, 4), round(found.high, 4)), 0.0,
                               f"OASIS, {len(x)} pictures, themes held out, mean of V and A", self.classes)  # fmt: skip
        if store:
            d = self.direction
            numbers = {
                "weights": d.weights.tolist(),
                "anchor": d.anchor.tolist(),
                "shift": d.shift.tolist(),
                "source": d.source,
            }
            write_text(self._file(), json.dumps(numbers) + "\n")
            store_ceiling(self.key, self.ceiling)
        return self.ceiling

    def _file(self) -> Path:
        return hub.cache_folder("directions", f"{self.key}.json")

    def _stored(self) -> Direction | None:
        try:
            found = json.loads(self._file().read_text(encoding="utf-8"))
            weights, anchor, shift = (np.array(found[k], np.float32) for k in ("weights", "anchor", "shift"))
            return Direction(weights, anchor, shift, found["source"])
        except (OSError, ValueError, TypeError, KeyError):
            return None


def _mean_r(v: Any, a: Any, guess_v: Any, guess_a: Any) -> float:
    return (pearson(list(v), list(guess_v)) + pearson(list(a), list(guess_a))) / 2


def _plain_fields() -> list[Any]:
    levels = [(c, c, c) for c in (32, 96, 160, 224)] + [(200, 90, 90), (90, 200, 90), (90, 90, 200), (200, 200, 90)]
    return [np.full((64, 64, 3), level, np.uint8) for level in levels]


def _rows(found: Any) -> F32:
    tensor = found if isinstance(found, torch.Tensor) else found.pooler_output
    return tensor.float().cpu().numpy()


def _unit(x: F32) -> F32:
    return np.asarray(x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-9), np.float32)
