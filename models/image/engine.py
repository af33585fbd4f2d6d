"""The embedded image engine: the composer draws up a scene, the painter paints it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genstudio.arguments import choice, number, whole
from genstudio.errors import InputError, MissingWeightsError, suggest
from genstudio.protocols import Picture
from genstudio.threads import one_thread

if TYPE_CHECKING:
    from genstudio.emotion import Emotion, EmotionCurve
    from genstudio.protocols import F32, U8, Film

    from .compose.layout import Layout
    from .compose.pipeline import ScenePipeline
    from .scene import Scene

log = logging.getLogger(__name__)
WEIGHTS = Path(__file__).parent / "weights"
OPTIONS = (
    "steps",
    "text_guidance",
    "emotion_guidance",
    "negative_prompt",
    "style",
    "scene",
    "composer",
    "keep",
    "place",
    "base",
)
COMPOSERS = ("learned", "rules")
KEEPS = ("world", "light")
MOST_WORDS = 2000  # characters of a prompt


class ImageModel:
    """`ImageEngine` by the name 'embedded'. Build it with `load()`; weights are read at the first picture."""

    name = "embedded"

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._weights = weights
        self._pipeline: ScenePipeline | None = None

    @classmethod
    def load(cls, weights: Path | str = WEIGHTS) -> ImageModel:
        """The engine over a save_pretrained folder."""
        return cls(Path(weights))

    @property
    def pipeline(self) -> ScenePipeline:
        """The diffusion pipeline, loaded when first asked for."""
        if self._pipeline is None:
            self._pipeline = load_pipeline(self._weights)
        return self._pipeline

    def __call__(
        self, prompt: str, emotion: Emotion, *, size: tuple[int, int] = (256, 256), seed: int = 0,
        progress: Callable[[float], None] | None = None, **options: Any,
    ) -> Picture:  # fmt: skip
        """Paint a prompt with an emotion.

        size: width, height in pixels. seed: fixes everything. Options: steps (10), text_guidance (1.6),
        emotion_guidance (1.4), negative_prompt, style ('oil'), composer ('learned', or 'rules': the training samplers
        instead of the networks), scene (a scene as JSON mapping: painted as it is, prompt and emotion are only
        recorded), place (an emotion, its expression or `to_dict` form: the place is composed as for this one, and only
        light, weather and season follow `emotion`, so that one place changes its mood), base with keep (another
        picture's request as a mapping of prompt, emotion, seed and options: 'world' keeps its place under new light,
        'light' its light over a new place; 'world' works with `scene` too).
        """
        from .painter import paint
        from .scene import Scene

        _check(prompt, size, options)
        style = options.get("style", "oil")
        began = time.perf_counter()
        info: dict[str, Any] = {"style": style}
        given = options.get("scene")
        if given is not None:
            scene = given if isinstance(given, Scene) else Scene.from_json(given)
            if options.get("keep") == "world":
                scene = scene.with_mood(_recipe(emotion, seed))
        else:
            scene, more = self.compose(prompt, emotion, seed=seed, progress=progress, **options)
            info |= more
        composed = time.perf_counter()
        if progress is not None:
            progress(0.4)
        pixels = np.ascontiguousarray(paint(scene, size=size, seed=seed, style=style), dtype=np.uint8)
        if progress is not None:
            progress(1.0)
        info["seconds"] = {"compose": round(composed - began, 3), "paint": round(time.perf_counter() - composed, 3)}
        return Picture(pixels, prompt, emotion, seed, scene.to_json(), info)

    def compose(
        self,
        prompt: str,
        emotion: Emotion,
        *,
        seed: int = 0,
        progress: Callable[[float], None] | None = None,
        **options: Any,
    ) -> tuple[Scene, dict[str, Any]]:
        """The scene of a prompt, and what was understood, without painting it."""
        from .compose.codec import scene_of

        base = options.get("base")
        if base is None:
            layout, mood, info = self.draw(prompt, emotion, seed=seed, progress=progress, **options)
            return scene_of(layout, mood, seed), info
        before = dict(base)
        first = int(before.pop("seed"))
        world, light, _ = self.draw(before.pop("prompt"), _emotion(before.pop("emotion")), seed=first, **before)
        if options.get("keep", "world") == "world":
            _, mood, info = self.draw(prompt, emotion, seed=seed, progress=progress, layout=world, **options)
            return scene_of(world, mood, first), info
        layout, _, info = self.draw(prompt, emotion, seed=seed, progress=progress, **options)
        return scene_of(layout, light, seed), info

    def draw(
        self,
        prompt: str,
        emotion: Emotion,
        *,
        seed: int = 0,
        layout: Layout | None = None,
        progress: Callable[[float], None] | None = None,
        **options: Any,
    ) -> tuple[Layout, F32, dict[str, Any]]:
        """A place, its mood (float32 [VECTOR]) and what was understood. layout: keep this place, draw the mood alone."""
        import torch

        from .compose.indoors import outside

        seen = outside(prompt)
        if seen is not None:  # a room: the place before its window
            layout, mood, info = self.draw(seen, emotion, seed=seed, layout=layout, progress=progress, **options)
            layout.values["room"] = 1.0
            return layout, mood, info | {"room": seen}
        if options.get("composer", "learned") == "rules":
            drawn, mood, info = self._by_rules(prompt, emotion, seed)
            return layout or drawn, mood, info
        steps = int(options.get("steps", 10))

        def said(stage: str, step: int, count: int) -> None:
            if progress is not None:
                progress(0.4 * (("plan", "maps", "objects", "mood").index(stage) + step / count) / 4)

        place = options.get("place")
        with one_thread():
            out = self.pipeline(
                prompt,
                emotion,
                place=_emotion(place) if place is not None else None,
                layouts=[layout] if layout is not None else None,
                steps=steps,
                text_guidance=float(options.get("text_guidance", 1.6)),
                emotion_guidance=float(options.get("emotion_guidance", 1.4)),
                negative_prompt=options.get("negative_prompt"),
                generator=torch.Generator("cpu").manual_seed(seed),
                callback=said,
            )
        understood = self._understood(prompt, *out.nearest[0])
        return out.layouts[0], out.moods[0], {"understood": understood, "composer": "learned", "steps": steps}

    def film(
        self, prompt: str, emotion: Emotion | EmotionCurve, *, size: tuple[int, int] = (256, 256), seconds: float = 4.0,
        fps: float = 12.0, seed: int = 0, progress: Callable[[float], None] | None = None, **options: Any,
    ) -> Film:  # fmt: skip
        """A moving picture: one place, in which water, clouds, weather and leaves move, and whose mood follows the curve.

        size: even numbers of pixels. seconds: 0.1..60. fps: 1..60. Options as for a still (no base, no keep).
        Frames are painted when asked for, about half a second each at 256 pixels.
        """
        from .moving import film

        _check(prompt, size, options)
        return film(self, prompt, emotion, size, seconds, fps, seed, progress, options)

    def retouch(
        self, pixels: U8, emotion: Emotion, *, seed: int = 0, strength: float = 1.0, style: str = "photo"
    ) -> Picture:
        """A given picture, uint8 [h, w, 3], in the mood of an emotion, its structure kept; see `retouch.retouch`."""
        from .painter.styles import STYLES
        from .retouch import retouch

        strength = number("strength", strength, 0, 1.5)
        choice("style", style, ("photo", *STYLES))
        out, done = retouch(pixels, emotion, seed, strength, style)
        return Picture(out, "", emotion, seed, None, done)

    def _by_rules(self, prompt: str, emotion: Emotion, seed: int) -> tuple[Layout, F32, dict[str, Any]]:
        from .compose.bank import painted_vad
        from .compose.sampler import sample
        from .compose.understand import spec_of

        spec, subject, similarity = spec_of(self.pipeline.text, prompt)
        layout, mood = sample(spec, painted_vad(emotion), seed)
        understood = self._understood(prompt, subject, similarity)
        return layout, mood, {"understood": understood, "composer": "rules", "steps": 0}

    def _understood(self, prompt: str, subject: str, similarity: float) -> dict[str, Any]:
        known = similarity >= self.pipeline.text.config.threshold
        out: dict[str, Any] = {"subject": subject, "similarity": round(similarity, 3), "known": known}
        if not known:
            out["warning"] = (
                f"'{_short(prompt)}' lies outside what this engine can show (nearest: {subject}, similarity {similarity:.2f}); "
                "the nearest was painted. An engine over a pretrained text-to-image model can show it: see `genstudio engines`"
            )
            log.warning("%s", out["warning"])
        return out


def load_pipeline(folder: Path) -> ScenePipeline:
    """The shipped ScenePipeline in float32, strictly from safetensors."""
    if not (folder / "model_index.json").is_file():
        raise MissingWeightsError(
            f"weights of the image composer are missing in {folder}; reinstall genstudio, or train them (see the card)"
        )
    from .compose.loading import read_pipeline

    return read_pipeline(folder)


def _emotion(value: Emotion | str | Mapping[str, Any]) -> Emotion:
    from genstudio.emotion import Emotion

    if isinstance(value, Emotion):
        return value
    return Emotion.parse(value) if isinstance(value, str) else Emotion.from_dict(value)


def _recipe(emotion: Emotion, seed: int) -> Any:
    from .compose.bank import painted_vad
    from .scene import mood_for

    return mood_for(*painted_vad(emotion), seed=seed)


def _check(prompt: str, size: tuple[int, int], options: Mapping[str, Any]) -> None:
    for name in options:
        if name not in OPTIONS:
            raise InputError(
                f"the image engine has no option '{name}'{suggest(name, OPTIONS) or '; valid: ' + ', '.join(OPTIONS)}"
            )
    if not isinstance(prompt, str) or (not prompt.strip() and options.get("scene") is None):
        raise InputError("the prompt is empty; say what the picture shows, for example 'a lake'")
    if len(prompt) > MOST_WORDS:
        raise InputError(f"the prompt has {len(prompt)} characters; at most {MOST_WORDS} are read")
    width, height = size
    if not (32 <= width <= 4096 and 32 <= height <= 4096):
        raise InputError(f"size is {width} x {height}; each side must lie in 32..4096 pixels")
    whole("steps", options.get("steps", 10), 1, 200)
    for name in ("text_guidance", "emotion_guidance"):
        number(name, options.get(name, 1.0), 0, 10)
    against = options.get("negative_prompt")
    if against is not None and not isinstance(against, str):
        raise InputError(f"negative_prompt is {against!r}; say in words what to move away from")
    choice("keep", options.get("keep", "world"), KEEPS)
    if options.get("keep") is not None and options.get("base") is None and options.get("scene") is None:
        raise InputError("keep says what of another picture stays; give that picture as base, or its scene")
    choice("composer", options.get("composer", "learned"), COMPOSERS)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
