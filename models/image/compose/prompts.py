"""The prompts of training: how people may say a subject, what they add to it, and a bank of a few thousand of them."""

from __future__ import annotations

from typing import Final

import numpy as np

from .sampler import SUBJECT_NAMES, Spec

#: How a subject is named. Words that are not here land near these by the sentence encoder.
NOUNS: Final[dict[str, tuple[str, ...]]] = {
    "lake": ("a lake", "a quiet lake", "a mountain lake", "lake shore", "a pond between hills", "a tarn",
        "still water among hills", "a reservoir", "the lakeside"),
    "sea": ("the sea", "a beach", "a beach by the sea", "the ocean", "waves on the shore", "a sandy coast",
        "the seaside", "surf on a beach", "a bay", "the shore at low tide"),
    "river": ("a river", "a winding river", "a stream through meadows", "a river bend", "a brook", "the river bank",
        "a creek"),
    "bridge": ("a bridge", "a stone bridge", "an old bridge over a river", "an arched bridge", "a viaduct",
        "bridge over water"),
    "harbour": ("a harbour", "a fishing port", "boats in a harbor", "a marina", "the docks",
        "a quay with fishing boats", "a port town"),
    "lighthouse": ("a lighthouse", "a lighthouse on a cliff", "a beacon above the sea", "an old lighthouse",
        "a light tower on the coast"),
    "waterfall": ("a waterfall", "a cascade", "water falling over rocks", "falls in the forest",
        "a waterfall into a pool"),
    "cliffs": ("cliffs", "sea cliffs", "a steep rocky coast", "cliffs above the ocean", "the edge of a cliff",
        "a rugged coastline"),
    "island": ("an island", "a small island in the sea", "a lonely isle", "a tropical island", "an islet", "an atoll"),
    "forest": ("a forest", "a path through the woods", "tall trees", "a wood", "deep woods", "a pine forest",
        "a woodland trail", "a jungle", "a grove"),
    "desert": ("a desert", "sand dunes", "dunes with camels", "the Sahara", "an arid waste of sand",
        "a caravan in the desert"),
    "snow": ("a snowy field", "a snow-covered landscape", "snow and firs", "a winter landscape", "fresh snow",
        "the frozen countryside", "tundra", "the arctic"),
    "meadow": ("a meadow", "a grassy field", "grassland", "a flowering meadow", "a pasture", "a green hillside",
        "a prairie", "a lone tree in a field", "a lawn"),
    "volcano": ("a volcano", "an erupting volcano", "a smoking crater", "lava and smoke", "an eruption"),
    "valley": ("a valley", "a valley seen from above", "a wide green valley", "a view over the land", "an overlook",
        "rolling hills with a river"),
    "mountain": ("a mountain", "high mountains", "the Alps", "a rocky summit", "snowy peaks", "a mountain range",
        "a climber on a mountain", "the Himalayas"),
    "canyon": ("a canyon", "a gorge", "red rock walls", "the Grand Canyon", "a ravine", "a rocky gulch"),
    "street": ("a street", "an old town street", "a narrow alley", "a street with shops", "a lane in the town",
        "a city street", "an avenue", "a sidewalk"),
    "canal": ("a canal", "a canal in Venice", "canal houses in Amsterdam", "gondolas on a canal", "a town waterway"),
    "market": ("a market", "a market square with stalls", "a bazaar", "street vendors", "a farmers market",
        "a flea market", "a fair"),
    "square": ("a town square", "a plaza", "a piazza", "the main square of a town", "a courtyard in the city"),
    "city": ("a city", "a city skyline", "skyscrapers", "downtown", "a metropolis", "city lights", "New York",
        "tall buildings by a river", "an urban panorama"),
    "village": ("a village", "a small village with a church", "cottages in the hills", "a hamlet", "a country town",
        "houses along a lane", "a rural settlement"),
    "castle": ("a castle", "a castle on a hill", "a fortress", "a medieval stronghold", "a palace with towers",
        "a citadel", "a kingdom"),
    "ruins": ("ruins", "ancient ruins", "broken columns", "a ruined temple", "the ruins of an abbey",
        "a fallen temple", "a war-torn building", "remains of an old city"),
    "church": ("a church", "a chapel on a rise", "a country church", "a cathedral", "a steeple", "a monastery",
        "a lonely chapel"),
    "graveyard": ("a graveyard", "a cemetery", "gravestones", "old tombs", "a churchyard with crosses",
        "a burial ground"),
    "campfire": ("a campfire", "a tent and a campfire", "camping in the wild", "a camp at night", "a bonfire",
        "campers round a fire"),
    "road": ("a road", "a country road", "a road lined with trees", "a highway through fields", "a lonely road",
        "an alley of cypresses", "a dirt track", "a path into the distance"),
    "farm": ("a farm", "a barn and fields", "farmland", "a wheat field", "cows in a pasture", "a ranch", "crops",
        "a harvest field with hay", "a countryside farmhouse"),
    "orchard": ("an orchard", "rows of fruit trees", "apple trees", "a cherry orchard", "an olive grove", "a vineyard",
        "cherry blossom trees"),
    "park": ("a park", "a bench in the park", "a city park", "a park with lamps", "a stroll in the park",
        "a playground", "a dog in the park"),
    "cabin": ("a cabin", "a log cabin in the woods", "a lonely hut", "a cottage at the edge of the forest",
        "a wooden house", "a hunting lodge", "a home in the woods"),
    "autumn": ("an autumn forest", "autumn leaves", "golden trees in fall", "a wood in october",
        "red and orange leaves", "fall foliage"),
    "garden": ("a garden", "a flower garden", "flower beds and a cottage", "roses in a garden", "a blooming garden",
        "flowers", "a backyard"),
    "windmill": ("a windmill", "windmills over fields", "a Dutch windmill", "an old mill", "a mill on a hill"),
    "railway": ("a railway", "train tracks", "a railroad across the country", "rails into the distance",
        "a railway line"),
    "factory": ("a factory", "smoke stacks", "industrial chimneys", "a power plant", "pollution",
        "an industrial wasteland", "a steel mill", "smog"),
    "rubbish": ("a rubbish dump", "a garbage dump", "heaps of trash", "a landfill", "litter and waste", "a junkyard",
        "piles of garbage"),
    "fire": ("a burning house", "a fire", "a wildfire", "a forest in flames", "a house on fire", "an explosion", "war",
        "a blaze"),
    "flood": ("a flood", "a flooded village", "houses standing in water", "an inundation", "a flooded street",
        "a tsunami", "a disaster"),
    "storm": ("a thunderstorm", "a storm over open land", "lightning", "lightning over the fields", "thunder and rain",
        "a tempest", "a hurricane"),
    "tornado": ("a tornado", "a twister over fields", "a whirlwind", "a cyclone", "a tornado over open country"),
    "rainbow": ("a rainbow", "a rainbow over fields", "a rainbow after rain", "colours in the sky after rain"),
    "fireworks": ("fireworks", "fireworks over the town", "a celebration with fireworks", "new year's eve",
        "a festival in the sky", "rockets bursting over the water"),
    "aurora": ("the northern lights", "aurora borealis", "an aurora over a lake", "polar lights",
        "green lights in the arctic sky"),
    "galaxy": ("a galaxy", "the milky way", "a sky full of stars", "the night sky", "stars over the desert",
        "outer space", "the universe"),
    "moonlight": ("moonlight on water", "the moon over the sea", "a full moon", "a moonlit lake",
        "the moon reflected in water"),
    "shipwreck": ("a shipwreck", "a wrecked ship on the shore", "a stranded ship", "a ghost ship",
        "a hull on the rocks"),
    "balloons": ("hot-air balloons", "balloons over a valley", "a balloon ride", "colourful balloons in the sky"),
    "oasis": ("an oasis", "palms round a pool in the desert", "a desert spring with palm trees",
        "palm trees and water in the sand"),
    "wetland": ("a marsh", "a swamp", "reeds and still water", "a bog", "wetlands", "a pond with reeds", "a bayou"),
}  # fmt: skip

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
