"""A take: one thing made, with the request it came from and the emotion read back out of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio import scoring, sidecar
from genstudio.arguments import path_of
from genstudio.media import audio, image, sequence, video
from genstudio.media.files import SYNTHETIC, check_new
from genstudio.protocols import Film, Picture, Reading, Speech, TalkingHead

if TYPE_CHECKING:
    from genstudio.emotion import Emotion
    from genstudio.protocols import U8

NOBODY = "nobody's portrait"  # consent where the portraits that come with genstudio are shown
_MEDIA: Mapping[str, Any] = {
    "speak": audio, "convert": audio, "animate": video, "film": video, "paint": image, "sheet": image, "retouch": image
}  # fmt: skip


def check_output(kind: str, path: Path | str, force: bool = False) -> None:
    """Before the work, what `Take.save` of a request of this kind would refuse: a wrong suffix (MediaError), a file that exists
    already or a folder that cannot be written (OutputError)."""
    path = Path(path)
    frames = kind == "animate" and path.suffix == ""
    if frames:
        return sequence.check_sequence(path, force)
    check_new(path, force)
    if kind in _MEDIA:
        _MEDIA[kind].check_written(path)


@dataclass(frozen=True)
class Request:
    """What was asked: enough to ask it again. `call` holds the Studio method's arguments, JSON-ready."""

    kind: str  # 'speak' | 'convert' | 'animate' | 'paint' | 'film' | 'sheet' | 'retouch'
    call: Mapping[str, Any]
    emotion: Emotion
    engine: str


@dataclass(frozen=True, eq=False)
class Take:
    """output: the Speech, TalkingHead, Picture or Film. seconds: time it took. candidates: the takes it was chosen from.

    `reading` is the emotion read back by the scoring recogniser, beside its ceiling; `reading.distance` says how far from
    the request it is. It is computed when first asked for; `None` when scoring is off or nothing can be read, then
    `note` says why.
    """

    output: Speech | TalkingHead | Picture | Film
    request: Request
    seconds: float = 0.0
    candidates: tuple[Mapping[str, Any], ...] = ()
    scored: bool = True
    unread: str = "scoring is off"  # why there is no reading when `scored` is False
    _seen: list[U8] = field(default_factory=list, repr=False)

    @property
    def emotion(self) -> Emotion:
        """The emotion asked for."""
        return self.request.emotion

    @cached_property
    def _score(self) -> tuple[Reading | None, str]:
        from genstudio.errors import GenstudioError

        if not self.scored:
            return None, self.unread
        try:
            if self._seen:
                return scoring.read_face(self._seen, self.emotion), ""
            return scoring.read_output(self.output, self.emotion), ""
        except GenstudioError as error:
            return None, str(error)

    @property
    def reading(self) -> Reading | None:
        """The emotion read back, with target and distance."""
        return self._score[0]

    @property
    def note(self) -> str:
        """Why there is no reading, '' when there is one."""
        return self._score[1]

    def record_consent(self, said: str) -> None:
        """What the sidecar says of the people shown or heard: 'given', 'given before', 'not stated' or NOBODY."""
        self.output.info.update(consent=said)  # type: ignore[attr-defined]

    def save(self, path: Path | str, force: bool = False, progress: Callable[[float], None] | None = None) -> Path:
        """Write the media file and its sidecar; returns its path. Raises OutputError when it exists already.

        A talking head without a suffix becomes a folder of PNG frames and sound.wav.
        """
        path = path_of(path, "where an output is saved")
        check_output(self.request.kind, path, force)
        settings = json.dumps({"kind": self.request.kind, **self.request.call}, ensure_ascii=False, default=str)
        settings = settings.encode("utf-8", "backslashreplace").decode()  # a path may hold other bytes
        if isinstance(self.output, Speech):
            audio.write_audio(path, self.output.samples, self.output.rate, f"{SYNTHETIC}; {settings[:2000]}")
        elif isinstance(self.output, Picture):
            image.write_image(path, self.output.pixels, settings)
        elif isinstance(self.output, Film):
            video.write_video(
                path, self.output.frames(), self.output.size, fps=self.output.fps, title=self.output.prompt,
                progress=(lambda n: progress(n / self.output.count)) if progress else None,  # type: ignore[union-attr]
            )  # fmt: skip
        else:
            self._save_video(path, self.output, force, progress)
        sidecar.write_sidecar(path, self.to_dict())
        return path

    def _save_video(
        self, path: Path, head: TalkingHead, force: bool, progress: Callable[[float], None] | None
    ) -> None:  # fmt: skip
        step = scoring.stride(head.count)
        keep = self.scored and "_score" not in self.__dict__

        def watched() -> Iterator[U8]:
            for i, frame in enumerate((head.cut_outs or head.frames)()):
                if keep and i % step == 0 and len(self._seen) < scoring.MAX_FACE_FRAMES:
                    self._seen.append(frame[..., :3].copy())
                yield frame

        self._seen.clear()
        told = (lambda n: progress(n / head.count)) if progress else None
        if path.suffix == "":
            sequence.write_sequence(path, watched(), head.speech.samples, head.speech.rate, force, told)
            return
        video.write_video(
            path, watched(), head.size, fps=head.motion.fps, audio=head.speech.samples, rate=head.speech.rate,
            title=head.speech.text, progress=told,
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """The sidecar's content (format: docs/formats.md)."""
        made: dict[str, Any] = {"seconds_taken": round(self.seconds, 3), "info": dict(self.output.info)}
        if isinstance(self.output, Speech):
            made["duration"] = round(self.output.duration, 4)
            made["words"] = [[w.text, round(w.start, 3), round(w.end, 3)] for w in self.output.words]
            if self.output.curve is not None:
                made["curve"] = self.output.curve.to_dict()
        elif isinstance(self.output, Picture):
            made["size"] = [self.output.pixels.shape[1], self.output.pixels.shape[0]]
            if self.output.scene is not None:
                made["subject"] = self.output.scene.get("subject")
        elif isinstance(self.output, Film):
            made.update(frames=self.output.count, size=list(self.output.size), fps=self.output.fps)
        else:
            made.update(frames=self.output.count, size=list(self.output.size), fps=self.output.motion.fps)
            if self.output.speech.curve is not None:
                made["curve"] = self.output.speech.curve.to_dict()
        return {
            "kind": self.request.kind,
            "request": {**self.request.call, "emotion_understood": self.emotion.to_dict()},
            "engine": self.request.engine,
            "weights": sidecar.weights_of(self.request.engine),
            "environment": sidecar.environment(),
            "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "achieved": sidecar.reading_dict(self.reading),
            "note": self.note,
            "takes": [dict(c) for c in self.candidates],
            "made": made,
        }
