"""The embedded talking head: speech and emotion to motion, motion and portrait to frames."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio.arguments import choice, number
from genstudio.emotion import EmotionCurve
from genstudio.errors import FaceError, InputError, suggest
from genstudio.media.rates import SAMPLE_RATE, VIDEO_FPS
from genstudio.protocols import Motion, Speech, TalkingHead
from genstudio.signals.arkit import CHANNELS

from .framing import Whole
from .portraits import portraits

if TYPE_CHECKING:
    from genstudio.emotion import Emotion
    from genstudio.protocols import F32, U8, Face

    from .animator import Animator
    from .motion.model import MotionModel
    from .streaming import Shown

MOTION_OPTIONS = ("steps", "speech_guidance", "emotion_guidance", "head_motion", "blink", "scheduler")
VIEW_OPTIONS = ("drive", "drive_parts", "fps", "framing", "transparent", "landmarks")
FRAMINGS = ("square", "original")
FPS = (10.0, 60.0)
DRIVEN = ("upper", "head", "gaze")  # what a driver moves unless told otherwise; the mouth follows the speech
KEPT = 4  # portraits kept ready


class TalkingHeadModel:
    """Portrait and speech to a talking head (`genstudio.protocols.HeadEngine`).

    >>> head = TalkingHeadModel.load()(portrait, speech, Emotion.parse("joy"), size=256)   # doctest: +SKIP
    >>> for frame in head.frames(): ...                                                    # doctest: +SKIP
    """

    name = "embedded"

    def __init__(self, motion: MotionModel | None = None) -> None:
        self._motion = motion
        self._ready: dict[tuple[str, int, int, str], tuple[Animator, int]] = {}

    @classmethod
    @cache
    def load(cls) -> TalkingHeadModel:
        """The shipped model; its parts load when first used."""
        return cls()

    @property
    def motion(self) -> MotionModel:
        """The motion model."""
        if self._motion is None:
            from .motion.model import MotionModel

            self._motion = MotionModel.load()
        return self._motion

    def portraits(self) -> dict[str, Path]:
        """The demo's portraits by name: people who do not exist."""
        return portraits()

    def export_motion(self, motion: Motion, path: Path | str) -> int:
        """Write motion: .csv (Live Link Face), .npz (everything, unbounded), .glb (face mesh, morph weights, head turn).

        Returns how many values the format had to bound to 0..1. Raises InputError for another suffix, OutputError.
        """
        from .motion import export, gltf

        writers = {".csv": export.export_livelink_csv, ".npz": export.export_npz, ".glb": gltf.export_glb}
        suffix = Path(path).suffix.lower()
        if suffix not in writers:
            raise InputError(f"motion is written as {', '.join(writers)}; got '{Path(path).name}'")
        return writers[suffix](motion, path) or 0

    def __call__(
        self, portrait: U8, speech: Speech, emotion: Emotion | EmotionCurve, *, size: int = 256, seed: int = 0,
        progress: Callable[[float], None] | None = None, motion: Motion | None = None, face: int | None = None,
        **options: Any,
    ) -> TalkingHead:  # fmt: skip
        """portrait: uint8 [h, w, 3] RGB. size: side of the square frames in pixels, an even number from 64 to 1024.

        motion: drawn instead of a generated one. face: which face, 0 the largest (default). drive: a video of a face, a Live
        Link CSV or .npz motion that moves the parts named by drive_parts ('upper', 'head', 'gaze', 'mouth', 'all'; default:
        all but the mouth, which follows the speech). fps: frames a second, 10 to 60 (25). framing: 'square', or 'original':
        the whole portrait, its longer side `size` pixels. transparent: also gives `cut_outs`, the person without the
        background (square framing). landmarks: who finds the face and its 68 points: 'embedded' (default), 'face-alignment',
        'face-alignment-3d' or another of the registry's kind 'faces'. Other options go to the motion model: head_motion, blink,
        steps, speech_guidance, emotion_guidance, scheduler. Raises FaceError, InputError, MediaError.
        """
        unknown = [k for k in options if k not in (*MOTION_OPTIONS, *VIEW_OPTIONS)]
        if unknown:
            valid = ("motion", "face", *MOTION_OPTIONS, *VIEW_OPTIONS)
            raise InputError(
                f"unknown option '{unknown[0]}' of the talking head; valid: {', '.join(valid)}{suggest(unknown[0], valid)}"
            )
        if motion is not None and tuple(motion.channels) != CHANNELS:
            raise InputError("the motion's channels are not genstudio.signals.arkit.CHANNELS in order")
        view = {k: options.pop(k) for k in VIEW_OPTIONS if k in options}
        framing, transparent = _checked_view(view)
        even = size // 2 * 2 if framing == "original" else size  # there the portrait's own sides are rounded
        animator, found = self._animator(portrait, even, face, view.get("landmarks"))
        moved = motion if motion is not None else self.motion(speech, emotion, seed=seed, progress=progress, **options)
        moved = _driven(moved, view)
        taken = animator.face
        whole = Whole.of(animator, portrait, size) if framing == "original" else None
        return TalkingHead(
            frames=partial(animator.frames if whole is None else whole.frames, moved),
            cut_outs=partial(animator.frames, moved, cut_out=True) if transparent else None,
            count=len(moved.values),
            size=whole.size if whole is not None else (size, size),
            motion=moved,
            speech=speech,
            emotion=emotion.mean() if isinstance(emotion, EmotionCurve) else emotion,
            seed=seed,
            info={
                "engine": self.name,
                "faces_found": found,
                "face": face or 0,
                "face_box": [round(float(v), 1) for v in taken.box],
                "face_score": round(float(taken.score), 3),
                "motion": "given" if motion is not None else "generated",
                **options,
                **view,
            },
        )

    def stream(
        self, portrait: U8, chunks: Iterable[F32], emotion: Emotion | EmotionCurve, *, rate: int = SAMPLE_RATE,
        size: int = 256, seed: int = 0, face: int | None = None, **options: Any,
    ) -> Iterator[Shown]:  # fmt: skip
        """Frames while the sound still arrives: see `streaming.stream`. options: landmarks, steps, emotion_guidance, head_motion,
        blink."""
        from .streaming import stream

        animator, _ = self._animator(portrait, size, face, options.pop("landmarks", None))
        return stream(self.motion, animator, chunks, rate, emotion, seed=seed, **options)

    def _animator(
        self, portrait: U8, size: int, face: int | None, landmarks: str | None = None
    ) -> tuple[Animator, int]:  # fmt: skip
        """The portrait made ready, and how many faces it has."""
        from .animator import Animator
        from .animator.animator import sure_faces

        finder = landmarks or "embedded"
        key = (hashlib.sha1(portrait.tobytes()).hexdigest() + str(portrait.shape), size, face or 0, finder)
        if key not in self._ready:
            from genstudio.signals.faces import find_faces

            faces = sure_faces(find_faces(portrait, finder))
            ready = Animator(portrait, choose(faces, face), size)
            while len(self._ready) >= KEPT:
                self._ready.pop(next(iter(self._ready)))
            self._ready[key] = (ready, len(faces))
        return self._ready[key]


