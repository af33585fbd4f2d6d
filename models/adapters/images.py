"""`DiffusersImage`: every diffusers text-to-image pipeline, following an emotion by directions in its prompt embeddings."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from genstudio import hub
from genstudio.emotion import Emotion
from genstudio.errors import InputError, suggest
from genstudio.protocols import Picture

from .directions import Directions
from .fitting import fit_prompts, kept
from .prompts import ENCODER, calls_encoder, encode, encoding, moved
from .texts import ATTRIBUTES, enriched

_OWN = ("strength", "emotion_guidance", "enrich", "steps", "text_guidance", "image", "mask", "denoise")
_CALLBACK = "callback_on_step_end"
_TYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
MAX_STRENGTH = 4.0


class DiffusersImage:
    """One pipeline and its directions. Options of a call, beside those the pipeline's own `__call__` takes (passed through):

    strength (also `emotion_guidance`, its name in the studio): 0 (the plain pipeline, bit for bit) to 4, 1 by default; enrich:
    True or attribute names, adds EmoSet-like words to the prompt; steps; text_guidance: classifier-free guidance scale; image,
    mask, denoise: img2img and inpainting where the pipeline's family has them.
    """

    def __init__(self, pipeline: Any, spec: str, key: str) -> None:
        self.pipeline, self.spec, self.key = pipeline, spec, key
        self.name = f"diffusers:{spec}"
        self._directions: dict[str, Directions] | None = None
        self._other: dict[str, Any] = {}
        if not callable(getattr(pipeline, ENCODER, None)):
            raise InputError(
                f"{type(pipeline).__name__} of '{spec}' has no text encoder: it makes no pictures from a prompt; "
                "give a text-to-image model"
            )

    @classmethod
    def load(
        cls, spec: str, *, dtype: str | None = None, device: str = "auto", scheduler: str | None = None, lora: str | None = None,
        offload: bool = False, allow_pickle: bool = False, sha256: str = "",
    ) -> DiffusersImage:  # fmt: skip
        """spec: a folder that `save_pretrained` wrote, or a hub id in the cache or to fetch.

        dtype: 'float32', 'float16' or 'bfloat16' (half precision on a GPU by default); scheduler: a diffusers class name; lora:
        a folder or hub id of LoRA weights; offload: keep on the GPU only what is at work. Raises InputError, MissingWeightsError.
        """
        from diffusers import DiffusionPipeline

        place = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
        if dtype is not None and dtype not in _TYPES:
            raise InputError(f"unknown precision '{dtype}'; valid: {', '.join(_TYPES)}")
        kind = _TYPES[dtype] if dtype else (torch.bfloat16 if place.startswith("cuda") else torch.float32)
        folder = hub.resolve(spec, allow_pickle, sha256=sha256)
        with hub.explained(spec, folder, place):
            pipeline = DiffusionPipeline.from_pretrained(
                folder, torch_dtype=kind, local_files_only=True, use_safetensors=None if allow_pickle else True
            )
            if scheduler:
                _schedule(pipeline, scheduler)
            if lora:
                _lora(pipeline, lora, allow_pickle)
            if offload and place != "cpu":
                pipeline.enable_model_cpu_offload()
            else:
                pipeline.to(place)
        pipeline.set_progress_bar_config(disable=True)
        return cls(pipeline, spec, hub.fingerprint(folder))

    # directions

    def fit(self, force: bool = False, progress: Any = None) -> dict[str, Any]:
        """Fit (or read from the cache) the directions; returns their measured effect, JSON-ready."""
        found, known = kept(self.key, lambda: fit_prompts(self.pipeline, progress=progress), force, about=self.spec)
        self._directions = found
        return {
            "engine": self.name,
            "fingerprint": self.key,
            "cached": known,
            **{k: v.report() for k, v in found.items()},
        }

    @property
    def directions(self) -> dict[str, Directions]:
        """By the name of the embedding they belong to."""
        if self._directions is None:
            self.fit()
        assert self._directions is not None
        return self._directions

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
        strength = float(own.get("strength", own.get("emotion_guidance", 1.0)))
        if not 0 <= strength <= MAX_STRENGTH:
            raise InputError(f"strength must lie within 0 to {MAX_STRENGTH:g}; got {strength:g}")
        texts = [str(p) for p in prompts]
        if len(texts) == 1 and len(seeds) > 1:
            texts = texts * len(seeds)
        if len(seeds) != len(texts):
            raise InputError(f"as many seeds as prompts are needed; got {len(seeds)} for {len(texts)}")
        said = [self._said(t, emotion, own.get("enrich", False)) for t in texts]
        pipeline = self._pipeline(own)
        given = self._arguments(pipeline, own, options, size, seeds, progress)
        offsets = self._offsets(emotion, strength)
        with hub.explained(self.spec, None, str(getattr(pipeline, "_execution_device", "cpu"))), _explained(size):
            images, passed = self._run(pipeline, said, given, offsets)
        about = {
            "engine": self.name, "lever": "directions" if offsets else "none", "strength": strength, "moved": passed,
            "prompt_said": said[0], "understood": {"note": ""},
        }  # fmt: skip
        return [
            Picture(np.asarray(image.convert("RGB"), np.uint8), text, emotion, seed, None, {**about, "prompt_said": s})
            for image, text, s, seed in zip(images, texts, said, seeds, strict=True)
        ]

    def _said(self, text: str, emotion: Emotion, enrich: bool | Sequence[str]) -> str:
        if not enrich:
            return text
        return enriched(text, emotion) if enrich is True else enriched(text, emotion, _known(enrich))

    def _offsets(self, emotion: Emotion, strength: float) -> dict[str, torch.Tensor]:
        """Offset [n] of every embedding; {} when nothing is to be moved."""
        if strength == 0 or emotion.vad == Emotion.neutral().vad:
            return {}
        return {name: torch.from_numpy(d.offset(emotion, strength)) for name, d in self.directions.items()}

    def _run(
        self, pipeline: Any, said: list[str], given: dict[str, Any], offsets: dict[str, torch.Tensor]
    ) -> tuple[list[Any], dict[str, float]]:
        prompt = said if len(said) > 1 else said[0]
        passed: dict[str, float] = {}
        takes = inspect.signature(type(pipeline).__call__).parameters
        if not offsets and "prompt" in takes:
            return pipeline(prompt=prompt, **given).images, passed

        def change(name: str, value: Any, mask: Any) -> Any:
            if name not in offsets:
                return value
            passed[name] = round(float(offsets[name].norm()), 4)
            return moved(value, offsets[name], mask)

        if calls_encoder(pipeline):
            with encoding(pipeline, said, change):
                return pipeline(prompt=prompt, **given).images, passed
        takes = inspect.signature(type(pipeline).__call__).parameters
        ready = {
            name: change(name, value, mask) for name, (value, mask) in encode(pipeline, said).items() if name in takes
        }
        return pipeline(**ready, **given).images, passed

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
        if progress is not None and _CALLBACK in takes and _CALLBACK not in options:
            total = steps or takes["num_inference_steps"].default

            def told(p: Any, step: int, t: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
                progress(min(1.0, (step + 1) / total))
                return kwargs

            given[_CALLBACK] = told
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


def _schedule(pipeline: Any, name: str) -> None:
    import diffusers

    found = getattr(diffusers, name, None)
    if found is None or not hasattr(found, "from_config"):
        valid = [n for n in dir(diffusers) if n.endswith("Scheduler")]
        raise InputError(f"diffusers has no scheduler '{name}'" + suggest(name, valid))
    pipeline.scheduler = found.from_config(pipeline.scheduler.config)


def _lora(pipeline: Any, spec: str, allow_pickle: bool) -> None:
    if not hasattr(pipeline, "load_lora_weights"):
        raise InputError(f"{type(pipeline).__name__} takes no LoRA weights")
    path = Path(spec)
    if path.is_file() and path.suffix != ".safetensors" and not allow_pickle:
        raise InputError(
            f"'{spec}' can run code when loaded; give a .safetensors file, or allow it with --allow-pickle"
        )
    pipeline.load_lora_weights(
        str(path.parent) if path.is_file() else spec, **({"weight_name": path.name} if path.is_file() else {})
    )


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
