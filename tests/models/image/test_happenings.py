"""What moods bring along to a place, and rooms: every number shows, grows smoothly, and is the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from genstudio.emotion import Emotion
from genstudio.models.image.compose.indoors import outside
from genstudio.models.image.engine import ImageModel
from genstudio.models.image.painter import aloft, burning, festivities, paint, plain, revels, siege, struck
from genstudio.models.image.painter.happenings import footprint
from genstudio.models.image.painter.painter import render
from genstudio.models.image.painter.primitives import Prims
from genstudio.models.image.painter.ramps import come, ramp
from genstudio.models.image.painter.spots import Spots
from genstudio.models.image.painter.terrain import Land
from genstudio.models.image.painter.view import WATER, View
from genstudio.models.image.scene import Mood, Scene, SceneObject, Setting, mood_for
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
    "flood": {"rain": 1.0, "leaves": 0.0},
    "feast": {"fireworks": 1.0, "night": 1.0, "people": 1.0},
    "thunderstorm": {"lightning": 1.0},
}
TOWN = {  # what moods do to streets
    "crowd and burning houses": {"fire": 1.0},
    "crooked houses and a stranger": {"lantern": 1.0},
    "stained walls": {"grime": 1.0},
    "shut windows": {"crows": 1.0},
}
SEA = {  # and to an open sea
    "a burning ship": {"fire": 1.0},
    "dead fish and oil": {"scum": 1.0},
    "a wreck or an empty boat": {"crows": 1.0},
    "a great wave": {"lantern": 1.0, "waves": 1.2},
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


@pytest.mark.parametrize("flying", [aloft.paragliders, aloft.kites])
def test_wind_fills_the_sky_where_people_are_glad(flying, monkeypatch):
    monkeypatch.setattr(aloft, "PARTS", ())
    glad, windy = {"flowers": 1.0, "people": 1.0}, {"flowers": 1.0, "people": 1.0, "wind": 1.0}
    empty = {k: render(place(m), 96, 96).image for k, m in (("glad", glad), ("windy", windy))}
    monkeypatch.setattr(aloft, "PARTS", (flying,))
    changed = {
        k: np.abs(render(place(m), 96, 96).image - empty[k]).max(2) > 0.1 for k, m in (("glad", glad), ("windy", windy))
    }
    assert changed["windy"].mean() > 0.005 and changed["windy"][:48].sum() > 0.8 * changed["windy"].sum()
    assert not changed["glad"].any()


@pytest.mark.parametrize("thing", ["fire", "litter", "graves", "balloons", "tornado", "feast", "thunderstorm"])
def test_grows_from_nothing(thing):
    """Steps of a tenth: none is the whole of the change."""
    steps = []
    for share in np.linspace(0, 1, 11):
        mood = {k: CALM.get(k, 0.0) * (1 - share) + v * share for k, v in BRINGS[thing].items()}
        steps.append(render(place(mood), 96, 96).image)
    jumps = [float(np.abs(b - a).mean()) for a, b in pairwise(steps)]
    assert max(jumps) < 0.5 * sum(jumps)


def test_people_come_to_fireworks_by_night_and_not_in_the_rain():
    crowd = {k: footprint(place(BRINGS["feast"] | m)).sum() for k, m in (("dry", {}), ("wet", {"rain": 1.0}))}
    assert crowd["dry"] > 10 and crowd["wet"] == 0
    for missing in ("fireworks", "night", "people"):
        assert footprint(place(BRINGS["feast"] | {missing: 0.0})).sum() == 0


def test_by_day_a_few_dance_where_all_is_in_bloom(monkeypatch):
    glad = {"flowers": 1.0, "people": 1.0}
    seen = {k: footprint(place(m)).sum() for k, m in (("all", glad), ("empty", {"flowers": 1.0}))}
    monkeypatch.setattr(revels, "PARTS", (revels._company,))
    monkeypatch.setattr(festivities, "PARTS", ())
    assert footprint(place(glad)).sum() > 3 and seen["all"] > seen["empty"]
    assert footprint(place(glad | {"night": 1.0})).sum() == footprint(place({"people": 1.0})).sum() == 0


def test_more_bolts_as_the_storm_rises():
    sky = [render(place({"lightning": k}), 96, 96).image[:40] for k in (0.0, 0.4, 1.0)]
    struck = [float((np.abs(s - sky[0]).max(2) > 0.15).mean()) for s in sky]
    assert struck[2] > 1.5 * struck[1] > 0


@pytest.mark.parametrize(
    ("thing", "setting"), [({"fireworks": 1.0, "night": 1.0}, {}), ({"lightning": 1.0}, {"shade": 1.0})]
)
def test_bursts_and_bolts_come_and_go(thing, setting):
    without = {k: 0.0 for k in thing if k != "night"}
    shows = []
    for t in (0.0, 0.0, 1.4):
        pair = [render(place(m, **setting), 96, 96, when=t).image for m in (thing, thing | without)]
        shows.append(float(np.abs(pair[0] - pair[1])[:48].mean()))
    assert shows[0] == shows[1] > 2 * shows[2]


def test_storms_come_down_into_woods():
    assert footprint(place({"lightning": 1.0}, shade=1.0)).sum() > 3
    assert footprint(place({"lightning": 1.0})).sum() == 0 == footprint(place({}, shade=1.0)).sum()


def test_a_siege_burns_the_castle_and_storms_strike_its_keep():
    """Each where the castle stands, larger as the number rises; without a castle nothing."""
    keep = (SceneObject("castle", 0.0, 60.0, 20.0, seed=5),)
    for parts, number in ((siege.PARTS, "fire"), ((struck._keep,), "lightning")):
        for castle in (keep, ()):
            marks = []
            for k in (0.0, 0.5, 1.0):
                scene = replace(place({number: k}), objects=castle)
                marks.append(_primitives(scene, parts))
            assert marks[0] == 0
            assert (0 < marks[1] < marks[2]) if castle else marks[2] == 0


def test_fire_runs_up_some_of_the_trees_that_stand_near():
    wood = tuple(SceneObject("broadleaf", u, 8.0, 9.0, seed=k) for k, u in enumerate(np.linspace(-0.4, 0.4, 9)))
    counts = [_primitives(replace(place({"fire": k}), objects=wood), (burning._trunks,)) for k in (0.0, 0.4, 1.0)]
    assert counts[0] == 0 < counts[1] < counts[2]
    assert _primitives(place({"fire": 1.0}), (burning._trunks,)) == 0


def test_fountains_of_sparks_are_higher_under_trees(monkeypatch):
    monkeypatch.setattr(revels, "PARTS", (revels._fountains,))
    feast = BRINGS["feast"]
    open_, wood = (footprint(place(feast, shade=k)) for k in (0.0, 1.0))
    assert wood.sum() > 1.3 * open_.sum() > 0
    assert footprint(place({**feast, "people": 0.0})).sum() == 0


def _primitives(scene: Scene, parts: tuple[Callable[[Spots], None], ...]) -> float:
    """How large what these parts add is: metres over all dabs and bars."""
    m, view, light = scene.mood, View.of(scene.camera, 64, 64, 0.5), np.array([0.5, 0.7, 0.5])
    p = Prims(m, light)
    for part in parts:
        part(Spots(p, scene, m, Land(scene, m, view, light), view, 0.0))
    a = p.arrays()
    return float(a["dabs"][:, 3].sum() + a["segs"][:, 3].sum())


def test_calm_empties_the_ground_bit_by_bit():
    """As ruggedness falls rocks go one after the other, then all; half of the trees stay; what a place is about stays."""
    kinds = {k: [SceneObject(k, 0.1, 9.0, 2.0, seed=s) for s in range(40)] for k in ("rock", "conifer", "castle")}
    sizes = {}
    for kind, many in kinds.items():
        for rugged in (1.0, 0.8, 0.7, 0.5):
            left = [plain.remains(Mood.make({"ruggedness": rugged}), o) for o in many]
            sizes[kind, rugged] = sum(o.size for o in left if o is not None) / 80
    assert sizes["rock", 1.0] == 1 > sizes["rock", 0.8] > sizes["rock", 0.7] > sizes["rock", 0.5] == 0
    assert 0.3 < sizes["conifer", 0.5] < 0.8
    assert all(sizes["castle", r] == 1 for r in (1.0, 0.8, 0.7, 0.5))


def test_calm_is_even():
    """Mown grass and nothing on it: less detail than a mild day's meadow with rocks."""
    rocks = tuple(SceneObject("rock", u, 5.0, 0.6, seed=k) for k, u in enumerate((-0.3, -0.1, 0.2, 0.35)))
    fine = []
    for rugged in (1.0, 0.5):
        scene = replace(place({"ruggedness": rugged}), objects=rocks, setting=Setting(grass=1.0))
        ground = paint(scene, 160)[100:].astype(float)
        fine.append(np.abs(np.diff(ground, axis=1)).mean())
    assert fine[1] < 0.9 * fine[0]


