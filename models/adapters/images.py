"""`DiffusersImage`: every diffusers text-to-image pipeline, following an emotion by directions in its prompt embeddings."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from genstudio import hub
from genstudio.arguments import number
from genstudio.emotion import Emotion
from genstudio.errors import InputError, suggest
from genstudio.protocols import EmotionAdapter, Picture

from .levers import PromptDirections, conditioned
from .loading import chosen, load_pipeline, step_callback
from .mapping import PromptMapping
from .pictures import default_strength, measure
from .texts import ATTRIBUTES, enriched

_OWN = ("strength", "emotion_guidance", "enrich", "steps", "text_guidance", "image", "mask", "denoise")
MAX_STRENGTH = 4.0


class DiffusersImage:
    """One pipeline and its directions. Options of a call, beside those the pipeline's own `__call__` takes (passed through):

    strength (also `emotion_guidance`, its name in the studio): 0 (the plain pipeline, bit for bit) to 4, by default what `fit`
    found to suit these weights, else 1; enrich:
    True or attribute names, adds EmoSet-like words to the prompt; steps; text_guidance: classifier-free guidance scale; image,
    mask, denoise: img2img and inpainting where the pipeline's family has them.
    """

    def __init__(
        self, pipeline: Any, spec: str, key: str, adapter: EmotionAdapter | None = None, folder: Path | None = None
    ) -> None:  # fmt: skip
        self.pipeline, self.spec, self.key = pipeline, spec, key
        self.name = f"diffusers:{spec}"
        self.adapter = adapter if adapter is not None else PromptDirections(pipeline, key, spec)
        self.loaded: dict[str, Any] = {}  # how, for the sidecar
        self._folder = folder
        self._other: dict[str, Any] = {}

    @classmethod
    def load(
        cls, spec: str, *, dtype: str | None = None, device: str = "auto", scheduler: str | None = None, lora: str | None = None,
        offload: bool = False, allow_pickle: bool = False, sha256: str = "", mapping: str | None = None,
    ) -> DiffusersImage:  # fmt: skip
        """spec: a folder that `save_pretrained` wrote, or a hub id in the cache or to fetch; see `load_pipeline` for the rest.

        mapping: weights that `genstudio.models.adapters.mapping.train` wrote for this model: their network is then the lever,
        instead of directions. Raises InputError, MissingWeightsError.
        """
        how = chosen(
            dtype=dtype, device=device, scheduler=scheduler, lora=lora, offload=offload, allow_pickle=allow_pickle, sha256=sha256
        )  # fmt: skip
        pipeline, folder = load_pipeline(spec, **how)
        key = hub.fingerprint(folder)
        engine = cls(pipeline, spec, key, PromptMapping.load(mapping, key) if mapping else None, folder)
        engine.loaded = {**how, **chosen(mapping=mapping)}
        return engine

    def fit(
        self, force: bool = False, progress: Callable[[float], None] | None = None, sweep: bool | None = False,
        trial: Mapping[str, Any] | None = None, **how: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Find what the lever needs, or read it from the cache; returns its measured effect, JSON-ready.

        sweep: also choose a strength by what the pictures show (`pictures.measure`; None: unless that takes too long). trial: what
        that takes beside, such as size and steps."""
        about = {
            "engine": self.name,
            "lever": self.adapter.lever,
            **self.adapter.fit(force=force, progress=progress, **how),
        }
        return about | (measure(self, ask=sweep, progress=progress, **(trial or {})) if sweep is not False else {})

    # pictures

    def __call__(
        self, prompt: str, emotion: Emotion, *, size: tuple[int, int] = (512, 512), seed: int = 0,
        progress: Callable[[float], None] | None = None, **options: Any,
    ) -> Picture:  # fmt: skip
        """One picture; see `many` for several at once."""
        return self.many([prompt], emotion, size=size, seeds=[seed], progress=progress, **options)[0]

    def many(
        self, prompts: Sequence[str], emotion: Emotion, *, size: tuple[int, int] = (512, 512), seeds: Sequence[int] = (0,),
        progress: Callable[[float], None] | None = None, **options: Any,
    ) -> list[Picture]:  # fmt: skip
        """A batch of prompts (or one prompt repeated for several seeds), each with its own seed."""
        own = {k: options.pop(k) for k in _OWN if k in options}
        asked = own.get("strength", own.get("emotion_guidance"))
        strength = default_strength(self.key, self.adapter.lever) if asked is None else asked
        strength = number("strength", strength, 0, MAX_STRENGTH)
        texts = [str(p) for p in prompts]
        if len(texts) == 1 and len(seeds) > 1:
            texts = texts * len(seeds)
        if len(seeds) != len(texts):
            raise InputError(f"as many seeds as prompts are needed; got {len(seeds)} for {len(texts)}")
        said = [self._said(t, emotion, own.get("enrich", False)) for t in texts]
        pipeline = self._pipeline(own)
        given = self._arguments(pipeline, own, options, size, seeds, progress)
        with (
            hub.explained(self.spec, self._folder, str(getattr(pipeline, "_execution_device", "cpu"))),
            _explained(size),
        ):
            with conditioned(pipeline, said, self.adapter, emotion, strength) as (prompt, shifts):
                images = pipeline(**prompt, **given).images
        about = {
            "engine": self.name, "lever": self.adapter.lever if shifts else "none", "strength": strength, "moved": shifts,
            "passed": sorted({*prompt, *given}), "loaded": self.loaded, "understood": {"note": ""},
        }  # fmt: skip
        return [
            Picture(np.asarray(image.convert("RGB"), np.uint8), text, emotion, seed, None, {**about, "prompt_said": s})
            for image, text, s, seed in zip(images, texts, said, seeds, strict=True)
        ]

    def _said(self, text: str, emotion: Emotion, enrich: bool | Sequence[str]) -> str:
        if not enrich:
            return text
        return enriched(text, emotion) if enrich is True else enriched(text, emotion, _known(enrich))

    def _arguments(
        self, pipeline: Any, own: dict[str, Any], options: dict[str, Any], size: tuple[int, int], seeds: Sequence[int],
        progress: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """What of ours the pipeline's own signature knows, and the user's options, checked against it."""
        takes = inspect.signature(type(pipeline).__call__).parameters
        unknown = [k for k in options if k not in takes]
        if unknown:
            valid = [*_OWN, *(k for k in takes if k not in ("self", "prompt"))]
            raise InputError(f"{type(pipeline).__name__} takes no '{unknown[0]}'" + suggest(unknown[0], valid))
        device = getattr(pipeline, "_execution_device", torch.device("cpu"))
        maker = "cpu" if device.type == "mps" else device
        generators = [torch.Generator(maker).manual_seed(int(s)) for s in seeds]
        steps = own.get("steps")
        ours: dict[str, Any] = {
            "width": size[0], "height": size[1], "generator": generators if len(generators) > 1 else generators[0],
            "num_inference_steps": steps, "guidance_scale": own.get("text_guidance"), "image": own.get("image"),
            "mask_image": own.get("mask"), "strength": own.get("denoise"), "output_type": "pil",
        }  # fmt: skip
        given = {k: v for k, v in ours.items() if v is not None and k in takes}
        given = step_callback(pipeline, steps, progress) | given
        if isinstance(options.get("negative_prompt"), str) and len(seeds) > 1:
            options = {**options, "negative_prompt": [options["negative_prompt"]] * len(seeds)}
        return {**given, **options}

    def _pipeline(self, own: dict[str, Any]) -> Any:
        """The pipeline itself, or its family's img2img or inpainting one around the same parts."""
        if own.get("image") is None:
            if own.get("mask") is not None:
                raise InputError("a mask needs the image it belongs to; give both")
            return self.pipeline
        kind = "inpainting" if own.get("mask") is not None else "image2image"
        if "image" in inspect.signature(type(self.pipeline).__call__).parameters:
            return self.pipeline
        if kind not in self._other:
            from diffusers import AutoPipelineForImage2Image, AutoPipelineForInpainting

            maker = AutoPipelineForInpainting if kind == "inpainting" else AutoPipelineForImage2Image
            try:
                self._other[kind] = maker.from_pipe(self.pipeline)
            except ValueError:
                raise InputError(f"diffusers has no {kind} pipeline for {type(self.pipeline).__name__}") from None
            self._other[kind].set_progress_bar_config(disable=True)
        return self._other[kind]


def _known(attributes: Sequence[str]) -> Sequence[str]:
    chosen = [attributes] if isinstance(attributes, str) else list(attributes)
    for a in chosen:
        if a not in ATTRIBUTES:
            raise InputError(f"unknown attribute '{a}'; valid: {', '.join(ATTRIBUTES)}" + suggest(a, ATTRIBUTES))
    return chosen


@contextlib.contextmanager
def _explained(size: tuple[int, int]) -> Any:
    """What a pipeline says of sizes, as one line of ours."""
    try:
        yield
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        text = " ".join(str(error).split())
        if "divisible" in text or "height" in text or "width" in text:
            raise InputError(f"{size[0]} x {size[1]} does not suit this model: {text}") from None
        raise InputError(text) from None
