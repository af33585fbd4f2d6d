"""Seconds to paint: python benchmarks/paint_speed.py [--size 256 512] [--count 6] [--style oil] [--cold]

Prints wall and process seconds a picture (median over scenes) and the share of each stage. --cold also measures
compiling into an empty cache.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np


def scenes(count: int) -> list:
    """Scenes of the training samplers when they are there, else plain land with woods and water."""
    from genstudio.models.image.scene import Scene, mood_for
    from genstudio.models.image.scene.grid import INDEX, empty_maps

    points = [
        (0.76, 0.48, 0.35),
        (-0.63, -0.27, -0.33),
        (-0.64, 0.6, -0.43),
        (-0.51, 0.59, 0.25),
        (-0.6, 0.35, 0.11),
        (0.63, -0.42, 0.1),
    ]
    try:
        from genstudio.models.image.compose.codec import scene_of
        from genstudio.models.image.compose.sampler import Spec, sample

        subjects = ("lake", "street", "sea", "castle", "village", "forest", "city", "harbour")
        return [
            scene_of(*sample(Spec(subjects[i % len(subjects)]), points[i % len(points)], i), i) for i in range(count)
        ]
    except ImportError:
        maps = empty_maps()
        maps[INDEX["water"], 14:26] = 1.0
        maps[INDEX["elevation"], 45:55] = 0.12
        maps[INDEX["roughness"], 45:55] = 0.06
        maps[INDEX["trees"], 30:40] = 0.5
        return [Scene("lake", i, maps=maps, mood=mood_for(*points[i % len(points)], seed=i)) for i in range(count)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--count", type=int, default=6)
    parser.add_argument("--style", default="oil")
    parser.add_argument("--cold", action="store_true")
    args = parser.parse_args()
    out: dict = {
        "threads": os.environ.get("GENSTUDIO_THREADS") or os.environ.get("OMP_NUM_THREADS") or str(os.cpu_count())
    }
    if args.cold:
        with tempfile.TemporaryDirectory() as folder:
            env = os.environ | {"NUMBA_CACHE_DIR": folder}
            clock = time.perf_counter()
            subprocess.run([sys.executable, "-m", "genstudio.models.image.painter.warm"], check=True, env=env)
            out["cold_start_s"] = round(time.perf_counter() - clock, 1)
    from genstudio.models.image.painter import paint
    from genstudio.models.image.painter.warm import warm

    out["warm_start_s"] = round(warm(), 2)
    for size in args.size:
        wall, cpu, stages = [], [], []
        for scene in scenes(args.count):
            a, b, seconds = time.perf_counter(), time.process_time(), {}
            paint(scene, size, style=args.style, seconds=seconds)
            wall.append(time.perf_counter() - a)
            cpu.append(time.process_time() - b)
            stages.append(seconds)
        out[str(size)] = {
            "wall_s": round(float(np.median(wall)), 2),
            "process_s": round(float(np.median(cpu)), 2),
            "stages_s": {k: round(float(np.median([s[k] for s in stages])), 3) for k in stages[0]},
        }
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