def test_the_calmest_moods_choose_alike():
    """Snow lies whole on them, or not at all, for any seed."""
    for seed in range(12):
        snow = [mood_for(v, a, 0.0, seed=seed, jitter=0)["snow"] for v, a in ((-0.5, -0.72), (0.12, -0.75))]
        assert min(snow) > 0.6 or max(snow) < 0.2


def street(mood: dict[str, float], seed: int = 11) -> Scene:
    houses = tuple(
        SceneObject("block", q * 5 / z, z, 9, yaw=-q * 1.57, width=8, style=k % 4, variant=k % 2, seed=10 * k + 3)
        for k, z in enumerate((3.0, 11.0, 19.0, 27.0, 35.0))
        for q in (-1, 1)
    )
    return Scene(
        "street", seed=seed, setting=Setting(grass=0.0, town=1.0), maps=empty_maps("paving"), objects=houses,
        mood=Mood.make(CALM | {"leaves": 1.0} | mood),
    )  # fmt: skip


def sea(mood: dict[str, float], seed: int = 11) -> Scene:
    return Scene(
        "sea",
        seed=seed,
        setting=Setting(grass=0.0, big_water=1.0),
        maps=empty_maps("water"),
        mood=Mood.make(CALM | mood),
    )


@pytest.mark.parametrize(("here", "thing"), [*(("street", t) for t in TOWN), *(("sea", t) for t in SEA)])
def test_towns_and_seas_have_their_own(here, thing):
    """Shows, differs between seeds, and survives being saved."""
    make, numbers = (street, TOWN[thing]) if here == "street" else (sea, SEA[thing])
    base = {"waves": 1.2} if thing == "a great wave" else {}
    changed = []
    for seed in (11, 12, 13):
        plain, scene = make(base, seed), make(numbers, seed)
        picture = render(scene, 80, 80).image
        changed.append(np.abs(picture - render(plain, 80, 80).image).max(2) > 0.08)
        again = render(Scene.from_json(scene.to_json()), 80, 80).image
        assert np.abs(again - picture).mean() < 0.01  # colours are saved in 8 bits
    assert max(c.mean() for c in changed) > 0.03
    assert any((a != b).mean() > 0.01 for a, b in pairwise(changed))


