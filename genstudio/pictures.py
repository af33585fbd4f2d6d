"""The Studio's ways with pictures beyond one still: sheets over emotions, variations, moving pictures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genstudio import scoring
from genstudio.arguments import number, path_of, plain_numbers, sides, whole
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import InputError
from genstudio.media.files import file_sha256
from genstudio.media.image import read_image
from genstudio.protocols import Picture
from genstudio.sidecar import read_sidecar

if TYPE_CHECKING:
    from genstudio.protocols import U8
    from genstudio.take import Take

MOST_CELLS = 100
_REACH = 0.9  # how far a grid goes toward the corners of the plane
_GAP = 4  # pixels between the cells of a sheet
_NOT_OPTIONS = ("prompt", "size", "emotion", "seed", "takes", "emotion_understood")


class Pictures:
    """What `Studio` inherits. `paint`, `engine` and the making of takes are the Studio's."""

    if TYPE_CHECKING:
        _score: bool
        paint: Callable[..., Take]
        engine: Callable[[str], Any]
        _make: Callable[..., Take]
        _emotion: Callable[..., Emotion]
        _report: Callable[[str], Callable[[float], None] | None]

    def film(
        self, prompt: str, emotion: Emotion | EmotionCurve | str | None = None, *, to: Emotion | str | None = None,
        intensity: float | None = None, size: int | tuple[int, int] = 256, seconds: float = 4.0, fps: float = 12.0,
        seed: int | None = None, takes: int = 1, **options: Any,
    ) -> Take:  # fmt: skip
        """A moving picture: one place in which water, clouds and leaves move; silent.

        to: the emotion into which it passes over the whole length; or give an EmotionCurve (seconds). Read back as the
        mean over its frames. Raises InputError, also when the engine makes no moving pictures.
        """
        lasting = number("seconds", seconds, 0, math.inf)
        options = plain_numbers({"seconds": lasting, "fps": fps, **options})
        engine = self.engine("image")
        if not hasattr(engine, "film"):
            raise InputError(f"the image engine '{engine.name}' makes no moving pictures; the embedded one does")
        if isinstance(emotion, EmotionCurve):
            if to is not None:
                raise InputError("give either a curve or an emotion to pass into, not both")
            asked: Emotion | EmotionCurve = emotion
        else:
            start = self._emotion(emotion, intensity, prompt)
            asked = start if to is None else EmotionCurve.keyframes(
                {0.0: start, lasting: self._emotion(to, intensity, prompt)}
            )  # fmt: skip
        mean = asked.mean() if isinstance(asked, EmotionCurve) else asked
        width, height = sides(size)
        if not isinstance(prompt, str) or not prompt.strip():
            raise InputError("a prompt is needed, such as 'a quiet lake'")
        call = {"prompt": prompt, "size": [width, height], **options}
        return self._make(
            "film", "image", call, asked, mean, seed, takes,
            lambda s, p: engine.film(prompt, asked, size=(width, height), seed=s, progress=p, **options),
        )  # fmt: skip

    def vary(
        self, picture: str | Path, keep: str = "world", emotion: Emotion | str | None = None, *, prompt: str | None = None,
        seed: int | None = None, takes: int = 1, **options: Any,
    ) -> Take:  # fmt: skip
        """Another picture from one that was made: `keep='world'` gives the same place new light and weather, 'light' the same
        light another place.

        picture: a picture or its sidecar. Emotion and prompt are the picture's own unless given.
        """
        picture = path_of(picture, "a picture to vary")
        content = read_sidecar(picture)
        if content.get("kind") != "paint":
            raise InputError(f"'{picture.name}' is not a painted picture; only those can be varied")
        request = dict(content["request"])
        kept = next((t["seed"] for t in content.get("takes") or [] if t.get("kept")), request["seed"])
        old = {k: v for k, v in request.items() if k not in _NOT_OPTIONS}
        base = {"prompt": request["prompt"], "emotion": request["emotion"], "seed": kept, **old}
        base.pop("style", None)
        if "style" in old:
            options.setdefault("style", old["style"])
        feeling = emotion if emotion is not None else Emotion.from_dict(request["emotion"])
        size = options.pop("size", None) or tuple(request["size"])
        return self.paint(
            prompt or request["prompt"], feeling, size=size, seed=seed, takes=takes, base=base, keep=keep, **options
        )

    def retouch(
        self, picture: str | Path, emotion: Emotion | str | None = None, *, intensity: float | None = None,
        seed: int | None = None, takes: int = 1, **options: Any,
    ) -> Take:  # fmt: skip
        """Change the mood of a given picture: light, palette, sky, air and weather; what it shows stays where it is.

        options: strength (0..1.5), style ('photo', or one of the painter's). Pictures are reduced to 2048 pixels.
        """
        options = plain_numbers(options)
        engine = self.engine("image")
        if not hasattr(engine, "retouch"):
            raise InputError(f"the image engine '{engine.name}' does not retouch pictures; the embedded one does")
        picture = path_of(picture, "a picture to retouch")
        pixels = read_image(picture)
        asked = self._emotion(emotion, intensity, "")
        call = {"image": str(picture), "image_sha256": file_sha256(picture), **options}
        return self._make(
            "retouch", "image", call, asked, asked, seed, takes,
            lambda s, p: engine.retouch(pixels, asked, seed=s, **options),
        )  # fmt: skip

    def grid(
        self, prompt: str, shape: tuple[int, int] = (5, 5), *, size: int | tuple[int, int] = 256, seed: int | None = None,
        **options: Any,
    ) -> Take:  # fmt: skip
        """A sheet over the valence-arousal plane: valence grows to the right, arousal upward, one seed throughout.

        shape: columns, rows. Every cell is read back; `info['cells']` holds requested and read, `info['spearman']` how
        well they agree in order.
        """
        if not isinstance(shape, Sequence) or len(shape) != 2:
            raise InputError(f"a grid is a pair (columns, rows); got {shape!r}")
        columns, rows = (whole("a side of a grid", n, 1, MOST_CELLS) for n in shape)
        if columns * rows < 2 or columns * rows > MOST_CELLS:
            raise InputError(f"a grid has 2 to {MOST_CELLS} cells; got {columns} x {rows}")
        v, a = (np.linspace(-_REACH, _REACH, n) if n > 1 else np.zeros(1) for n in (columns, rows))
        emotions = [[Emotion.from_vad(float(x), float(y), None) for x in v] for y in a[::-1]]
        return self._sheet(prompt, emotions, {"grid": [columns, rows]}, size, seed, Emotion.neutral(), options)

    def strip(
        self, prompt: str, emotion: Emotion | str, to: Emotion | str, count: int = 7, *,
        intensity: float | None = None, size: int | tuple[int, int] = 256, seed: int | None = None, **options: Any,
    ) -> Take:  # fmt: skip
        """A strip in which one place passes from one emotion into another, both ends included and of one intensity."""
        count = whole("the number of pictures of a strip", count, 2, MOST_CELLS)
        start, end = self._emotion(emotion, intensity, prompt), self._emotion(to, intensity, prompt)
        steps = [start.interpolate(end, i / (count - 1)) for i in range(count)]
        call = {"strip": {"from": start.to_dict(), "to": end.to_dict(), "count": count}}
        return self._sheet(prompt, [steps], call, size, seed, start, options)

    def _sheet(
        self, prompt: str, emotions: Sequence[Sequence[Emotion]], call: Mapping[str, Any],
        size: int | tuple[int, int], seed: int | None, asked: Emotion, options: Mapping[str, Any],
    ) -> Take:  # fmt: skip
        width, height = sides(size)
        options = plain_numbers(options)
        engine = self.engine("image")
        given = dict(options)
        if engine.name == "embedded" and "place" not in given:  # one place under all of them
            given["place"] = asked.to_dict()

        def run(s: int, progress: Callable[[float], None] | None) -> Picture:
            total = sum(map(len, emotions))
            cells: list[dict[str, Any]] = []
            rows = []
            for line in emotions:
                row = []
                for e in line:
                    picture = engine(prompt, e, size=(width, height), seed=s, **given)
                    row.append(picture.pixels)
                    cells.append({"requested": e.to_dict(), "read": self._cell(picture, e)})
                    if progress is not None:
                        progress(len(cells) / total)
                rows.append(row)
            info = {"cells": cells, "spearman": _orders(cells)}
            return Picture(mosaic(rows), prompt, asked, s, None, info)

        whole = {"prompt": prompt, "size": [width, height], **call, **options}
        return self._make(
            "sheet", "image", whole, asked, asked, seed, 1, run, unread="every cell is read for itself: made.info.cells"
        )

    def _cell(self, picture: Picture, target: Emotion) -> dict[str, Any] | None:
        if not self._score:
            return None
        r = scoring.read_picture(picture.pixels, target)
        return {
            "valence": r.valence, "arousal": r.arousal, "distance": r.distance, "recogniser": r.recogniser,
            "ceiling": r.ceiling.value,
        }  # fmt: skip


def mosaic(rows: Sequence[Sequence[U8]]) -> U8:
    """Pictures of one size, uint8 [h, w, 3], side by side on a dark ground."""
    h, w = rows[0][0].shape[:2]
    out = np.full((len(rows) * (h + _GAP) + _GAP, len(rows[0]) * (w + _GAP) + _GAP, 3), 24, np.uint8)
    for i, row in enumerate(rows):
        for j, pixels in enumerate(row):
            y, x = _GAP + i * (h + _GAP), _GAP + j * (w + _GAP)
            out[y : y + h, x : x + w] = pixels
    return out


def _orders(cells: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    """Spearman correlation of requested and read, an axis; None where nothing was read or nothing varied."""
    from scipy.stats import spearmanr

    out: dict[str, float | None] = {}
    for axis in ("valence", "arousal"):
        pairs = [(c["requested"][axis], c["read"][axis]) for c in cells if c["read"] and c["read"][axis] is not None]
        varied = len(pairs) > 2 and all(len(set(x)) > 1 for x in zip(*pairs, strict=True))
        out[axis] = round(float(spearmanr(*zip(*pairs, strict=True)).statistic), 4) if varied else None
    return out
