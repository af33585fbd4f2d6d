"""A diffusers pipeline as users name it (folder, hub id), loaded with the settings they give."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from genstudio import hub
from genstudio.errors import InputError, MissingExtraError, suggest

from .prompts import ENCODER

CALLBACK = "callback_on_step_end"
TYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def chosen(**given: Any) -> dict[str, Any]:
    """Of the options of a load those that were given: what a sidecar needs to load the same again."""
    return {k: v for k, v in given.items() if v not in (None, False, "", "auto")}


def load_pipeline(
    spec: str, *, dtype: str | None = None, device: str = "auto", scheduler: str | None = None, lora: str | None = None,
    offload: bool = False, allow_pickle: bool = False, sha256: str = "", of: str = "",
) -> tuple[Any, Path]:  # fmt: skip
    """The pipeline, quiet and on its device, and the folder it came from.

    dtype: 'float32', 'float16' or 'bfloat16' (half precision on a GPU by default); device: 'auto', 'cpu', 'cuda' …; scheduler: a
    diffusers class name; lora: a folder, file or hub id of LoRA weights; offload: keep on the GPU only what is at work; sha256:
    refuse other weights than of this fingerprint; of: the class it has to be. Raises InputError, MissingWeightsError, each in
    one line: no text encoder, another class, a half-downloaded folder, a pickle, too little memory.
    """
    try:
        from diffusers import DiffusionPipeline
    except ImportError:
        raise MissingExtraError("diffusers", "pretrained", f"'{spec}'") from None
    place = hub.place_of(device)
    if dtype is not None and dtype not in TYPES:
        raise InputError(f"unknown precision '{dtype}'; valid: {', '.join(TYPES)}" + suggest(dtype, tuple(TYPES)))
    kind = TYPES[dtype] if dtype else (torch.bfloat16 if place.startswith("cuda") else torch.float32)
    folder = hub.resolve(spec, allow_pickle, sha256=sha256)
    with hub.explained(spec, folder, place):
        pipeline = DiffusionPipeline.from_pretrained(
            folder, torch_dtype=kind, local_files_only=True, use_safetensors=None if allow_pickle else True
        )
    name = type(pipeline).__name__
    if of and name != of:
        raise InputError(f"'{spec}' is a {name}, not a {of}; give a folder or a hub id of that")
    if not callable(getattr(pipeline, ENCODER, None)):
        raise InputError(
            f"{name} of '{spec}' has no text encoder that can be followed ({ENCODER}); give a text-to-image model that has one"
        )
    with hub.explained(spec, folder, place):
        if scheduler:
            _schedule(pipeline, scheduler)
        if lora:
            _lora(pipeline, lora, allow_pickle)
        if offload and place != "cpu":
            pipeline.enable_model_cpu_offload(device=place)
        else:
            pipeline.to(place)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline, folder


def step_callback(
    pipeline: Any, steps: int | None, report: Callable[[float], None] | None, passes: int = 1
) -> dict[str, Any]:
    """The argument by which a pipeline tells its progress 0..1; {} where it cannot.

    steps: its own default when None; passes: how often it goes through them.
    """
    takes = inspect.signature(type(pipeline).__call__).parameters
    total = steps or (takes["num_inference_steps"].default if "num_inference_steps" in takes else None)
    if report is None or CALLBACK not in takes or not isinstance(total, int):
        return {}
    done = 0

    def told(p: Any, step: int, t: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
        nonlocal done
        done += 1
        report(min(1.0, done / (total * passes)))
        return kwargs

    return {CALLBACK: told}


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
    if not path.exists() and (hub.is_folder(spec) or path.suffix or "/" not in spec):
        raise InputError(f"there is no LoRA '{spec}'; give a .safetensors file, a folder, or a hub id 'owner/name'")
    if path.is_file() and path.suffix != ".safetensors" and not allow_pickle:
        raise InputError(
            f"'{spec}' can run code when loaded; give a .safetensors file, or --allow-pickle if you trust its maker"
        )
    if find_spec("peft") is None:
        raise MissingExtraError("peft", "pretrained", "LoRA")
    if not path.is_file():
        pipeline.load_lora_weights(
            spec, use_safetensors=None if allow_pickle else True, local_files_only=hub.offline() or path.is_dir()
        )
    else:
        pipeline.load_lora_weights(str(path.parent), weight_name=path.name)
