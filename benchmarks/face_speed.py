"""Unrelated photographs a second: python benchmarks/face_speed.py [--data DIR] [--count 24] [--workers 1 2]

Every picture is searched, its 68 points are placed, and its expression is read: the London set's 640-pixel portraits where --data
has them, else the demo's. Prints processor milliseconds a picture for finding and for reading, and pictures a second of wall time
for each number of workers (threads of one process, each on one core).
"""

from __future__ import annotations

import argparse
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def pictures(data: Path, count: int) -> list:
    from genstudio import registry
    from genstudio.media.image import read_image

    paths = sorted((data / "london").glob("*/*.jpg"))
    paths = paths[:: max(1, len(paths) // count)][:count] or list(registry.load("head:embedded").portraits().values())
    return [read_image(p) for p in paths]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    args = parser.parse_args()
    from genstudio import registry
    from genstudio.threads import one_thread

    find, read = registry.load("faces:embedded"), registry.load("evaluator:face")
    images = pictures(args.data, args.count)

    def each(image) -> None:
        with one_thread():
            read(image)

    each(images[0])
    began = time.process_time()
    with one_thread():
        for image in images:
            find(image)
    found = (time.process_time() - began) / len(images)
    began = time.process_time()
    for image in images:
        each(image)
    whole = (time.process_time() - began) / len(images)
    out = {
        "pictures": len(images), "side": max(images[0].shape), "finding_ms": round(found * 1000, 1),
        "finding_and_reading_ms": round(whole * 1000, 1), "pictures_a_second": {},
    }  # fmt: skip
    for name, job in (("finding", find), ("finding_and_reading", each)):
        for workers in args.workers:
            began = time.perf_counter()
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(job, images))
            out["pictures_a_second"][f"{name}, {workers} workers"] = round(
                len(images) / (time.perf_counter() - began), 1
            )
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
