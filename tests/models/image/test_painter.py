"""The scene as a value, mood recipes, and the painter on small pictures."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from genstudio.emotion import EKMAN
from genstudio.emotion.norms import coordinates
from genstudio.errors import InputError
from genstudio.models.image.scene import (
    KINDS,
    SUBJECTS,
    VECTOR,
    Camera,
    Mood,
    Scene,
    SceneObject,
    Setting,
    blend,
    colour,
    mood_for,
    variants,
)
from genstudio.models.image.scene.grid import INDEX, empty_maps
from genstudio.models.image.scene.recipes import weights


def small_scene(**changes) -> Scene:
    maps = empty_maps()
    maps[INDEX["water"], 14:26] = 1.0
    maps[INDEX["elevation"], 45:55] = 0.12
    maps[INDEX["roughness"], 45:55] = 0.06
    maps[INDEX["trees"], 30:36] = 0.4
    objects = (
        SceneObject("house", 0.15, 30, 8, seed=3),
        SceneObject("broadleaf", -0.3, 12, 7, seed=4),
        SceneObject("person", 0.0, 9, 1.7, style=1),
    )
    given = {
        "subject": "lake",
        "seed": 5,
        "camera": Camera(2.5, 0.45),
        "setting": Setting(),
        "maps": maps,
        "objects": objects,
        "mood": mood_for(0.7, 0.5, 0.3),
    }
    return Scene(**(given | changes))


def test_json_round_trip():
    scene = small_scene()
    text = json.dumps(scene.to_json())
    again = Scene.from_json(json.loads(text))
    assert again.to_json() == scene.to_json()
    assert again.objects == scene.objects
    assert np.abs(again.maps - scene.maps).max() < 1e-3
    assert np.abs(again.mood.vector() - scene.mood.vector()).max() < 0.03


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ([], "JSON object"),
        ({}, "needs a 'subject'"),
        ({"subject": "lake", "objcts": []}, "did you mean 'objects'"),
        ({"subject": "lake", "objects": [{"kind": "hous", "u": 0, "z": 9, "size": 3}]}, "did you mean 'house'"),
        ({"subject": "lake", "objects": [{"kind": "house"}]}, "needs the fields"),
        ({"subject": "lake", "objects": [{"kind": "house", "u": 0, "z": -1, "size": 3}]}, "objects[0].z"),
        ({"subject": "lake", "camera": {"horizon": "low"}}, "camera.horizon"),
        ({"subject": "lake", "camera": {"eye": float("nan")}}, "camera.eye"),
        ({"subject": "lake", "mood": {"fogg": 1}}, "did you mean 'fog'"),
        ({"subject": "lake", "mood": {"sun": "yellow"}}, "mood.sun"),
        ({"subject": "lake", "maps": {"water": "abc"}}, "maps.water"),
        ({"subject": "lake", "maps": {"water": [[1, 2], [3]]}}, "maps.water"),
        ({"subject": "lake", "seed": -1}, "scene.seed"),
        ({"subject": "lake", "version": 9}, "version"),
    ],
)
def test_bad_scenes_say_what_is_wrong(data, says):
    with pytest.raises(InputError) as caught:
        Scene.from_json(data)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_mood_vector_round_trip_and_blend():
    mood = mood_for(-0.3, 0.4, 0.1, seed=8)
    vector = mood.vector()
    assert vector.shape == (VECTOR,) and vector.dtype == np.float32
    assert np.allclose(Mood.from_vector(vector).vector(), vector, atol=1e-5)
    middle = blend([mood_for(0.7, 0.5), mood_for(-0.7, 0.5)], [1, 1])
    assert 0 <= middle["saturation"] <= 1.6
    with pytest.raises(InputError):
        Mood.from_vector(np.full(VECTOR, np.nan))


def test_the_seven_have_their_own_recipe():
    names = list(variants())
    for name in EKMAN:
        w = weights(*coordinates()[name])
        assert names[int(w.argmax())] == name and w.max() > 0.9


def test_moods_move_evenly():
    """No jump on the valence-arousal plane: the largest step is at most three times the median one."""
    grid = np.linspace(-0.8, 0.8, 17)
    v = np.array([[mood_for(x, y, 0.3 * x, seed=2).vector() for x in grid] for y in grid])
    steps = np.concatenate([np.abs(np.diff(v, axis=a)).mean(2).ravel() for a in (0, 1)])
    assert steps.max() < 3 * np.median(steps)


def test_dominance_tells_fear_from_anger():
    fear, dread, anger = (mood_for(-0.57, 0.6, d, variant=0, jitter=0) for d in (-0.43, -0.08, 0.25))
    assert fear["lantern"] > 0.7 and anger["waves"] > 0.8 and anger["wind"] > 0.6 > fear["wind"]
    third = np.abs(dread.vector() - 0.5 * (fear.vector() + anger.vector())).mean()
    assert third > 0.3 * np.abs(fear.vector() - anger.vector()).mean()


def test_subjects_and_kinds_are_described():
    assert len(SUBJECTS) >= 40 and all(SUBJECTS.values())
    from genstudio.models.image.painter.world import BUILDERS, IN_SKY

    assert set(KINDS) == set(BUILDERS) | set(IN_SKY)


@pytest.fixture(scope="module")
def paint():
    from genstudio.models.image.painter import paint

    return paint


def test_same_arguments_same_picture(paint):
    a, b = paint(small_scene(), 48, seed=1), paint(small_scene(), 48, seed=1)
    assert a.dtype == np.uint8 and a.shape == (48, 48, 3)
    assert (a == b).all()
    assert (a != paint(small_scene(), 48, seed=2)).any()


def test_threads_do_not_change_the_picture(paint, monkeypatch):
    from genstudio.models.image.painter import view

    monkeypatch.setattr(view, "threads", lambda: 1)
    one = paint(small_scene(), 160)
    monkeypatch.setattr(view, "threads", lambda: 3)
    assert (one == paint(small_scene(), 160)).all()


@pytest.mark.parametrize("size", [(64, 36), (36, 64), (17, 41), (130, 20)])
def test_any_aspect_ratio(paint, size):
    picture = paint(small_scene(), size, style="plain")
    assert picture.shape == (size[1], size[0], 3)
    assert picture.std() > 5


@pytest.mark.parametrize("style", ["oil", "watercolour", "gouache", "ink", "plain"])
def test_styles(paint, style):
    from genstudio.models.image.painter import STYLES_AVAILABLE
    from genstudio.models.image.painter.styles import STYLES

    assert tuple(STYLES) == STYLES_AVAILABLE
    picture = paint(small_scene(), 48, style=style)
    assert picture.std() > 5


def test_a_rolled_camera_tilts_the_picture(paint):
    level = paint(small_scene(), 64, style="plain").astype(float)
    tilted = paint(small_scene(camera=Camera(2.5, 0.45, roll=0.1)), 64).astype(float)
    assert np.abs(level - tilted).mean() > 5


def test_emotions_change_the_picture(paint):
    pictures = {
        name: paint(small_scene(mood=mood_for(*coordinates()[name], variant=0)), 48, style="plain").astype(float)
        for name in EKMAN
    }
    names = list(pictures)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            assert np.abs(pictures[a] - pictures[b]).mean() > 8, (a, b)
    assert pictures["joy"].mean() > pictures["fear"].mean() + 30


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_draws(paint, kind):
    """Each kind of object changes the picture, in every mood, without failing."""
    size = {
        "block": 9,
        "balloon": 20,
        "rails": 1.5,
        "bridge": 0.05,
        "tornado": 0.04,
        "crater": 1,
        "castle": 9,
        "lighthouse": 14,
        "ship": 14,
    }.get(kind, 3)
    if kind in ("aurora", "galaxy", "rainbow", "fireworks", "lightning", "moon"):
        size = 1
    z = {"crater": 400, "log": 8, "flowers": 8, "reeds": 8}.get(kind, 24)
    thing = SceneObject(
        kind,
        0.05,
        z,
        size,
        yaw=1.57 if kind == "block" else 0.3,
        variant=1,
        style=1,
        width=0.5 if kind == "bridge" else 0.05 if kind == "waterfall" else 8,
        seed=9,
    )
    maps = empty_maps()
    if kind == "waterfall":
        maps[INDEX["elevation"], 20:] = 0.2
    where = Setting(focus_x=0.5, night=0.6 if kind in ("fireworks", "aurora", "galaxy") else 0)
    mood = Mood.make(
        {"flowers": 0.56 if kind == "conifer" else 0.66, "people": 1, "cloud_cover": -0.4, "saturation": 1.2}
    )
    bare = small_scene(objects=(), maps=maps, setting=where, mood=mood)
    with_it = small_scene(objects=(thing,), maps=maps, setting=where, mood=mood)
    assert (paint(bare, 64, style="plain") != paint(with_it, 64, style="plain")).mean() > 0.002
    paint(with_it.with_mood(mood_for(-0.6, 0.6, -0.4)), 32, style="plain")


@pytest.mark.parametrize(
    ("change", "says"),
    [({"size": 4}, "16..4096"), ({"style": "crayon"}, "valid: "), ({"size": (64, 9000)}, "height")],
)
def test_wrong_use(paint, change, says):
    with pytest.raises(InputError, match=says):
        paint(small_scene(), **change)


def test_importing_the_scene_is_light():
    code = (
        "import sys, genstudio.models.image.scene, genstudio.models.image.painter; "
        "assert not {'numba', 'cv2', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_progress(paint):
    seen: list[float] = []
    paint(small_scene(), 32, progress=seen.append)
    assert seen == sorted(seen) and seen[-1] == 1.0


def test_one_curve_for_numbers_and_arrays_and_back():
    x = np.linspace(0, 1, 101)
    assert np.allclose([colour.curve(float(v)) for v in x], colour.srgb(x))
    assert np.allclose(colour.linear(colour.srgb(x)), x, atol=1e-4)
    assert colour.srgb(x.astype(np.float32)).dtype == np.float32
