"""Reading emotion back: from values in memory, and from any file, whose kind is found from what is inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio import registry
from genstudio.arguments import choice, path_of
from genstudio.errors import FaceError, InputError, MediaError
from genstudio.media import audio, image, video
from genstudio.media.text import read_text as text_in
from genstudio.protocols import Film, Picture, Reading, Speech, TalkingHead

if TYPE_CHECKING:
    from genstudio.emotion import Emotion
    from genstudio.protocols import U8

MODALITIES = ("face", "speech", "image", "text")
FACE_FRAME_STRIDE = 5  # every 5th frame of a video is read
MAX_FACE_FRAMES = 60
_PORTRAIT_SHARE = 0.2  # a face at least this share of the picture's height makes it a portrait
_FILM_FRAMES = 8
_AXES = ("valence", "arousal", "dominance")
_TEXT_SUFFIXES = (".txt", ".md")


def evaluator(modality: str, role: str = "score") -> Any:
    """The registered recogniser of a modality; role 'score' or 'steer'."""
    return registry.load(f"evaluator:{modality}" + ("" if role == "score" else "-steer"))


def read_speech(speech: Speech, target: Emotion | None = None, role: str = "score") -> Reading:
    """The emotion in a voice."""
    return replace(evaluator("speech", role)(speech), target=target)


def read_picture(pixels: U8, target: Emotion | None = None, role: str = "score") -> Reading:
    """The emotion of a picture as its viewers feel it."""
    return replace(evaluator("image", role)(pixels), target=target)


def read_film(film: Film, target: Emotion | None = None, role: str = "score") -> Reading:
    """The emotion of a moving picture: the mean over eight frames, each of them in `details['timeline']`."""
    step = max(1, -(-film.count // _FILM_FRAMES))
    frames = [(i / film.fps, f) for i, f in enumerate(film.frames()) if i % step == 0]
    read = [(t, read_picture(f, None, role)) for t, f in frames]
    n = len(read)
    mean = [sum(getattr(r, a) for _, r in read) / n if getattr(read[0][1], a) is not None else None for a in _AXES]
    names = read[0][1].categories
    return replace(
        read[0][1], valence=mean[0], arousal=mean[1], dominance=mean[2], target=target,
        categories={k: sum(r.categories.get(k, 0.0) for _, r in read) / n for k in names},
        details={"timeline": [{"time": round(t, 3), "valence": r.valence, "arousal": r.arousal} for t, r in read]},
    )  # fmt: skip


def read_face(frames: Iterable[U8], target: Emotion | None = None, role: str = "score") -> Reading:
    """The expression over the frames of a talking face (already thinned). Raises FaceError when no face is found."""
    kept = list(islice(frames, MAX_FACE_FRAMES))
    return replace(evaluator("face", role).read_video(kept), target=target)


def read_text(text: str, target: Emotion | None = None) -> Reading:
    """The emotion of a text."""
    return replace(evaluator("text")(text), target=target)


def read_output(output: Speech | TalkingHead | Picture | Film, target: Emotion | None, role: str = "score") -> Reading:
    """The emotion of something just made, by the recogniser of its modality."""
    if isinstance(output, Speech):
        return read_speech(output, target, role)
    if isinstance(output, Picture):
        return read_picture(output.pixels, target, role)
    if isinstance(output, Film):
        return read_film(output, target, role)
    return read_face(islice(output.frames(), 0, None, stride(output.count)), target, role)


def stride(count: int) -> int:
    """Every how many frames a video of `count` frames is read."""
    return max(FACE_FRAME_STRIDE, -(-count // MAX_FACE_FRAMES))


def kind_of(path: Path | str) -> str:
    """'image', 'audio', 'video' or 'text', by suffix; a video without pictures is audio. Raises MediaError."""
    path = Path(path)
    if not path.is_file():
        raise MediaError(f"there is no file '{path}'")
    if path.stat().st_size == 0:
        raise MediaError(f"'{path.name}' is empty")
    suffix = path.suffix.lower()
    if suffix in _TEXT_SUFFIXES:
        return "text"
    if suffix in image.SUFFIXES:
        return "image"
    if suffix in audio.SUFFIXES:
        return "audio"
    if suffix in video.SUFFIXES:
        return "audio" if video.sound_alone(path) else "video"
    valid = ", ".join((*image.SUFFIXES, *audio.SUFFIXES, *video.SUFFIXES, *_TEXT_SUFFIXES))
    raise MediaError(f"'{path.name}' is of an unknown kind; valid: {valid}")


def evaluate_file(
    path: Path | str, target: Emotion | None = None, modality: str | None = None, recogniser: Any = None
) -> list[Reading]:
    """Read a file: one Reading for a picture, recording or text; face and voice for a video.

    A picture with a large face is read as a portrait, any other as an image; `modality` decides it otherwise. recogniser: another
    evaluator than ours, which reads alone, what its own modality is.
    Raises MediaError or FaceError in one line.
    """
    if modality is not None:
        choice("modality", modality, MODALITIES)
    path = path_of(path, "what is read")
    kind = kind_of(path)
    if recogniser is not None:
        return [replace(_read_by(recogniser, path, kind), target=target)]
    held = {"text": ("text",), "audio": ("speech",), "image": ("face", "image"), "video": ("face", "speech")}[kind]
    if modality is not None and modality not in held:
        raise MediaError(
            f"'{path.name}' is of the kind {kind}; it can be read as {' or '.join(held)}, not as {modality}"
        )
    if kind == "text":
        return [read_text(_text_of(path), target)]
    if kind == "audio":
        return [read_speech(Speech(audio.read_audio(path), audio.SAMPLE_RATE), target)]
    if kind == "image":
        return [_read_still(path, target, modality)]
    return _read_video(path, target, modality)


_KINDS = {"speech": ("audio", "video"), "face": ("image", "video"), "image": ("image", "video"), "text": ("text",),
          "face and voice": ("audio", "video")}  # fmt: skip


def _read_by(recogniser: Any, path: Path, kind: str) -> Reading:
    """One file by one given evaluator. Raises InputError when it reads another kind of file."""
    if kind not in _KINDS[recogniser.modality]:
        raise InputError(f"{recogniser.name} reads {recogniser.modality}; '{path.name}' is a file of {kind}")
    if kind == "text":
        return recogniser(_text_of(path))
    if recogniser.modality == "face and voice":
        return recogniser.read_file(path)
    if recogniser.modality == "speech":
        return recogniser(Speech(audio.read_audio(path), audio.SAMPLE_RATE))
    if kind == "image":
        return recogniser(image.read_image(path))
    return recogniser.read_video(video.read_frames(path, stride(video.probe(path).frames), MAX_FACE_FRAMES))


def _read_still(path: Path, target: Emotion | None, modality: str | None) -> Reading:
    pixels = image.read_image(path)
    if modality == "image":
        return read_picture(pixels, target)
    from genstudio.signals.faces import find_faces

    faces = find_faces(pixels)
    if modality != "face" and (not faces or faces[0].box[3] - faces[0].box[1] < _PORTRAIT_SHARE * pixels.shape[0]):
        return read_picture(pixels, target)
    if not faces:
        raise FaceError(f"no face was found in '{path.name}'; give a photo with a face turned to the camera")
    return replace(evaluator("face")(pixels), target=target)


def _read_video(path: Path, target: Emotion | None, modality: str | None) -> list[Reading]:
    info = video.probe(path)
    readings: list[Reading] = []
    problems: list[str] = []
    if modality in (None, "face"):
        try:
            readings.append(read_face(video.read_frames(path, stride(info.frames), MAX_FACE_FRAMES), target))
        except (FaceError, MediaError) as error:
            problems.append(str(error))
    if modality in (None, "speech"):
        try:
            if not info.has_audio:
                raise MediaError(f"'{path.name}' has no sound")
            readings.append(read_speech(Speech(audio.read_audio(path), audio.SAMPLE_RATE), target))
        except MediaError as error:
            problems.append(str(error))
    if not readings:
        raise MediaError("; ".join(problems) or f"'{path.name}': a video holds a face and a voice, not {modality}")
    if problems:
        readings[0] = replace(readings[0], details={**readings[0].details, "warnings": problems})
    return readings


def agreement_in(path: Path | str, readings: Sequence[Reading]) -> dict[str, Any] | None:
    """Whether a file's face, voice and text say the same (`tool:agreement`), its `warnings` a line each; None with one reading.

    The text is that of the file's sidecar, when it was spoken in English.
    """
    if len(readings) < 2:
        return None
    found: dict[str, Any] = registry.load("tool:agreement")({r.modality: r for r in readings}, _said_in(Path(path)))
    return found


def spoken_language(asked: Mapping[str, Any]) -> str:
    """Language code of what a sidecar's request asked to be said: its own, or that of the embedded voice; '' when unknown.

    >>> spoken_language({"text": "Guten Tag", "voice": "kerstin"})
    'de'
    """
    said = asked.get("language")
    if said or not asked.get("voice"):
        return str(said or "")
    voices = {v["name"]: v["language"] for v in registry.load("speech:embedded").voices()}
    name = str(asked["voice"]).lower()
    return name if name in voices.values() else voices.get(name, "")


def _said_in(path: Path) -> str:
    from genstudio.emotion import Emotion
    from genstudio.script import parse_script
    from genstudio.sidecar import read_sidecar, sidecar_path

    if not sidecar_path(path).is_file():
        return ""
    try:
        asked = read_sidecar(path)["request"]
        if not (spoken_language(asked) or "en").startswith("en"):
            return ""
        return parse_script(str(asked.get("text") or ""), Emotion.neutral(), ()).plain.strip()
    except (InputError, KeyError):
        return ""


def _text_of(path: Path) -> str:
    text = text_in(path).strip()
    if not text:
        raise MediaError(f"'{path.name}' holds no text")
    return text
