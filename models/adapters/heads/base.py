"""What video pipelines that animate a portrait have in common."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio import hub, registry
from genstudio.arguments import number
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import InputError, suggest
from genstudio.protocols import EmotionAdapter, Motion

from ..levers import PromptDirections, conditioned
from ..loading import chosen, load_pipeline, step_callback

if TYPE_CHECKING:
    from genstudio.protocols import U8

MAX_STRENGTH = 4.0
_PASSED = {"steps": "num_inference_steps", "text_guidance": "guidance_scale"}


class PipelineHead:
    """One diffusers video pipeline as a head engine (`genstudio.protocols.HeadEngine`).

    Options of a call, beside those of the pipeline's own `__call__` (passed through): prompt; strength of the directions in the
    prompt embeddings, 0 to 4; steps; text_guidance.
    """

    scheme: ClassVar[str]
    of: ClassVar[str]  # the diffusers class
    multiple: ClassVar[int]  # of the frames' sides, pixels
    strength: ClassVar[float]  # unless given
    prompt: ClassVar[str] = "A close-up of this person speaking to the camera, natural light, sharp focus."

    def __init__(self, pipeline: Any, spec: str, key: str, folder: Path | None = None) -> None:
        self.pipeline, self.spec, self.key = pipeline, spec, key
        self.name = f"{self.scheme}:{spec}"
        self.adapter: EmotionAdapter = PromptDirections(pipeline, key, spec)
        self.loaded: dict[str, Any] = {}  # how, for the sidecar
        self._folder = folder

    @classmethod
    def load(
        cls, spec: str, *, dtype: str | None = None, device: str = "auto", scheduler: str | None = None, lora: str | None = None,
        offload: bool = False, allow_pickle: bool = False, sha256: str = "",
    ) -> PipelineHead:  # fmt: skip
        """See `load_pipeline`. Raises InputError, MissingWeightsError."""
        how = chosen(
            dtype=dtype, device=device, scheduler=scheduler, lora=lora, offload=offload, allow_pickle=allow_pickle, sha256=sha256
        )  # fmt: skip
        pipeline, folder = load_pipeline(spec, of=cls.of, **how)
        engine = cls(pipeline, spec, hub.fingerprint(folder), folder)
        engine.loaded = how
        return engine

    def fit(
        self, force: bool = False, progress: Callable[[float], None] | None = None, **how: Any
    ) -> dict[str, Any]:  # fmt: skip
        """Fit (or read from the cache) the directions of the prompt embeddings; their measured effect, JSON-ready."""
        found = self.adapter.fit(force=force, progress=progress, **how)
        return {"engine": self.name, "lever": self.adapter.lever, **found}

    def portraits(self) -> dict[str, Path]:
        """Those of the embedded head."""
        return dict(registry.load("head:embedded").portraits())

    def export_motion(self, motion: Motion, path: Path | str) -> int:
        """As the embedded head writes it. Raises InputError where this engine knows no motion."""
        if not motion.channels:
            raise InputError(f"{self.name} has no motion to write; give its video to --drive of the embedded head")
        return int(registry.load("head:embedded").export_motion(motion, path))

    # inside

    def _split(self, options: Mapping[str, Any], driver: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Options for the pipeline, by its own names, and for the driver. Raises InputError."""
        takes = inspect.signature(type(self.pipeline).__call__).parameters
        given, driving = {}, {}
        for key, value in options.items():
            name = _PASSED.get(key, key)
            if key in driver:
                driving[key] = value
            elif name in takes and name not in ("self", "prompt"):
                given[name] = value
            else:
                valid = ["prompt", "strength", *_PASSED, *driver, *(k for k in takes if k != "self")]
                raise InputError(f"{self.name} takes no '{key}'" + suggest(key, valid))
        return given, driving

    def _run(
        self, prompt: str, emotion: Emotion | EmotionCurve, strength: float, given: dict[str, Any], seed: int,
        progress: Callable[[float], None] | None, passes: int = 1,
    ) -> tuple[Any, dict[str, Any]]:  # fmt: skip
        """The pipeline's output, and the info of it. passes: how often it goes through its steps."""
        strength = number("strength", strength, 0, MAX_STRENGTH)
        mean = emotion.mean() if isinstance(emotion, EmotionCurve) else emotion
        device = getattr(self.pipeline, "_execution_device", torch.device("cpu"))
        call: dict[str, Any] = {"generator": torch.Generator(device).manual_seed(seed), "output_type": "np", **given}
        call = step_callback(self.pipeline, call.get("num_inference_steps"), progress, passes) | call
        with (
            hub.explained(self.spec, self._folder, str(device)),
            conditioned(self.pipeline, [prompt], self.adapter, mean, strength) as (said, shifts),
        ):
            made = self.pipeline(**said, **call)
        return made, {
            "engine": self.name, "strength": strength, "moved": shifts, "prompt_said": prompt, "passed": sorted({*said, *call}),
            "loaded": self.loaded,
        }  # fmt: skip


def pixels_of(video: NDArray[np.floating], count: int) -> list[U8]:
    """float [n, h, w, 3] in 0..1 as uint8 frames, the first `count` of them."""
    return [np.asarray((f.clip(0, 1) * 255).round(), np.uint8) for f in video[:count]]
