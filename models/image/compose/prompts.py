"""The prompts of training: how people may say a subject, what they add to it, and a bank of a few thousand of them."""

from __future__ import annotations

from typing import Final

import numpy as np

from .nouns import NOUNS
from .sampler import SUBJECT_NAMES, Spec

__all__ = ["NOUNS", "bank", "choices", "phrase"]

_ANYWHERE: Final[dict[str, tuple[str, ...]]] = {
    "people": ("with people", "with a crowd", "and some people", "where people walk", "full of people",
        "with children playing"),
    "person": ("with a lonely figure", "with a man walking", "and a woman", "with a single person", "with a wanderer",
        "with a girl"),
    "empty": ("without people", "with nobody around", "deserted", "empty and abandoned"),
    "mountains": ("in front of mountains", "with mountains", "below high peaks", "with alps behind"),
    "trees": ("with trees", "under trees", "among trees"), "forest": ("beside a forest", "in the woods",
        "surrounded by forest"),
    "path": ("with a path", "along a footpath", "with a winding path"), "fence": ("with a fence", "behind a fence"),
    "flowers": ("with flowers", "with wild flowers", "among blossoms"), "rocks": ("with rocks", "with boulders",
        "among stones"),
    "dead trees": ("with dead trees", "with bare trees", "with leafless trees"), "garbage": ("with garbage",
        "full of litter", "with trash"),
    "dog": ("with a dog", "and a puppy"), "horses": ("with horses", "with a horse"), "moon": ("with a full moon",
        "under the moon"),
    "rainbow": ("with a rainbow", "under a rainbow"), "lightning": ("with lightning", "struck by lightning"),
        "balloons": ("with hot-air balloons",),
    "fireworks": ("with fireworks",), "aurora": ("under the northern lights", "with an aurora"),
        "galaxy": ("under the milky way",), "lantern": ("with a lantern",),
    "burning": ("in flames", "on fire", "with burning ruins"), "tower": ("with a tower", "with an old tower"),
        "bench": ("with a bench",),
}  # fmt: skip
_LAND: Final[dict[str, tuple[str, ...]]] = {
    "lake": ("by a lake", "beside a lake", "at the water's edge", "and a lake"), "river": ("by a river",
        "with a river", "beside a stream"),
    "sea": ("by the sea", "near the ocean", "overlooking the sea"), "house": ("with a house", "with a cottage"),
        "cabin": ("with a cabin", "and a wooden hut"),
    "village": ("with a village", "near a village", "with houses"), "church": ("with a church", "with a chapel",
        "and a steeple"),
    "castle": ("with a castle", "below a castle", "and an old fortress"), "lighthouse": ("with a lighthouse",
        "and a lighthouse"),
    "windmill": ("with a windmill",), "ruin": ("with ruins", "with broken columns"), "factory": ("with a factory",
        "with smoking chimneys"),
    "bridge": ("with a bridge", "with a stone bridge"), "barn": ("with a barn",), "hay": ("with hay bales",),
        "cows": ("with cows", "with cattle"),
    "sheep": ("with sheep", "with a flock of sheep"), "tent": ("with a tent",), "campfire": ("with a campfire",
        "with a bonfire"), "palms": ("with palm trees",),
    "cypresses": ("with cypresses",), "car": ("with a car", "with an old car"), "cart": ("with a cart",),
        "railway": ("with railway tracks",), "graves": ("with graves", "with tombstones"),
    "skyline": ("with a city behind", "in front of a skyline"), "well": ("with a well",), "gate": ("with a gate",),
        "hill": ("on a hill",),
    "tornado": ("with a tornado",), "waterfall": ("with a waterfall",), "reeds": ("with reeds",),
}  # fmt: skip
_WATER: Final[dict[str, tuple[str, ...]]] = {
    "boat": ("with a boat", "with rowing boats", "and a fishing boat"), "sailboat": ("with a sailing boat",
        "with sailboats"),
    "ship": ("with a tall ship", "with a galleon"), "pier": ("with a pier", "with a jetty"), "reeds": ("with reeds",),
}  # fmt: skip
_TOWN: Final[dict[str, tuple[str, ...]]] = {
    "lamps": ("with street lamps", "with lanterns"), "market": ("with market stalls",), "church": ("with a church",),
        "car": ("with a car", "with a parked car"),
    "bench": ("with a bench",),
}  # fmt: skip
_WHEN: Final[dict[str, tuple[str, ...]]] = {
    "night": ("at night", "by night", "in the dark", "after dark"), "winter": ("in winter", "covered in snow",
        "under snow"), "snowfall": ("in falling snow", "in a snowstorm"),
    "autumn": ("in autumn", "in the fall", "in october"), "spring": ("in spring", "in bloom", "with blossoming trees"),
        "summer": ("in summer", "on a hot summer day"),
    "rain": ("in the rain", "on a rainy day", "in heavy rain"), "fog": ("in the fog", "in mist", "on a misty morning"),
        "storm": ("in a storm", "during a thunderstorm"),
    "wind": ("in the wind", "on a windy day"), "sunset": ("at sunset", "in the evening glow", "at dusk"),
        "dawn": ("at dawn", "at sunrise", "in the early morning"),
    "sunny": ("on a sunny day", "in bright sunshine", "under a blue sky"), "cloudy": ("under grey clouds",
        "on a cloudy day"), "starry": ("under the stars", "under a starry sky"),
    "moonlit": ("in the moonlight", "in a moonlit night"),
}  # fmt: skip
_WET = {
    "lake",
    "sea",
    "river",
    "bridge",
    "harbour",
    "lighthouse",
    "waterfall",
    "cliffs",
    "island",
    "canal",
    "moonlight",
    "wetland",
}
_BUILT = {"street", "canal", "market", "square", "city", "harbour"}
_CLASH = {  # things that a subject cannot take, beside itself
    "snow": {"summer", "spring", "autumn", "palms"}, "desert": {"winter", "snowfall", "spring", "autumn", "lake"},
        "oasis": {"winter", "snowfall", "autumn", "lake"},
    "aurora": {"sunny", "sunset", "dawn", "summer", "cloudy", "spring"}, "galaxy": {"sunny", "sunset", "dawn",
        "cloudy", "rain", "fog"},
    "moonlight": {"sunny", "sunset", "dawn", "cloudy"}, "fireworks": {"sunny", "dawn", "cloudy"}, "autumn": {"winter",
        "spring", "summer", "snowfall"},
    "canyon": {"lake", "spring", "autumn"}, "flood": {"lake", "river", "sea"}, "volcano": {"hill"},
        "waterfall": {"lake", "river", "sea", "village"},
    "valley": {"lake", "sea", "cows", "car"}, "mountain": {"sea"},
}  # fmt: skip
_FRAMES = (
    "{}",
    "{}",
    "{}",
    "{}",
    "a painting of {}",
    "a picture of {}",
    "{}, landscape painting",
    "a view of {}",
    "oil painting of {}",
    "a beautiful {}",
    "an old {}",
)


