"""The Studio's way back: from a sidecar to the identical file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio import registry
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import InputError, MediaError
from genstudio.media.files import file_sha256
from genstudio.sidecar import chosen_then, read_sidecar

if TYPE_CHECKING:
    from genstudio.studio import Studio
    from genstudio.take import Take


class Replays:
    """What `Studio` inherits. The methods that make are the Studio's."""

    if TYPE_CHECKING:
        _given: dict[str, Any]
        _keys: dict[str, str]
        _with: Callable[[str, Any], Studio]
        speak: Callable[..., Take]
        animate: Callable[..., Take]
        paint: Callable[..., Take]
        film: Callable[..., Take]
        retouch: Callable[..., Take]
        grid: Callable[..., Take]
        strip: Callable[..., Take]
        convert: Callable[..., Take]

    def replay(self, path: str | Path) -> Take:
        """Make again what a sidecar describes. The same class of machine and versions give the identical file."""
        content = read_sidecar(path)
        other = self._made_by(content)
        if other is not None:
            return other.replay(path)
        call = {k: v for k, v in content["request"].items() if k != "emotion_understood"}
        take = self._replayed(content, _Fields(call), path)
        request = replace(take.request, call=call)  # the settings inside the file are part of its bytes
        return replace(take, request=request, candidates=tuple(content.get("takes") or ()))

    def _made_by(self, content: Mapping[str, Any]) -> Studio | None:
        """A studio with the engine that a sidecar names, loaded as it was then; None when it is one of this studio's."""
        key = str(content.get("engine") or "")
        kind, _, name = key.partition(":")
        loaded = (content.get("made") or {}).get("info", {}).get("loaded")
        if kind not in self._keys or (self._keys[kind] == key and (kind in self._given or not loaded)):
            return None
        return self._with(kind, registry.load_with(key, **loaded) if loaded else name)

    def _replayed(self, content: Mapping[str, Any], request: dict[str, Any], path: str | Path) -> Take:
        kind = content.get("kind")
        emotion = request.pop("emotion")
        asked = _recorded(emotion)
        takes = content.get("takes") or []
        kept = next((t["seed"] for t in takes if t.get("kept")), request.pop("seed"))
        request.pop("seed", None)
        request.pop("takes", None)
        request = _Fields(chosen_then(content) | request)
        if kind == "speak":
            _unchanged(request.get("reference"), request.pop("reference_sha256", None))
            return self.speak(str(request.pop("text")), asked, seed=kept, **request)
        if kind == "paint":
            return self.paint(request.pop("prompt"), asked, size=tuple(request.pop("size")), seed=kept, **request)
        if kind == "animate":
            portrait = request.pop("portrait")
            request.pop("emotion_from", None)
            for name in ("portrait", "audio"):
                _unchanged(
                    portrait if name == "portrait" else request.get("audio"), request.pop(f"{name}_sha256", None)
                )
            if portrait is None:
                raise InputError("this head was animated from pixels in memory; it can only be replayed from a file")
            if request.get("text") is not None:
                if "speech" in request:  # a take that was spoken before
                    spoken = request.pop("speech")
                    request.pop("text")
                    request.pop("voice", None)
                    return self.animate(portrait, self._again(spoken), asked, seed=kept, **request)
                return self.animate(portrait, None, asked, seed=kept, **request)
            return self.animate(portrait, request.pop("audio"), asked, seed=kept, **request)
        if kind == "convert":
            recording = request.pop("recording")
            _unchanged(recording, request.pop("recording_sha256", None))
            if recording is None:
                raise InputError("this was made from a recording in memory; it can only be replayed from a file")
            return self.convert(recording, asked, seed=kept, **request)
        if kind == "film":
            return self.film(request.pop("prompt"), asked, size=tuple(request.pop("size")), seed=kept, **request)
        if kind == "retouch":
            picture = request.pop("image")
            _unchanged(picture, request.pop("image_sha256", None))
            return self.retouch(picture, Emotion.from_dict(emotion), seed=kept, **request)
        if kind == "sheet":
            prompt, size = request.pop("prompt"), tuple(request.pop("size"))
            if "grid" in request:
                return self.grid(prompt, tuple(request.pop("grid")), size=size, seed=kept, **request)
            strip = request.pop("strip")
            ends = Emotion.from_dict(strip["from"]), Emotion.from_dict(strip["to"])
            return self.strip(prompt, *ends, strip["count"], size=size, seed=kept, **request)
        raise InputError(
            f"unknown kind '{kind}' in '{path}'; valid: speak, convert, animate, paint, film, sheet, retouch"
        )

    def _again(self, spoken: Mapping[str, Any]) -> Take:
        request = dict(spoken)
        emotion = request.pop("emotion")
        return self.speak(str(request.pop("text")), _recorded(emotion), **request)


class _Fields(dict[str, Any]):
    """What a sidecar's request holds; a field that is not there is said in one line."""

    def pop(self, name: str, *default: Any) -> Any:
        """As of a dict. Raises InputError."""
        if name not in self and not default:
            raise InputError(f"the sidecar's request has no '{name}': it is damaged and cannot be replayed")
        return super().pop(name, *default)


def _unchanged(path: str | None, sha256: str | None) -> None:
    if path is None or sha256 is None:
        return
    if not Path(path).is_file():
        raise MediaError(f"there is no file '{path}' any more; replay needs it")
    if file_sha256(path) != sha256:
        raise MediaError(f"'{path}' has changed since; replay needs the file as it was")


def _recorded(emotion: Mapping[str, Any]) -> Emotion | EmotionCurve:
    """The emotion or curve that a sidecar holds."""
    try:
        return EmotionCurve.from_dict(emotion) if "times" in emotion else Emotion.from_dict(emotion)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"the sidecar's emotion is damaged and cannot be replayed: {error}") from None
