"""Measures over layouts: features, a subject classifier trained on the samplers' scenes, what a layout holds, variety."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .layout import CHANNELS, TYPE, Layout, encode_maps
from .prompts import bank
from .sampler import SUBJECT_NAMES, Spec, compose

_WET = CHANNELS.index("water")


def features(layout: Layout) -> np.ndarray:
    """float32: counts by type, globals, and the maps averaged over 8 x 8 cells."""
    m = encode_maps(layout.maps).reshape(len(CHANNELS), 8, 8, 8, 8).mean((2, 4))
    return np.concatenate([layout.counts(), layout.globals_array(), m.ravel()]).astype(np.float32)


@dataclass(frozen=True)
class SubjectClassifier:
    """Names a layout's subject. Trained on the samplers' scenes alone; `accuracy` is on held-out ones."""

    model: object
    accuracy: float

    @staticmethod
    def train(per_subject: int = 60, seed: int = 7) -> SubjectClassifier:
        """Multinomial logistic regression over `features`, plain and with additions as prompts ask for them."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        rng = np.random.default_rng(seed)
        asked: dict[str, list[Spec]] = {s: [Spec(s)] for s in SUBJECT_NAMES}
        for _, spec in bank(2600, seed):
            asked[spec.subject].append(spec)
        x, y = [], []
        for subject in SUBJECT_NAMES:
            for _ in range(per_subject):
                spec = asked[subject][int(rng.integers(len(asked[subject])))]
                x.append(features(compose(spec, tuple(rng.uniform(-1, 1, 3)), int(rng.integers(2**40)))))  # type: ignore[arg-type]
                y.append(subject)
        order = rng.permutation(len(y))
        xs, ys = np.stack(x)[order], np.array(y)[order]
        cut = len(ys) * 5 // 6
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=300))
        model.fit(xs[:cut], ys[:cut])
        return SubjectClassifier(model, float((model.predict(xs[cut:]) == ys[cut:]).mean()))

    def __call__(self, layouts: list[Layout]) -> list[str]:
        """The likeliest subject of each."""
        found = self.model.predict(np.stack([features(x) for x in layouts]))  # type: ignore[attr-defined]
        return [str(s) for s in found]


#: How a thing shows in a layout: any of these types, or a share of the map.
SIGNS: dict[str, tuple[str, ...]] = {
    "boat": ("boat", "ship"), "sailboat": ("boat", "ship"), "ship": ("ship",), "people": ("person",),
        "person": ("person",), "church": ("church",),
    "castle": ("castle",), "tower": ("tower",), "lighthouse": ("lighthouse",), "windmill": ("windmill",),
        "ruin": ("ruin",), "bridge": ("bridge",),
    "house": ("house",), "cabin": ("house",), "village": ("house",), "barn": ("barn",), "hay": ("hay",),
        "horses": ("horse",), "cows": ("horse",),
    "sheep": ("horse",), "dog": ("dog",), "tent": ("tent",), "campfire": ("campfire",), "graves": ("grave",),
        "fence": ("fence",), "lamps": ("lamp",),
    "bench": ("bench",), "palms": ("palm",), "cypresses": ("cypress",), "dead trees": ("bare_tree",),
        "trees": ("broadleaf", "conifer", "bare_tree"),
    "forest": ("broadleaf", "conifer", "bare_tree"), "rocks": ("rock",), "flowers": ("flowers",), "market": ("stall",),
        "car": ("car",), "cart": ("cart",),
    "railway": ("rails",), "garbage": ("rubbish",), "lantern": ("lantern",), "balloons": ("balloon",),
        "burning": ("fire",), "tornado": ("tornado",),
    "aurora": ("aurora",), "galaxy": ("galaxy",), "rainbow": ("rainbow",), "fireworks": ("fireworks",),
        "lightning": ("lightning",), "moon": ("moon",),
    "factory": ("chimney",), "pier": ("pier",), "well": ("well",), "gate": ("arch_gate",), "waterfall": ("waterfall",),
        "reeds": ("reeds",),
    "skyline": ("tower_block", "mid_block"), "parasols": ("parasol",), "camels": ("camel",),
}  # fmt: skip


def holds(layout: Layout, thing: str) -> bool | None:
    """Whether a layout shows a thing that its prompt added; None when that cannot be told from the layout."""
    if thing in SIGNS:
        return bool(np.isin(layout.types, [TYPE[t] for t in SIGNS[thing]]).any())
    if thing in ("lake", "river", "sea"):
        return bool((layout.maps[_WET] > 0).mean() > 0.03)
    if thing == "path":
        return bool((layout.maps[CHANNELS.index("path")] > 0).mean() > 0.005)
    if thing == "empty":
        return not bool((layout.types == TYPE["person"]).any())
    return None


def variety(layouts: list[Layout], spread: np.ndarray) -> float:
    """Mean pairwise distance of the features, each divided by `spread`."""
    x = np.stack([features(q) for q in layouts]) / spread
    d = np.sqrt(np.square(x[:, None] - x[None]).mean(-1))
    return float(d[np.triu_indices(len(x), 1)].mean())


def nearest(layouts: list[Layout], known: list[Layout], spread: np.ndarray) -> np.ndarray:
    """Distance of each layout to the nearest of `known`, in the units of `variety`."""
    a, b = (np.stack([features(q) for q in qs]) / spread for qs in (layouts, known))
    return np.sqrt(np.square(a[:, None] - b[None]).mean(-1)).min(1)
