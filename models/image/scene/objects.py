"""Object tokens: everything in a scene that has a place of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_OBJECTS: Final = 96
COLOURS: Final = (  # material colours that a token may name by index; -1 lets the painter choose from `seed`
    "c9a27c", "d8c3a0", "b98468", "a8a49c", "cdb48c", "b8c4c8", "e2d8c8", "c49a90", "9aa8b0", "d8c8b4",
    "8a5a48", "a8705a", "9c8878", "b89478", "7c5c54", "e0b080", "c8d0b8", "e4c8c0", "d09878", "b8c8d8",
    "8c8e96", "a09488", "7c8490", "b0a090", "94806c", "a83c34", "34507c", "3c6c54", "c89040", "f0e8d8",
)  # fmt: skip

_TREE = "size = height m; variant 0 free-standing, 1 tall forest trunk, 2 gnarled"
_SKY = "sky: u = where, z ignored, size = strength 0..1.5"
KINDS: Final[dict[str, str]] = {
    # trees and plants
    "conifer": _TREE,
    "broadleaf": _TREE,
    "bare_tree": _TREE,
    "cypress": _TREE,
    "palm": "size = height m",
    "bush": "size = radius m",
    "flowers": "a bed of flowers: size = radius m, variant 0-3 colour group (red, gold, violet, mixed)",
    "reeds": "size = height m, a clump at the water's edge",
    "hay": "round bale: size = height m",
    "log": "size = length m",
    "stump": "size = height m",
    # stone and water
    "rock": "boulders: size = height m",
    "waterfall": "foot at z, lip at 1.34 z: width = width / z (0.03-0.06)",
    "crater": "mouth of a volcano: u, z of the summit; smoke and lava follow the mood",
    # buildings
    "house": "size = width m; variant 0-2 plain, 1 cottage; style 1 dark timber; yaw = turn of the ridge",
    "church": "size = total height m",
    "barn": "size = width m, yaw",
    "block": (
        "terrace along a street: near corner at u, z; size = height m, width = length along the street m; yaw > 0: front faces "
        "right (it stands on the left), yaw < 0: faces left; style 0-3 (shutters, shop, modern, arches); variant = roof "
        "0 flat, 1 pitched, "
        "2 gable; state > 0.5 has a shop awning"
    ),
    "mid_block": "city block seen from afar: size = height m; style 0-3",
    "tower_block": "high-rise: size = height m; style 0-3",
    "tower": "old tower with a cap: size = height m",
    "castle": "size = scale m (the keep rises 1.35 size)",
    "lighthouse": "size = height m",
    "ruin": "broken walls, arch and columns: size = height m, variant 0 columns, 1 arch, 2 walls; yaw",
    "windmill": "size = height m",
    "chimney": "factory chimney with its smoke: size = height m",
    "bridge": "stone arches across the view: centre u, width = span / z (0.3-0.9), size = deck height / z (0.03-0.06)",
    "pier": "planks from the viewer outward: near end at z; size = 1",
    "well": "size = height m",
    "arch_gate": "gate or torii: size = height m, variant 0 stone arch, 1 torii",
    # street and garden things
    "lamp": "street lamp: size = height m; lit by the mood",
    "stall": "market stall: size = height m",
    "parasol": "beach umbrella and towel: size = height m; open in happy moods",
    "bench": "size = length m, yaw",
    "grave": "size = height m, variant 0-3 (0, 1 slab, 2-3 cross), yaw = lean",
    "fence": "a run of fence about 30 m long centred at u, z: size = height m, variant 1 iron, yaw",
    "pole": "telegraph pole: size = height m",
    "cart": "size = length m",
    "tent": "size = height m, yaw",
    "campfire": "size = scale (1 = knee-high logs)",
    "lantern": "a lantern or lamp on the ground or a post: size = height m",
    "rubbish": "heap: size = height m",
    "rails": "railway line: x offset u * z at z, runs away from the viewer; size = gauge m; yaw",
    "car": "size = length m, yaw",
    # living
    "person": "size = height m; variant 0 stand, 1 walk, 2 sit; style 1 always shown (else the mood's `people` decides)",
    "camel": "size = height m",
    "horse": "size = height m (cow with variant 1, sheep with variant 2)",
    "dog": "size = height m",
    "boat": "size = length m; variant 0 rowing, 1 sail, 2 fishing; state > 0.55 sails furled",
    "ship": "wreck or tall ship: size = length m; variant 0 tall ship, 1 wreck",
    # in the air and the sky
    "balloon": "hot-air balloon: size = height m, state = metres above the ground / 100",
    "tornado": "foot at u, z; size = width of the foot / z (0.02-0.08)",
    "fire": "a burning thing at u, z: size = height m",
    "aurora": _SKY,
    "galaxy": _SKY + "; yaw = slant of the milky way",
    "rainbow": _SKY,
    "fireworks": _SKY,
    "lightning": _SKY,
    "moon": _SKY + "; state = height above the horizon / picture height",
}


@dataclass(frozen=True)
class SceneObject:
    """One thing in the world. What each field means for a kind stands in `KINDS`.

    kind: a key of `KINDS`. u: sideways tangent X / Z, visible within 0.5 / focal (a near house front may start as far
    out as 8). z: metres along the view, > 0.
    size: metres unless the kind says otherwise. yaw: radians. variant, style: 0-3. width: 0 = the kind's own. state:
    0..1.
    colour: index into `COLOURS`, -1 = by seed. seed: 0..65535, the thing's own chance (branches, clothes, threshold
    of its states).
    """

    kind: str
    u: float
    z: float
    size: float
    yaw: float = 0.0
    variant: int = 0
    style: int = 0
    width: float = 0.0
    state: float = 0.0
    colour: int = -1
    seed: int = 0
