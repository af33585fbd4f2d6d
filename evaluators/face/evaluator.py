"""`FaceEvaluator`: a photograph, a video or ready crops in, a `Reading` out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from genstudio.bfloat16 import where_fast
from genstudio.emotion import vad_of_categories
from genstudio.errors import FaceError, InputError, MissingWeightsError
from genstudio.protocols import Ceiling, Face, Reading

from .align import CROPS, crop, crops
from .net import CLASSES, SIZE, build

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
Finder = Callable[[U8], Sequence[Face]]

WEIGHTS = Path(__file__).parent / "weights"


class FaceEvaluator:
    """Reads the expression of a face: the seven categories, and VAD from them by the norms.

    Learned from FER-2013 (photographs found by search words, labelled by people who agree about two times in three), so it
    tells how an expression is commonly labelled, not what a person feels. Groups that set shows rarely are served worse;
    card.md has the figures of every class. Evaluator with role 'score' or 'steer': two networks, see card.md for their
    kinship.
    """

    modality = "face"

    def __init__(self, net: nn.Module, role: str, facts: Mapping[str, Any], finder: Finder | None = None) -> None:
        self.net = net.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.role, self.facts = role, facts
        self.name = f"face-{role}"
        self.finder = finder
        self.temperature = float(facts.get("temperature", 1.0))
        self.ceiling = Ceiling(
            "accuracy",
            float(facts["accuracy"]),
            (float(facts["interval"][0]), float(facts["interval"][1])),
            1 / len(CLASSES),
            "FER-2013 PublicTest, 3,589 photographs",
            CLASSES,
        )

    @classmethod
    def load(cls, role: str = "score", finder: Finder | None = None, folder: Path | None = None) -> FaceEvaluator:
        """Read the weights of a role. finder: another face finder than the registered one."""
        from genstudio.weights import load_weights

        if role not in ("score", "steer"):
            raise InputError(f"a face recogniser's role is 'score' or 'steer', not '{role}'")
        folder = folder or WEIGHTS
        try:
            facts = json.loads((folder / f"{role}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise MissingWeightsError(f"'{role}.json' of the face recogniser is missing; reinstall genstudio") from None
        return cls(load_weights(build(role), folder / f"{role}.safetensors"), role, facts, finder)

    def __call__(self, media: U8) -> Reading:
        """The expression of the largest face in uint8 [h, w, 3] RGB. Raises FaceError when there is none."""
        faces = self.find(media)
        if not faces:
            raise FaceError("no face was found in this picture; give one with a face turned to the camera")
        share = self.probabilities(crops(media, faces[0].landmarks), mirrored=False).mean(0)
        return self.reading(share, {"faces": len(faces), **_about(faces[0])})

    def read_video(self, frames: Iterable[U8]) -> Reading:
        """The mean expression over frames, uint8 [h, w, 3] each; frames without a face are left out."""
        each, seen, last = self.track(frames)
        if not seen.any():
            raise FaceError(
                f"no face was found in {len(seen)} frames" if len(seen) else "a video without frames has no face"
            )
        details: dict[str, Any] = {
            "frames": len(seen),
            "frames_with_face": int((seen > 0).sum()),
            "timeline": [CLASSES[int(i)] for i in each[seen > 0].argmax(1)],
        }
        if last is not None:
            details |= _about(last)
        return self.reading(each[seen > 0].mean(0), details)

    def track(self, frames: Iterable[U8]) -> tuple[F32, F32, Face | None]:
        """Class probabilities of every frame [n, 7] (uniform where no face is seen), how well each is seen [n], and the last
        face.

        How well: 0 without a face, else its score, less when it is turned far or smaller than the network's own 48 pixels.
        """
        cut, at, seen, last = self.follow(frames)
        each = np.full((len(seen), len(CLASSES)), 1 / len(CLASSES), np.float32)
        if len(cut):
            each[at] = self.probabilities(cut)
        return each, seen, last

    def follow(self, frames: Iterable[U8]) -> tuple[U8, list[int], F32, Face | None]:
        """One crop of every frame that shows a face [m, 48, 48], the numbers of those frames, how well each of all frames is
        seen [n] as in `track`, and the last face."""
        cut: list[U8] = []
        at: list[int] = []
        seen: list[float] = []
        last: Face | None = None
        for k, frame in enumerate(frames):
            follow = getattr(self._finder(), "follow", None)
            last = follow(frame, last) if follow and last is not None else None
            if last is None:
                found = self.find(frame)
                last = found[0] if found else None
            seen.append(0.0 if last is None else _visibility(last))
            if last is not None:  # neighbouring frames show much the same: each takes another of the fixed crops
                zoom, down = CROPS[k % len(CROPS)]
                cut.append(crop(frame, last.landmarks, zoom, down))
                at.append(k)
        shown = np.stack(cut) if cut else np.zeros((0, SIZE, SIZE), np.uint8)
        return shown, at, np.asarray(seen, np.float32), last

    @torch.inference_mode()
    def describe(self, images: U8, batch: int = 128) -> tuple[F32, F32]:
        """What the network sees in grey crops uint8 [n, 48, 48]: pooled features [n, c] and logits [n, 7], the mean of each
        crop and its mirror image."""
        features, logits = [np.zeros((0, self.net.head.in_features), np.float32)], [np.zeros((0, 7), np.float32)]
        for k in range(0, len(images), batch):
            x = torch.from_numpy(np.ascontiguousarray(images[k : k + batch])).unsqueeze(1).float() / 255
            x = torch.cat([x, x.flip(-1)]).to(memory_format=torch.channels_last)
            with where_fast():
                both = self.net.features(x).float().unflatten(0, (2, -1)).mean(0)
            features.append(both.numpy())
            logits.append((self.net.head(both) / self.temperature).numpy())
        return np.concatenate(features), np.concatenate(logits)

    def read_aligned(self, images: U8) -> list[Reading]:
        """Ready grey crops as in FER-2013, uint8 [n, 48, 48]."""
        return [self.reading(p, {"aligned": True}) for p in self.probabilities(images)]

    @torch.inference_mode()
    def probabilities(self, images: U8, batch: int = 128, mirrored: bool = True) -> F32:
        """Calibrated class probabilities [n, 7] of grey crops uint8 [n, 48, 48], each read alone or with its mirror image."""
        images = np.asarray(images)
        if images.ndim != 3 or images.shape[1:] != (SIZE, SIZE) or images.dtype != np.uint8:
            raise InputError(f"aligned faces are uint8 [n, {SIZE}, {SIZE}]; got {images.dtype} {list(images.shape)}")
        out = []
        for k in range(0, len(images), batch):
            x = torch.from_numpy(np.ascontiguousarray(images[k : k + batch])).unsqueeze(1).float() / 255
            x = torch.cat([x, x.flip(-1)]) if mirrored else x
            with where_fast():
                logits = self.net(x.to(memory_format=torch.channels_last)).float()
            logits = logits.unflatten(0, (2, -1)).mean(0) if mirrored else logits
            out.append((logits / self.temperature).softmax(-1))
        return torch.cat(out).numpy() if out else np.zeros((0, len(CLASSES)), np.float32)

    def find(self, image: U8) -> list[Face]:
        """Faces, largest first."""
        return list(self._finder()(image))

    def _finder(self) -> Finder:
        if self.finder is None:
            from genstudio import registry

            self.finder = registry.load("faces:embedded")
        return self.finder

    def reading(self, share: F32, details: Mapping[str, Any]) -> Reading:
        """Probabilities [7] → Reading."""
        categories = {name: float(p) for name, p in zip(CLASSES, share / share.sum(), strict=True)}
        valence, arousal, dominance = vad_of_categories(categories)
        return Reading(
            "face", self.name, valence, arousal, dominance, categories, "categories", self.ceiling, dict(details)
        )


def _visibility(face: Face) -> float:
    turned = np.clip((np.hypot(face.yaw, face.pitch) - 0.35) / 0.5, 0, 1)
    size = min(1.0, (face.box[2] - face.box[0]) / SIZE)
    return float(max(face.score * size * (1 - 0.8 * turned), 0.02))


def _about(face: Face) -> dict[str, Any]:
    return {
        "box": [round(v, 1) for v in face.box],
        "face_score": round(face.score, 3),
        "yaw": round(face.yaw, 3),
        "pitch": round(face.pitch, 3),
        "roll": round(face.roll, 3),
    }
