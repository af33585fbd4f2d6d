"""Studio: the one way from a request to an output, its sidecar and its score."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio import registry, scoring
from genstudio.arguments import MAX_SEED, named, path_of, plain_numbers, rgb, sides, unicode, whole
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import EmotionError, InputError, MediaError
from genstudio.media import image
from genstudio.media.files import file_sha256
from genstudio.pictures import Pictures
from genstudio.protocols import Film, Picture, Reading, Speech, TalkingHead
from genstudio.recordings import Recordings
from genstudio.replays import Replays
from genstudio.spoken import MAX_HEAD_SECONDS, Spoken, reference_of
from genstudio.take import Request, Take

if TYPE_CHECKING:
    from genstudio.protocols import U8

EmotionLike = Emotion | EmotionCurve | str | None
Progress = Callable[[str, float], None]
MAX_TAKES = 100


class Studio(Pictures, Recordings, Spoken, Replays):
    """Engines by name; a model loads at its first use.

    speech, head, image: names of registered engines ('diffusers:FOLDER' and the like too), or engines loaded already. score:
    whether takes are read back. progress: called with a stage and its fraction 0..1.

    Every method takes `seed` (drawn and recorded when None) and returns a `Take`: `.output`, `.reading`, `.save(path)`.
    """

    def __init__(
        self, speech: Any = "embedded", head: Any = "embedded", image: Any = "embedded", *, score: bool = True,
        progress: Progress | None = None,
    ) -> None:  # fmt: skip
        chosen = {"speech": speech, "head": head, "image": image}
        for kind, engine in chosen.items():
            if not isinstance(engine, str) and not callable(engine):
                raise InputError(f"the {kind} engine is a name such as 'embedded', or a loaded engine; got {engine!r}")
        self._given = {k: e for k, e in chosen.items() if not isinstance(e, str)}
        self._keys = {k: f"{k}:{e if isinstance(e, str) else e.name}" for k, e in chosen.items()}
        for kind, key in self._keys.items():
            if kind not in self._given:
                registry.find(key)
        self._score = score
        self.progress = progress

    def engine(self, kind: str) -> Any:
        """The loaded engine of a kind: 'speech', 'head' or 'image'."""
        return self._given[kind] if kind in self._given else registry.load(self._keys[kind])

    def speaking_by(self, engine: Any) -> Studio:
        """The same studio with another speech engine, loaded already."""
        other = {k: self._given.get(k, self._keys[k].partition(":")[2]) for k in ("head", "image")}
        return Studio(engine, other["head"], other["image"], score=self._score, progress=self.progress)

    def voices(self) -> list[Mapping[str, str]]:
        """Voices of the speech engine: name, language, description."""
        return list(self.engine("speech").voices())

    def portraits(self) -> dict[str, Path]:
        """Portraits of nobody that come along, by name."""
        return dict(self.engine("head").portraits())

    # make

    def speak(
        self, text: str, emotion: EmotionLike = None, *, intensity: float | None = None, voice: str | None = None,
        seed: int | None = None, takes: int = 1, **options: Any,
    ) -> Take:  # fmt: skip
        """Speak a text. Inline tags such as `[fear:0.8]` change the emotion from there on; 'auto' reads it from the text.

        intensity: 0..1.5. takes: keep the best of so many by the steering recogniser. options go to the engine
        (embedded: rate, pitch, pause, temperature). Raises TextError, EmotionError, InputError.
        """
        script, asked, mean = self._speech_request(text, emotion, intensity)
        voice, options = named("voice", voice), plain_numbers(options)
        call: dict[str, Any] = {"text": text, "voice": voice, **options, **reference_of(options.get("reference"))}
        plain = script.plain
        given = {**options, "marks": script.marks} if script.marks else options
        return self._make(
            "speak",
            "speech",
            call,
            asked,
            mean,
            seed,
            takes,
            lambda s, p: self.engine("speech")(plain, asked, voice=voice, seed=s, progress=p, **given),
        )

    def speak_stream(
        self, text: str, emotion: EmotionLike = None, *, intensity: float | None = None, voice: str | None = None,
        seed: int | None = None, **options: Any,
    ) -> Iterator[Speech]:  # fmt: skip
        """As `speak`, but the sound comes in pieces while it is made: `Speech` values to be played one after another.

        Pieces are not read back, and each is brought to the common loudness by itself. Raises InputError when the engine does
        not stream.
        """
        script, asked, _ = self._speech_request(text, emotion, intensity)
        voice, options = named("voice", voice), plain_numbers(options)
        engine = self.engine("speech")
        if not hasattr(engine, "stream"):
            raise InputError(f"the speech engine '{engine.name}' does not stream; use speak")
        given = {**options, "marks": script.marks} if script.marks else options
        return iter(engine.stream(script.plain, asked, voice=voice, seed=_drawn(seed), **given))

    def animate(
        self, portrait: str | Path | U8, speech: Take | Speech | str | Path | None = None, emotion: EmotionLike = None,
        *, text: str | None = None, intensity: float | None = None, voice: str | None = None, size: int = 256,
        seed: int | None = None, takes: int = 1, **options: Any,
    ) -> Take:  # fmt: skip
        """Make a portrait speak: a Take or Speech, a recording (path), or `text` spoken by the embedded voice.

        The emotion is the speech's own unless given (that of a file made here stands in its sidecar); that of any other
        recording is read from it. size: pixels, square.
        Raises FaceError when the portrait shows no face, MediaError for bad files.
        """
        size, _ = sides(size)
        options = plain_numbers(options)
        if (speech is None) == (text is None):
            raise InputError("give either a recording or a text for the portrait to speak, not both")
        call: dict[str, Any] = {"size": size, **options}
        seed = _drawn(seed)
        if text is not None:
            spoken = self.speak(text, emotion, intensity=intensity, voice=voice, seed=seed)
            voiced = spoken.output
            call.update(text=text, voice=voice)
        else:
            voiced, source = self._voiced(speech)
            call.update(source)
        assert isinstance(voiced, Speech)
        if voiced.duration > MAX_HEAD_SECONDS:
            raise MediaError(
                f"the speech lasts {voiced.duration:.0f} s; a talking head takes at most {MAX_HEAD_SECONDS:.0f} s"
            )
        asked, mean = self._head_emotion(voiced, emotion, intensity, call)
        pixels = _pixels(portrait, self, call)
        return self._make(
            "animate",
            "head",
            call,
            asked,
            mean,
            seed,
            takes,
            lambda s, p: self.engine("head")(pixels, voiced, asked, size=size, seed=s, progress=p, **options),
        )

    def paint(
        self, prompt: str, emotion: EmotionLike = None, *, intensity: float | None = None,
        size: int | tuple[int, int] = 256, seed: int | None = None, takes: int = 1, **options: Any,
    ) -> Take:  # fmt: skip
        """Paint a prompt in an emotion. size: pixels, one number for a square or (width, height).

        options go to the engine (embedded: steps, text_guidance, emotion_guidance, style). Raises InputError.
        """
        width, height = sides(size)
        options = plain_numbers(options)
        if not isinstance(prompt, str) or not unicode(prompt, "the prompt").strip():
            raise InputError("a prompt is needed, such as 'a quiet lake'")
        if len(prompt) > 2000:
            raise InputError(f"a prompt has at most 2000 characters; got {len(prompt)}")
        if isinstance(emotion, EmotionCurve):
            raise InputError("a picture takes one emotion, not a curve")
        asked = self._emotion(emotion, intensity, prompt)
        call: dict[str, Any] = {"prompt": prompt, "size": [width, height], **options}
        return self._make(
            "paint",
            "image",
            call,
            asked,
            asked,
            seed,
            takes,
            lambda s, p: self.engine("image")(prompt, asked, size=(width, height), seed=s, progress=p, **options),
        )

    # read

    def evaluate(
        self, media: str | Path | Take | Speech | TalkingHead | Picture, target: EmotionLike = None,
        modality: str | None = None,
    ) -> list[Reading]:  # fmt: skip
        """Read the emotion of a file or of something made; a video gives face and voice. Raises MediaError, FaceError."""
        if isinstance(target, EmotionCurve):
            target = target.mean()
        wanted = Emotion.parse(target) if isinstance(target, str) else target
        if isinstance(media, (str, Path)):
            return scoring.evaluate_file(media, wanted, modality)
        output = media.output if isinstance(media, Take) else media
        if not isinstance(output, (Speech, TalkingHead, Picture, Film)):
            raise InputError(f"what can be read is a file, a Take or its output; got {type(media).__name__}")
        return [scoring.read_output(output, wanted or (media.emotion if isinstance(media, Take) else None))]

    # inside

    def _with(self, kind: str, engine: Any) -> Studio:
        return Studio(**{kind: engine}, score=self._score, progress=self.progress)

    def _report(self, stage: str) -> Callable[[float], None] | None:
        if self.progress is None:
            return None
        callback = self.progress
        return lambda fraction: callback(stage, fraction)

    def _make(
        self, kind: str, engine: str, call: dict[str, Any], asked: Emotion | EmotionCurve, mean: Emotion,
        seed: int | None, takes: int, run: Callable[[int, Callable[[float], None] | None], Any], unread: str = "",
    ) -> Take:  # fmt: skip
        takes = whole("takes", takes, 1, MAX_TAKES)
        first = _drawn(seed)
        start = time.perf_counter()
        made = []
        for i in range(takes):
            stage = kind if takes == 1 else f"{kind} {i + 1}/{takes}"
            made.append((first + i, run(first + i, self._report(stage))))
        candidates: list[dict[str, Any]] = []
        best = 0
        if takes > 1:
            candidates, best = _ranked(made, mean)
        seconds = time.perf_counter() - start
        request = Request(
            kind, {**call, "emotion": asked.to_dict(), "seed": first, "takes": takes}, mean, self._keys[engine]
        )
        if unread:
            return Take(made[best][1], request, seconds, tuple(candidates), False, unread)
        return Take(made[best][1], request, seconds, tuple(candidates), self._score)

    def _emotion(self, emotion: EmotionLike, intensity: float | None, text: str) -> Emotion:
        if isinstance(emotion, EmotionCurve):
            raise InputError("an emotion curve is not understood here")
        if emotion is None:
            emotion = Emotion.neutral()
        elif isinstance(emotion, str):
            emotion = (
                scoring.evaluator("text").emotion(text) if emotion.strip().lower() == "auto" else Emotion.parse(emotion)
            )
        elif not isinstance(emotion, Emotion):
            raise EmotionError(
                f"an emotion is an Emotion or an expression such as joy:0.7; got {type(emotion).__name__}"
            )
        return emotion if intensity is None else emotion.scaled(intensity)


def _ranked(made: list[tuple[int, Any]], target: Emotion) -> tuple[list[dict[str, Any]], int]:
    """Every take's seed and steering reading, and the index of the one nearest to the request."""
    rows: list[dict[str, Any]] = []
    for seed, output in made:
        reading = scoring.read_output(output, target, role="steer")
        nearness = reading.agreement if reading.agreement is not None else 1.0 - (reading.distance or 0.0)
        rows.append({
            "seed": seed, "steered_by": reading.recogniser, "nearness": round(float(nearness), 4),
            "distance": reading.distance, "top": reading.top, "kept": False,
        })  # fmt: skip
    best = max(range(len(rows)), key=lambda i: rows[i]["nearness"])
    rows[best]["kept"] = True
    return rows, best


def _drawn(seed: int | None) -> int:
    if seed is None:
        return secrets.randbelow(2**31)
    return whole("seed", seed, 0, MAX_SEED)


def _pixels(portrait: str | Path | U8, studio: Studio, call: dict[str, Any]) -> U8:
    if not isinstance(portrait, (str, bytes, Path)):
        call["portrait"] = None
        return rgb(portrait, "a portrait")
    path = path_of(portrait, "a portrait")
    if not path.exists() and path.suffix == "":  # one of the demo's, by name
        named = studio.portraits()
        if str(path) in named:
            path = named[str(path)]
            call["portrait"] = str(path)
            return image.read_image(path)
        raise MediaError(f"there is no file '{portrait}', and no portrait of that name; valid: {', '.join(named)}")
    call.update(portrait=str(path), portrait_sha256=file_sha256(path) if path.is_file() else None)
    return image.read_image(path)
