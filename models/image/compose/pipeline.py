"""ScenePipeline: prompt and emotion to a Layout and a mood, by four denoising loops: plan, maps, objects, mood."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from diffusers.pipelines.pipeline_utils import DiffusionPipeline
from torch import Tensor

from .layout import ATTR, ATTRIBUTES, GLOBALS, INTEGERS, MAX_OBJECTS, TYPE_NAMES, USED, Layout, decode_maps
from .minilm import states
from .nets import Condition, MapUNet, ObjectTransformer, VectorNet
from .settle import settle, smooth
from .text import TextProjector

if TYPE_CHECKING:
    from genstudio.emotion import Emotion

STAGES = ("plan", "maps", "objects", "mood")
#: How far each stage's noise levels are shifted toward noise (training uses the same): maps are smooth.
SHIFT = {"plan": 1.5, "maps": 4.0, "objects": 1.5, "mood": 2.5}
FAMILIAR = 0.8  # cosine similarity to a known noun above which a prompt is read as it stands
#: How much of a guidance above 1 a stage takes: maps and objects follow a plan that was guided already.
GUIDED = {"plan": 0.6, "maps": 0.0, "objects": 0.0, "mood": 1.0}
Denoise = Callable[
    [Tensor, Tensor, Condition, int], Tensor
]  # sample, time, condition, repeats of the batch -> velocity


@dataclass(frozen=True)
class ScenePipelineOutput:
    """layouts: one a prompt. moods: float32 [prompts, VECTOR]. nearest: (known subject, cosine similarity) a prompt."""

    layouts: list[Layout]
    moods: np.ndarray
    nearest: list[tuple[str, float]]


class ScenePipeline(DiffusionPipeline):
    """diffusers pipeline over scenes instead of pixels.

    The schedulers may be any diffusers scheduler that takes flow-matching velocities (FlowMatchEulerDiscreteScheduler,
    FlowMatchHeunDiscreteScheduler,
        or DPMSolverMultistepScheduler and UniPCMultistepScheduler with use_flow_sigmas=True and
    prediction_type="flow_prediction").
    """

    model_cpu_offload_seq = "plan->maps->objects->mood"  # type: ignore[assignment]

    def __init__(
        self, text: TextProjector, plan: VectorNet, maps: MapUNet, objects: ObjectTransformer, mood: VectorNet,
            scheduler: Any
    ) -> None:  # fmt: skip
        super().__init__()
        self.register_modules(text=text, plan=plan, maps=maps, objects=objects, mood=mood, scheduler=scheduler)

    @torch.inference_mode()
    def __call__(
        self,
        prompts: str | list[str],
        emotions: Emotion | list[Emotion],
        *,
        steps: int = 10,
        text_guidance: float = 1.6,
        emotion_guidance: float = 1.4,
        negative_prompt: str | None = None,
        generator: torch.Generator | list[torch.Generator] | None = None,
        layouts: list[Layout] | None = None,
        place: Emotion | list[Emotion] | None = None,
        callback: Callable[[str, int, int], None] | None = None,
    ) -> ScenePipelineOutput:
        """Compose a scene for every prompt with its emotion.

        steps: denoising steps of maps and objects; plan and mood, which cost little, take twice as many.
        text_guidance, emotion_guidance: 0 ignores, 1 as trained, more exaggerates.
        negative_prompt: what to move away from, in place of no prompt.
        generator: on the CPU; a list gives every prompt its own.
        layouts: keep these places and draw only new moods.
        place: compose the place as for this emotion; `emotions` then governs the mood alone.
        callback(stage, step, steps) after every step.
        """
        prompts = [prompts] if isinstance(prompts, str) else list(prompts)
        feelings = list(emotions) if isinstance(emotions, (list, tuple)) else [emotions] * len(prompts)
        generators = generator if isinstance(generator, list) else [generator] * len(prompts)  # type: ignore[list-item]
        condition, nearest = self._condition(prompts, feelings)
        against = self._condition([negative_prompt] * len(prompts), feelings)[0] if negative_prompt else None
        ask = _Ask(steps, text_guidance, emotion_guidance, generators, against, callback)  # type: ignore[arg-type]
        if layouts is None:
            there = condition
            if place is not None:
                scenery = list(place) if isinstance(place, (list, tuple)) else [place] * len(prompts)
                there = self._condition(prompts, scenery)[0]
            layouts = self._layouts(there, ask, [n for n, _ in nearest])
        plan = self._standard_plan(layouts)
        x = self._denoise(
            "mood", (self.mood.config.size,), condition, ask, lambda x, t, c, k: self.mood(x, t, c, plan.repeat(k, 1))
        )
        moods = (x * self.mood.spread + self.mood.mean).float().cpu().numpy()
        return ScenePipelineOutput(layouts, moods, nearest)

    # --- stages ---
    def _layouts(self, condition: Condition, ask: _Ask, subjects: list[str]) -> list[Layout]:
        p = self._denoise("plan", (self.plan.config.size,), condition, ask, lambda x, t, c, k: self.plan(x, t, c))
        raw = p * self.plan.spread + self.plan.mean
        values, types = _read_plan(raw)
        plan = (
            torch.tensor(np.stack([_plan_row(v, t) for v, t in zip(values, types, strict=True)])).to(p.device)
            - self.plan.mean
        ) / self.plan.spread
        m = self._denoise(
            "maps", (12, 64, 64), condition, ask, lambda x, t, c, k: self.maps(x, t, c, plan.repeat(k, 1))
        )
        encoded = (m * self.maps.spread[:, None, None] + self.maps.mean[:, None, None]).float().cpu().numpy()
        slots = torch.full((len(types), max(1, max(len(t) for t in types))), -1, dtype=torch.long, device=p.device)
        for i, t in enumerate(types):
            slots[i, : len(t)] = torch.from_numpy(t)
        kind = slots.clamp_min(0)
        used = self.objects.used[kind] * (slots >= 0)[..., None]
        o = self._denoise(
            "objects", (slots.shape[1], len(ATTRIBUTES)), condition, ask,
            lambda x, t, c, k: self.objects(x * used.repeat(k, 1, 1), slots.repeat(k, 1), t, c, plan.repeat(k, 1),
                m.repeat(k, 1, 1, 1)) * used.repeat(k, 1, 1),
        )  # fmt: skip
        objects = ((o * self.objects.spread[kind] + self.objects.mean[kind]) * used).float().cpu().numpy()
        return [
            settle(Layout(decode_maps(smooth(e)), v, t, _tidy(x[: len(t)], t), s))
            for e, v, t, x, s in zip(encoded, values, types, objects, subjects, strict=True)
        ]

    def _denoise(
        self, stage: str, shape: tuple[int, ...], condition: Condition, ask: _Ask, net: Callable[..., Tensor]
    ) -> Tensor:
        """The loop: noise to a sample [batch, *shape], guided by text and emotion separately."""
        shifted = {k: SHIFT[stage] for k in ("shift", "flow_shift") if k in self.scheduler.config}
        scheduler = self.scheduler.from_config(self.scheduler.config, **shifted)
        device = condition.sentence.device
        _set_steps(scheduler, ask.steps * (2 if stage in ("plan", "mood") else 1), device)
        x = torch.cat([torch.randn((1, *shape), generator=g) for g in ask.generators]).to(device)
        x = x * getattr(scheduler, "init_noise_sigma", 1.0)
        count = len(scheduler.timesteps)
        for i, t in enumerate(self.progress_bar(scheduler.timesteps)):
            model_in = scheduler.scale_model_input(x, t) if hasattr(scheduler, "scale_model_input") else x
            v = guided(net, model_in, t.to(device), condition, ask, GUIDED[stage])
            step = (
                {"generator": ask.generators[0]} if "generator" in inspect.signature(scheduler.step).parameters else {}
            )
            x = scheduler.step(v, t, x, return_dict=False, **step)[0]
            if ask.callback is not None:
                ask.callback(stage, i + 1, count)
        return x

    # --- conditions ---
    def _condition(self, prompts: list[str], emotions: list[Emotion]) -> tuple[Condition, list[tuple[str, float]]]:
        from genstudio.emotion.encoder import EmotionEncoder

        nearest = [self.text.nearest(p, s) for p, s in zip(prompts, states(prompts)[1], strict=True)]
        # a wording that is not known is read together with the nearest one that is
        read = [p if near > FAMILIAR else f"{noun}, {p}" for p, (_, near, noun) in zip(prompts, nearest, strict=True)]
        code, _ = self.text.encode(read)
        feeling = EmotionEncoder.load()(emotions)
        one = torch.ones(len(prompts))
        c = Condition(code.tokens, code.mask, code.sentence, feeling.tokens.float(), feeling.pooled.float(), one, one)
        c = Condition(*(getattr(c, k).to(self.device) for k in Condition.__dataclass_fields__))
        return c, [(subject, near) for subject, near, _ in nearest]

    def _standard_plan(self, layouts: list[Layout]) -> Tensor:
        rows = np.stack([_plan_row(x.values, x.types) for x in layouts])
        return (torch.tensor(rows).to(self.device) - self.plan.mean) / self.plan.spread


@dataclass(frozen=True)
class _Ask:
    steps: int
    text: float
    emotion: float
    generators: list[torch.Generator | None]
    against: Condition | None
    callback: Callable[[str, int, int], None] | None


def guided(net: Callable[..., Tensor], x: Tensor, t: Tensor, c: Condition, ask: _Ask, share: float = 1.0) -> Tensor:
    """Classifier-free guidance: from nothing to text by `ask.text`, from there to text and emotion by `ask.emotion`.
    `share` of what either exceeds 1 is taken."""
    text_by, emotion_by = (1 + (g - 1) * share if g > 1 else g for g in (ask.text, ask.emotion))
    if text_by == 1 and emotion_by == 1 and (ask.against is None or not share):
        return net(x, t.expand(len(x)), c, 1)
    nothing = c.switched(0, 0) if ask.against is None else ask.against.switched(1, 0)
    parts = Condition.cat([nothing, c.switched(1, 0), c.switched(1, 1)])
    none, text, full = net(x.repeat(3, *[1] * (x.dim() - 1)), t.expand(3 * len(x)), parts, 3).chunk(3)
    return none + text_by * (text - none) + emotion_by * (full - text)


def _set_steps(scheduler: Any, steps: int, device: torch.device) -> None:
    if "Heun" in type(scheduler).__name__:
        steps = max(2, steps // 2)
    scheduler.set_timesteps(steps, device=device)


def _plan_row(values: dict[str, float], types: np.ndarray) -> np.ndarray:
    counts = np.log2(1.0 + np.bincount(types, minlength=len(TYPE_NAMES)))
    return np.concatenate([[values[k] for k in GLOBALS], counts]).astype(np.float32)


def _read_plan(raw: Tensor) -> tuple[list[dict[str, float]], list[np.ndarray]]:
    """Globals by name (switches snapped when near) and the types of all objects, sorted."""
    values, types = [], []
    for row in raw.float().cpu().numpy():
        v = {k: float(x) for k, x in zip(GLOBALS, row, strict=False)}
        v["side"] = 1.0 if v["side"] >= 0 else -1.0
        for k in ("town", "beach", "dunes", "big_water", "caps"):
            v[k] = float(v[k] > 0.5)
        for k, (lo, hi) in {
            "horizon": (0.26, 0.7),
            "focal": (0.78, 1.25),
            "ln_eye": (-0.1, 3.7),
            "focus_x": (0.05, 0.95),
            "focus_y": (0.1, 0.9),
        }.items():
            v[k] = min(max(v[k], lo), hi)
        for k in ("shade", "snowbound", "night"):
            v[k] = 0.0 if v[k] < 0.12 else min(v[k], 1.0)
        counts = np.round(np.exp2(np.clip(row[len(GLOBALS) :], 0, 6.3)) - 1).astype(int)
        t = np.repeat(np.arange(len(counts)), counts)
        while len(t) > MAX_OBJECTS:
            t = np.delete(t, np.flatnonzero(t == np.bincount(t).argmax())[-1])
        values.append(v)
        types.append(t.astype(np.int64))
    return values, types


def _tidy(objects: np.ndarray, types: np.ndarray) -> np.ndarray:
    """Rounds whole numbers, clears what a type has not."""
    x = objects.copy()
    for name in INTEGERS:
        x[:, ATTR[name]] = np.round(np.clip(x[:, ATTR[name]], 0, 3))
    x[:, ATTR["d"]] = np.clip(x[:, ATTR["d"]], -0.15, 1.05)
    return x * USED[types]
