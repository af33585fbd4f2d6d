"""The 68 points by face-alignment (Bulat & Tzimiropoulos, ICCV 2017), in place of the package's own landmark network.

The library fetches its weights from its makers into torch's cache at first use; nothing of it is part of genstudio.
"""

from __future__ import annotations

import hashlib
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio import hub, registry
from genstudio.errors import InputError, MissingExtraError, MissingWeightsError, suggest
from genstudio.protocols import Face

from ..talking_head.landmarks.geometry import angles, head_pose, turn_of
from .loading import TYPES

F32 = NDArray[np.float32]
POINTS = ("2D", "3D")
DETECTORS = ("sfd", "blazeface", "retinaface", "embedded")
_FILES = {"2D": ("2DFAN-4",), "3D": ("3DFAN-4", "depth")}
_NAMED_HASH = re.compile(r"-([0-9a-f]{8,})\.")


class FaceAlignmentFinder:
    """uint8 [h, w, 3] RGB → list of `Face`, largest first, [] when there is none (`genstudio.protocols.FaceFinder`)."""

    def __init__(self, net: Any, points: str = "2D", detector: str = "sfd") -> None:
        self.net, self.points, self.detector = net, points, detector
        self._embedded = registry.load("faces:embedded")

    @classmethod
    def load(
        cls, points: str = "2D", *, detector: str = "sfd", device: str = "auto", dtype: str = "float32"
    ) -> FaceAlignmentFinder:
        """points: '2D', on the outline that is seen, or '3D', where the points of a head are, behind the cheek too; then the head's
        turn is taken from their depth. detector: one of the library's, or 'embedded', the package's own, which needs no weights
        of the library. dtype: 'float32', 'float16', 'bfloat16'. Raises InputError, MissingExtraError, MissingWeightsError.
        """
        for what, value, valid in (
            ("points", points, POINTS),
            ("detector", detector, DETECTORS),
            ("precision", dtype, TYPES),
        ):
            if value not in valid:
                raise InputError(f"unknown {what} '{value}'; valid: {', '.join(valid)}" + suggest(value, tuple(valid)))
        try:
            import face_alignment
        except ImportError:
            raise MissingExtraError("face-alignment", "landmarks", "landmarks by face-alignment") from None
        place = hub.place_of(device)
        kind = face_alignment.LandmarksType.TWO_D if points == "2D" else face_alignment.LandmarksType.THREE_D
        own = "folder" if detector == "embedded" else detector  # the library's class that detects nothing itself
        files = _files(points, detector)
        missing = [p for p in files if not p.is_file()]
        for path in set(files) - set(missing):
            _verify(path)
        if missing and hub.offline():
            raise MissingWeightsError(_absent(missing, "downloads are off (GENSTUDIO_OFFLINE or HF_HUB_OFFLINE)"))
        with hub.explained("face-alignment", None, place), _weights_alone():
            try:
                net = face_alignment.FaceAlignment(
                    kind, device=place, dtype=TYPES[dtype], face_detector=own, compile=False, flip_input=True
                )
            except OSError as error:
                if not missing:
                    raise
                raise MissingWeightsError(
                    _absent(missing, f"they cannot be fetched ({type(error).__name__})")
                ) from None
        for path in missing:
            _verify(path)
        return cls(net, points, detector)

    def __call__(self, image: NDArray[Any]) -> list[Face]:
        image = np.asarray(image)
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
            raise InputError(f"a picture is uint8 [h, w, 3] RGB; got {image.dtype} {list(image.shape)}")
        boxes = None
        if self.detector == "embedded":
            boxes = [np.array([*f.box, f.score], np.float64) for f in self._embedded(image)]
            if not boxes:
                return []
        with warnings.catch_warnings(), hub.explained("face-alignment", None, str(self.net.device)):
            warnings.simplefilter("ignore")  # it warns when it finds no face
            points, _, found = self.net.get_landmarks_from_image(image, boxes, return_bboxes=True)
        made = [self._face(np.asarray(p, np.float32), b) for p, b in zip(points or (), found or (), strict=True)]
        return sorted(made, key=lambda f: -(f.box[2] - f.box[0]) * (f.box[3] - f.box[1]))

    def _face(self, points: F32, box: Any) -> Face:
        """points: float32 [68, 2], or [68, 3] with the depth, in pixels."""
        score = float(np.clip(box[4], 0, 1)) if len(box) > 4 else 1.0
        flat = np.ascontiguousarray(points[:, :2])
        mean = self._embedded.mean3
        turned = angles(turn_of(points, mean)) if points.shape[1] == 3 else head_pose(flat, mean)
        left, top = flat.min(0)
        right, bottom = flat.max(0)
        top -= 0.2 * (bottom - top)
        return Face((float(left), float(top), float(right), float(bottom)), flat, score, *turned)


def _files(points: str, detector: str) -> list[Path]:
    """Where torch keeps what the library loads, as far as the library says what that is."""
    urls = dict(getattr(import_module("face_alignment.api"), "models_urls", {}))
    wanted = [urls[k] for k in _FILES[points] if k in urls]
    if detector == "sfd":
        wanted += getattr(import_module("face_alignment.detection.sfd.sfd_detector"), "models_urls", {}).values()
    return [Path(torch.hub.get_dir(), "checkpoints", url.rpartition("/")[2]) for url in wanted]


def _absent(missing: list[Path], why: str) -> str:
    names = ", ".join(p.name for p in missing)
    return f"face-alignment's weights {names} are not in '{missing[0].parent}' and {why}; put them there, or connect"


def _verify(path: Path) -> None:
    """The file against the start of its SHA-256, which its name carries."""
    named = _NAMED_HASH.search(path.name)
    if named is None or not path.is_file():
        return
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if not found.startswith(named[1]):
        raise MissingWeightsError(
            f"'{path}' is not the file its name says (SHA-256 {found[:12]}…, not {named[1]}…): delete it and run it again"
        )


@contextmanager
def _weights_alone() -> Iterator[None]:
    """While it lasts torch unpickles nothing but tensors and numbers, whatever a library asks of it."""
    name = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"
    before = os.environ.get(name)
    os.environ[name] = "1"
    scalar: Any = np.float64(0).__reduce__()[0]  # a score kept beside the weights
    try:
        with torch.serialization.safe_globals([scalar, np.dtype, type(np.dtype("float64")), type(np.dtype("float32"))]):
            yield
    finally:
        os.environ.pop(name, None)
        if before is not None:
            os.environ[name] = before
