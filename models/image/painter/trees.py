"""Trees: conifers, cypresses, broadleaved crowns on branching limbs, palms."""

from __future__ import annotations

import numpy as np

from ..scene import Mood
from .primitives import Prims
from .stage import Stage, paint_of
from .view import LEAF


def evergreen(m: Mood) -> np.ndarray:
    """Needles keep their own hue and take the value of the mood's leaves."""
    leaf, needle = m["leaf"], m["conifer"]
    return needle * float(leaf.mean() / max(needle.mean(), 1e-4)) ** 0.5 * 0.8 + leaf * 0.2


def leaf_colours(m: Mood, rng: np.random.Generator, n: int, tint: float = 0.0) -> np.ndarray:
    """Linear RGB [n, 3]: leaves between the mood's two greens, some in blossom. tint -1..1 shifts the whole tree."""
    t = np.clip(rng.random((n, 1)) + 0.35 * tint, 0, 1)
    bloom = rng.random((n, 1)) < m["blossom"] * 0.6
    petal = m["blossom_tint"] * (1 - t) + m["blossom_light"] * t
    return np.where(bloom, petal, m["leaf"] * (1 - t) + m["leaf_light"] * t) * (0.8 + 0.4 * rng.random((n, 1)))


def _limbs(
    p: Prims,
    rng: np.random.Generator,
    foot: np.ndarray,
    aim: np.ndarray,
    length: float,
    radius: float,
    colour: np.ndarray,
    depth: int,
    spread: float = 1.0,
) -> np.ndarray:
    """Branching bars, level by level; returns the tips [n, 3]."""
    at, way = foot[None], aim[None] / np.linalg.norm(aim)
    span = np.array([length])
    r = radius
    for level in range(depth + 1):
        end = at + way * span[:, None]
        p.segs(at, r, end, r * 0.68, colour)
        if level == depth:
            return end
        kids = 2 if depth - level > 2 else 2 + int(rng.random() < 0.5)
        at = np.repeat(end, kids, 0) - np.repeat(way * span[:, None], kids, 0) * 0.1 * rng.random((len(end) * kids, 1))
        way = np.repeat(way, kids, 0) + rng.normal(size=(len(at), 3)) * [0.55 * spread, 0.32, 0.35 * spread]
        way[:, 1] = way[:, 1] * 0.9 + 0.12
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        span = np.repeat(span, kids) * (0.62 + 0.22 * rng.random(len(at)))
        r *= 0.62
    return at


def conifer(
    p: Prims, m: Mood, rng: np.random.Generator, foot: np.ndarray, h: float, px: float, snow: float, tall: bool
) -> None:
    wood = paint_of("74604e") * (0.8 + 0.5 * rng.random())
    big = px > 60
    n = int(np.clip(px * (2.2 if big else 0.5), 5, 520))
    t = np.sort(rng.random(n)) ** 0.8
    a = rng.random(n) * 2 * np.pi
    w = h * (0.21 + 0.05 * rng.random()) * (1 - t) ** 0.85 * (0.72 + 0.4 * (t * 9 % 1 < 0.45)) + 0.02 * h
    w = w * (0.62 if tall else 1)
    out = w * np.sqrt(rng.random(n)) ** 0.6
    at = (
        foot
        + np.c_[
            np.cos(a) * out,
            h * ((0.34 if tall else 0.10) + (0.66 if tall else 0.9) * t) - out * 0.25,
            np.sin(a) * out * 0.6,
        ]
    )
    share = out / (w + 1e-6)
    base = evergreen(m)
    c = base * np.clip(0.55 + 0.5 * rng.random((n, 1)) + 0.35 * share[:, None] - 0.25, 0.3, 1.4)
    white = (rng.random(n) < snow * 0.65)[:, None]
    if snow > 0.05:
        c = np.where(white, m["snow_white"] * 0.9, c)
    keep = rng.random(n) < 0.35 + 0.65 * min(1, m["leaves"] * 1.2 + 0.35)
    nr = np.c_[np.cos(a), 0.45 + 0 * a, np.sin(a) - 0.3]
    r = h * (0.05 if big else 0.10) * (1.1 - 0.7 * t)
    p.dabs(
        at[keep],
        r[keep],
        0.42,
        (np.cos(a) * 0.6)[keep],
        c[keep],
        nr[keep],
        LEAF,
        0,
        0.7,
        (0.55 + 0.45 * share)[keep],
        foot[1],
    )
    p.seg(foot, h * 0.018, foot + [0, h * 0.95, 0], h * 0.004, wood)