@pytest.mark.parametrize("thing", ["fire", "litter", "graves", "balloons", "flower beds", "feast", "petals"])
def test_arrangements_differ_between_seeds(thing):
    marks = [footprint(replace(place(BRINGS[thing]), seed=s)).ravel() for s in range(6)]
    apart = [np.abs(a - b).sum() / (a + b).sum() for i, a in enumerate(marks) for b in marks[i + 1 :]]
    assert np.mean(apart) > 0.25
    assert footprint(place({})).sum() == 0


def test_a_flood_leaves_what_is_high_and_drowns_feet():
    dry, wet = place({"leaves": 0.0}), place({"leaves": 0.0, "rain": 1.0})
    maps = wet.maps.copy()
    maps[INDEX["elevation"], 10:16] = 0.2
    lands = [render(replace(s, maps=maps), 64, 64).buffers.material for s in (dry, wet)]
    assert (lands[1] == WATER).mean() > (lands[0] == WATER).mean() + 0.05
    view = View.of(wet.camera, 64, 64, 0.5)
    land = Land(wet, wet.mood, view, np.array([0.3, 0.8, 0.5]))
    deep = [land.ground(u, view.camera.z(0.1)) for u in np.linspace(-0.4, 0.4, 9)]
    assert min(deep) < -0.1 and not land.wet(0.0, view.camera.z(0.1))


def test_each_comes_in_turn_and_none_at_once():
    for luck in (0.0, 0.5, 1.0):
        grown = [come(k, luck) for k in np.linspace(0, 1, 21)]
        assert grown[0] == 0 and grown[-1] == 1 and max(np.diff(grown)) < 0.2
    assert come(0.5, 0.0) > come(0.5, 0.5) > come(0.5, 1.0)


def test_fire_beyond_the_horizon_of_an_open_sea():
    maps = empty_maps("water")
    still = replace(place({}, big_water=1.0), maps=maps)
    burning = still.with_mood(Mood.make(CALM | {"fire": 1.0, "smoke": 1.0}))
    assert np.abs(paint(burning, 64).astype(int) - paint(still, 64))[:32].mean() > 3


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
