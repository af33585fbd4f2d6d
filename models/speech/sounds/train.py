"""Train the sounds between words: python -m genstudio.models.speech.sounds.train --data DIR [--out DIR]

Learns from EmoGator's people with odd numbers (the other half is held out for measuring). A few minutes on a GPU. A run that was
cut off goes on from its checkpoint. sounds.safetensors is the step with the least loss on people kept apart, last.safetensors the
last one.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genstudio.media.files import writing

from .data import ABOUT, ANY, CHANNELS, COMPONENTS, LONGEST, Pack, pack
from .kinds import SOUNDS
from .network import SoundFlow

OUT = Path(__file__).parent / "weights"
RATE, DECAY, EMA = 8e-4, 0.05, 0.998
HELD = 8  # every 8th person is kept apart to see overfitting
WATCH = 250  # steps between looks at them
OTHERS = 0.25  # share of the batch that is any burst
UNKNOWN = 0.15  # share of sounds whose kind is dropped, for guidance
DRAWS = 4  # of noise, for a steady held-out loss


@dataclass(frozen=True)
class Recipe:
    """How a network was trained; stands in the weights' header."""

    steps: int = 12_000
    batch: int = 96
    seed: int = 0


@dataclass
class Run:
    """What a checkpoint holds besides the networks."""

    step: int = 0
    spent: float = 0.0
    best: float = float("inf")
    rows: list[list[float]] = field(default_factory=list)


def stretched(x: np.ndarray, factor: float) -> np.ndarray:
    """Frames [T, C] at another tempo."""
    n = max(12, round(len(x) * factor))
    at = np.linspace(0, len(x) - 1, n)
    low = at.astype(int)
    high, part = np.minimum(low + 1, len(x) - 1), (at - low)[:, None]
    return np.asarray(x[low] * (1 - part) + x[high] * part, np.float32)


def batch(data: Pack, rows: np.ndarray, random: np.random.Generator | None) -> list[Tensor]:
    """x [B, T, C], kind [B], about [B, ABOUT], mask [B, T, 1] of clips; random: with changed tempo, tint, pitch and timbre."""
    x = np.zeros((len(rows), LONGEST, CHANNELS), np.float32)
    mask = np.zeros((len(rows), LONGEST, 1), np.float32)
    about = np.zeros((len(rows), ABOUT), np.float32)
    for i, r in enumerate(rows):
        c, strength, timbre = data.clips[r], float(data.strength[r]), data.timbre[r]
        if random is not None:
            c = stretched(c, float(np.exp(random.normal(0, 0.12))))
            tint = random.normal(0, 0.15, COMPONENTS)
            c = c + np.r_[tint, 3 * random.normal(0, 0.12), np.zeros(8)]
            strength += random.normal(0, 0.1)
            timbre = (timbre + random.normal(0, 0.3, len(timbre))) * (random.random() > 0.2)
        c = c[:LONGEST]
        x[i, : len(c)], mask[i, : len(c)] = c, 1
        about[i] = np.r_[len(c) / 100, np.clip(strength, -2.5, 2.5), timbre]
    longest = int(mask.sum(1).max())
    arrays = (x[:, :longest], data.kinds[rows].astype(np.int64), about, mask[:, :longest])
    return [torch.from_numpy(a) for a in arrays]


def loss_of(
    net: torch.nn.Module, x: Tensor, kind: Tensor, about: Tensor, mask: Tensor, t: Tensor, noise: Tensor
) -> Tensor:
    """Mean squared error of the velocity from noise to sound, over the frames that are there."""
    way = t[:, None, None]
    error = (net(way * x + (1 - way) * noise, t, kind, about, mask) - (x - noise)) ** 2
    return (error * mask).sum() / (mask.sum() * CHANNELS)


