"""What the core knows of generators and evaluators: the protocols they keep; the values they exchange stand in `genstudio.values`.

Models and evaluators live in their own folders and are found through `genstudio.registry`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from genstudio.values import Ceiling, Face, Film, Motion, Picture, Reading, Span, Speech, TalkingHead

if TYPE_CHECKING:
    from genstudio.emotion import Emotion, EmotionCurve
    from genstudio.values import F32 as F32
    from genstudio.values import U8 as U8

__all__ = [
    "Ceiling",
    "EmotionAdapter",
    "Evaluator",
    "Face",
    "FaceFinder",
    "Film",
    "HeadEngine",
    "ImageEngine",
    "Motion",
    "Picture",
    "Reading",
    "Span",
    "Speech",
    "SpeechEngine",
    "TalkingHead",
]


@runtime_checkable
class SpeechEngine(Protocol):
    """Text to emotional speech."""

    name: str

    def voices(self) -> Sequence[Mapping[str, str]]:
        """One mapping a voice: name, language, description."""
        ...

    def __call__(
        self,
        text: str,
        emotion: Emotion | EmotionCurve,
        *,
        voice: str | None = None,
        seed: int = 0,
        progress: Callable[[float], None] | None = None,
        **options: Any,
    ) -> Speech: ...


@runtime_checkable
class HeadEngine(Protocol):
    """Portrait and speech to a talking head."""

    name: str

    def __call__(
        self,
        portrait: U8,
        speech: Speech,
        emotion: Emotion | EmotionCurve,
        *,
        size: int = 256,
        seed: int = 0,
        progress: Callable[[float], None] | None = None,
        **options: Any,
    ) -> TalkingHead: ...


@runtime_checkable
class ImageEngine(Protocol):
    """Prompt and emotion to an image."""

    name: str

    def __call__(
        self,
        prompt: str,
        emotion: Emotion,
        *,
        size: tuple[int, int] = (256, 256),
        seed: int = 0,
        progress: Callable[[float], None] | None = None,
        **options: Any,
    ) -> Picture: ...


@runtime_checkable
class EmotionAdapter(Protocol):
    """A lever: how one pretrained model that knows nothing of emotions is made to follow an `Emotion`.

    lever: 'directions', 'mapping' …, as it stands in the `info` of what is made.
    """

    lever: str

    def fit(self, *, force: bool = False, progress: Callable[[float], None] | None = None) -> Mapping[str, Any]:
        """Find what the lever needs, or read it from the user's cache. Returns its measured effect, JSON-ready."""
        ...

    def apply(self, name: str, value: Any, emotion: Emotion, strength: float = 1.0, mask: Any = None) -> Any:
        """A conditioning value of the model (embedding, latents, hidden states [.., n]), moved: same type, shape and precision.

        The very same object for a strength of 0, a neutral emotion or a name the lever does not know. mask: which of its
        tokens are there. Raises InputError when the sizes do not fit.
        """
        ...


@runtime_checkable
class Evaluator(Protocol):
    """Media to a Reading. `role` is 'score' or 'steer': the Studio never scores with what steered."""

    name: str
    modality: str
    role: str
    ceiling: Ceiling

    def __call__(self, media: Any) -> Reading:
        """media: Speech (speech), uint8 [h, w, 3] (face, image), str (text)."""
        ...


@runtime_checkable
class FaceFinder(Protocol):
    """Finds faces and their landmarks in uint8 [h, w, 3] RGB, largest first; [] when there is none."""

    def __call__(self, image: U8) -> list[Face]: ...
