"""Mesh surgery for building the face model: cutting, visibility and edge collapse. Only used at build time."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
Bool = NDArray[np.bool_]


def largest_component(triangles: I32, vertices: int) -> I32:
    """The triangles of the largest connected piece."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    rows = np.r_[triangles[:, 0], triangles[:, 1]]
    cols = np.r_[triangles[:, 1], triangles[:, 2]]
    graph = coo_matrix((np.ones(len(rows)), (rows, cols)), shape=(vertices, vertices))
    label = connected_components(graph, directed=False)[1][triangles[:, 0]]
    return triangles[label == np.bincount(label).argmax()]


def boundary_loops(triangles: I32) -> list[list[int]]:
    """Closed loops of edges that belong to one triangle only, in the triangles' own direction."""
    edges: dict[tuple[int, int], int] = {}
    for a, b, c in triangles.tolist():
        for edge in ((a, b), (b, c), (c, a)):
            edges[edge] = edges.get(edge, 0) + 1
    following = {a: b for (a, b) in edges if (b, a) not in edges}
    loops = []
    while following:
        start, here = next(iter(following.items()))
        del following[start]
        loop = [start]
        while here != start and here in following:
            loop.append(here)
            here = following.pop(here)
        loops.append(loop)
    return loops


def visible(points: F32, triangles: I32, directions: F32, resolution: int = 700) -> Bool:
    """Which vertices are seen from at least one of the directions [D, 3] (towards the viewer), by z-buffer."""
    from . import raster

    seen = np.zeros(len(points), bool)
    for d in directions / np.linalg.norm(directions, axis=1, keepdims=True):
        right = np.cross([0.0, 1.0, 0.0], d)
        right /= np.linalg.norm(right)
        view = (points @ np.stack([right, np.cross(d, right), d]).T).astype(np.float32)
        low = view[:, :2].min(0)
        scale = (resolution - 3) / (view[:, :2].max(0) - low).max()
        view[:, :2] = (view[:, :2] - low) * scale + 1
        depth = raster.depth(view, triangles, resolution, resolution)
        at = np.round(view[:, :2]).astype(int)
        seen |= view[:, 2] > depth[at[:, 1], at[:, 0]] - 0.12
    return seen


def collapse(points: F32, features: F32, triangles: I32, keep: Bool, target: int) -> I32:
    """Half-edge collapse until about `target` vertices are in use; the rest stay where they are.

    points [V, 3]; features [V, F]: everything that should be reproduced by linear interpolation (positions and basis
    vectors, weighted). keep: vertices never removed. The vertex whose features its neighbours explain best goes first.
    Returns the new triangles [T, 3] over the same vertex numbers.
    """
    faces = [list(t) for t in triangles.tolist()]
    around: list[set[int]] = [set() for _ in range(len(points))]
    for i, t in enumerate(faces):
        for v in t:
            around[v].add(i)
    alive = [True] * len(faces)
    boundary = {v for loop in boundary_loops(triangles) for v in loop}
    stamp = [0] * len(points)

    def neighbours(v: int) -> set[int]:
        return {u for f in around[v] for u in faces[f]} - {v}

    def cost(v: int) -> float:
        ring = list(neighbours(v))
        weight = 1 / (np.linalg.norm(points[ring] - points[v], axis=1) + 1e-6)
        error = np.linalg.norm(features[v] - weight @ features[ring] / weight.sum())
        return float(error + 0.05 * np.linalg.norm(points[ring] - points[v], axis=1).mean() ** 2)

    def normals(fs: list[list[int]]) -> F32:
        t = points[np.array(fs)]
        return np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0])

    def target_of(v: int) -> int | None:
        """The neighbour that v can be moved onto without folding the surface over."""
        mine = neighbours(v)
        fan = [faces[f] for f in around[v]]
        before = normals(fan)
        best, choice = np.inf, None
        for u in mine:
            if len(mine & neighbours(u)) != 2:
                continue
            rest = [i for i, t in enumerate(fan) if u not in t]
            if not rest:
                continue
            after = normals([[u if w == v else w for w in fan[i]] for i in rest])
            dot = (after * before[rest]).sum(1) / (
                np.linalg.norm(after, axis=1) * np.linalg.norm(before[rest], axis=1) + 1e-12
            )
            edges = points[np.array([[u if w == v else w for w in fan[i]] for i in rest])]
            sides = np.linalg.norm(edges - np.roll(edges, 1, axis=1), axis=2)
            shape = np.linalg.norm(after, axis=1) / (sides.max(1) ** 2 + 1e-12)
            if dot.min() < 0.6 or shape.min() < 0.12:
                continue
            badness = 1 - dot.min() + 0.3 * (1 - shape.min())
            if badness < best:
                best, choice = badness, u
        return choice

    free = [v for v in range(len(points)) if around[v] and not keep[v] and v not in boundary]
    heap = [(cost(v), v, 0) for v in free]
    heapq.heapify(heap)
    used = sum(1 for a in around if a)
    while heap and used > target:
        _, v, mark = heapq.heappop(heap)
        if mark != stamp[v] or not around[v]:
            continue
        u = target_of(v)
        if u is None:
            continue
        touched = neighbours(v)
        for f in list(around[v]):
            if u in faces[f]:
                alive[f] = False
                for w in faces[f]:
                    around[w].discard(f)
            else:
                faces[f][faces[f].index(v)] = u
                around[u].add(f)
        around[v].clear()
        used -= 1
        for w in touched:
            if around[w] and not keep[w] and w not in boundary:
                stamp[w] += 1
                heapq.heappush(heap, (cost(w), w, stamp[w]))
    return np.array([t for t, a in zip(faces, alive, strict=True) if a], np.int32)
