"""Trees, bushes, reeds, and the blades and flowers near the viewer."""

from __future__ import annotations

import numpy as np

from ..scene import Mood, Scene
from .noise import at_points
from .primitives import Prims
from .stage import Stage, paint_of
from .terrain import Land
from .view import GRASS, LEAF, ROCK, WATER, View


def leaf_colours(m: Mood, rng: np.random.Generator, n: int, tint: float = 0.0) -> np.ndarray:
    """Linear RGB [n, 3]: leaves between the mood's two greens, some in blossom. tint -1..1 shifts the whole tree."""
    t = np.clip(rng.random((n, 1)) + 0.35 * tint, 0, 1)
    bloom = rng.random((n, 1)) < m["blossom"] * 0.6
    petal = m["blossom_tint"] * (1 - t) + m["blossom_light"] * t
    return np.where(bloom, petal, m["leaf"] * (1 - t) + m["leaf_light"] * t) * (0.8 + 0.4 * rng.random((n, 1)))


def _limbs(p: Prims, rng: np.random.Generator, foot: np.ndarray, aim: np.ndarray, length: float, radius: float, colour: np.ndarray, depth: int, spread: float = 1.0) -> np.ndarray:
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


def conifer(p: Prims, m: Mood, rng: np.random.Generator, foot: np.ndarray, h: float, px: float, snow: float, tall: bool) -> None:
    wood = paint_of("74604e") * (0.8 + 0.5 * rng.random())
    big = px > 60
    n = int(np.clip(px * (2.2 if big else 0.5), 5, 520))
    t = np.sort(rng.random(n)) ** 0.8
    a = rng.random(n) * 2 * np.pi
    w = h * (0.21 + 0.05 * rng.random()) * (1 - t) ** 0.85 * (0.72 + 0.4 * (t * 9 % 1 < 0.45)) + 0.02 * h
    w = w * (0.62 if tall else 1)
    out = w * np.sqrt(rng.random(n)) ** 0.6
    at = foot + np.c_[np.cos(a) * out, h * ((0.34 if tall else 0.10) + (0.66 if tall else 0.9) * t) - out * 0.25, np.sin(a) * out * 0.6]
    share = out / (w + 1e-6)
    base = m["leaf"] * 0.55 + m["conifer"] * 0.45
    c = base * np.clip(0.55 + 0.5 * rng.random((n, 1)) + 0.35 * share[:, None] - 0.25, 0.3, 1.4)
    white = (rng.random(n) < snow * 0.65)[:, None]
    if snow > 0.05:
        c = np.where(white, m["snow_white"] * 0.9, c)
    keep = rng.random(n) < 0.35 + 0.65 * min(1, m["leaves"] * 1.2 + 0.35)
    nr = np.c_[np.cos(a), 0.45 + 0 * a, np.sin(a) - 0.3]
    r = h * (0.05 if big else 0.10) * (1.1 - 0.7 * t)
    p.dabs(at[keep], r[keep], 0.42, (np.cos(a) * 0.6)[keep], c[keep], nr[keep], LEAF, 0, 0.7, (0.55 + 0.45 * share)[keep], foot[1])
    p.seg(foot, h * 0.018, foot + [0, h * 0.95, 0], h * 0.004, wood)


def cypress(p: Prims, m: Mood, rng: np.random.Generator, foot: np.ndarray, h: float, px: float) -> None:
    n = int(np.clip(px * 1.6, 6, 260))
    t, a = rng.random(n), rng.random(n) * 2 * np.pi
    w = h * 0.10 * np.sin(np.pi * np.clip(t * 0.9 + 0.1, 0, 1)) ** 0.7
    c = (m["leaf"] * 0.6 + m["conifer"] * 0.3) * (0.6 + 0.6 * rng.random((n, 1)))
    at = foot + np.c_[np.cos(a) * w, h * (0.04 + 0.96 * t), np.sin(a) * w]
    p.dabs(at, h * 0.05, 0.5, 1.5 + 0.3 * np.cos(a), c, np.c_[np.cos(a), 0.3 + 0 * a, np.sin(a) - 0.3], LEAF, 0, 0.6, 0.8, foot[1])


