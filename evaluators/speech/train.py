"""Trains a speech recogniser: `python -m genstudio.evaluators.speech.train --role score` (after `…speech.prepare`).

`score`: two ensembles over functionals (a voice never heard; a voice whose neutral clips are given), from EmoDB's four
scoring speakers and EmoGator's scoring half. `steer`: a convolutional net over log mel, from the other six and the other half.
Figures: leave-one-speaker-out over all ten EmoDB speakers, and the shipped weights on the speakers they never saw.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from genstudio.splits import EMODB_SCORE, EMODB_VOICE

from .data import CLASSES
from .evaluate import figures_score, figures_steer
from .fit import fit_known, fit_plain, train_mel
from .pack import Pack, load_pack


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role", choices=("score", "steer"), default="score")
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")), help="unused: `prepare` reads it"
    )
    parser.add_argument("--cache", type=Path, default=Path(".cache/speech_eval"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "weights")
    parser.add_argument("--minutes", type=float, default=3, help="of the convolutional net, each training")
    parser.add_argument("--steps", type=int, help="stop after this many steps instead")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--resume", action="store_true", help="accepted for uniformity: a training takes minutes and starts over"
    )
    parser.add_argument("--no-folds", action="store_true", help="skip the leave-one-speaker-out figures")
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    pack = load_pack(args.cache)
    began = time.monotonic()
    log: list[dict[str, float]] = []
    if args.role == "score":
        tensors, config = ship_score(pack, args.steps or 400, args.seed)
        config["figures"] = figures_score(pack, tensors, config, args.steps or 400, args.seed, folds=not args.no_folds)
    else:
        device = ("cuda" if torch.cuda.is_available() else "cpu") if args.device == "auto" else args.device
        rows = pack.rows("steer", only=EMODB_VOICE)
        model = train_mel(pack, rows, args.minutes, args.steps, args.seed + 1, device, log)
        tensors = {f"mel.{k}": v for k, v in model.state_dict().items()}
        config = {
            "role": "steer",
            "classes": list(CLASSES),
            "speakers": list(EMODB_VOICE),
            "frames": pack.images.shape[1],
        }
        config["figures"] = figures_steer(
            pack, model, config, args.minutes, args.steps, args.seed + 1, device, folds=not args.no_folds
        )
    config["minutes"] = round((time.monotonic() - began) / 60, 1)
    save(tensors, config, log, args.out / f"speech_{args.role}")
    print(json.dumps(config["figures"], indent=1))


def ship_score(
    pack: Pack, steps: int, seed: int, speakers: tuple[str, ...] = EMODB_SCORE, role: str | None = "score"
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The two ensembles, trained on `speakers` and EmoGator's half of `role`."""
    rows = pack.rows(role, only=speakers)
    plain = fit_plain(pack, rows, steps, seed)
    known = fit_known(pack, rows, steps, seed)
    tensors = {f"plain.{k}": v for k, v in plain.state_dict().items()} | {
        f"known.{k}": v for k, v in known.state_dict().items()
    }
    shape = {
        n: {"features": m.config.features, "members": m.config.members, "hidden": m.config.hidden}
        for n, m in (("plain", plain), ("known", known))
    }
    config = {
        "role": "score",
        "classes": list(CLASSES),
        "features": pack.names,
        "speakers": list(speakers),
        "shape": shape,
    }
    return tensors, config


def save(tensors: dict[str, Tensor], config: dict[str, Any], log: list[dict[str, float]], path: Path) -> None:
    """path without suffix: .safetensors (float16; running scales float32), .json, and .csv when there is a log."""
    from safetensors.torch import save_file

    exact = (".mean", ".std", "running_mean", "running_var")
    small = {
        k: v.contiguous() if k.endswith(exact) or not v.is_floating_point() else v.half().contiguous()
        for k, v in tensors.items()
    }
    save_file(small, str(path.with_suffix(".safetensors")))
    path.with_suffix(".json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    if log:
        with path.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, list(log[0]))
            table.writeheader()
            table.writerows(log)


if __name__ == "__main__":
    main()