def cypress(p: Prims, m: Mood, rng: np.random.Generator, foot: np.ndarray, h: float, px: float) -> None:
    n = int(np.clip(px * 1.6, 6, 260))
    t, a = rng.random(n), rng.random(n) * 2 * np.pi
    w = h * 0.10 * np.sin(np.pi * np.clip(t * 0.9 + 0.1, 0, 1)) ** 0.7
    c = evergreen(m) * 0.95 * (0.6 + 0.6 * rng.random((n, 1)))
    at = foot + np.c_[np.cos(a) * w, h * (0.04 + 0.96 * t), np.sin(a) * w]
    p.dabs(
        at,
        h * 0.05,
        0.5,
        1.5 + 0.3 * np.cos(a),
        c,
        np.c_[np.cos(a), 0.3 + 0 * a, np.sin(a) - 0.3],
        LEAF,
        0,
        0.6,
        0.8,
        foot[1],
    )


def broadleaf(
    p: Prims,
    m: Mood,
    rng: np.random.Generator,
    foot: np.ndarray,
    h: float,
    px: float,
    snow: float,
    leaves: float,
    variant: int = 0,
) -> None:
    """variant: 0 free-standing, 1 tall trunk, 2 gnarled. leaves: share left; twigs lose them one after another."""
    tall, gnarled = variant == 1, variant == 2
    wood = paint_of("74604e") * (0.8 + 0.5 * rng.random())
    tint, habit = rng.normal() * 0.7, rng.random()
    big = px > 60
    depth = 2 if px < 40 else (3 if px < 110 else (5 if gnarled or px > 200 else 4))
    aim = np.array([rng.normal() * 0.1, 1, 0])
    seed = int(rng.integers(1 << 30))
    tips = _limbs(
        p,
        np.random.default_rng(seed),
        foot,
        aim,
        h * (0.34 if tall else 0.24),
        h * (0.026 + 0.012 * gnarled),
        wood,
        depth,
        1.5 if gnarled else 0.8 + 0.5 * habit,
    )
    if leaves < 0.02:
        return
    rng = np.random.default_rng(seed + 1)
    nc = 15
    lift = 0.1 * h if tall else 0.0
    high = 0.30 + 0.12 * habit
    ct = (
        foot
        + np.c_[
            rng.normal(size=nc) * h * (0.23 - 0.08 * habit),
            h * (0.5 + high * rng.random(nc)) + lift,
            rng.normal(size=nc) * h * 0.1,
        ]
    )
    if big and len(tips) > 8:
        pick = rng.permutation(len(tips))[: nc // 2]
        ct[: len(pick)] = tips[pick]
    fall = rng.random(nc)  # a cluster's own threshold: it goes bare as a whole
    stay = np.clip((leaves * 1.35 - fall * 0.75) * 2.2, 0, 1)
    cr = h * (0.13 + 0.09 * rng.random(nc)) * (0.72 + 0.28 * stay)
    n = int(np.clip(px * 4, 7, 2800))
    k = rng.integers(0, nc, n)
    d = rng.normal(size=(n, 3))
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    d[:, 2] = np.where(d[:, 2] > 0.3, -d[:, 2], d[:, 2])
    at = ct[k] + d * (cr[k] * (0.55 + 0.5 * rng.random(n)))[:, None]
    keep = rng.random(n) < leaves**0.4 * stay[k]
    nn = d * 0.7 + (at - (foot + [0, h * 0.62, 0])) / (h * 0.4) * 0.6
    nn[:, 1] += 0.15
    c = leaf_colours(m, rng, n, tint) * np.clip(0.75 + 0.35 * d[:, 1:2], 0.45, 1.2)
    if snow > 0.05:
        c = np.where((rng.random(n) < snow * 0.5)[:, None], m["snow_white"] * 0.9, c)
    ao = np.clip(0.55 + 0.5 * (at[:, 1] - foot[1] - h * 0.4) / (h * 0.5), 0.4, 1)
    r = h * (0.024 * min(1.0, 1500 / n) ** 0.4 if px > 250 else (0.036 if big else 0.12)) * (0.7 + 0.6 * rng.random(n))
    p.dabs(at[keep], r[keep], 0.6, (rng.random(n) * 3)[keep], c[keep], nn[keep], LEAF, 0, 0.8, ao[keep], foot[1])


def palm(s: Stage) -> None:
    """A leaning trunk and a crown of arched fronds."""
    p, rng, h, m = s.prims, s.rng, s.h, s.mood
    lean, bow = rng.normal() * 0.12, rng.normal() * 0.1
    t = np.linspace(0, 1, 7)
    trunk = s.foot + np.c_[h * (lean * t + bow * t * t), h * t, 0 * t]
    p.segs(
        trunk[:-1],
        h * np.linspace(0.030, 0.020, 6),
        trunk[1:],
        h * np.linspace(0.028, 0.018, 6),
        paint_of("8c745c") * (0.8 + 0.3 * rng.random()),
    )
    top = trunk[-1]
    for i in range(13):
        a = i * 2 * np.pi / 13 + rng.normal() * 0.15
        reach, droop = h * rng.uniform(0.30, 0.42), rng.uniform(0.7, 1.3)
        q = np.linspace(0, 1, 9)
        c = m["leaf"] * (0.6 + 0.5 * rng.random()) + m["leaf_light"] * 0.25 * rng.random()
        frond = top + np.c_[np.cos(a) * reach * q, reach * (0.45 * q - droop * q * q), np.sin(a) * reach * q * 0.7]
        p.segs(frond[:-1], h * 0.006, frond[1:], h * 0.004, c * 0.8, LEAF)
        for side in (-1, 1):
            reach_ = np.sin(np.linspace(0.5, 2.9, 8)) * h * 0.075
            tip = frond[1:] + np.c_[side * reach_ * 0.55 + np.cos(a) * reach_ * 0.5, -reach_, np.zeros(8)]
            p.segs(frond[1:], h * 0.010, tip, h * 0.003, c * (1.1 if side > 0 else 0.8), LEAF)
            p.segs(
                (frond[:-1] + frond[1:]) / 2,
                h * 0.010,
                tip - (frond[1:] - frond[:-1]) / 2,
                h * 0.003,
                c * (1.0 if side > 0 else 0.72),
                LEAF,
            )
    p.shadow(s.foot - [h * 0.2, 0, 0], s.foot + [h * 0.2, 0, 0], h * 0.5, s.y)


def tree(s: Stage) -> None:
    kind, m = s.o.kind, s.mood
    if kind == "conifer":
        conifer(s.prims, m, s.rng, s.foot, s.h, s.px, s.snow, s.o.variant == 1)
    elif kind == "cypress":
        cypress(s.prims, m, s.rng, s.foot, s.h, s.px)
    else:
        broadleaf(
            s.prims, m, s.rng, s.foot, s.h, s.px, s.snow, m["leaves"] if kind == "broadleaf" else 0.0, s.o.variant
        )


BUILDERS = {"conifer": tree, "broadleaf": tree, "bare_tree": tree, "cypress": tree, "palm": palm}
