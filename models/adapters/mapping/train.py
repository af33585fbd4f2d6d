"""Train a mapping network for a model: python -m genstudio.models.adapters.mapping.train --data DIR --model ID_OR_FOLDER --out FILE

The network learns the step from a plain prompt's embedding to that of the prompt as a rated picture feels (`pairs`), both by the
model's own text encoders. Only the network is trained. As EmotiCrafter does, steps are made longer by --amplify, and rare places
of the plane weigh more. The same command goes on where it stopped. Writes FILE, FILE's .csv and .checkpoint.pt.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genstudio import hub
from genstudio.errors import GenstudioError, InputError
from genstudio.media.files import writing
from genstudio.weights import save_weights

from ..loading import load_pipeline
from ..prompts import encode, present
from .net import MappingNet
from .pairs import Pair, pairs_of

HELD, TELL = 0.1, 50  # share of the groups held out; steps between lines of the log and checkpoints
_CELL = 0.25  # of the plane, for the density


def rarity(va: np.ndarray) -> np.ndarray:
    """Weights [m], mean 1, of points [m, 2]: inverse root of how many lie in the same cell of the plane."""
    _, where, count = np.unique(np.floor(va / _CELL), axis=0, return_inverse=True, return_counts=True)
    weight = 1 / np.sqrt(count[where.reshape(-1)])
    return np.asarray(weight / weight.mean())


def split(pairs: Sequence[Pair], seed: int) -> tuple[list[Pair], list[Pair]]:
    """Training and held-out pairs: whole groups, so that no subject stands on both sides."""
    groups = sorted({p.group for p in pairs})
    held = set(np.random.default_rng(seed).permutation(groups)[: max(1, round(HELD * len(groups)))].tolist())
    return [p for p in pairs if p.group not in held], [p for p in pairs if p.group in held]


def stacked(value: Any) -> Tensor:
    """Embeddings as float32 [b, t, n]; lists of [t, n] are padded with zeros."""
    if isinstance(value, (list, tuple)):
        return torch.nn.utils.rnn.pad_sequence([v.float().reshape(-1, v.shape[-1]) for v in value], batch_first=True)
    return value.float().reshape(value.shape[0], -1, value.shape[-1])


def steps_of(pipeline: Any, pairs: Sequence[Pair]) -> dict[str, tuple[Tensor, Tensor, Tensor]]:
    """By embedding: plain [b, t, n], the step to the felt one [b, t, n], and which tokens are there [b, t]."""
    plain, felt = encode(pipeline, [p.plain for p in pairs]), encode(pipeline, [p.felt for p in pairs])
    out = {}
    for name, (value, mask) in plain.items():
        x, y = stacked(value), stacked(felt[name][0])
        n = min(x.shape[1], y.shape[1])
        there = present(x, mask) if x.shape[1] > 1 else None
        there = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device) if there is None else there
        out[name] = (x[:, :n], y[:, :n] - x[:, :n], there[:, :n])
    return out


class Training:
    """Everything a checkpoint holds, and what one step does."""

    def __init__(self, pipeline: Any, pairs: Sequence[Pair], a: argparse.Namespace) -> None:
        self.pipeline, self.a, self.step = pipeline, a, 0
        self.train, self.held = split(pairs, a.seed)
        self.weight = rarity(np.array([p.va for p in self.train]))
        torch.manual_seed(a.seed)
        first = steps_of(pipeline, self.train[: a.batch])
        self.nets = torch.nn.ModuleDict()
        for name, (x, _, there) in first.items():
            net = MappingNet(x.shape[-1], a.inner, a.depth).to(x.device)
            tokens = x[there]
            net.mean.copy_(tokens.mean(0))
            net.scale.copy_((tokens - tokens.mean(0)).square().mean().sqrt().clamp(min=1e-6))
            self.nets[name] = net
        self.optimiser = torch.optim.AdamW(self.nets.parameters(), a.rate, weight_decay=0.01)

    def _loss(self, pairs: Sequence[Pair], weight: np.ndarray, amplify: float) -> tuple[Tensor, float, float]:
        """Weighted squared error in units of each embedding's spread; and the plain sums of error and of what was to be said."""
        loss, wrong, all_ = torch.zeros(()), 0.0, 0.0
        for name, (x, step, there) in steps_of(self.pipeline, pairs).items():
            net: Any = self.nets[name]
            va = torch.tensor([p.va for p in pairs], dtype=torch.float32, device=x.device)
            w = torch.tensor(weight, dtype=torch.float32, device=x.device)
            each = ((net(x, va, there) - amplify * step) / net.scale).square().mean(-1) * there
            loss = loss.to(x.device) + (each.sum(1) / there.sum(1).clamp(min=1) * w).mean()
            wrong += float(each.detach().sum())
            all_ += float(((amplify * step / net.scale).square().mean(-1) * there).sum())
        return loss, wrong, all_

    def once(self) -> float:
        """One step on a batch that depends on seed and step alone."""
        rate = self.a.rate * min(1.0, (self.step + 1) / 50) * (1 - 0.9 * self.step / self.a.steps)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        chosen = np.random.default_rng((self.a.seed, self.step)).integers(0, len(self.train), self.a.batch)
        loss, _, _ = self._loss([self.train[i] for i in chosen], self.weight[chosen], self.a.amplify)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.nets.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        return float(loss.detach())

    @torch.no_grad()
    def explained(self) -> float:
        """Share of the (amplified) held-out steps' square that the network says: 1 all, 0 nothing."""
        wrong, all_ = 0.0, 0.0
        for i in range(0, len(self.held), self.a.batch):
            some = self.held[i : i + self.a.batch]
            _, w, s = self._loss(some, np.ones(len(some)), self.a.amplify)
            wrong, all_ = wrong + w, all_ + s
        return 1 - wrong / max(all_, 1e-12)

    def keep(self, path: Path) -> None:
        """Write the checkpoint."""
        with writing(path) as temporary:
            torch.save({"nets": self.nets.state_dict(), "optimiser": self.optimiser.state_dict(), "step": self.step,
                        "how": how_of(self.a)}, temporary)  # fmt: skip

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint. Raises InputError when it belongs to another command."""
        held = torch.load(path, weights_only=True)
        if held["how"] != how_of(self.a):
            raise InputError(f"'{path}' belongs to another training ({held['how']}); delete it, or give another --out")
        self.nets.load_state_dict(held["nets"])
        self.optimiser.load_state_dict(held["optimiser"])
        self.step = held["step"]


def how_of(a: argparse.Namespace) -> str:
    """What makes a training the same one."""
    return json.dumps({k: str(getattr(a, k)) for k in (
        "data", "model", "steps", "batch", "rate", "seed", "inner", "depth", "amplify", "limit")})  # fmt: skip


def train(a: argparse.Namespace) -> dict[str, Any]:
    """Run it; returns the held-out figures. Raises GenstudioError."""
    pipeline, folder = load_pipeline(a.model, dtype=a.dtype, device=a.device)
    pairs = pairs_of(a.data, a.limit)
    t = Training(pipeline, pairs, a)
    checkpoint, log = a.out.with_suffix(".checkpoint.pt"), a.out.with_suffix(".csv")
    if checkpoint.is_file():
        t.resume(checkpoint)
        print(f"going on at step {t.step}", file=sys.stderr)
    start, losses = time.perf_counter(), []
    a.out.parent.mkdir(parents=True, exist_ok=True)
    while t.step < a.steps:
        losses.append(t.once())
        if t.step % TELL == 0 or t.step == a.steps or t.step == a.stop:
            row = [t.step, round(float(np.mean(losses)), 6), round(t.explained(), 4)]
            _tell(log, row)
            t.keep(checkpoint)
            losses = []
            print(f"step {row[0]}: loss {row[1]}, explains {row[2]} of what is held out", file=sys.stderr)
        if t.step == a.stop:
            return {"step": t.step}
    about = {
        "model": a.model, "fingerprint": hub.fingerprint(folder), "pictures": len(pairs), "held_out": len(t.held),
        "explained": round(t.explained(), 4), "steps": a.steps, "seed": a.seed, "amplify": a.amplify,
        "minutes": round((time.perf_counter() - start) / 60, 2), "device": str(next(t.nets.parameters()).device),
    }  # fmt: skip
    shapes = {name: net.config for name, net in t.nets.items()}
    save_weights(t.nets.state_dict(), a.out, {"about": about, "nets": shapes})
    os.remove(checkpoint)
    return about


def _tell(log: Path, row: list[float]) -> None:
    """Append a line; what a cut-off run wrote past its checkpoint is dropped."""
    old = list(csv.reader(log.open(newline=""))) if log.is_file() else [["step", "loss", "held_out_explained"]]
    with writing(log) as temporary, temporary.open("w", newline="") as file:
        csv.writer(file).writerows([old[0], *(r for r in old[1:] if int(r[0]) < row[0]), row])


def parser() -> argparse.ArgumentParser:
    """The command line."""
    p = argparse.ArgumentParser(prog="python -m genstudio.models.adapters.mapping.train", description=__doc__)
    p.add_argument("--data", type=Path, required=True, help="pictures laid out as OASIS, EmoSet or FindingEmo")
    p.add_argument("--model", required=True, help="a diffusers folder or hub id")
    p.add_argument("--out", type=Path, default=Path("mapping.safetensors"))
    p.add_argument("--steps", type=int, default=2000)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--rate", type=float, default=3e-4)
    p.add_argument("--inner", type=int, default=256, help="channels of the network")
    p.add_argument("--depth", type=int, default=4, help="blocks of the network")
    p.add_argument("--amplify", type=float, default=1.5, help="how much longer than measured the steps are learned")
    p.add_argument("--limit", type=int, help="at most so many pictures")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--device", default="auto")
    p.add_argument("--dtype", choices=("float32", "float16", "bfloat16"))
    p.add_argument("--stop", type=int, default=-1, help="stop at this step and keep the checkpoint")
    return p


def main(words: Sequence[str] | None = None) -> int:
    """Command line."""
    try:
        print(json.dumps(train(parser().parse_args(words)), indent=1))
    except GenstudioError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
