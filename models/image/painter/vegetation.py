"""Bushes, flower beds, reeds, distant woodland, and the blades and flowers near the viewer."""

from __future__ import annotations

import numpy as np

from ..scene import Mood, Scene
from .noise import at_points
from .plain import plainness
from .primitives import Prims
from .ramps import ramp
from .stage import Stage, paint_of
from .terrain import Land
from .trees import broadleaf, conifer, evergreen, leaf_colours
from .view import GRASS, LEAF, ROCK, WATER, View


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
    s.prims.dabs(
        at[keep],
        r,
        0.6,
        rng.random(keep.sum()) * 3,
        c[keep],
        d[keep],
        LEAF,
        0,
        0.8,
        np.clip(0.4 + d[keep, 1], 0, 1),
        s.y,
    )


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
    groups = (("petal", "petal"), ("petal_b", "petal_b"), ("petal_c", "blossom_tint"), ("petal", "petal_c"))[
        s.o.variant % 4
    ]
    t = (rng.random((n, 1)) < 0.5).astype(float)
    c = (m[groups[0]] * t + m[groups[1]] * (1 - t)) * (0.75 + 0.45 * rng.random((n, 1)))
    open_ = rng.random(n) < np.clip(m["flowers"] * 1.25 - 0.05, 0, 1)
    wilt = ~open_
    s.prims.dabs(
        head[open_],
        0.055 + 0.035 * rng.random(int(open_.sum())),
        0.85,
        rng.random(int(open_.sum())) * 3,
        c[open_],
        [0, 0.6, -0.6],
        GRASS,
        0.08 * (m["sun_strength"] > 1),
        0.3,
        1,
        s.y,
    )
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
    s.prims.segs(
        foot,
        h * 0.010,
        head,
        h * 0.004,
        (m["grass"] * t + m["dry_grass"] * (1 - t)) * (0.6 + 0.6 * rng.random((n, 1))),
        GRASS,
    )
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
    ok = ~np.isin(land.material[k, i], (WATER, ROCK)) & (
        np.abs(view.cx + u * view.f - view.width / 2) < view.width * 0.56
    )
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


