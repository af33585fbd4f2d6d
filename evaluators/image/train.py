"""Trains an image recogniser: `python -m genstudio.evaluators.image.train --role score`. Four minutes on one core.

`score`: regression on what an ImageNet network sees in a picture and on how it looks, each photograph once as it is and once as
if painted. `steer`: kernel regression on features learned without labels.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from . import patches
from .axes import ROLES, fit_axes, read_pictures, stack, versions
from .data import oasis
from .evaluate import figures
from .model import ContentAndLook


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role", choices=ROLES, default="score")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "weights")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    began = time.monotonic()
    args.out.mkdir(parents=True, exist_ok=True)
    pictures = oasis(args.data)
    pixels = read_pictures(pictures)
    dictionary = patches.learn(pixels, args.seed) if args.role == "steer" else {}
    x = (
        versions(pixels)
        if args.role == "score"
        else {"photo": stack([patches.features(p, dictionary) for p in pixels])}
    )
    models = fit_axes(args.role, x, pictures, np.arange(len(pixels)))
    found = figures(args.role, x if args.role == "score" else None, pixels, pictures, args.seed)
    config = {"role": args.role, "minutes": round((time.monotonic() - began) / 60, 1), "figures": found}
    looks = {a: m.look if args.role == "score" else m for a, m in models.items()}
    config["plans"] = {
        a: {"groups": list(m.groups), "gain": m.gain, "offset": models[a].offset} for a, m in looks.items()
    }
    save(models, dictionary, config, args.out / f"image_{args.role}")
    print(json.dumps(found, indent=1))


def save(models: dict[str, Any], dictionary: dict[str, Any], config: dict[str, Any], path: Path) -> None:
    from safetensors.numpy import save_file

    tensors = {f"dictionary.{k}": v for k, v in dictionary.items()}
    for axis, m in models.items():
        if isinstance(m, ContentAndLook):
            for s in m.weights:
                tensors[f"{s}.mean"], tensors[f"{s}.std"] = m.mean[s], m.std[s]
                tensors[f"{axis}.{s}.weights"] = m.weights[s]
            m = m.look
        tensors[f"{axis}.weights"] = m.weights
        for g in m.groups:
            for part in ("mean", "std", "points"):
                key = f"{g}.{part}"
                if key not in tensors or part == "points":
                    tensors[key] = getattr(m, part)[g]
    # weights in float32: a kernel's weights cancel, and half precision would not
    exact = (".weights", ".mean", ".std")
    save_file({k: np.ascontiguousarray(v, np.float32 if k.endswith(exact) else np.float16) for k, v in tensors.items()},
              str(path.with_suffix(".safetensors")))  # fmt: skip
    path.with_suffix(".json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
