"""Trains a text recogniser: `python -m genstudio.evaluators.text.train --role score --minutes 20`.

`score`: MiniLM with a low-rank update in every layer. `steer`: MiniLM as published and a head over three of its layers.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .data import emobank, goemotions
from .evaluate import _f1, figures, tune_thresholds
from .minilm import MiniLM, batch
from .model import EmotionText, TextConfig, by_length, encode, predict
from .words import fit

CONFIGS = {
    "score": TextConfig(rank=32, first=4, layers=(4, 6), hidden=384),
    "steer": TextConfig(rank=0, layers=(2, 4, 6), hidden=256, dropout=0.3),
}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role", choices=tuple(CONFIGS), default="score")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--cache", type=Path, default=Path(".cache/text_eval"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "weights")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--steps", type=int, help="stop after this many steps instead")
    parser.add_argument("--tokens", type=int, default=1400, help="word pieces a step")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--rank", type=int, help="of the low-rank update")
    parser.add_argument("--first", type=int, help="layer at which the update starts (0: all; 4: a third of the work)")
    parser.add_argument(
        "--pack", type=Path, help="train from this pack alone (see pack.py); leaves OUT/text_ROLE.pt for --finish"
    )
    parser.add_argument("--finish", type=Path, help="no training: tune, measure and ship what --pack left")
    args = parser.parse_args(argv)
    args.cache.mkdir(parents=True, exist_ok=True)
    args.out.mkdir(parents=True, exist_ok=True)
    device = ("cuda" if torch.cuda.is_available() else "cpu") if args.device == "auto" else args.device
    seed = args.seed + (1 if args.role == "steer" else 0)
    torch.manual_seed(seed)
    order = random.Random(seed)

    if args.pack:
        from .pack import read

        backbone, sets = read(args.pack / "text.npz")
        rows, known_labels, known_vad = sets["train"]
    else:
        known = goemotions(args.data, "train") + emobank(args.data, "train")
        backbone, rows, known_labels, known_vad = MiniLM.load(), encode(known.texts), known.labels, known.vad
    mean, std = np.nanmean(known_vad, 0), np.nanstd(known_vad, 0)
    labels, vad = torch.from_numpy(known_labels), torch.from_numpy((known_vad - mean) / std).float()
    shape = replace(CONFIGS[args.role], **{k: v for k in ("rank", "first") if (v := getattr(args, k)) is not None})
    if shape.first == 0 and shape.rank:
        shape = replace(shape, layers=(6,))
    model = EmotionText(shape, backbone).to(device)
    if args.finish:
        state = torch.load(args.finish, map_location="cpu", weights_only=True)
        model.load_trained(state["average"])
        _ship(model, mean, std, state["step"], state["spent"], state["log"], args)
        return
    learned = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(learned, lr=args.lr, weight_decay=0.01, betas=(0.9, 0.98))
    average = {k: v.detach().clone() for k, v in model.trained().items()}
    checkpoint, step, spent = args.cache / f"{args.role}.pt", 0, 0.0
    if args.resume and checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_trained(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        average, step, spent = state["average"], state["step"], state["spent"]

    frozen = _frozen_features(model, rows, args.cache / f"{args.role}_features.pt") if not shape.rank else None
    lower = _lower_states(model, rows, args.cache / f"layer{shape.first}.npy") if shape.rank and shape.first else None
    starts = np.concatenate([[0], np.cumsum([len(r) for r in rows])])
    log: list[dict[str, float]] = []
    began, told, total = time.monotonic() - spent, 0.0, 0.0
    done = False
    while not done:
        groups = _shuffled(rows, args.tokens if frozen is None else 6 * args.tokens, order)
        for group in groups:
            gone = time.monotonic() - began
            part = step / args.steps if args.steps else gone / (60 * args.minutes)
            if part >= 1:
                done = True
                break
            for g in optimiser.param_groups:
                g["lr"] = args.lr * min(1, (step + 1) / 200) * (1 - part)
            model.train()
            with torch.autocast(device, torch.bfloat16, enabled=frozen is None):
                if lower is not None:
                    width = max(len(rows[i]) for i in group)
                    state = torch.zeros(len(group), width, lower.shape[1], dtype=torch.float16)
                    seen = torch.zeros(len(group), width, dtype=torch.bool)
                    for n, i in enumerate(group):
                        long = len(rows[i])
                        state[n, :long] = torch.from_numpy(lower[starts[i] : starts[i + 1]])
                        seen[n, :long] = True
                    logits, v = model.from_state(state.to(device, torch.float32), seen.to(device))
                elif frozen is None:
                    ids, seen = (x.to(device) for x in batch([rows[i] for i in group]))
                    logits, v = model(ids, seen)
                else:
                    out = model.head(frozen[group].float().to(device))
                    logits, v = out[:, :-3], out[:, -3:]
            loss = _loss(logits, v, labels[group].to(device), vad[group].to(device))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(learned, 1.0)
            optimiser.step()
            step += 1
            keep = min(0.999, step / (step + 10))
            with torch.no_grad():
                for k, p in model.trained().items():
                    average[k].lerp_(p, 1 - keep)
            total = loss.item() if not total else 0.98 * total + 0.02 * loss.item()
            if gone - told > 10:
                told = gone
                left = gone * (1 / max(part, 1e-6) - 1)
                print(
                    f"step {step} loss {total:.4f} {len(group)} sentences, {left:.0f} s left",
                    file=sys.stderr,
                    flush=True,
                )
                log.append({"step": step, "seconds": round(gone), "loss": round(total, 4)})
        if not done and (time.monotonic() - began) > 0:
            torch.save({"model": model.trained(), "optimiser": optimiser.state_dict(), "average": average, "step": step,
                        "spent": time.monotonic() - began}, checkpoint)  # fmt: skip
    model.load_trained(average)
    spent = time.monotonic() - began
    if args.pack:
        probabilities, guess = predict(model, sets["dev"][0], tokens=8192, half=True)
        truth, has = sets["dev"][1], ~np.isnan(sets["dev"][1][:, 0])
        thresholds = tune_thresholds(truth[has], probabilities.numpy()[has])
        f1 = np.mean(
            [_f1(truth[has][:, k] > 0, probabilities.numpy()[has][:, k] >= t) for k, t in enumerate(thresholds)]
        )
        r = [float(np.corrcoef(guess.numpy()[~has][:, a], sets["dev"][2][~has][:, a])[0, 1]) for a in range(3)]
        print(f"dev: macro-F1 {f1:.4f} (thresholds tuned on it), r {r}", file=sys.stderr, flush=True)
        torch.save(
            {"average": {k: v.half().cpu() for k, v in average.items()}, "step": step, "spent": spent, "log": log},
            args.out / f"text_{args.role}.pt",
        )
        return
    _ship(model, mean, std, step, spent, log, args)


def _loss(logits: Tensor, vad: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy a label where labelled, Huber loss on VAD where rated."""
    has, rated = ~labels[:, 0].isnan(), ~targets[:, 0].isnan()
    loss = logits.sum() * 0
    if has.any():
        loss = loss + 6 * F.binary_cross_entropy_with_logits(logits[has].float(), labels[has])
    if rated.any():
        loss = loss + 0.5 * F.huber_loss(vad[rated].float(), targets[rated]) * min(1.0, float(rated.float().mean()) * 6)
    return loss