def broadleaf(p: Prims, m: Mood, rng: np.random.Generator, foot: np.ndarray, h: float, px: float, snow: float, leaves: float, variant: int = 0) -> None:
    """variant: 0 free-standing, 1 tall trunk, 2 gnarled. leaves: share left; twigs lose them one after another."""
    tall, gnarled = variant == 1, variant == 2
    wood = paint_of("74604e") * (0.8 + 0.5 * rng.random())
    tint, habit = rng.normal() * 0.7, rng.random()
    big = px > 60
    depth = 2 if px < 40 else (3 if px < 110 else (5 if gnarled or px > 200 else 4))
    aim = np.array([rng.normal() * 0.1, 1, 0])
    seed = int(rng.integers(1 << 30))
    tips = _limbs(p, np.random.default_rng(seed), foot, aim, h * (0.34 if tall else 0.24), h * (0.026 + 0.012 * gnarled), wood, depth, 1.5 if gnarled else 0.8 + 0.5 * habit)
    if leaves < 0.02:
        return
    rng = np.random.default_rng(seed + 1)
    nc = 15
    lift = 0.1 * h if tall else 0.0
    high = 0.30 + 0.12 * habit
    ct = foot + np.c_[rng.normal(size=nc) * h * (0.23 - 0.08 * habit), h * (0.5 + high * rng.random(nc)) + lift, rng.normal(size=nc) * h * 0.1]
    if big and len(tips) > 8:
        pick = rng.permutation(len(tips))[: nc // 2]
        ct[: len(pick)] = tips[pick]
    fall = rng.random(nc)  # a cluster's own threshold: it goes bare as a whole
    stay = np.clip((leaves * 1.35 - fall * 0.75) * 2.2, 0, 1)
    cr = h * (0.13 + 0.09 * rng.random(nc)) * (0.72 + 0.28 * stay)
    n = int(np.clip(px * 4, 7, 1500))
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
    r = h * (0.024 if px > 250 else (0.036 if big else 0.12)) * (0.7 + 0.6 * rng.random(n))
    p.dabs(at[keep], r[keep], 0.6, (rng.random(n) * 3)[keep], c[keep], nn[keep], LEAF, 0, 0.8, ao[keep], foot[1])


def palm(s: Stage) -> None:
    """A leaning trunk and a crown of arched fronds."""
    p, rng, h, m = s.prims, s.rng, s.h, s.mood
    lean, bow = rng.normal() * 0.12, rng.normal() * 0.1
    t = np.linspace(0, 1, 7)
    trunk = s.foot + np.c_[h * (lean * t + bow * t * t), h * t, 0 * t]
    p.segs(trunk[:-1], h * np.linspace(0.030, 0.020, 6), trunk[1:], h * np.linspace(0.028, 0.018, 6), paint_of("8c745c") * (0.8 + 0.3 * rng.random()))
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
            p.segs((frond[:-1] + frond[1:]) / 2, h * 0.010, tip - (frond[1:] - frond[:-1]) / 2, h * 0.003, c * (1.0 if side > 0 else 0.72), LEAF)
    p.shadow(s.foot - [h * 0.2, 0, 0], s.foot + [h * 0.2, 0, 0], h * 0.5, s.y)


def tree(s: Stage) -> None:
    kind, m = s.o.kind, s.mood
    if kind == "conifer":
        conifer(s.prims, m, s.rng, s.foot, s.h, s.px, s.snow, s.o.variant == 1)
    elif kind == "cypress":
        cypress(s.prims, m, s.rng, s.foot, s.h, s.px)
    else:
        broadleaf(s.prims, m, s.rng, s.foot, s.h, s.px, s.snow, m["leaves"] if kind == "broadleaf" else 0.0, s.o.variant)


def bush(s: Stage) -> None:
    rng, h, m = s.rng, s.h, s.mood
    n = int(np.clip(s.px * 1.2, 24, 170))
    d = rng.normal(size=(n, 3))
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    d[:, 1] = abs(d[:, 1])
    at = s.foot + d * h * [0.8, 0.8, 0.5] * rng.random((n, 1)) ** 0.4
    keep = rng.random(n) < 0.3 + 0.7 * m["leaves"]
    c = leaf_colours(m, rng, n, rng.normal() * 0.6)
    if s.snow > 0.05:
        c = np.where((rng.random(n) < s.snow * 0.6)[:, None] & (d[:, 1:2] > 0.3), m["snow_white"] * 0.9, c)
    r = h * 0.13 * (70 / n) ** 0.3
    s.prims.dabs(at[keep], r, 0.6, rng.random(keep.sum()) * 3, c[keep], d[keep], LEAF, 0, 0.8, np.clip(0.4 + d[keep, 1], 0, 1), s.y)


def flower_bed(s: Stage) -> None:
    """Stems and blossoms in one of four colour groups; empty in moods without flowers."""
    rng, h, m = s.rng, s.h, s.mood
    n = int(np.clip(s.px * 2.2, 20, 260))
    a, r = rng.random(n) * 2 * np.pi, h * np.sqrt(rng.random(n))
    x, z = s.x + np.cos(a) * r, s.z + np.sin(a) * r * 0.8
    tall = 0.25 + 0.35 * rng.random(n)
    y = np.full(n, s.y)
    foot = np.c_[x, y, z]
    lean = rng.normal(size=n) * 0.06
    head = foot + np.c_[lean, tall, np.zeros(n)]
    green = m["grass"] * (0.55 + 0.5 * rng.random((n, 1)))
    s.prims.segs(foot, 0.012, head, 0.008, green, GRASS)
    groups = (("petal", "petal"), ("petal_b", "petal_b"), ("petal_c", "blossom_tint"), ("petal", "petal_c"))[s.o.variant % 4]
    t = (rng.random((n, 1)) < 0.5).astype(float)
    c = (m[groups[0]] * t + m[groups[1]] * (1 - t)) * (0.75 + 0.45 * rng.random((n, 1)))
    open_ = rng.random(n) < np.clip(m["flowers"] * 1.25 - 0.05, 0, 1)
    wilt = ~open_
    s.prims.dabs(head[open_], 0.055 + 0.035 * rng.random(int(open_.sum())), 0.85, rng.random(int(open_.sum())) * 3, c[open_], [0, 0.6, -0.6], GRASS, 0.08 * (m["sun_strength"] > 1), 0.3, 1, s.y)
    if wilt.any():
        s.prims.dabs(head[wilt], 0.035, 0.6, 0.5, m["dry_grass"] * 0.5, [0, 0.6, -0.6], GRASS, 0, 0.3, 1, s.y)


def reeds(s: Stage) -> None:
    rng, h, m = s.rng, s.h, s.mood
    n = int(np.clip(s.px * 1.2, 14, 70))
    x, z = s.x + rng.normal(size=n) * h * 0.5, s.z + rng.normal(size=n) * h * 0.2
    tall = h * (0.5 + 0.5 * rng.random(n))
    lean = h * (rng.normal(size=n) * 0.10 + 0.25 * m["wind"] * s.side)
    foot = np.c_[x, np.full(n, s.y - 0.05), z]
    head = foot + np.c_[lean, tall, np.zeros(n)]
    t = rng.random((n, 1))
    s.prims.segs(foot, h * 0.010, head, h * 0.004, (m["grass"] * t + m["dry_grass"] * (1 - t)) * (0.6 + 0.6 * rng.random((n, 1))), GRASS)
    k = rng.random(n) < 0.35
    s.prims.segs(head[k] - [0, h * 0.12, 0], h * 0.016, head[k], h * 0.014, paint_of("6a4a30"), GRASS)


def woodland(p: Prims, scene: Scene, m: Mood, land: Land, view: View, snow: float) -> None:
    """Distant trees drawn from the density map."""
    density = scene.map("trees")
    if density.max() <= 0.05:
        return
    rng = np.random.default_rng(scene.seed + 5)
    side = density.shape[0]
    total = density.astype(float)
    n = int(min(900, 8100 * total.mean()))
    idx = rng.choice(total.size, n, p=total.ravel() / total.sum())
    d = np.minimum((idx // side + rng.random(n)) / (side - 1), 1)
    u = ((idx % side + rng.random(n)) / (side - 1) * 2 - 1) * view.camera.u_max
    z = view.near * np.exp(6.8 * d)
    hs, chance = 7 + 7 * rng.random(n), rng.random(n)
    kind = rng.random(n)
    k, i = land.cells(u, z)
    y = land.height[k, i]
    ok = ~np.isin(land.material[k, i], (WATER, ROCK)) & (np.abs(view.cx + u * view.f - view.width / 2) < view.width * 0.56)
    h = np.minimum(np.maximum(hs, z * 0.012 * (0.7 + 0.8 * chance)), z * 0.07)
    px = h * view.f / z
    conif = kind < scene.setting.conifers
    foot = np.c_[u * z, y, z]
    small = ok & (px < 36)
    _copse(p, m, np.random.default_rng(scene.seed + 8), foot, h, px, conif, small, snow)
    for j in np.where(ok & ~small)[0]:
        own = np.random.default_rng([scene.seed % 9973, int(j)])
        if conif[j]:
            conifer(p, m, own, foot[j], h[j], px[j], snow, False)
        else:
            broadleaf(p, m, own, foot[j], h[j], px[j], snow, m["leaves"])


def _copse(p: Prims, m: Mood, rng: np.random.Generator, foot: np.ndarray, h: np.ndarray, px: np.ndarray, conif: np.ndarray, ok: np.ndarray, snow: float) -> None:
    """Distant trees all at once: a few dabs each, by size. Chances are drawn for every tree, so that states change tree by tree."""
    n, most = len(h), 26
    t, a, r0, tone, white, luck = (rng.random((n, most)) for _ in range(6))
    d = rng.normal(size=(n, most, 3))
    tint = np.clip(rng.random((n, most, 1)) * 0.6 + 0.7 * rng.random((n, 1, 1)) - 0.15, 0, 1)
    fall = rng.random((n, 1))
    count = np.clip(px * 0.8, 6, most).astype(int)[:, None]
    slot = np.arange(most)[None]
    hh, one = h[:, None], foot[:, None, :]
    k = ok & conif
    if k.any():
        ts = ((slot + t) / count) ** 0.8
        w = hh * 0.23 * np.clip(1 - ts, 0, 1) ** 0.85 + 0.02 * hh
        out = w * r0**0.3 * np.cos(a * 6.283)
        at = one + np.stack([out, hh * (0.08 + 0.92 * ts) - np.abs(out) * 0.25, 0 * out], 2)
        c = (m["leaf"] * 0.55 + m["conifer"] * 0.45) * np.clip(0.5 + 0.5 * tone + 0.3 * np.abs(out) / w, 0.3, 1.4)[..., None]
        if snow > 0.05:
            c = np.where((white < snow * 0.65)[..., None], m["snow_white"] * 0.9, c)
        keep = k[:, None] & (slot < count) & (luck < 0.35 + 0.65 * min(1, m["leaves"] * 1.2 + 0.35))
        nr = np.stack([np.cos(a * 6.283), np.full_like(a, 0.45), np.sin(a * 6.283) - 0.3], 2)
        r = np.broadcast_to(hh * 0.095, t.shape) * (1.15 - 0.7 * ts) * (9 / count) ** 0.35
        p.dabs(at[keep], r[keep], 0.45, (np.cos(a * 6.283) * 0.6)[keep], c[keep], nr[keep], LEAF, 0, 0.7, 0.85, np.broadcast_to(foot[:, 1:2], t.shape)[keep])
    k = ok & ~conif
    if k.any():
        d /= np.linalg.norm(d, axis=2, keepdims=True)
        d[..., 2] = -np.abs(d[..., 2])
        at = one + np.stack([d[..., 0] * 0.30, 0.60 + d[..., 1] * 0.32, d[..., 2] * 0.1], 2) * hh[..., None]
        c = m["leaf"] * (1 - tint) + m["leaf_light"] * tint
        bloom = (white < m["blossom"] * 0.6)[..., None]
        c = np.where(bloom, m["blossom_tint"] * (1 - tint) + m["blossom_light"] * tint, c) * (0.8 + 0.4 * tone[..., None])
        if snow > 0.05:
            c = np.where((r0 < snow * 0.5)[..., None], m["snow_white"] * 0.9, c)
        leaves = np.clip((m["leaves"] * 1.35 - fall * 0.75) * 2.2, 0, 1)
        keep = k[:, None] & (slot < count) & (luck < leaves * m["leaves"] ** 0.4)
        r = np.broadcast_to(hh * 0.13, t.shape) * (0.7 + 0.6 * t) * (9 / count) ** 0.35
        p.dabs(at[keep], r[keep], 0.65, (a * 3)[keep], c[keep] * np.clip(0.8 + 0.3 * d[..., 1:2], 0.45, 1.2)[keep], d[keep] + [0, 0.15, 0], LEAF, 0, 0.8, np.clip(0.75 + 0.3 * d[..., 1], 0.4, 1)[keep], np.broadcast_to(foot[:, 1:2], t.shape)[keep])
    trunk = ok & ~conif
    wood = m["dirt"] * 0.25 + paint_of("74604e") * 0.5
    p.segs(foot[trunk], h[trunk] * 0.026, foot[trunk] + np.c_[0 * h, h * 0.5, 0 * h][trunk], h[trunk] * 0.014, wood)
    twigs = trunk & (px > 9)
    for q in (-1, 1):
        end = foot + np.c_[q * h * (0.12 + 0.16 * t[:, 0]), h * (0.66 + 0.25 * t[:, 1]), 0 * h]
        p.segs((foot + np.c_[0 * h, h * (0.34 + 0.1 * q * t[:, 2]), 0 * h])[twigs], h[twigs] * 0.014, end[twigs], h[twigs] * 0.006, wood)


def meadow(p: Prims, scene: Scene, m: Mood, land: Land, view: View, snow: float) -> None:
    """Blades of grass and wild flowers near the viewer."""
    place = scene.setting
    if place.grass <= 0:
        return
    rng = np.random.default_rng(scene.seed + 6)
    n = int(5200 * place.grass)
    d = rng.random(n) ** 0.8 * 0.36
    u = (rng.random(n) * 2 - 1) * view.camera.u_max
    z = view.near * np.exp(6.8 * d)
    k, i = land.cells(u, z)
    y = land.height[k, i].astype(float)
    patch = at_points(u * 6, d * 9, scene.seed % 97) > -0.10
    bare = rng.random(n) <= 0.6 * snow
    t = rng.random((n, 1))
    green = (m["grass"] * t + m["dry_grass"] * (1 - t)) * (0.62 + 0.75 * rng.random((n, 1)))
    flower = (rng.random(n) < m["flowers"] * 0.33 * place.wildflowers) & patch
    tall = z * (0.016 + 0.02 * rng.random(n)) * (0.6 + 0.4 * m["leaves"])
    lean = rng.normal(size=n) * 0.25 + 0.5 * m["wind"] * place.side
    ok = (land.material[k, i] == GRASS) & ~bare & (np.abs(view.cx + u * view.f - view.width / 2) < view.width * 0.52)
    foot = np.c_[u * z, y, z]
    head = foot + np.c_[lean * tall, tall, np.zeros(n)]
    b = np.where(ok)[0][:4200]
    p.segs(foot[b], z[b] * 0.0022, head[b], z[b] * 0.0007, green[b], GRASS)
    petals = np.stack([m["petal"], m["petal_b"], paint_of("f6f0f0"), m["petal_c"], paint_of("6c6cd8"), m["blossom_tint"]])
    which = (at_points(u * 3, d * 7, 5) * 4 + rng.random(n) * 3.2).astype(int) % 6
    size, turn = z * (0.0042 + 0.004 * rng.random(n)), rng.random(n) * 3
    f = ok & flower
    if f.any():
        p.dabs(foot[f] + np.c_[np.zeros(f.sum()), tall[f] * 0.9, np.zeros(f.sum())], size[f], 0.75, turn[f], petals[which[f]], [0, 0.75, -0.5], GRASS, 0.12 * (m["sun_strength"] > 1), 0, 1)
