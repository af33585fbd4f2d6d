"""The frozen values that pass between generators and evaluators.

Everything that is made is one of `Speech`, `TalkingHead`, `Picture`, `Film`; everything that is read is a `Reading`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from genstudio.errors import MediaError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.emotion import Emotion, EmotionCurve

    F32 = NDArray[np.float32]
    U8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Span:
    """A word or phone in time.

    `text` is the word as written or the phone as IPA symbol; `start` and `end` are seconds from the start of the audio.
    """

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Speech:
    """Spoken audio.

    samples: float32 [samples], -1..1, mono; rate: Hz (24000 for embedded voices).
    words, phones: timings in seconds, empty when unknown (a recording). `emotion` is what was asked, None for a recording
    whose emotion is unknown. `curve` is the emotion over time in seconds when it changes, else None.
    """

    samples: F32
    rate: int
    text: str = ""
    language: str = ""
    voice: str = ""
    emotion: Emotion | None = None
    curve: EmotionCurve | None = None
    words: tuple[Span, ...] = ()
    phones: tuple[Span, ...] = ()
    seed: int | None = None
    info: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        import numpy as np

        samples = np.asarray(self.samples)
        if samples.ndim != 1 or samples.dtype.kind != "f" or not self.rate > 0:
            raise MediaError(
                "speech is float32 [samples], mono, -1..1, at a rate above 0 Hz; "
                f"got {samples.dtype} {list(samples.shape)} at {self.rate}"
            )
        object.__setattr__(self, "samples", samples.astype(np.float32, copy=False))

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.rate


@dataclass(frozen=True)
class Motion:
    """Facial motion over time: what the motion model makes and the animator draws.

    values: float32 [frames, channels]; `channels` names them, `genstudio.signals.arkit.CHANNELS` in order: the 52 ARKit
    coefficients (0..1), head rotation (radians), head translation (face heights), gaze (radians). fps: frames per second.
    """

    values: F32
    channels: tuple[str, ...]
    fps: float = 25.0


@dataclass(frozen=True)
class TalkingHead:
    """A portrait that speaks. Frames are drawn on demand, so that minutes of video need no more memory than seconds.

    frames: call it for a fresh iterator over uint8 [height, width, 3] RGB frames at `motion.fps`; `count` frames in all.
    cut_outs: the same with alpha, uint8 [height, width, 4], where a transparent background was asked for, else None.
    """

    frames: Callable[[], Iterator[U8]]
    count: int
    size: tuple[int, int]  # width, height
    motion: Motion
    speech: Speech
    emotion: Emotion | None = None
    seed: int | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    cut_outs: Callable[[], Iterator[U8]] | None = None


@dataclass(frozen=True)
class Picture:
    """An image. pixels: uint8 [height, width, 3] RGB. `scene` is the JSON-ready scene it was painted from, if any."""

    pixels: U8
    prompt: str = ""
    emotion: Emotion | None = None
    seed: int | None = None
    scene: Mapping[str, Any] | None = None
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Film:
    """A picture that moves, silent. Frames are painted on demand.

    frames: call it for a fresh iterator over uint8 [height, width, 3] RGB frames at `fps`; `count` frames in all.
    `emotion` is what was asked on average, `curve` what was asked over time in seconds when it changes.
    """

    frames: Callable[[], Iterator[U8]]
    count: int
    size: tuple[int, int]  # width, height
    fps: float
    prompt: str = ""
    emotion: Emotion | None = None
    curve: EmotionCurve | None = None
    seed: int | None = None
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ceiling:
    """How good a recogniser is on real human data it never saw: read every score beside it.

    metric: e.g. 'accuracy', 'UAR', 'pearson'; value and 95 % interval; chance: the same metric by guessing;
    data: which held-out set; classes: the categories it can show. Of a recogniser that nobody measured here `value` is None:
    see `unmeasured`.
    """

    metric: str
    value: float | None
    interval: tuple[float, float] | None
    chance: float | None
    data: str
    classes: tuple[str, ...] = ()

    @classmethod
    def unmeasured(cls, classes: tuple[str, ...] = ()) -> Ceiling:
        """Of a pretrained recogniser before it was measured."""
        return cls("not measured", None, None, 1 / len(classes) if classes else None, "", classes)

    def __str__(self) -> str:
        """'ceiling UAR 0.60 on EmoDB, chance 0.14', or 'ceiling not measured'."""
        if self.value is None:
            return "ceiling not measured"
        chance = "" if self.chance is None else f", chance {self.chance:.2f}"
        return f"ceiling {self.metric} {self.value:.2f} on {self.data}{chance}"


@dataclass(frozen=True)
class Reading:
    """An emotion read back from media.

    valence, arousal, dominance: -1..1, or None where the recogniser cannot read that axis. categories: a distribution over
    the classes the recogniser knows, {} when it knows none. vad_source: 'categories' when VAD is the category posterior
    weighted by the norms' coordinates, 'regression' when it was learned from ratings. details: more measured numbers
    (face box, seconds of speech, frame count …). target: what was asked for, when something was.
    """

    modality: str  # 'face' | 'speech' | 'image' | 'text'
    recogniser: str
    valence: float | None
    arousal: float | None
    dominance: float | None
    categories: Mapping[str, float]
    vad_source: str
    ceiling: Ceiling
    details: Mapping[str, Any] = field(default_factory=dict)
    target: Emotion | None = None

    @property
    def distance(self) -> float | None:
        """0..1 between target and reading in VAD, over the axes that were read; None without a target or an axis."""
        if self.target is None:
            return None
        d = self.target.distance(self)
        return None if d != d else d

    @property
    def agreement(self) -> float | None:
        """0..1: overlap (sum of minima) of the target's and the read distribution over the seven; None without both."""
        if self.target is None or not self.categories:
            return None
        wanted = self.target.ekman()
        return sum(min(w, self.categories.get(k, 0.0)) for k, w in wanted.items())

    @property
    def top(self) -> str | None:
        """The most probable category."""
        return max(self.categories, key=lambda k: self.categories[k]) if self.categories else None


@dataclass(frozen=True)
class Face:
    """A face found in a picture.

    box: left, top, right, bottom in pixels; landmarks: float32 [68, 2] x, y in pixels, iBUG 68-point order;
    score: 0..1 confidence; yaw, pitch, roll: head pose in radians, roughly.
    """

    box: tuple[float, float, float, float]
    landmarks: F32
    score: float
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
