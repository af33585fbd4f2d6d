"""Trains an image recogniser: `python -m genstudio.evaluators.image.train --role score`. A minute on one core.

`score`: regression on what an ImageNet network sees in a picture and on how it looks. `steer`: kernel regression on features
learned without labels.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import backbone, patches
from .data import Pictures, oasis
from .features import features
from .model import ContentAndLook, fit, fit_both

AXES = ("valence", "arousal")
RIDGE, SHARE = 2.0, 0.3  # of the score's regression: ridge, and the look's share (chosen by the theme folds)
_COLOUR = ("attributes", "light", "colour", "hues", "palette", "layout", "layout.contrast", "centre")
_TEXTURE = ("patterns", "scales", "edges", "symmetry")
# of the scoring copy's look: axis → groups and gain of the kernel: everything for valence; what is textured for arousal
LOOKS: dict[str, tuple[tuple[str, ...], float]] = {
    "valence": ((*_COLOUR, *_TEXTURE), 3.0),
    "arousal": ((*_TEXTURE, "layout.contrast"), 0.5),
}
# of the steering copy: axis → groups, gain and ridge of the kernel
PLANS: dict[str, tuple[tuple[str, ...], float, float]] = {
    "valence": (("atoms", "upper", "lower", "grid"), 1.0, 0.3),
    "arousal": (("atoms", "upper", "lower"), 0.5, 0.3),
}
ROLES = ("score", "steer")

Groups = dict[str, NDArray[np.float32]]


def read_pictures(pictures: Pictures) -> list[NDArray[np.uint8]]:
    from genstudio.media.image import read_image

    return [read_image(p) for p in pictures.paths]


def stack(rows: list[Groups]) -> Groups:
    return {g: np.stack([r[g] for r in rows]) for g in rows[0]}


def seen(pixels: NDArray[np.uint8]) -> Groups:
    """All features of the scoring copy: 'content', and the groups of how it looks."""
    return {**backbone.features(pixels), **features(pixels)}


def fit_axes(role: str, x: Groups, pictures: Pictures, rows: NDArray[Any]) -> dict[str, Any]:
    """One regression an axis, on the pictures of `rows`."""
    part = {g: v[rows] for g, v in x.items()}
    if role == "score":
        return {a: fit_both(part, getattr(pictures, a)[rows], *LOOKS[a], SHARE, RIDGE) for a in AXES}
    return {a: fit(part, getattr(pictures, a)[rows], *PLANS[a]) for a in AXES}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role", choices=ROLES, default="score")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "weights")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    from .evaluate import figures

    began = time.monotonic()
    args.out.mkdir(parents=True, exist_ok=True)
    pictures = oasis(args.data)
    pixels = read_pictures(pictures)
    dictionary = patches.learn(pixels, args.seed) if args.role == "steer" else {}
    x = stack([seen(p) if args.role == "score" else patches.features(p, dictionary) for p in pixels])
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
            tensors["content.mean"], tensors["content.std"], tensors[f"{axis}.content.weights"] = (
                m.mean,
                m.std,
                m.weights,
            )
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