class Trainer:
    """One training: networks, optimiser, data and what was seen so far."""

    def __init__(self, data: Pack, out: Path, recipe: Recipe, device: str) -> None:
        torch.manual_seed(recipe.seed)
        self.data, self.out, self.recipe, self.device = data, out, recipe, device
        self.net, self.slow = SoundFlow().to(device), SoundFlow().to(device).eval()
        self.slow.load_state_dict(self.net.state_dict())
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr=RATE, weight_decay=DECAY)
        self.run = Run()
        held = data.people % HELD == HELD - 1
        self.pools = [np.flatnonzero(~held & (data.kinds == k)) for k in range(ANY)] + [np.flatnonzero(~held)]
        watched = batch(data, np.flatnonzero(held & (data.kinds != ANY)), None)
        fixed = torch.Generator().manual_seed(1)
        self.watched = [w.to(device) for w in watched]
        shape = watched[0].shape
        self.draws = [
            (torch.rand(shape[0], generator=fixed).to(device), torch.randn(shape, generator=fixed).to(device))
            for _ in range(DRAWS)
        ]

    def step(self) -> float:
        """One step; its loss."""
        r, done = self.recipe, self.run.step / self.recipe.steps
        random = np.random.default_rng((r.seed, self.run.step))
        torch.manual_seed(r.seed * 1_000_003 + self.run.step)  # a resumed run is the same run
        kinds = np.where(random.random(r.batch) < OTHERS, ANY, random.integers(0, ANY, r.batch))
        rows = np.array([random.choice(self.pools[k]) for k in kinds])
        x, kind, about, mask = (v.to(self.device) for v in batch(self.data, rows, random))
        kind[torch.from_numpy((kinds == ANY) | (random.random(r.batch) < UNKNOWN)).to(self.device)] = ANY
        t = torch.from_numpy(1 / (1 + np.exp(-1.2 * random.standard_normal(r.batch)))).float().to(self.device)
        noise = torch.from_numpy(random.standard_normal(x.shape, np.float32)).to(self.device)
        rate = RATE * min(1, (self.run.step + 1) / 300) * (0.02 + 0.49 * (1 + np.cos(np.pi * done)))
        for group in self.optimiser.param_groups:
            group["lr"] = float(rate)
        self.net.train()
        loss = loss_of(self.net, x, kind, about, mask, t, noise)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        keep = min(EMA, (self.run.step + 1) / (self.run.step + 10))
        with torch.no_grad():
            for s, q in zip(self.slow.parameters(), self.net.parameters(), strict=True):
                s.lerp_(q, 1 - keep)
        self.run.step += 1
        return float(loss.detach())

    @torch.inference_mode()
    def held_out(self) -> float:
        """Loss of the averaged network on people kept apart."""
        x, kind, about, mask = self.watched
        return float(np.mean([float(loss_of(self.slow, x, kind, about, mask, t, noise)) for t, noise in self.draws]))

    def __call__(self, minutes: float) -> Iterator[list[float]]:
        """Train; yields (step, loss, held-out loss, seconds) at every look."""
        start, before, losses = time.monotonic(), self.run.spent, []
        while self.run.step < self.recipe.steps and time.monotonic() - start < 60 * minutes:
            losses.append(self.step())
            if self.run.step % WATCH == 0 or self.run.step == self.recipe.steps:
                seen = self.held_out()
                self.run.spent = before + time.monotonic() - start
                row = [self.run.step, round(float(np.mean(losses)), 4), round(seen, 4), round(self.run.spent, 1)]
                self.run.rows.append(row)
                losses = []
                if seen < self.run.best:
                    self.run.best = seen
                    save(self.slow, self.data, self.out / "sounds.safetensors", self.note())
                self.checkpoint()
                yield row
        self.run.spent = before + time.monotonic() - start
        save(self.slow, self.data, self.out / "last.safetensors", self.note())
        self.checkpoint()

    def note(self) -> dict[str, Any]:
        return {
            "recipe": asdict(self.recipe),
            "step": self.run.step,
            "held_out_loss": self.run.rows[-1][2] if self.run.rows else None,
        }

    def checkpoint(self) -> None:
        state = {
            "net": self.net.state_dict(),
            "slow": self.slow.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            **asdict(self.run),
        }
        with writing(self.out / "checkpoint.pt") as temporary:
            torch.save(state, temporary)

    def resume(self) -> None:
        """Go on from the checkpoint in the output folder, if there is one."""
        path = self.out / "checkpoint.pt"
        if path.is_file():
            kept = torch.load(path, map_location=self.device, weights_only=True)
            self.net.load_state_dict(kept.pop("net"))
            self.slow.load_state_dict(kept.pop("slow"))
            self.optimiser.load_state_dict(kept.pop("optimiser"))
            self.run = Run(**kept)


def save(net: SoundFlow, data: Pack, path: Path, note: dict[str, Any]) -> None:
    """Weights in float16, the space of the frames, and the usual seconds of each sound (20, 50 and 80 %)."""
    from safetensors.torch import save_file

    tensors = {k: v.detach().cpu().half().contiguous() for k, v in net.state_dict().items()}
    tensors |= {f"space.{k}": torch.from_numpy(v).half() for k, v in vars(data.space).items()}
    seconds = np.array([len(c) for c in data.clips]) / 100
    usual = {
        k: [round(float(q), 2) for q in np.percentile(seconds[data.kinds == i], (20, 50, 80))]
        for i, k in enumerate(SOUNDS)
    }
    with writing(path) as temporary:
        save_file(tensors, str(temporary), {"note": json.dumps(note), "seconds": json.dumps(usual)})


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(prog="python -m genstudio.models.speech.sounds.train", description=__doc__)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--pack", type=Path, help="features made before; made from --data when absent")
    p.add_argument("--out", type=Path, default=OUT, help="folder of weights, log and checkpoint")
    p.add_argument("--steps", type=int, default=Recipe.steps)
    p.add_argument("--batch", type=int, default=Recipe.batch)
    p.add_argument("--minutes", type=float, default=600.0, help="stop after so long; started again, it goes on")
    p.add_argument("--seed", type=int, default=Recipe.seed)
    p.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    a = p.parse_args(argv)
    device = ("cuda" if torch.cuda.is_available() else "cpu") if a.device == "auto" else a.device
    a.out.mkdir(parents=True, exist_ok=True)
    source = a.pack or a.out / "pack.npz"
    if not source.is_file():
        print(f"clips: {pack(a.data, source)}", file=sys.stderr)
    trainer = Trainer(Pack.read(source), a.out, Recipe(a.steps, a.batch, a.seed), device)
    trainer.resume()
    for step, loss, seen, seconds in trainer(a.minutes):
        left = seconds / step * (a.steps - step)
        print(f"step {step:.0f}/{a.steps} loss {loss} held out {seen}, {left:.0f} s left", file=sys.stderr, flush=True)
    with writing(a.out / "training.csv") as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["step", "loss", "held_out_loss", "seconds"], *trainer.run.rows])


if __name__ == "__main__":
    main()