def choices(subject: str) -> dict[str, tuple[str, ...]]:
    """What a prompt about a subject may add: name of the extra to ways of saying it."""
    table = dict(_ANYWHERE)
    if subject in _BUILT:
        table |= _TOWN
    else:
        table |= _LAND
    if subject in _WET:
        table |= _WATER
        for k in ("lake", "river", "sea"):
            table.pop(k, None)
    if subject == "road":
        table.pop("railway", None)
    drop = {
        subject,
        "graves" if subject == "graveyard" else "",
        "dead trees" if subject == "orchard" else "",
    } | _CLASH.get(subject, set())
    if subject in ("forest", "autumn"):
        drop |= {"trees", "forest", "path"}
    return {k: v for k, v in (table | _WHEN).items() if k not in drop}


def phrase(rng: np.random.Generator, subject: str, extras: tuple[str, ...]) -> str:
    """One way of saying a spec."""
    noun = str(rng.choice(np.array(NOUNS[subject], object)))
    frame = str(rng.choice(np.array(_FRAMES, object)))
    if frame != "{}" and frame.split()[1] in ("beautiful", "old"):
        bare = noun.removeprefix("a ").removeprefix("an ").removeprefix("the ")
        noun = frame.format(bare) if noun.startswith(("a ", "an ")) else noun
    else:
        noun = frame.format(noun)
    table = choices(subject)
    return " ".join([noun, *(str(rng.choice(np.array(table[e], object))) for e in extras)])


def bank(count: int = 4200, seed: int = 0) -> list[tuple[str, Spec]]:
    """Distinct prompts with what they mean, every subject's nouns plain first, then with none to two extras."""
    rng = np.random.default_rng(seed)
    out: dict[str, Spec] = {}
    for subject in SUBJECT_NAMES:
        for noun in NOUNS[subject]:
            out.setdefault(noun, Spec(subject))
    conditions = set(_WHEN)
    while len(out) < count:
        subject = SUBJECT_NAMES[int(rng.integers(len(SUBJECT_NAMES)))]
        table = choices(subject)
        n = int(rng.choice([0, 1, 2], p=[0.2, 0.5, 0.3]))
        picked: list[str] = []
        for _ in range(n):
            pool = [k for k in table if (k in conditions) == (rng.random() < 0.35) and k not in picked]
            if any(p in conditions for p in picked):
                pool = [k for k in pool if k not in conditions]
            if any(p in ("people", "person", "empty") for p in picked):
                pool = [k for k in pool if k not in ("people", "person", "empty")]
            if pool:
                picked.append(pool[int(rng.integers(len(pool)))])
        picked.sort(key=lambda k: k in conditions)
        text = phrase(rng, subject, tuple(picked))
        out.setdefault(text, Spec(subject, tuple(picked)))
    return list(out.items())