def _shuffled(rows: list[list[int]], tokens: int, order: random.Random) -> list[list[int]]:
    """Shuffled groups of like length: sorted within pools of 2,048 sentences."""
    index = list(range(len(rows)))
    order.shuffle(index)
    groups = []
    for i in range(0, len(index), 2048):
        pool = index[i : i + 2048]
        groups += [[pool[j] for j in g] for g in by_length([rows[j] for j in pool], tokens)]
    order.shuffle(groups)
    return groups


@torch.inference_mode()
def _lower_states(model: EmotionText, rows: list[list[int]], path: Path) -> np.ndarray:
    """The input of the first adapted layer for every word piece of every row, float16 [pieces, 384], on disk."""
    if path.exists():
        return np.load(path, mmap_mode="r+")
    starts = np.concatenate([[0], np.cumsum([len(r) for r in rows])])
    temporary = path.with_suffix(".part.npy")
    out = np.lib.format.open_memmap(temporary, "w+", np.float16, (int(starts[-1]), 384))
    model.eval()
    device = next(model.head.parameters()).device
    for n, group in enumerate(by_length(rows, 4096)):
        ids, seen = (x.to(device) for x in batch([rows[i] for i in group]))
        mask, state = torch.where(seen[:, None, None], 0.0, -1e4), model.backbone.embed(ids)
        with torch.autocast(device.type, torch.bfloat16):
            for layer in model.backbone.layers[: model.config.first]:
                state = layer(state, mask)
        half = state.half().cpu().numpy()
        for k, i in enumerate(group):
            out[starts[i] : starts[i + 1]] = half[k, : len(rows[i])]
        if n % 50 == 0:
            print(f"states {n}", file=sys.stderr, flush=True)
    out.flush()
    temporary.rename(path)
    return np.load(path, mmap_mode="r+")


