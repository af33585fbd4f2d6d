"""Train the sync evaluator: python -m genstudio.evaluators.sync.train --data DIR

In-sync pairs of sound and made lip curves, shifted by a random lag that the network has to find. A new performance of the lips
is drawn at every step; sound is louder, softer, noisier. Resumable (--resume), seeded; the rate falls with the clock.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from genstudio.weights import save_weights

from .articulation import opening, seen
from .data import Clip, clips
from .model import HOPS, LAGS, SyncNet

WEIGHTS = Path(__file__).parent / "weights" / "sync.safetensors"
FRAMES = 45  # of a training window: 1.8 s, what EmoDB's clips hold
BATCH = 48


def batch(
    items: list[Clip], random: np.random.Generator, count: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """mel [b, 4 FRAMES, 80], lips [b, FRAMES], and the index of the true lag [b]."""
    mels: list[np.ndarray] = []
    lips: list[np.ndarray] = []
    lags: list[int] = []
    while len(mels) < count:
        c = items[int(random.integers(len(items)))]
        frames = len(c.mel) // HOPS
        if frames < FRAMES:
            continue
        curve = seen(opening(c.phones, c.seconds, c.level, random), random)[:frames]
        lag = int(random.integers(-LAGS, LAGS + 1))
        room = frames - FRAMES
        first = int(random.integers(0, room + 1))
        at = np.arange(first, first + FRAMES) - lag  # lips k frames late show what they did k frames before
        mel = c.mel[first * HOPS : (first + FRAMES) * HOPS] + random.normal(0, 3)
        noise = random.uniform(-70, -25)
        mels.append(np.maximum(mel, noise + random.normal(0, 1.5, mel.shape)))
        lips.append(curve[np.clip(at, 0, frames - 1)])
        lags.append(lag + LAGS)
    return (
        torch.from_numpy(np.stack(mels).astype(np.float32)), torch.from_numpy(np.stack(lips).astype(np.float32)),
        torch.tensor(lags),
    )  # fmt: skip


def accuracy(net: SyncNet, items: list[Clip], count: int = 480, seed: int = 1) -> float:
    """Share of held-out pairs whose lag is found within two frames (80 ms); chance about 0.16."""
    random = np.random.default_rng(seed)
    mel, lips, lags = batch(items, random, count)
    net.eval()
    with torch.no_grad():
        found = net(mel, lips).argmax(1)
    net.train()
    return float(((found - lags).abs() <= 2).float().mean())


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(prog="python -m genstudio.evaluators.sync.train", description=__doc__)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--cache", type=Path, default=Path(".cache/sync"))
    p.add_argument("--out", type=Path, default=WEIGHTS)
    p.add_argument("--minutes", type=float, default=12.0)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--resume", action="store_true")
    a = p.parse_args(argv)
    torch.manual_seed(a.seed)
    random = np.random.default_rng(a.seed)
    train, test = clips(a.data, a.cache, False), clips(a.data, a.cache, True)
    print(f"{len(train)} clips to train on, {len(test)} held out", file=sys.stderr)
    net = SyncNet()
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.01)
    used, step, log = 0.0, 0, []
    checkpoint = a.cache / "train.pt"
    if a.resume and checkpoint.is_file():
        held = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(held["net"])
        optimiser.load_state_dict(held["optimiser"])
        used, step, log = held["used"], held["step"], held["log"]
        random = np.random.default_rng(a.seed + step)
    start, told = time.time(), time.time()
    while (share := (used + time.time() - start) / (60 * a.minutes)) < 1:
        for g in optimiser.param_groups:
            g["lr"] = 3e-3 * min(1.0, step / 100) * (0.5 * (1 + np.cos(np.pi * share)) + 1e-3)
        mel, lips, lags = batch(train, random, BATCH)
        loss = F.cross_entropy(net(mel, lips) * net.heat.exp(), lags)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        if time.time() - told > 30:
            told = time.time()
            log.append([step, round(used + told - start), round(float(loss), 4), round(accuracy(net, test, 240), 4)])
            left = 60 * a.minutes - used - (told - start)
            print(
                f"step {step} loss {log[-1][2]} held-out within 80 ms {log[-1][3]} ({left:.0f} s left)", file=sys.stderr
            )
            torch.save(
                {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "used": used + told - start, "step": step,
                 "log": log}, checkpoint,
            )  # fmt: skip
    found = accuracy(net, test, 960)
    log.append([step, round(used + time.time() - start), round(float(loss), 4), round(found, 4)])
    save_weights(net, a.out, {"held_out_within_80_ms": f"{found:.4f}", "steps": str(step), "seed": str(a.seed)})
    with a.out.with_suffix(".csv").open("w", newline="") as f:
        csv.writer(f).writerows([["step", "seconds", "loss", "held_out_within_80_ms"], *log])
    print(f"held out within 80 ms: {found:.3f}; wrote {a.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
