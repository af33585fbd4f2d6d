"""What moods bring along to a place, and rooms: every number shows, grows smoothly, and is the same for the same seed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from genstudio.emotion import Emotion
from genstudio.models.image.compose.indoors import outside
from genstudio.models.image.engine import ImageModel
from genstudio.models.image.painter import paint
from genstudio.models.image.painter.painter import render
from genstudio.models.image.painter.spots import ramp
from genstudio.models.image.scene import Mood, Scene, Setting
from genstudio.models.image.scene.grid import INDEX, empty_maps

CALM = {"flowers": 0.0, "crows": 0.0, "gulls": 0.0, "people": 0.0, "wind": 0.0}
BRINGS = {
    "fire": {"fire": 1.0},
    "tornado": {"lantern": 1.0, "wind": 1.0},
    "works": {"scum": 1.0},
    "litter": {"litter": 1.0},
    "dead trees": {"leaves": 0.0},
    "graves": {"crows": 1.0},
    "flower beds": {"flowers": 1.0},
    "balloons": {"flowers": 1.0, "people": 1.0},
    "petals": {"blossom": 1.0, "wind": 0.8},
    "fireworks": {"fireworks": 1.0, "night": 1.0},
}


def place(mood: dict[str, float], **setting: float) -> Scene:
    maps = empty_maps()
    maps[INDEX["water"], 16:24] = 1.0
    return Scene("meadow", seed=11, setting=Setting(grass=0.0, **setting), maps=maps, mood=Mood.make(CALM | mood))


@pytest.mark.parametrize("size", [(64, 64), (112, 64), (64, 96)])
@pytest.mark.parametrize("thing", BRINGS)
def test_each_is_large_at_every_size_and_repeats(thing, size):
    numbers = BRINGS[thing]
    before, after = (paint(place(CALM | m), size).astype(int) for m in ({}, numbers))
    changed = (np.abs(after - before).max(2) > 24).mean()
    assert changed > 0.02, f"{thing} covers {changed:.3f} of the picture"
    assert (paint(place(numbers), size) == after).all()


@pytest.mark.parametrize("thing", ["fire", "litter", "graves", "balloons", "tornado"])
def test_grows_from_nothing(thing):
    """Steps of a tenth: none is the whole of the change."""
    steps = []
    for share in np.linspace(0, 1, 11):
        mood = {k: CALM.get(k, 0.0) * (1 - share) + v * share for k, v in BRINGS[thing].items()}
        steps.append(render(place(mood), 96, 96).image)
    jumps = [float(np.abs(b - a).mean()) for a, b in pairwise(steps)]
    assert max(jumps) < 0.5 * sum(jumps)


def test_fire_beyond_the_horizon_of_an_open_sea():
    maps = empty_maps("water")
    sea = replace(place({}, big_water=1.0), maps=maps)
    burning = sea.with_mood(Mood.make(CALM | {"fire": 1.0, "smoke": 1.0}))
    assert np.abs(paint(burning, 64).astype(int) - paint(sea, 64))[:32].mean() > 3


def test_graves_stay_off_streets_and_water():
    for ground in ("paving", "water"):
        here = replace(place({}), maps=empty_maps(ground))
        quiet, crows = (here.with_mood(Mood.make(CALM | {"gulls": 1.0} | m)) for m in ({}, {"crows": 0.65}))
        below = slice(40, None)  # the birds themselves fly above
        assert (paint(quiet, 64)[below] == paint(crows, 64)[below]).mean() > 0.98


def test_ramp_is_smooth_between_its_ends():
    x = np.linspace(-1, 2, 400)
    y = [ramp(v, 0.2, 0.7) for v in x]
    assert y[0] == 0 and y[-1] == 1 and min(np.diff(y)) >= 0 and max(np.diff(y)) < 0.03


@pytest.mark.parametrize("size", [(64, 64), (112, 64), (64, 96)])
def test_room_shows_the_place_through_its_window(size):
    there, room = place({}), place({}, room=1.0)
    r = render(room, 2 * size[0], 2 * size[1])
    outdoors = render(there, 2 * size[0], 2 * size[1])
    same = r.buffers.depth == outdoors.buffers.depth
    assert 0.1 < same.mean() < 0.5
    assert (paint(room, size) == paint(room, size)).all()
    tidy, littered = (paint(place(m, room=1.0), size).astype(int) for m in ({}, {"litter": 1.0}))
    assert np.abs(littered - tidy)[size[1] * 3 // 4 :].mean() > 4


def test_weather_stays_outside():
    dry, wet = (paint(place(m, room=1.0), 64, style="plain").astype(int) for m in ({}, {"rain": 1.0, "snowfall": 1.0}))
    change = np.abs(wet - dry).max(2)
    assert change[16:28, 22:42].mean() > 2 * change[58:].mean()


@pytest.mark.parametrize(
    ("prompt", "seen"),
    [
        ("a room with a window", "a garden"),
        ("a bedroom overlooking the sea", "the sea"),
        ("my kitchen with a view of an old town", "an old town"),
        ("a castle seen through a window", "a castle"),
        ("a mushroom in a meadow", None),
        ("a view of the sea", None),
    ],
)
def test_rooms_are_known_by_their_words(prompt, seen):
    assert outside(prompt) == seen


def test_engine_composes_the_place_outside_and_says_so():
    picture = ImageModel.load()(
        "a bedroom overlooking the sea", Emotion.parse("joy"), size=(64, 64), seed=2, composer="rules"
    )
    assert picture.info["room"] == "the sea" and picture.info["understood"]["subject"] == "sea"
    assert picture.scene["setting"]["room"] == 1.0
    again = paint(Scene.from_json(picture.scene), 64, seed=2)
    assert np.abs(again.astype(int) - picture.pixels).mean() < 3
