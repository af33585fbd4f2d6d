"""The emotional reference for animators: a driving video of the wanted expression, made by the embedded talking head."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from genstudio import registry
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import FaceError, InputError
from genstudio.protocols import Motion, Speech, TalkingHead
from genstudio.signals.faces import find_faces

if TYPE_CHECKING:
    from genstudio.protocols import F32, U8

OPTIONS = (
    "head_motion",
    "blink",
    "emotion_guidance",
    "speech_guidance",
    "drive",
    "drive_parts",
    "face",
    "fps",
    "landmarks",
)
_DRAWN = 256  # pixels of the longer side at the least: faces are found in what is drawn


def fitted(portrait: U8, size: int, multiple: int) -> U8:
    """The portrait with its longer side `size` pixels and both sides multiples of `multiple`; a few pixels are cut off.

    Raises InputError for another size.
    """
    if size % multiple or size < multiple:
        below = max(multiple, size // multiple * multiple)
        raise InputError(
            f"this model draws sides that are multiples of {multiple} pixels, not {size}; give {below} or {below + multiple}"
        )
    h, w = portrait.shape[:2]
    short = max(multiple, round(min(h, w) / max(h, w) * size / multiple) * multiple)
    width, height = (size, short) if w >= h else (short, size)
    k = max(width / w, height / h)
    big = (max(width, round(w * k)), max(height, round(h * k)))
    grown = cv2.resize(portrait, big, interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_CUBIC)
    top, left = (big[1] - height) // 2, (big[0] - width) // 2
    return np.ascontiguousarray(grown[top : top + height, left : left + width])


@dataclass(frozen=True)
class Driving:
    """picture: uint8 [h, w, 3], the portrait brought to size; frames: uint8 [n, h, w, 3], the same moved by the embedded head;
    landmarks: float32 [n, 68, 2] in their pixels."""

    picture: U8
    frames: U8
    landmarks: F32
    head: TalkingHead

    @property
    def motion(self) -> Motion:
        """What moves it."""
        return self.head.motion

    def faces(self, side: int) -> list[U8]:
        """The face of every frame, cut out and brought to side x side pixels, as Wan-Animate wants it."""
        h, w = self.frames.shape[1:3]
        out = []
        for frame, points in zip(self.frames, self.landmarks, strict=True):
            left, top, right, bottom = face_box(points, w, h)
            out.append(cv2.resize(frame[top:bottom, left:right], (side, side), interpolation=cv2.INTER_AREA))
        return out

    def poses(self) -> list[U8]:
        """A skeleton of head, neck and shoulders on black for every frame; the shoulders stay where they are in the first."""
        still = _shoulders(self.landmarks[0])
        return [_skeleton(p, still, self.frames.shape[1:3]) for p in self.landmarks]


def drive(
    portrait: U8, size: int, multiple: int, speech: Speech, emotion: Emotion | EmotionCurve, seed: int, fps: float,
    progress: Callable[[float], None] | None = None, **options: Any,
) -> Driving:  # fmt: skip
    """Let the embedded head say it, the whole portrait in view, `fitted` to size. options: see `OPTIONS`.

    Raises FaceError, InputError.
    """
    picture = fitted(portrait, size, multiple)
    k = -(-_DRAWN // size)
    head = registry.load("head:embedded")(
        fitted(portrait, k * size, k * multiple), speech, emotion, size=k * size, seed=seed, framing="original",
        progress=progress, **{"fps": fps, **options},
    )  # fmt: skip
    return seen(head, picture)


def seen(head: TalkingHead, picture: U8) -> Driving:
    """A talking head's frames in the size of the picture, with the landmarks found in them. Raises FaceError."""
    height, width = picture.shape[:2]
    frames, landmarks = [], []
    follow, face = registry.load("faces:embedded").follow, None
    for frame in head.frames():
        h, w = frame.shape[:2]
        face = (follow(frame, face) if face is not None else None) or next(iter(find_faces(frame)), None)
        if face is not None:
            landmarks.append(face.landmarks * np.array([width / w, height / h], np.float32))
        elif landmarks:
            landmarks.append(landmarks[-1])
        frames.append(cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA))
    if not landmarks:
        raise FaceError("no face is found in the driving video; give a larger or clearer portrait")
    landmarks = [landmarks[0]] * (len(frames) - len(landmarks)) + landmarks
    return Driving(picture, np.stack(frames), np.stack(landmarks).astype(np.float32), head)


def face_box(points: F32, width: int, height: int, grow: float = 1.3) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of a face of landmarks [68, 2], its area grown, more at the brow than at the chin (Wan's rule)."""
    low, high = points.min(0), points.max(0)
    more = (high - low) * (np.sqrt(grow) - 1) / 2
    left, right = max(0, int(low[0] - more[0])), min(width, int(np.ceil(high[0] + more[0])))
    top, bottom = max(0, int(low[1] - 3 * more[1])), min(height, int(np.ceil(high[1] + more[1])))
    left, top = min(left, width - 2), min(top, height - 2)
    return left, top, max(right, left + 2), max(bottom, top + 2)


_LIMBS = (
    ("nose", "neck", (0, 0, 255)), ("neck", "right", (255, 0, 0)), ("neck", "left", (255, 85, 0)),
    ("nose", "eye_r", (85, 0, 255)), ("eye_r", "ear_r", (170, 0, 255)), ("nose", "eye_l", (255, 0, 255)),
    ("eye_l", "ear_l", (255, 0, 170)),
)  # fmt: skip


def _shoulders(points: F32) -> dict[str, F32]:
    wide, tall = np.ptp(points, axis=0)
    neck = points[8] + np.array([0, 0.35 * tall], np.float32)
    return {
        "neck": neck,
        "right": neck + np.array([-1.1 * wide, 0.25 * tall], np.float32),
        "left": neck + np.array([1.1 * wide, 0.25 * tall], np.float32),
    }


def _skeleton(points: F32, still: dict[str, F32], shape: tuple[int, ...]) -> U8:
    """RGB on black, in OpenPose's colours."""
    at = {
        **still, "nose": points[30], "eye_r": points[36:42].mean(0), "eye_l": points[42:48].mean(0), "ear_r": points[0],
        "ear_l": points[16],
    }  # fmt: skip
    canvas = np.zeros((shape[0], shape[1], 3), np.uint8)
    thick = max(1, round(max(shape[:2]) / 120))
    for a, b, colour in _LIMBS:
        cv2.line(canvas, _pixel(at[a]), _pixel(at[b]), colour, thick, cv2.LINE_AA)
    for p in at.values():
        cv2.circle(canvas, _pixel(p), thick, (255, 255, 255), -1)
    return canvas


def _pixel(p: F32) -> tuple[int, int]:
    return round(float(p[0])), round(float(p[1]))


def head_of(
    frames: Iterable[U8], motion: Motion, speech: Speech, emotion: Emotion | EmotionCurve, seed: int, info: dict[str, Any]
) -> TalkingHead:  # fmt: skip
    """Finished frames uint8 [h, w, 3] at motion.fps as a `TalkingHead`. Raises InputError when there are none."""
    made = [np.asarray(f, np.uint8) for f in frames]
    if not made:
        raise InputError("no frames were made")

    def again() -> Iterator[U8]:
        return iter(made)

    return TalkingHead(
        frames=again, count=len(made), size=(made[0].shape[1], made[0].shape[0]), motion=motion, speech=speech,
        emotion=emotion.mean() if isinstance(emotion, EmotionCurve) else emotion, seed=seed, info=info,
    )  # fmt: skip