def _copse(
    p: Prims,
    m: Mood,
    rng: np.random.Generator,
    foot: np.ndarray,
    h: np.ndarray,
    px: np.ndarray,
    conif: np.ndarray,
    ok: np.ndarray,
    snow: float,
) -> None:
    """Distant trees all at once: a few dabs each, by size. Chances are drawn for every tree, so that states change
    tree by tree.
    """
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
        c = evergreen(m) * np.clip(0.5 + 0.5 * tone + 0.3 * np.abs(out) / w, 0.3, 1.4)[..., None]
        if snow > 0.05:
            c = np.where((white < snow * 0.65)[..., None], m["snow_white"] * 0.9, c)
        keep = k[:, None] & (slot < count) & (luck < 0.35 + 0.65 * min(1, m["leaves"] * 1.2 + 0.35))
        nr = np.stack([np.cos(a * 6.283), np.full_like(a, 0.45), np.sin(a * 6.283) - 0.3], 2)
        r = np.broadcast_to(hh * 0.095, t.shape) * (1.15 - 0.7 * ts) * (9 / count) ** 0.35
        p.dabs(
            at[keep],
            r[keep],
            0.45,
            (np.cos(a * 6.283) * 0.6)[keep],
            c[keep],
            nr[keep],
            LEAF,
            0,
            0.7,
            0.85,
            np.broadcast_to(foot[:, 1:2], t.shape)[keep],
        )
    k = ok & ~conif
    if k.any():
        d /= np.linalg.norm(d, axis=2, keepdims=True)
        d[..., 2] = -np.abs(d[..., 2])
        at = one + np.stack([d[..., 0] * 0.30, 0.60 + d[..., 1] * 0.32, d[..., 2] * 0.1], 2) * hh[..., None]
        c = m["leaf"] * (1 - tint) + m["leaf_light"] * tint
        bloom = (white < m["blossom"] * 0.6)[..., None]
        c = np.where(bloom, m["blossom_tint"] * (1 - tint) + m["blossom_light"] * tint, c) * (
            0.8 + 0.4 * tone[..., None]
        )
        if snow > 0.05:
            c = np.where((r0 < snow * 0.5)[..., None], m["snow_white"] * 0.9, c)
        leaves = np.clip((m["leaves"] * 1.35 - fall * 0.75) * 2.2, 0, 1)
        keep = k[:, None] & (slot < count) & (luck < leaves * m["leaves"] ** 0.4)
        r = np.broadcast_to(hh * 0.13, t.shape) * (0.7 + 0.6 * t) * (9 / count) ** 0.35
        p.dabs(
            at[keep],
            r[keep],
            0.65,
            (a * 3)[keep],
            c[keep] * np.clip(0.8 + 0.3 * d[..., 1:2], 0.45, 1.2)[keep],
            d[keep] + [0, 0.15, 0],
            LEAF,
            0,
            0.8,
            np.clip(0.75 + 0.3 * d[..., 1], 0.4, 1)[keep],
            np.broadcast_to(foot[:, 1:2], t.shape)[keep],
        )
    trunk = ok & ~conif
    wood = m["dirt"] * 0.25 + paint_of("74604e") * 0.5
    p.segs(foot[trunk], h[trunk] * 0.026, foot[trunk] + np.c_[0 * h, h * 0.5, 0 * h][trunk], h[trunk] * 0.014, wood)
    twigs = trunk & (px > 9)
    for q in (-1, 1):
        end = foot + np.c_[q * h * (0.12 + 0.16 * t[:, 0]), h * (0.66 + 0.25 * t[:, 1]), 0 * h]
        p.segs(
            (foot + np.c_[0 * h, h * (0.34 + 0.1 * q * t[:, 2]), 0 * h])[twigs],
            h[twigs] * 0.014,
            end[twigs],
            h[twigs] * 0.006,
            wood,
        )


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
    tended, rank = ramp(m["flowers"], 0.3, 0.9), ramp(1 - m["leaves"], 0.4, 0.9)  # a lawn; dead grass left standing
    mown = plainness(m)
    uneven = (0.75 - 0.4 * tended + 0.35 * rank) * (1 - 0.6 * mown)
    green = (m["grass"] * t + m["dry_grass"] * (1 - t)) * (1 - 0.5 * uneven + uneven * rng.random((n, 1)))
    flower = (rng.random(n) < m["flowers"] * 0.2 * place.wildflowers * (1 - mown)) & patch
    tall = z * (0.016 + 0.02 * rng.random(n)) * (1 - 0.35 * tended + 0.25 * rank) * (1 - 0.75 * mown)
    lean = rng.normal(size=n) * 0.25 + 0.5 * m["wind"] * place.side
    ok = (land.material[k, i] == GRASS) & ~bare & (np.abs(view.cx + u * view.f - view.width / 2) < view.width * 0.52)
    foot = np.c_[u * z, y, z]
    head = foot + np.c_[lean * tall, tall, np.zeros(n)]
    b = np.where(ok)[0][:4200]
    thin = 1 - 0.8 * mown
    p.segs(foot[b], z[b] * 0.0022 * thin, head[b], z[b] * 0.0007 * thin, green[b], GRASS)
    petals = np.stack(
        [m["petal"], m["petal_b"], paint_of("f6f0f0"), m["petal_c"], paint_of("6c6cd8"), m["blossom_tint"]]
    )
    which = (at_points(u * 3, d * 7, 5) * 4 + rng.random(n) * 3.2).astype(int) % 6
    size, turn = z * (0.0052 + 0.0045 * rng.random(n)), rng.random(n) * 3
    f = ok & flower
    if f.any():
        p.dabs(
            foot[f] + np.c_[np.zeros(f.sum()), tall[f] * 0.9, np.zeros(f.sum())],
            size[f],
            0.75,
            turn[f],
            petals[which[f]],
            [0, 0.75, -0.5],
            GRASS,
            0.12 * (m["sun_strength"] > 1),
            0,
            1,
        )


BUILDERS = {"bush": bush, "flowers": flower_bed, "reeds": reeds}
