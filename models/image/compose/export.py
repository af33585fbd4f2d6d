"""Turns what training wrote into the shipped pipeline (diffusers' save_pretrained layout).

python -m genstudio.models.image.compose.export --run runs/scene --cache .cache/pack/scene
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

import torch

from genstudio.weights import read_tensors

from .nets import MapUNet, ObjectTransformer, VectorNet
from .pipeline import ScenePipeline
from .text import TextProjector

WEIGHTS = Path(__file__).parents[1] / "weights"
CLASSES = {"plan": VectorNet, "maps": MapUNet, "objects": ObjectTransformer, "mood": VectorNet}


def assemble(run: Path, cache: Path) -> ScenePipeline:
    """A ScenePipeline from composer.safetensors and the packed text projector."""
    from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler

    tensors, metadata = read_tensors(run / "composer.safetensors")
    configs = json.loads(metadata["config"])
    nets = {}
    for family, cls in CLASSES.items():
        config = {k: tuple(v) if isinstance(v, list) else v for k, v in configs[family].items() if k != "steps"}
        net = cls(**config)
        weights = {k.removeprefix(f"{family}."): v.float() for k, v in tensors.items() if k.startswith(f"{family}.")}
        net.load_state_dict(weights, strict=True)
        nets[family] = net.eval()
    scheduler = DPMSolverMultistepScheduler(
        num_train_timesteps=1000,
        prediction_type="flow_prediction",
        use_flow_sigmas=True,
        flow_shift=1.0,
        solver_order=2,
        final_sigmas_type="zero",
    )
    return ScenePipeline(text=TextProjector.from_pretrained(cache / "text"), scheduler=scheduler, **nets)


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(
        prog="python -m genstudio.models.image.compose.export",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("--run", type=Path, default=Path("runs/scene"))
    p.add_argument("--cache", type=Path, default=Path(".cache/pack/scene"))
    p.add_argument("--out", type=Path, default=WEIGHTS)
    a = p.parse_args(argv)
    pipeline = assemble(a.run, a.cache)
    a.out.mkdir(parents=True, exist_ok=True)
    pipeline.to(dtype=torch.float16)
    pipeline.save_pretrained(a.out, safe_serialization=True)
    if (a.run / "train.csv").exists():
        shutil.copy(a.run / "train.csv", a.out / "train.csv")
    size = sum(f.stat().st_size for f in a.out.rglob("*.safetensors"))
    print(f"wrote {a.out} ({size / 1e6:.1f} MB of weights)", file=sys.stderr)


if __name__ == "__main__":
    main()
