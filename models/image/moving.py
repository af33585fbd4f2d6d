"""Moving pictures: one place through time, its light and weather led along an emotion curve."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from genstudio.arguments import number
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import InputError
from genstudio.protocols import Film

if TYPE_CHECKING:
    from genstudio.protocols import U8

    from .engine import ImageModel
    from .scene import Scene

SECONDS = (0.1, 60.0)
FPS = (1.0, 60.0)
_KEYS_A_SECOND = 1.0  # moods drawn by the network along a changing curve; blended in OKLab between them
_MOST_KEYS = 24


def film(
    engine: ImageModel, prompt: str, emotion: Emotion | EmotionCurve, size: tuple[int, int], seconds: float, fps: float,
    seed: int, progress: Callable[[float], None] | None, options: Mapping[str, Any],
) -> Film:  # fmt: skip
    """Compose once, draw the moods of the curve's keys in that place, and paint frames when they are asked for."""
    from .compose.codec import scene_of

    for name, value, (low, high) in (("seconds", seconds, SECONDS), ("fps", fps, FPS)):
        number(name, value, low, high)
    if size[0] % 2 or size[1] % 2:
        raise InputError(f"a moving picture has even sides; got {size[0]} x {size[1]}")
    for name in ("base", "keep", "scene"):
        if options.get(name) is not None:
            raise InputError(f"a moving picture does not take {name}")
    style = options.get("style", "oil")
    curve = emotion if isinstance(emotion, EmotionCurve) else EmotionCurve.constant(emotion)
    times = _keys(curve, seconds)
    given = {k: v for k, v in options.items() if k != "style"}
    layout, mood, info = engine.draw(prompt, curve.at(0.0), seed=seed, **given)
    scenes = [scene_of(layout, mood, seed)]
    for i, t in enumerate(times[1:]):
        _, mood, _ = engine.draw(prompt, curve.at(t), seed=seed, layout=layout, **given)
        scenes.append(scene_of(layout, mood, seed))
        if progress is not None:
            progress(0.1 * (i + 1) / len(times))
    count = max(1, round(seconds * fps))
    changing = curve if len(times) > 1 else None
    frames = partial(_frames, scenes, times, count, fps, size, seed, style, progress)  # can be pickled
    return Film(
        frames, count, size, fps, prompt, curve.mean(), changing, seed, {**info, "style": style, "keys": len(times)}
    )


def _frames(
    scenes: Sequence[Scene], times: Sequence[float], count: int, fps: float, size: tuple[int, int], seed: int,
    style: str, progress: Callable[[float], None] | None,
) -> Iterator[U8]:  # fmt: skip
    """`count` frames, the mood of each between those of the scenes at `times` (seconds)."""
    from .painter import paint
    from .scene import blend

    for n in range(count):
        when = n / fps
        k = int(np.clip(np.searchsorted(times, when, "right") - 1, 0, max(len(times) - 2, 0)))
        scene = scenes[k]
        if len(times) > 1:
            part = min(max((when - times[k]) / (times[k + 1] - times[k]), 0.0), 1.0)
            scene = scene.with_mood(blend([scenes[k].mood, scenes[k + 1].mood], [1 - part, part]))
        yield np.ascontiguousarray(paint(scene, size=size, seed=seed, style=style, when=when), dtype=np.uint8)
        if progress is not None:
            progress(0.1 + 0.9 * (n + 1) / count)


def _keys(curve: EmotionCurve, seconds: float) -> list[float]:
    """Times at which moods are drawn: evenly when the emotion changes within the film, else the start alone."""
    if len(curve.times) == 1 or curve.times[0] >= seconds:
        return [0.0]
    count = int(np.clip(round(seconds * _KEYS_A_SECOND) + 1, 3, _MOST_KEYS))
    return [float(t) for t in np.linspace(0, seconds, count)]
