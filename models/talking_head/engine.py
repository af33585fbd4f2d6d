"""The embedded talking head: speech and emotion to motion, motion and portrait to frames."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio.emotion import EmotionCurve
from genstudio.errors import FaceError, InputError, suggest
from genstudio.protocols import Motion, Speech, TalkingHead
from genstudio.signals.arkit import CHANNELS

from .portraits import portraits

if TYPE_CHECKING:
    from genstudio.emotion import Emotion
    from genstudio.protocols import U8, Face

    from .animator import Animator
    from .motion.model import MotionModel

MOTION_OPTIONS = ("steps", "speech_guidance", "emotion_guidance", "head_motion", "blink", "scheduler")
KEPT = 4  # portraits kept ready


class TalkingHeadModel:
    """Portrait and speech to a talking head (`genstudio.protocols.HeadEngine`).

    >>> head = TalkingHeadModel.load()(portrait, speech, Emotion.parse("joy"), size=256)   # doctest: +SKIP
    >>> for frame in head.frames(): ...                                                    # doctest: +SKIP
    """

    name = "embedded"

    def __init__(self, motion: MotionModel | None = None) -> None:
        self._motion = motion
        self._ready: dict[tuple[str, int, int], tuple[Animator, int]] = {}

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

    def export_csv(self, motion: Motion, path: Path | str) -> int:
        """Write motion as a Live Link Face CSV; returns how many values had to be bounded to 0..1."""
        from .motion.export import export_livelink_csv

        return export_livelink_csv(motion, path)

    def __call__(
        self, portrait: U8, speech: Speech, emotion: Emotion | EmotionCurve, *, size: int = 256, seed: int = 0,
        progress: Callable[[float], None] | None = None, motion: Motion | None = None, face: int | None = None,
        **options: Any,
    ) -> TalkingHead:  # fmt: skip
        """portrait: uint8 [h, w, 3] RGB. size: side of the square frames in pixels, an even number from 64 to 1024.

        motion: drawn instead of a generated one. face: which face, 0 the largest (default). options go to the motion model:
        head_motion, blink, steps, speech_guidance, emotion_guidance, scheduler. Raises FaceError, InputError.
        """
        unknown = [k for k in options if k not in MOTION_OPTIONS]
        if unknown:
            valid = ("motion", "face", *MOTION_OPTIONS)
            raise InputError(
                f"unknown option '{unknown[0]}' of the talking head; valid: {', '.join(valid)}{suggest(unknown[0], valid)}"
            )
        if motion is not None and tuple(motion.channels) != CHANNELS:
            raise InputError("the motion's channels are not genstudio.signals.arkit.CHANNELS in order")
        animator, found = self._animator(portrait, size, face)
        moved = motion if motion is not None else self.motion(speech, emotion, seed=seed, progress=progress, **options)
        taken = animator.face
        return TalkingHead(
            frames=lambda: animator.frames(moved),
            count=len(moved.values),
            size=(size, size),
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
            },
        )

    def _animator(self, portrait: U8, size: int, face: int | None) -> tuple[Animator, int]:
        """The portrait made ready, and how many faces it has."""
        from .animator import Animator
        from .animator.animator import sure_faces

        key = (hashlib.sha1(portrait.tobytes()).hexdigest() + str(portrait.shape), size, face or 0)
        if key not in self._ready:
            from genstudio.signals.faces import find_faces

            faces = sure_faces(find_faces(portrait))
            ready = Animator(portrait, choose(faces, face), size)
            while len(self._ready) >= KEPT:
                self._ready.pop(next(iter(self._ready)))
            self._ready[key] = (ready, len(faces))
        return self._ready[key]


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
