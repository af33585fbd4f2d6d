"""`FaceRecogniser`: is it the same face? One interface, two sources, each beside its own measured error rate.

embedded  trained here: a small network that says what dlib's descriptor says, of a grey crop of 48 pixels
dlib      dlib's own detector, five landmarks and descriptor (extra `face-identity`)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import FaceError, InputError, MissingError, MissingWeightsError, suggest
from genstudio.media import image, video
from genstudio.threads import one_thread
from genstudio.weights import read_tensors

from .verification import IdentityCeiling

if TYPE_CHECKING:
    from torch import Tensor

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
WEIGHTS = Path(__file__).parent / "weights" / "face.safetensors"
SOURCES = ("embedded", "dlib")
_FRAMES = 24  # of a video that are compared, evenly over it


class Encoder(Protocol):
    """A source: uint8 [h, w, 3] RGB to the descriptor of its largest face, float32 [d], centred on the mean face."""

    name: str
    licence: str

    def embed(self, picture: U8) -> F32: ...


class Embedded:
    """The network of `face_net` on the face our finder's box frames; its landmarks move nothing."""

    name, licence = "embedded", "Apache-2.0"

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        from .face_net import FaceNet

        self.net = FaceNet()
        steps = {k: v for k, v in self.net.state_dict().items() if k.endswith("num_batches_tracked")}
        try:
            self.net.load_state_dict({k: v.float() for k, v in tensors.items()} | steps)
        except RuntimeError as error:
            raise MissingWeightsError(
                f"face descriptor weights do not fit: {str(error).splitlines()[-1].strip()}"
            ) from None
        self.net.eval().requires_grad_(False)

    @classmethod
    def load(cls, path: Path | None = None) -> Embedded:
        """The shipped weights, or others."""
        tensors, _ = read_tensors(path or WEIGHTS)
        tensors.pop("mean", None)
        return cls(tensors)

    def embed(self, picture: U8) -> F32:
        from .face_crop import framed
        from .face_net import SIZE

        crop = framed(picture, SIZE)
        if crop is None:
            raise FaceError("no face was found to compare; give a picture with a face turned to the camera")
        return self.describe(crop[None])[0]

    @one_thread()
    def describe(self, crops: U8) -> F32:
        """uint8 [n, 48, 48], grey, in FER-2013's framing → float32 [n, 128] of length 1, averaged with the mirror image's."""
        import torch

        x = torch.from_numpy(np.ascontiguousarray(crops))[:, None].float() / 255
        with torch.inference_mode():
            both = torch.nn.functional.normalize(self.net(x) + self.net(x.flip(-1)), dim=1)
        return np.asarray(both.numpy(), np.float32)


class FaceRecogniser:
    """Compares faces, not identities: it says how alike two faces look as people, with the error rate in `ceiling`.

    Read a similarity between `ceiling.other` and `ceiling.same`. The embedded source learned from FER-2013's 28,709 small grey
    crops and 65 London people; adults from the front are what it was measured on. Not for establishing who a real person is.
    """

    def __init__(self, encoder: Encoder, ceiling: IdentityCeiling | None) -> None:
        self.encoder, self.ceiling = encoder, ceiling
        self.name = f"face-{encoder.name}"
        self.licence = encoder.licence

    @classmethod
    def load(cls, source: str = SOURCES[0]) -> FaceRecogniser:
        """source: 'embedded' or 'dlib'. Raises InputError for another, MissingExtraError when dlib is not installed."""
        if source not in SOURCES:
            raise InputError(f"unknown face source '{source}'; valid: {', '.join(SOURCES)}" + suggest(source, SOURCES))
        return cls(shipped(source), measured(source))

    def embed(self, picture: U8) -> F32:
        """float32 [128] of length 1, of the largest face in uint8 [h, w, 3] RGB. Raises FaceError when none is found."""
        vector = self.encoder.embed(picture)
        return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)

    def similarity(self, a: U8 | Sequence[U8], b: U8 | Sequence[U8]) -> float:
        """-1..1: cosine of two faces; of several pictures the mean vector counts, which knows a face better."""
        return float(self._person(a) @ self._person(b))

    def _person(self, pictures: U8 | Sequence[U8]) -> F32:
        many = [pictures] if isinstance(pictures, np.ndarray) and pictures.ndim == 3 else list(pictures)
        if not many:
            raise InputError("no picture to compare; give one or more")
        mean = np.mean([self.embed(p) for p in many], 0)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)

    def same(self, a: U8 | Sequence[U8], b: U8 | Sequence[U8]) -> bool:
        """Whether the similarity is above the threshold of equal errors. Raises MissingError for an unmeasured source."""
        if self.ceiling is None:
            raise MissingError(
                f"{self.name} has no measured threshold: measure it with evaluators.identity.face_evaluate"
            )
        return self.similarity(a, b) >= self.ceiling.threshold

    def similarities(self, frames: Iterable[U8], portrait: U8) -> F32:
        """float32 [n]: the similarity to a portrait of each frame that holds a face. Raises FaceError when none does."""
        person, out = self.embed(portrait), []
        for frame in frames:
            try:
                out.append(float(self.embed(frame) @ person))
            except FaceError:
                continue
        if not out:
            raise FaceError("no frame holds a face to compare")
        return np.array(out, np.float32)

    def similarity_of_video(self, path: Path | str, portrait: Path | str) -> float:
        """-1..1: the mean similarity of frames, evenly over a video file, to a picture file. Raises MediaError, FaceError."""
        every = max(1, video.probe(path).frames // _FRAMES)
        return float(self.similarities(video.read_frames(path, every, _FRAMES), image.read_image(portrait)).mean())


def shipped(source: str) -> Encoder:
    """The encoder of a source; dlib's is centred on the mean that the embedded one was taught with."""
    if source == "embedded":
        return Embedded.load()
    from .face_dlib import Dlib

    return Dlib.load(read_tensors(WEIGHTS)[0]["mean"].float().numpy())


def measured(source: str) -> IdentityCeiling | None:
    """What was measured of a source (`face_evaluate`), or None."""
    try:
        facts: dict[str, Any] = json.loads(WEIGHTS.with_suffix(".json").read_text(encoding="utf-8"))["ceilings"]
    except (OSError, ValueError, KeyError):
        raise MissingWeightsError("'face.json' of the face recogniser is missing; reinstall genstudio") from None
    found = facts.get(source)
    return None if found is None else IdentityCeiling(**(found | {"interval": tuple(found["interval"])}))
