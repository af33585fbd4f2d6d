"""The face descriptor of the dlib package (King 2017: a residual network of 29 layers, 128 numbers): extra `face-identity`.

It finds and straightens faces by its own detector and five landmarks. Weights: the PyPI package `face_recognition_models`, CC0.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import FaceError, MissingExtraError, MissingWeightsError
from genstudio.media.files import file_sha256

F32 = NDArray[np.float32]
_FILES = {
    "dlib_face_recognition_resnet_model_v1.dat": "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    "shape_predictor_5_face_landmarks.dat": "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
}
_LONGEST = 800  # pixels a side: larger pictures are shrunk before the detector looks
_CHIP = 150


class Dlib:
    """One detector, one landmark predictor, one descriptor."""

    name, licence = "dlib", "Boost (code), CC0 (weights)"

    def __init__(self, dlib: Any, detector: Any, shape: Any, net: Any, mean: F32 | float) -> None:
        self._dlib, self._detector, self._shape, self._net, self.mean = dlib, detector, shape, net, mean

    @classmethod
    def load(cls, mean: F32 | float = 0.0) -> Dlib:
        """mean: float32 [128], taken off every descriptor of `embed`, so that two people come near 0.

        Raises MissingExtraError without the packages, MissingWeightsError when a file is not the known one."""
        try:
            import dlib
        except ImportError:
            raise MissingExtraError("dlib-bin", "face-identity", "comparing faces by dlib") from None
        folder = models_folder()
        if folder is None:
            raise MissingExtraError("face_recognition_models", "face-identity", "comparing faces by dlib")
        for file, known in _FILES.items():
            if file_sha256(folder / file) != known:
                raise MissingWeightsError(
                    f"'{file}' of face_recognition_models is not the known file; reinstall that package"
                )
        net, shape = (str(folder / f) for f in _FILES)
        return cls(
            dlib,
            dlib.get_frontal_face_detector(),
            dlib.shape_predictor(shape),
            dlib.face_recognition_model_v1(net),
            mean,
        )

    def embed(self, image: NDArray[np.uint8]) -> F32:
        """float32 [128] of the largest face in uint8 [h, w, 3]. Raises FaceError when dlib sees none."""
        import cv2

        longest = max(image.shape[:2])
        if longest > _LONGEST:
            share = _LONGEST / longest
            image = np.asarray(cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), np.uint8)
        image = np.ascontiguousarray(image)
        found = self._detector(image, 0) or self._detector(image, 1)
        if not found:
            raise FaceError("dlib sees no face in this picture; give one with a face turned to the camera")
        return self.describe(image, max(found, key=lambda r: r.area())) - self.mean

    def describe(self, image: NDArray[np.uint8], box: Any) -> F32:
        """float32 [128] of the face in a dlib rectangle, as dlib gives it."""
        chip = self._dlib.get_face_chip(image, self._shape(image, box), _CHIP, 0.25)
        return np.array(self._net.compute_face_descriptor(chip), np.float32)

    def describe_crop(self, grey: NDArray[np.uint8]) -> F32:
        """float32 [128] of a ready grey crop in FER-2013's framing, uint8 [48, 48]."""
        import cv2

        big = cv2.resize(grey, (240, 240), interpolation=cv2.INTER_CUBIC)
        big = cv2.copyMakeBorder(big, 60, 60, 60, 60, cv2.BORDER_REPLICATE)
        rgb = np.ascontiguousarray(np.repeat(np.asarray(big, np.uint8)[..., None], 3, 2))
        return self.describe(rgb, self._dlib.rectangle(75, 90, 285, 300))


def models_folder() -> Path | None:
    """Where face_recognition_models keeps its files; the package itself is not imported (it needs pkg_resources)."""
    from importlib.util import find_spec

    spec = find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "models"
    return folder if all((folder / f).is_file() for f in _FILES) else None