def _checked_view(view: dict[str, Any]) -> tuple[str, bool]:
    """Framing and transparency. Raises InputError."""
    framing, transparent = view.get("framing", "square"), bool(view.get("transparent", False))
    choice("framing", framing, FRAMINGS)
    if transparent and framing != "square":
        raise InputError("a transparent background goes with the square framing")
    number("fps", view.get("fps", VIDEO_FPS), *FPS)
    if view.get("drive_parts") and not view.get("drive"):
        raise InputError("drive_parts says what a driver moves; give the driver too (a video, a Live Link CSV or .npz)")
    return framing, transparent


def _driven(motion: Motion, view: dict[str, Any]) -> Motion:
    """The driver's parts laid over the motion, at the frame rate asked for."""
    from .tracking import at_rate, blend_parts, read_driver

    if view.get("drive"):
        motion = blend_parts(motion, read_driver(view["drive"]), tuple(view.get("drive_parts") or DRIVEN))
    fps = float(view.get("fps", motion.fps))
    if fps != motion.fps:
        frames = max(1, round(len(motion.values) / motion.fps * fps))
        motion = Motion(at_rate(motion, fps, frames), motion.channels, fps)
    return motion


def choose(faces: list[Face], index: int | None) -> Face:
    """The face asked for (largest first), or the largest; logs when there are several. Raises FaceError."""
    from .animator.animator import take_largest

    if index is None:
        return take_largest(faces)
    if not faces:
        return take_largest(faces)
    if not 0 <= index < len(faces):
        raise FaceError(
            f"face {index} was asked for, but {len(faces)} found; valid: 0 to {len(faces) - 1}, largest first"
        )
    return faces[index]
