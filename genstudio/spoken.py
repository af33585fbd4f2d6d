"""What is to be said, and in which emotion: the Studio's requests for voices and for heads that speak."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio import scoring
from genstudio.arguments import path_of, unicode
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import InputError, TextError
from genstudio.media import audio
from genstudio.media.files import file_sha256
from genstudio.media.rates import MAX_TEXT
from genstudio.protocols import Speech
from genstudio.script import Script, parse_script
from genstudio.sidecar import read_sidecar
from genstudio.take import Take

if TYPE_CHECKING:
    from genstudio.studio import EmotionLike

MAX_HEAD_SECONDS = 600.0
_ENDLESS = re.compile(r"[!-\u024f]{301,}")  # Latin letters, digits and signs: data, not words


class Spoken:
    """What `Studio` inherits."""

    if TYPE_CHECKING:
        engine: Callable[[str], Any]
        _emotion: Callable[..., Emotion]

    def _speech_request(
        self, text: str, emotion: EmotionLike, intensity: float | None
    ) -> tuple[Script, Emotion | EmotionCurve, Emotion]:
        if not isinstance(text, str) or not text.strip():
            raise TextError("the text is empty; give a sentence to speak")
        unicode(text, "the text", TextError)
        if len(text) > MAX_TEXT:
            raise TextError(f"a text has at most {MAX_TEXT} characters; got {len(text)}")
        if word := _ENDLESS.search(text):
            raise TextError(
                f"'{word[0][:20]}…' goes on for {len(word[0])} characters without a space; nobody says that"
            )
        sounds = tuple(getattr(self.engine("speech"), "sounds", tuple)()) if "[" in text else ()
        fixed = isinstance(emotion, EmotionCurve)
        script = parse_script(text, Emotion.neutral(), sounds)
        if not fixed:
            words = script.plain if any(c.isalnum() for c in script.plain) else " ".join(m.name for m in script.marks)
            default = self._emotion(emotion, None, words)
            script = parse_script(text, default, sounds)
        if not script.plain.strip() and not any(m.kind == "sound" for m in script.marks):
            raise TextError("the text holds nothing but tags; give a sentence to speak")
        if isinstance(emotion, EmotionCurve):
            return script, emotion, emotion.mean()
        plain, curve = script.plain, script.curve
        if curve is None:
            asked = default if intensity is None else default.scaled(intensity)
            return script, asked, asked
        if intensity is not None:
            curve = EmotionCurve(
                curve.times, tuple(e.scaled(intensity) for e in curve.emotions), curve.mode, curve.transition
            )
        ends = [*curve.times[1:], float(len(plain))]
        lengths = [max(b - a, 1e-6) for a, b in zip(curve.times, ends, strict=True)]
        return script, curve, curve.emotions[0].mix(*curve.emotions[1:], weights=lengths)

    def _voiced(self, speech: Take | Speech | str | Path | None) -> tuple[Speech, dict[str, Any]]:
        if isinstance(speech, Take):
            if not isinstance(speech.output, Speech):
                raise InputError("a talking head needs speech, not a picture or a video")
            call = {k: v for k, v in speech.request.call.items() if k != "takes"}
            call["seed"] = speech.output.seed if speech.output.seed is not None else call["seed"]
            return speech.output, {"text": speech.output.text, "speech": call}
        if isinstance(speech, Speech):
            return speech, {"audio": None}
        if not isinstance(speech, (str, Path)):
            raise InputError(f"what a head speaks is a Take, a Speech or a file; got {type(speech).__name__}")
        samples = audio.read_audio(speech, max_seconds=MAX_HEAD_SECONDS)
        digest = file_sha256(speech)
        call = {"audio": str(speech), "audio_sha256": digest}
        return replace(Speech(samples, audio.SAMPLE_RATE), **_known_of(Path(speech), digest)), call

    def _head_emotion(
        self, voiced: Speech, emotion: EmotionLike, intensity: float | None, call: dict[str, Any]
    ) -> tuple[Emotion | EmotionCurve, Emotion]:
        if emotion is None and voiced.curve is not None:
            return voiced.curve, voiced.curve.mean()
        if isinstance(emotion, EmotionCurve):
            if call.get("text") is not None and voiced.curve is not None:
                return voiced.curve, voiced.emotion or voiced.curve.mean()
            return emotion, emotion.mean()
        if call.get("text") is not None and voiced.curve is not None and "speech" not in call:
            return voiced.curve, voiced.emotion or voiced.curve.mean()
        if emotion is None and voiced.emotion is not None:
            asked = voiced.emotion
        elif emotion is None:
            reading = scoring.read_speech(voiced, role="steer")
            asked = Emotion.of_categories(reading.categories)
            call["emotion_from"] = reading.recogniser
        else:
            asked = self._emotion(emotion, None, voiced.text)
        asked = asked if intensity is None else asked.scaled(intensity)
        return asked, asked


def _known_of(path: Path, digest: str) -> dict[str, Any]:
    """Emotion (or curve) that a recording was made with, when its sidecar lies beside it and means this very file."""
    try:
        content = read_sidecar(path)
    except InputError:
        return {}
    asked = content["request"].get("emotion")
    if content.get("made", {}).get("sha256") != digest or not isinstance(asked, Mapping):
        return {}
    curve = content["made"].get("curve")
    if curve is not None:
        return {"emotion": EmotionCurve.from_dict(curve).mean(), "curve": EmotionCurve.from_dict(curve)}
    return {} if "times" in asked else {"emotion": Emotion.from_dict(asked)}


def reference_of(clip: Any) -> dict[str, Any]:
    """What a request says of a clip to clone: its path and its hash; a Speech is not kept."""
    if clip is None:
        return {}
    if isinstance(clip, Speech):
        return {"reference": None}
    path = path_of(clip, "a clip to clone, where it is no Speech,")
    return {"reference": str(path), "reference_sha256": file_sha256(path) if path.is_file() else None}
