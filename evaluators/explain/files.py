"""Files in, explanations out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio import scoring
from genstudio.errors import FaceError, InputError
from genstudio.media import audio, image, video
from genstudio.media.text import read_text
from genstudio.protocols import Reading, Speech

from . import face, picture, voice
from .cues import Explanation, norms
from .origin import neutral_speech, origin, portrait

if TYPE_CHECKING:
    from genstudio.protocols import U8


def explain(path: Path | str, reference: Path | str | None = None, modality: str | None = None) -> list[Explanation]:
    """Every reading of a file with the cues measured in it; a video gives face and voice.

    reference: a neutral recording (or a calm photograph) of the same person to compare with. Without it, something that
    genstudio made is compared with the same voice's neutral of the same text and with the portrait it came from, as its sidecar
    says; any other file with other people's normal. Raises MediaError, FaceError, InputError.
    """
    path = Path(path)
    readings = scoring.evaluate_file(path, None, modality)
    rest = Path(reference) if reference is not None else None
    if rest is not None and scoring.kind_of(rest) not in ("audio", "video", "image"):
        raise InputError("a reference is a recording, a video or a photograph of the same person")
    return [_one(r, path, rest) for r in readings]


def _one(reading: Reading, path: Path, reference: Path | None) -> Explanation:
    if reading.modality == "speech":
        speech = Speech(audio.read_audio(path), audio.SAMPLE_RATE)
        own, notes = _neutral_voice(path, reference)
        found = voice.cues(voice.measured(speech), own)
    elif reading.modality == "face":
        own, notes = _resting_face(path, reference)
        found = face.cues(face.measured_in(_frames(path)), own)
    elif reading.modality == "image":
        notes = ()
        found = picture.cues(_frames(path)[0])
    else:
        notes = ()
        found = picture.word_cues(read_text(path).strip(), reading)
    against = next((c.against for c in found if c.against), "its normal")
    return Explanation(reading, found, against, notes)


def _frames(path: Path) -> Sequence[U8]:
    if scoring.kind_of(path) == "image":
        return [image.read_image(path)]
    return list(video.read_frames(path, scoring.stride(video.probe(path).frames), scoring.MAX_FACE_FRAMES))


def _neutral_voice(path: Path, reference: Path | None) -> tuple[dict[str, float] | None, tuple[str, ...]]:
    if reference is not None and scoring.kind_of(reference) != "image":
        return voice.measured(Speech(audio.read_audio(reference), audio.SAMPLE_RATE)), ()
    neutral = neutral_speech(origin(path))
    if neutral is not None:
        return voice.measured(neutral), ("compared with the same voice speaking the text without emotion",)
    return None, (f"compared with {norms()['voice']['data']}; --reference gives this person's own normal",)


def _resting_face(path: Path, reference: Path | None) -> tuple[dict[str, float] | None, tuple[str, ...]]:
    if reference is not None and scoring.kind_of(reference) != "audio":
        return face.measured_in(_frames(reference)), ()
    source = portrait(origin(path))
    if source is not None:
        try:
            return face.measured_in([image.read_image(source)]), ("compared with the portrait it was made from",)
        except FaceError:
            pass
    return None, (f"compared with {norms()['face']['data']}; --reference gives this face at rest",)