@torch.inference_mode()
def _frozen_features(model: EmotionText, rows: list[list[int]], path: Path) -> Tensor:
    """What the head sees, float16 [n, features], once for all epochs."""
    if path.exists():
        return torch.load(path, weights_only=True)
    model.eval()
    wide = len(model.config.layers) * 1152
    out = torch.zeros(len(rows), wide, dtype=torch.float16)
    device = next(model.head.parameters()).device
    for n, group in enumerate(by_length(rows, 4096)):
        ids, seen = (x.to(device) for x in batch([rows[i] for i in group]))
        with torch.autocast(device.type, torch.bfloat16):
            out[group] = model.features(ids, seen).half().cpu()
        if n % 50 == 0:
            print(f"features {n}", file=sys.stderr, flush=True)
    torch.save(out, path)
    return out.clone()


def _ship(model: EmotionText, mean: np.ndarray, std: np.ndarray, step: int, seconds: float,
          log: list[dict[str, float]], args: argparse.Namespace) -> None:  # fmt: skip
    from safetensors.torch import save_file

    dev = goemotions(args.data, "dev")
    probabilities, vad = predict(model, encode(dev.texts), half=True)
    thresholds = tune_thresholds(dev.labels, probabilities.numpy())
    config = {
        "role": args.role, "config": model.config.as_dict(), "vad_mean": mean.tolist(), "vad_std": std.tolist(),
        "thresholds": thresholds, "steps": step, "minutes": round(seconds / 60, 1),
    }  # fmt: skip
    phrase, config["phrase"] = fit(model.cpu())
    tensors = {k: v.half().contiguous().cpu() for k, v in (model.trained() | phrase).items()}
    save_file(tensors, args.out / f"text_{args.role}.safetensors")
    config["scale"] = _scale(dev.labels, vad.numpy() * std + mean)
    config["figures"] = figures(model, config, args.data, half=True)
    (args.out / f"text_{args.role}.json").write_text(json.dumps(config, indent=1) + "\n")
    with (args.out / f"text_{args.role}.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, ["step", "seconds", "loss"])
        table.writeheader()
        table.writerows(log)
    print(json.dumps(config["figures"], indent=1))


def _scale(labels: np.ndarray, ratings: np.ndarray) -> list[list[float]]:
    """Per axis (gain, offset) from EmoBank's ratings to the norms' -1..1.

    EmoBank's readers rate sentences, which move them little (a standard deviation of 0.35 on 1..5); the norms rate the
    emotions themselves. The gain lies between (geometric mean) the one that gives the mean rating of each label's
    sentences the spread of the labels' norms, and the one that predicts a single sentence's norm best; neutral maps to the origin.
    """
    from genstudio.emotion.norms import GOEMOTIONS, coordinates

    single = labels.sum(1) == 1
    label, ratings = labels[single].argmax(1), ratings[single]
    kinds = [k for k in range(len(GOEMOTIONS)) if (label == k).sum() >= 5]
    got = np.array([ratings[label == k].mean(0) for k in kinds])
    want = np.array([coordinates()[GOEMOTIONS[k]] for k in kinds])
    neutral = got[kinds.index(GOEMOTIONS.index("neutral"))]
    spread = want.std(0) / np.maximum(got.std(0), 1e-3)
    norms = np.array([coordinates()[n] for n in GOEMOTIONS])[label]
    best = np.array([np.cov(ratings[:, a], norms[:, a])[0, 1] / ratings[:, a].var() for a in range(3)])
    gains = np.sqrt(spread * np.maximum(best, 0.1 * spread))
    return [[float(g), float(-g * n)] for g, n in zip(gains, neutral, strict=True)]


if __name__ == "__main__":
    main()
