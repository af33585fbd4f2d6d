"""Media of one modality to a model's outputs: what its feature extractor, image processor or tokenizer asks for, in batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.errors import FaceError, InputError, MediaError, TextError
from genstudio.protocols import Speech
from genstudio.signals.listen import samples_at

F32 = NDArray[np.float32]
CHUNK = 10.0  # seconds of audio read at once; a longer recording is the mean over its chunks
_LEAST_CHUNK = 1.0  # a shorter rest is left out, unless it is all there is
_FACE_MARGIN = 0.2
BATCH = {"speech": 8, "image": 16, "face": 16, "text": 32}


class Backend:
    """A model and its preprocessor. `outputs` gives logits float32 [n, labels] for n media."""

    def __init__(self, model: Any, processor: Any, modality: str, batch: int | None = None) -> None:
        self.model, self.processor, self.modality = model, processor, modality
        self.batch = batch or BATCH[modality]
        if self.batch < 1:
            raise InputError(f"a batch holds 1 or more; got {batch}")

    @torch.inference_mode()
    def run(self, inputs: Any) -> F32:
        """Tensors of one batch to logits."""
        first = next(self.model.parameters())
        ready = {
            k: v.to(first.device, first.dtype if v.is_floating_point() else v.dtype)
            for k, v in inputs.items()
            if isinstance(v, torch.Tensor)
        }
        return self.model(**ready).logits.float().cpu().numpy()

    def outputs(self, media: Sequence[Any]) -> tuple[F32, list[dict[str, Any]]]:
        """float32 [n, labels] and details of each."""
        raise NotImplementedError


class SpeechBackend(Backend):
    """Speech values at the rate of the feature extractor. Only chunks of equal length share a batch: no padding, so that a batch
    reads as each one alone does, whatever the model does with padding."""

    def outputs(self, media: Sequence[Speech]) -> tuple[F32, list[dict[str, Any]]]:
        chunks = [self._chunks(s) for s in media]
        flat = [(i, c) for i, own in enumerate(chunks) for c in own]
        by_length: dict[int, list[int]] = defaultdict(list)
        for k, (_, c) in enumerate(flat):
            by_length[len(c)].append(k)
        found: list[F32 | None] = [None] * len(flat)
        for rows in by_length.values():
            for a in range(0, len(rows), self.batch):
                some = rows[a : a + self.batch]
                inputs = self.processor(
                    [flat[k][1] for k in some], sampling_rate=self.processor.sampling_rate, return_tensors="pt"
                )
                for k, row in zip(some, self.run(inputs), strict=True):
                    found[k] = row
        out, details = [], []
        for i, s in enumerate(media):
            mine = [k for k, (j, _) in enumerate(flat) if j == i]
            share = np.array([len(flat[k][1]) for k in mine], np.float64)
            out.append(np.average(np.stack([np.asarray(found[k]) for k in mine]), 0, share))
            details.append({"seconds": round(s.duration, 3), "chunks": len(mine)})
        return np.stack(out).astype(np.float32), details

    def _chunks(self, speech: Speech) -> list[F32]:
        rate = int(self.processor.sampling_rate)
        x = samples_at(speech, rate)
        size = int(CHUNK * rate)
        parts = [x[a : a + size] for a in range(0, len(x), size)]
        return [p for i, p in enumerate(parts) if i == 0 or len(p) >= _LEAST_CHUNK * rate]


class ImageBackend(Backend):
    """uint8 [h, w, 3] RGB; a face model gets the face's surroundings, cut out by the face finder."""

    def outputs(self, media: Sequence[Any]) -> tuple[F32, list[dict[str, Any]]]:
        pictures, details = prepare_pictures(media, self.modality)
        rows = [
            self.run(self.processor(images=pictures[a : a + self.batch], return_tensors="pt"))
            for a in range(0, len(pictures), self.batch)
        ]
        return np.concatenate(rows), details


class TextBackend(Backend):
    """Text, cut at the length the model was made for."""

    def outputs(self, media: Sequence[str]) -> tuple[F32, list[dict[str, Any]]]:
        for text in media:
            if not isinstance(text, str) or not text.strip():
                raise TextError("there is no text to read")
        limit = min(int(self.processor.model_max_length), self._positions())
        rows, details = [], []
        for a in range(0, len(media), self.batch):
            inputs = self.processor(
                list(media[a : a + self.batch]), padding=True, truncation=True, max_length=limit, return_tensors="pt"
            )
            rows.append(self.run(inputs))
            details += [{"tokens": int(n), "cut": bool(n >= limit)} for n in inputs["attention_mask"].sum(1)]
        return np.concatenate(rows), details

    def _positions(self) -> int:
        count = int(getattr(self.model.config, "max_position_embeddings", 0) or 512)
        pad = getattr(self.model.config, "pad_token_id", None)
        starts_after_pad = self.model.config.model_type in ("roberta", "xlm-roberta", "camembert", "bertweet")
        return count - (pad + 1 if starts_after_pad and pad is not None else 0)


def prepare_pictures(media: Sequence[Any], modality: str) -> tuple[list[Any], list[dict[str, Any]]]:
    """Checked pictures, cut to the face for modality 'face'; details of each. Raises MediaError or FaceError."""
    pictures: list[Any] = []
    details: list[dict[str, Any]] = []
    for image in media:
        pixels = np.asarray(image)
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise MediaError(f"a picture is uint8 [height, width, 3]; got {pixels.dtype} {list(pixels.shape)}")
        if modality == "face":
            pixels, box = crop_face(pixels)
            details.append({"box": [round(float(b), 1) for b in box]})
        else:
            details.append({})
        pictures.append(pixels)
    return pictures, details


def crop_face(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], tuple[float, float, float, float]]:
    """The largest face with a margin of a fifth around it, and its box. Raises FaceError when there is none."""
    from genstudio.signals.faces import find_faces

    faces = find_faces(pixels)
    if not faces:
        raise FaceError("no face was found in this picture; give one with a face turned to the camera")
    left, top, right, bottom = faces[0].box
    side = max(right - left, bottom - top) * (0.5 + _FACE_MARGIN)
    x, y = (left + right) / 2, (top + bottom) / 2
    a, b = max(0, int(x - side)), max(0, int(y - side))
    return np.ascontiguousarray(pixels[b : int(y + side) + 1, a : int(x + side) + 1]), faces[0].box


BACKENDS = {"speech": SpeechBackend, "image": ImageBackend, "face": ImageBackend, "text": TextBackend}
