"""The Studio's ways with recordings of people: given an emotion, the speaker and the words stay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio.arguments import number, path_of
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import InputError, MediaError
from genstudio.media import audio
from genstudio.media.files import file_sha256
from genstudio.protocols import Speech

if TYPE_CHECKING:
    from genstudio.take import Take

LONGEST = 600.0  # seconds
_QUIETEST = 1e-3
_SHORTEST = 0.3  # seconds


class Recordings:
    """What `Studio` inherits."""

    if TYPE_CHECKING:
        engine: Callable[[str], Any]
        _make: Callable[..., Take]
        _emotion: Callable[..., Emotion]

    def convert(
        self, recording: str | Path | Speech, emotion: Emotion | EmotionCurve | str | None = None, *,
        intensity: float | None = None, strength: float | None = None, seed: int | None = None, takes: int = 1,
    ) -> Take:  # fmt: skip
        """A recording of anyone given an emotion: pitch, tempo, spectrum and breath move as actors' do; speaker and words stay.

        recording: a file or Speech, best neutral. strength: 0..2, factor on what is moved (1). Read back without its own
        neutral; the report card compares the two. Raises MediaError for bad recordings, InputError when the engine converts none.
        """
        engine = self.engine("speech")
        if not hasattr(engine, "convert"):
            raise InputError(f"the speech engine '{engine.name}' gives no emotion to recordings; the embedded one does")
        if isinstance(emotion, EmotionCurve):
            raise InputError("a recording takes one emotion, not a curve")
        speech, call = _read(recording)
        asked = self._emotion(emotion, intensity, speech.text)
        options = {} if strength is None else {"strength": number("strength", strength, 0, 2)}
        return self._make(
            "convert", "speech", {**call, **options}, asked, asked, seed, takes,
            lambda s, p: engine.convert(speech, asked, seed=s, **options),
        )  # fmt: skip


def _read(recording: str | Path | Speech) -> tuple[Speech, dict[str, Any]]:
    if isinstance(recording, Speech):
        speech = recording
        call: dict[str, Any] = {"recording": None}
    else:
        path = path_of(recording, "a recording, where it is no Speech,")
        samples = audio.read_audio(path, max_seconds=LONGEST)
        speech = Speech(samples, audio.SAMPLE_RATE)
        call = {"recording": str(path), "recording_sha256": file_sha256(path)}
    if speech.duration > LONGEST:
        raise MediaError(f"the recording lasts {speech.duration:.0f} s; at most {LONGEST:.0f} s are converted")
    if speech.duration < _SHORTEST or float(abs(speech.samples).max(initial=0.0)) < _QUIETEST:
        raise MediaError("the recording is silent or shorter than 0.3 s; give one of a person speaking")
    return speech, call
