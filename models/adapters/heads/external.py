"""`ExternalHead`: any portrait animator that is a command or a Python function, driven by the embedded head.

It is described by a JSON file (docs/engines.md):

    {"command": ["{python}", "animate.py", "--source", "{portrait}", "--driving", "{driving}", "--out", "{out}"]}
    {"function": "my_package.animator:animate"}

The emotion comes with the driving video and motion, which the embedded head makes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from genstudio import registry
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import InputError, MissingError, suggest
from genstudio.media.audio import write_audio
from genstudio.media.image import write_image
from genstudio.media.rates import VIDEO_FPS
from genstudio.media.text import read_text
from genstudio.media.video import probe, read_frames, write_video
from genstudio.protocols import Motion, Speech, TalkingHead

from .driving import OPTIONS, Driving, drive, head_of

if TYPE_CHECKING:
    from genstudio.protocols import U8

PLACES = ("python", "portrait", "driving", "face", "pose", "motion", "audio", "out", "size", "fps", "seed")
_KEYS = ("command", "function", "folder", "seconds", "fps", "multiple", "options")
_FACE = 512  # pixels of the face video


@dataclass(frozen=True)
class Recipe:
    """How an animator is called. command: words with places in braces (`PLACES`); or function: 'module:attribute'; folder: where a
    command runs (the JSON file's own by default); seconds: it may take; fps, multiple: what it wants; options: for a function."""

    command: tuple[str, ...] = ()
    function: str = ""
    folder: Path = Path()
    seconds: float = 3600.0
    fps: float = VIDEO_FPS
    multiple: int = 2
    options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Recipe:
        """From JSON. Raises InputError in one line: no file, unknown key or place, both or neither of command and function."""
        if not path.is_file():
            raise InputError(
                f"there is no animator description '{path}'; write a JSON file with a command or a function"
            )
        try:
            given = json.loads(read_text(path))
        except json.JSONDecodeError as error:
            raise InputError(f"'{path.name}' is not JSON: {error}") from None
        if not isinstance(given, dict):
            raise InputError(f"'{path.name}' must hold a JSON object with a command or a function")
        for key in given:
            if key not in _KEYS:
                raise InputError(
                    f"'{path.name}' has an unknown key '{key}'; valid: {', '.join(_KEYS)}" + suggest(key, _KEYS)
                )
        command = given.get("command", [])
        if bool(command) == bool(given.get("function")):
            raise InputError(f"'{path.name}' must hold either a command or a function")
        if not isinstance(command, list) or not all(isinstance(w, str) for w in command):
            raise InputError(
                f'the command of \'{path.name}\' must be a list of words, such as ["animate", "{{portrait}}"]'
            )
        places = {name for word in command for _, name, _, _ in Formatter().parse(word) if name is not None}
        for place in sorted(places):
            if place not in PLACES:
                raise InputError(
                    f"'{path.name}' has an unknown place '{{{place}}}'; valid: {', '.join(PLACES)}"
                    + suggest(place, PLACES)
                )
        if command and "out" not in places:
            raise InputError(f"the command of '{path.name}' needs the place {{out}}: the video that it writes")
        numbers = {k: given[k] for k in ("seconds", "fps", "multiple") if k in given}
        if any(isinstance(v, bool) or not isinstance(v, (int, float)) or v <= 0 for v in numbers.values()):
            raise InputError(f"seconds, fps and multiple of '{path.name}' must be numbers above 0; got {numbers}")
        return cls(
            tuple(command), given.get("function", ""), path.parent / given.get("folder", "."),
            options=dict(given.get("options", {})), **numbers,
        )  # fmt: skip


class ExternalHead:
    """An animator of others as a head engine (`genstudio.protocols.HeadEngine`): 'external:animator.json'."""

    def __init__(self, recipe: Recipe, spec: str) -> None:
        self.recipe, self.spec, self.name = recipe, spec, f"external:{spec}"

    @classmethod
    def load(cls, spec: str) -> ExternalHead:
        """spec: the JSON file. Raises InputError."""
        return cls(Recipe.read(Path(spec).expanduser()), spec)

    def portraits(self) -> dict[str, Path]:
        """Those of the embedded head."""
        return dict(registry.load("head:embedded").portraits())

    def export_motion(self, motion: Motion, path: Path | str) -> int:
        """The driving motion, as the embedded head writes it."""
        return int(registry.load("head:embedded").export_motion(motion, path))

    def __call__(
        self, portrait: U8, speech: Speech, emotion: Emotion | EmotionCurve, *, size: int = 256, seed: int = 0,
        progress: Callable[[float], None] | None = None, **options: Any,
    ) -> TalkingHead:  # fmt: skip
        """portrait: uint8 [h, w, 3] RGB; size: of the longer side in pixels. options: of the driver, and of a function.

        Raises FaceError, InputError, and MissingError when the animator fails.
        """
        driver = {k: options.pop(k) for k in OPTIONS if k in options}
        if options and not self.recipe.function:
            raise InputError(f"{self.name} takes no '{next(iter(options))}'" + suggest(next(iter(options)), OPTIONS))
        driving = drive(
            portrait, size, self.recipe.multiple, speech, emotion, seed, progress=progress,
            **{"fps": self.recipe.fps, **driver},
        )  # fmt: skip
        if self.recipe.function:
            frames = self._called(driving, speech, size, seed, options)
        else:
            frames = self._run(driving, speech, size, seed)
        shown = _fitting(frames, len(driving.frames), self.name)
        info = {
            "engine": self.name,
            "lever": "driving video",
            "animator": self.recipe.function or " ".join(self.recipe.command),
        }
        return head_of(shown, driving.motion, speech, emotion, seed, info)

    def _called(
        self, driving: Driving, speech: Speech, size: int, seed: int, options: dict[str, Any]
    ) -> list[U8]:  # fmt: skip
        module, _, attribute = self.recipe.function.partition(":")
        try:
            function = getattr(import_module(module), attribute)
        except (ImportError, AttributeError, ValueError) as error:
            raise MissingError(f"{self.name}: there is no function '{self.recipe.function}' ({error})") from None
        made = function(
            driving.picture, driving.frames, motion=driving.motion, speech=speech, size=size, seed=seed,
            **{**self.recipe.options, **options},
        )  # fmt: skip
        return list(read_frames(made) if isinstance(made, (str, Path)) else made)

    def _run(self, driving: Driving, speech: Speech, size: int, seed: int) -> list[U8]:
        with tempfile.TemporaryDirectory(prefix="genstudio-") as place:
            at = {k: str(Path(place, f)) for k, f in _FILES.items()}
            wanted = {n for word in self.recipe.command for _, n, _, _ in Formatter().parse(word) if n}
            _write(wanted, at, driving, speech)
            values = {**at, "python": sys.executable, "size": size, "fps": f"{driving.motion.fps:g}", "seed": seed}
            words = [word.format(**values) for word in self.recipe.command]
            try:
                done = subprocess.run(
                    words, cwd=self.recipe.folder, capture_output=True, text=True, timeout=self.recipe.seconds,
                    stdin=subprocess.DEVNULL, check=False,
                )  # fmt: skip
            except OSError as error:
                raise MissingError(f"{self.name}: '{words[0]}' cannot be run ({error.strerror or error})") from None
            except subprocess.TimeoutExpired:
                raise MissingError(f"{self.name} took longer than {self.recipe.seconds:g} s; raise 'seconds'") from None
            if done.returncode or not Path(at["out"]).is_file():
                said = [x for x in (done.stderr or done.stdout).splitlines() if x.strip()]
                why = f"ended with {done.returncode}" if done.returncode else "wrote no video to {out}"
                raise MissingError(f"{self.name} {why}" + (f": {said[-1].strip()[:200]}" if said else ""))
            probe(at["out"])
            return list(read_frames(at["out"]))


_FILES = {
    "portrait": "portrait.png", "driving": "driving.mp4", "face": "face.mp4", "pose": "pose.mp4", "motion": "motion.csv",
    "audio": "speech.wav", "out": "out.mp4",
}  # fmt: skip


def _write(wanted: set[str], at: dict[str, str], driving: Driving, speech: Speech) -> None:
    """What the command asks for, as files."""
    fps = driving.motion.fps
    sound: dict[str, Any] = {"audio": speech.samples, "rate": speech.rate}
    if "portrait" in wanted:
        write_image(at["portrait"], driving.picture)
    if "driving" in wanted:
        h, w = driving.frames.shape[1:3]
        write_video(at["driving"], driving.frames, (w, h), fps=fps, **sound)
    if "face" in wanted:
        write_video(at["face"], driving.faces(_FACE), (_FACE, _FACE), fps=fps, **sound)
    if "pose" in wanted:
        h, w = driving.frames.shape[1:3]
        write_video(at["pose"], driving.poses(), (w, h), fps=fps)
    if "motion" in wanted:
        registry.load("head:embedded").export_motion(driving.motion, at["motion"])
    if "audio" in wanted:
        write_audio(at["audio"], speech.samples, speech.rate)


def _fitting(frames: Iterable[U8], count: int, name: str) -> list[U8]:
    """As many frames as the driver has, nearest in time, of one even size. Raises InputError."""
    made: list[Any] = [np.asarray(f) for f in frames]
    if not made:
        raise InputError(f"{name} made no frames")
    first = made[0].shape
    if any(f.ndim != 3 or f.shape[2] != 3 or f.dtype != np.uint8 or f.shape != first for f in made):
        raise InputError(f"{name} must make uint8 frames [h, w, 3] of one size; got {made[0].dtype} {list(first)} …")
    h, w = first[0] // 2 * 2, first[1] // 2 * 2
    if (h, w) != first[:2]:
        made = [cv2.resize(f, (w, h), interpolation=cv2.INTER_AREA) for f in made]
    return [made[i] for i in np.linspace(0, len(made) - 1, count).round().astype(int)]
