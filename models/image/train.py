"""Trains the composer: makes scenes with all processes, then trains its four networks side by side.

    python -m genstudio.models.image.compose.prepare --cache .cache/pack/scene     (once; needs MiniLM)
    python -m genstudio.models.image.train --cache .cache/pack/scene --out runs/scene --minutes 5.3 --device cuda

Writes composer.safetensors (float16, all networks, their configs in the header) and train.csv into --out;
`python -m genstudio.models.image.compose.export` turns them into the shipped pipeline.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

GROUPS = ("maps", "objects", "plan+mood")


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(
        prog="python -m genstudio.models.image.train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("--data", type=Path, help="not needed: the scenes are made by the samplers here")
    p.add_argument("--cache", type=Path, default=Path(".cache/pack/scene"), help="what compose.prepare wrote")
    p.add_argument("--out", type=Path, default=Path("runs/scene"))
    p.add_argument("--minutes", type=float, default=5.3, help="for everything, scenes included")
    p.add_argument("--steps", type=int, help="end after so many steps instead")
    p.add_argument("--scenes", type=int, default=100000, help="at most")
    p.add_argument("--scene-seconds", type=float, default=35, help="at most this long for making scenes")
    p.add_argument("--workers", type=int, default=min(12, max(1, (os.cpu_count() or 2) - 1)))
    p.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--resume", action="store_true", help="go on from the checkpoints in --work")
    p.add_argument("--work", type=Path, help="for scenes and checkpoints (default: a temporary folder)")
    p.add_argument(
        "--start", type=Path, help="a composer.safetensors to train further (pack with compose.prepare --axes)"
    )
    p.add_argument("--gentle", type=float, default=1.0, help="factor on the learning rates, for --start")
    p.add_argument("--networks", default="+".join(GROUPS), help="which to train: any of plan+maps+objects+mood")
    p.add_argument("--only", help=argparse.SUPPRESS)
    p.add_argument("--count", type=int, help=argparse.SUPPRESS)
    p.add_argument("--end", type=float, help=argparse.SUPPRESS)
    a = p.parse_args(argv)
    if a.only:
        from .compose.training import run

        run(
            tuple(a.only.split("+")), a.work / "scenes", a.cache, a.work, a.count, a.end, a.device, a.seed, a.resume, a.steps,
            a.start, a.gentle,
        )  # fmt: skip
        return
    began = time.time()
    a.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        work = a.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        count = _scenes(a, work, began)
        device = _device(a.device)
        wanted = a.networks.split("+")
        groups = tuple(g for g in ("+".join(f for f in g.split("+") if f in wanted) for g in GROUPS) if g)
        groups = groups if device == "cuda" else ("+".join(groups),)
        end = began + a.minutes * 60 - (8 if device == "cuda" else 2)
        _train(a, groups, work, count, end, device)
        _merge(work, a.out, a.start)


def _scenes(a: argparse.Namespace, work: Path, began: float) -> int:
    from .compose.scenes import Pack, make

    marker = work / "scenes" / "count.json"
    if a.resume and marker.exists():
        return int(json.loads(marker.read_text()))
    seconds = min(a.scene_seconds, a.minutes * 60 * 0.3) - (time.time() - began)
    count = make(Pack.read(a.cache), work / "scenes", a.scenes, max(seconds, 5), a.workers, a.seed)
    if count < 1100:
        raise SystemExit(f"only {count} scenes were made in {seconds:.0f} s; give more --minutes or --workers")
    marker.write_text(json.dumps(count))
    return count


def _device(name: str) -> str:
    if name != "auto":
        return name
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _train(a: argparse.Namespace, groups: tuple[str, ...], work: Path, count: int, end: float, device: str) -> None:
    """One process a group; a group that fails is reported and the others go on."""
    command = [
        sys.executable,
        "-m",
        f"{__package__}.train",
        "--cache",
        str(a.cache),
        "--work",
        str(work),
        "--count",
        str(count),
    ]
    command += ["--end", str(end), "--device", device, "--seed", str(a.seed)]
    command += ["--steps", str(a.steps)] if a.steps else []
    command += ["--resume"] if a.resume else []
    command += ["--start", str(a.start), "--gentle", str(a.gentle)] if a.start else []
    running = [(g, subprocess.Popen([*command, "--only", g])) for g in groups]
    for group, process in running:
        if process.wait():
            print(f"training of {group} failed (exit {process.returncode})", file=sys.stderr, flush=True)


def _merge(work: Path, out: Path, start: Path | None) -> None:
    """The parts, over the weights they started from if any, into composer.safetensors and train.csv."""
    import torch
    from safetensors.torch import save_file

    from genstudio.weights import read_tensors

    tensors: dict[str, torch.Tensor] = {}
    configs: dict[str, dict[str, Any]] = {}
    if start is not None:
        tensors, metadata = read_tensors(start)
        configs = json.loads(metadata["config"])
    for path in sorted(work.glob("part_*.pt")):
        family = path.stem.removeprefix("part_")
        part = torch.load(path, map_location="cpu", weights_only=True)
        tensors |= {f"{family}.{k}": v.contiguous() for k, v in part["weights"].items()}
        before = configs.get(family, {}).get("steps", 0)
        configs[family] = json.loads(part["config"]) | {"steps": before + part["steps"]}
    save_file(tensors, str(out / "composer.safetensors"), metadata={"config": json.dumps(configs)})
    rows = [line for f in sorted(work.glob("log_*.csv")) for line in f.read_text().splitlines()[1:]]
    (out / "train.csv").write_text("\n".join(["seconds,network,steps,loss,held_out", *rows]) + "\n")
    size = (out / "composer.safetensors").stat().st_size / 1e6
    print(f"wrote {out / 'composer.safetensors'} ({size:.1f} MB): {', '.join(configs)}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
