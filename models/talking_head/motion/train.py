"""Train the motion network from a pack: `python -m genstudio.models.talking_head.motion.train --minutes 6 --device cuda`.

Sessions are generated in worker processes and kept in a pool on the device; each step cuts random windows out of it. Ends by
the clock with the learning rate following it, so that any budget ends in a finished model.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from genstudio.errors import InputError
from genstudio.media.rates import HOPS_PER_VIDEO_FRAME
from genstudio.signals.arkit import CHANNELS
from genstudio.weights import read_tensors

from . import pack as packing
from .augment import augment
from .data import FIELDS, HOPS, SESSION, Feed
from .generator.session import GAP
from .network import MotionConfig, MotionNet, mel_scale
from .recast import to_text as recipes_to_text

WEIGHTS = "motion.safetensors"
WARMUP = 0.03  # share of the time


class Pool:
    """Sessions on the device: a ring, overwritten as new ones arrive."""

    def __init__(self, pack: packing.Pack, config: MotionConfig, size: int, device: torch.device) -> None:
        self.config, self.device, self.size = config, device, size
        self.count = self.at = self.seen = 0
        kinds = {"mel": torch.uint8, "path": torch.int16, "style": torch.float32}
        shapes = {"mel": (HOPS, 80), "motion": (SESSION, config.channels), "style": (config.style,)}
        self.store = {
            f: torch.zeros((size, *shapes.get(f, (SESSION,))), dtype=kinds.get(f, torch.float16), device=device)
            for f in FIELDS
        }
        self.codes = torch.from_numpy(pack.bank.codes).to(device)
        self.mean, self.std = (torch.from_numpy(x).to(device) for x in (pack.mean, pack.std))

    def add(self, group: dict[str, Any]) -> None:
        n = len(group["mel"])
        index = torch.arange(self.at, self.at + n) % self.size
        for f, x in group.items():
            self.store[f][index.to(self.device)] = torch.from_numpy(x).to(self.device)
        self.at = (self.at + n) % self.size
        self.count = min(self.count + n, self.size)
        self.seen += n

    def draw(self, batch: int, g: torch.Generator) -> dict[str, Tensor]:
        """Random windows: mel dB [b, hops, 80], motion (normalised) [b, past + window, 62], closure, emotion, style."""
        length = self.config.past + self.config.window

        def pick(high: int, n: int = batch) -> Tensor:
            return torch.randint(high, (n,), generator=g, device=self.device)

        row, start = pick(self.count), pick(SESSION - length + 1)
        frames = start[:, None] + torch.arange(length, device=self.device)
        hops = start[:, None] * HOPS_PER_VIDEO_FRAME + torch.arange(length * HOPS_PER_VIDEO_FRAME, device=self.device)
        r = row[:, None]
        position = self.store["position"][r, frames].float()
        i = position.long().clamp(0, self.codes.shape[1] - 2)
        part = (position - i)[..., None]
        path = self.store["path"][r, frames].long()
        emotion = self.codes[path, i] * (1 - part) + self.codes[path, i + 1] * part
        mel = self.store["mel"][r, hops].float() * packing.STEP_DB + packing.LOWEST_DB
        return {
            "mel": mel, "emotion": emotion, "style": self.store["style"][row],
            "motion": (self.store["motion"][r, frames].float() - self.mean) / self.std,
            "closure": self.store["closure"][r, frames].float(),
        }  # fmt: skip


def channel_weights(device: torch.device) -> Tensor:
    """How much each channel counts: lips and lids most; what rarely moves and gaze least."""
    w = torch.ones(len(CHANNELS))
    for i, c in enumerate(CHANNELS):
        if c in ("jawOpen", "mouthClose", "mouthFunnel", "mouthPucker"):
            w[i] = 2.5
        elif c.startswith("eyeBlink"):
            w[i] = 3.0
        elif c.startswith("mouth"):
            w[i] = 1.5
        elif c.startswith("eyeLook") or c in ("tongueOut", "cheekPuffLeft", "jawLeft", "jawRight", "cheekPuff"):
            w[i] = 0.5
    return (w / w.mean()).to(device)


class Objective:
    """Error of the predicted clean motion, of its velocity, and of the lips' gap where they should close."""

    def __init__(self, pool: Pool, config: MotionConfig, lips: float = 1.5) -> None:
        self.weights, self.lips = channel_weights(pool.device), lips
        self.gap = torch.from_numpy(GAP).to(pool.device) * pool.std
        self.p = config.past

    def __call__(self, net: torch.nn.Module, d: dict[str, Tensor], g: torch.Generator) -> dict[str, Tensor]:
        clean, past = d["motion"][:, self.p :], d["motion"][:, : self.p]
        b, device = len(clean), clean.device

        def chance(p: float) -> Tensor:
            return torch.rand(b, generator=g, device=device) < p

        t = torch.sigmoid(torch.randn(b, generator=g, device=device) - 0.3)
        # rare events such as blinks are decided near the noise
        t = torch.where(chance(0.3), torch.rand(b, generator=g, device=device) * 0.25, t)
        noise = torch.randn(clean.shape, generator=g, device=device)
        noisy = t[:, None, None] * clean + (1 - t)[:, None, None] * noise
        # the past at inference is the network's own: roughen it, so that errors are not carried on
        rough = 0.12 * torch.rand(b, 1, 1, generator=g, device=device)
        past = past + rough * torch.randn(past.shape, generator=g, device=device)
        condition = net.condition(mel_scale(d["mel"]), d["emotion"], ~chance(0.1), ~chance(0.12))  # type: ignore[operator]
        style = d["style"] * ~chance(0.1)[:, None]
        out = net(noisy, t, condition, past, ~chance(0.15), style).float()
        error = out - clean
        joined = torch.cat((d["motion"][:, self.p - 1 : self.p], out), dim=1)
        true = torch.cat((d["motion"][:, self.p - 1 : self.p], clean), dim=1)
        position = (error.square() * self.weights).mean()
        velocity = ((joined.diff(dim=1) - true.diff(dim=1)).square() * self.weights).mean()
        closing = d["closure"][:, self.p :]
        lips = (closing * ((error * self.gap).sum(-1) / 0.5).square()).mean()
        return {
            "loss": position + 1.5 * velocity + self.lips * lips,
            "position": position,
            "velocity": velocity,
            "lips": lips,
        }


def main(argv: list[str] | None = None) -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--data", type=Path, default=None, help="not read: all comes from the pack")
    p.add_argument("--cache", type=Path, default=Path(".cache/pack/motion"), help="folder of the pack")
    p.add_argument("--out", type=Path, default=Path(".cache/motion/out"))
    p.add_argument("--minutes", type=float, default=5.0)
    p.add_argument("--steps", type=int, default=0, help="stop after this many steps as well")
    p.add_argument("--batch", type=int, default=0, help="default 256 on a GPU, 16 on a CPU")
    p.add_argument("--rate", type=float, default=1e-3)
    p.add_argument("--lips", type=float, default=1.5, help="weight of the lips' gap where they should close")
    p.add_argument("--workers", type=int, default=0, help="default 6 on a GPU, 1 on a CPU")
    p.add_argument("--pool", type=int, default=0, help="sessions kept; default 2400 on a GPU, 96 on a CPU")
    p.add_argument("--width", type=int, default=MotionConfig.width, help="of the network; smaller trains on a CPU")
    p.add_argument("--depth", type=int, default=MotionConfig.depth)
    p.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    p.add_argument("--seed", type=int, default=0)
    start = p.add_mutually_exclusive_group()
    start.add_argument("--resume", action="store_true", help="go on from OUT")
    start.add_argument("--init", type=Path, help="weights to start from, such as the shipped ones; steps count anew")
    train(p.parse_args(argv))


def train(a: argparse.Namespace) -> None:
    began = time.monotonic()
    device = torch.device(
        "cuda" if a.device == "auto" and torch.cuda.is_available() else a.device.replace("auto", "cpu")
    )
    cuda = device.type == "cuda"
    batch, workers = a.batch or (256 if cuda else 16), a.workers or (6 if cuda else 1)
    size = a.pool or (2400 if cuda else 96)
    torch.manual_seed(a.seed)
    if cuda:
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    a.out.mkdir(parents=True, exist_ok=True)
    feed = Feed(a.cache / packing.NAME, workers, a.seed + int(a.resume) * 7919)
    pack = packing.load(a.cache / packing.NAME)
    config = MotionConfig(width=a.width, depth=a.depth, feed=a.width * 11 // 4, heads=a.width // 64)
    net = MotionNet(config).to(device)
    if a.init:
        pack = started(net, pack, a.init)
    state: dict[str, Any] = {"steps": 0, "minutes": 0.0, "log": []}
    ema = {k: v.detach().clone() for k, v in net.state_dict().items()}
    optimiser = torch.optim.AdamW(net.parameters(), lr=a.rate, betas=(0.9, 0.95), weight_decay=0.01)
    checkpoint = a.out / "checkpoint.pt"
    if a.resume and checkpoint.is_file():
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        state = saved["state"]
        net.load_state_dict({k: v.float() for k, v in saved["net"].items()})
        smooth, _ = read_tensors(a.out / WEIGHTS)
        ema = {k: smooth["net." + k].float().to(device) for k in ema}
    pool = Pool(pack, config, size, device)
    say(
        f"{sum(x.numel() for x in net.parameters()) / 1e6:.2f} M parameters, {device}, batch {batch}, waiting for sessions"
    )
    while pool.count < min(size, 24 * workers):
        pool.add(feed.get())
    objective = Objective(pool, config, a.lips)
    g = torch.Generator(device).manual_seed(a.seed + state["steps"])
    from_step, last, spoken = state["steps"], time.monotonic(), 0
    totals: dict[str, Any] = {}
    while True:
        share = (time.monotonic() - began) / 60 / a.minutes
        if a.steps:
            share = max(share, (state["steps"] - from_step) / a.steps)
        if share >= 1:
            break
        # one group a step at most: the workers can be faster than the network
        if (group := feed.poll()) is not None:
            pool.add(group)
        rate = a.rate * max(min(share / WARMUP, 1.0) * 0.5 * (1 + math.cos(math.pi * share)), 0.01)
        for group_ in optimiser.param_groups:
            group_["lr"] = rate
        d = pool.draw(batch, g)
        d["mel"] = augment(d["mel"], g)
        with torch.autocast(device.type, torch.bfloat16, enabled=cuda):
            parts = objective(net, d, g)
        optimiser.zero_grad(set_to_none=True)
        parts["loss"].backward()
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        if torch.isfinite(norm):
            optimiser.step()
        state["steps"] += 1
        done = state["steps"] - from_step
        decay = min(0.998 if cuda else 0.99, state["steps"] / (state["steps"] + 10))
        with torch.no_grad():
            current = net.state_dict()
            torch._foreach_lerp_([ema[k] for k in ema], [current[k] for k in ema], 1 - decay)
        for k, v in parts.items():
            totals[k] = totals.get(k, 0) + v.detach()
        spoken += 1
        if time.monotonic() - last > 10 or done == 1:
            means = {k: float(v) / spoken for k, v in totals.items()}
            left = a.minutes * 60 - (time.monotonic() - began)
            row = {"step": state["steps"], **{k: round(v, 5) for k, v in means.items()}, "rate": round(rate, 7)}
            state["log"].append(row)
            speed = spoken / max(time.monotonic() - last, 1e-6)
            say(
                f"step {row['step']} loss {means['loss']:.4f} position {means['position']:.4f} lips {means['lips']:.4f} "
                f"{speed:.1f} steps/s, {pool.seen} sessions, {left:.0f} s left"
            )
            last, totals, spoken = time.monotonic(), {}, 0
            if done > 1 and len(state["log"]) % 6 == 0:
                save(a, net, ema, pack, state, config, began)
    save(a, net, ema, pack, state, config, began)
    feed.close()
    say(f"done: {a.out}")


def started(net: MotionNet, pack: packing.Pack, path: Path) -> packing.Pack:
    """Put a file's weights into the network; returns the pack in the file's units of motion."""
    tensors, info = read_tensors(path)
    if json.loads(info["config"]) != net.config.to_dict():
        raise InputError(f"'{path}' holds a network of another size than --width and --depth ask for")
    net.load_state_dict({k[4:]: v.float() for k, v in tensors.items() if k.startswith("net.")})
    return replace(pack, mean=tensors["mean"].float().numpy(), std=tensors["std"].float().numpy())


def save(
    a: argparse.Namespace,
    net: MotionNet,
    ema: dict[str, Tensor],
    pack: packing.Pack,
    state: dict[str, Any],
    config: MotionConfig,
    began: float,
) -> None:
    """Checkpoint (float16), shippable weights (EMA, float16, with normalisation and config in the file), log."""
    from safetensors.torch import save_file

    half = {k: v.half().cpu() for k, v in ema.items()}
    raw = {k: v.detach().half().cpu() for k, v in net.state_dict().items()}
    torch.save({"net": raw, "state": state}, str(a.out / "checkpoint.part"))
    os.replace(a.out / "checkpoint.part", a.out / "checkpoint.pt")
    tensors = {"net." + k: v.contiguous() for k, v in half.items()}
    tensors |= {"mean": torch.from_numpy(pack.mean), "std": torch.from_numpy(pack.std)}
    info = {
        "config": json.dumps(config.to_dict()),
        "steps": str(state["steps"]),
        "minutes": f"{(time.monotonic() - began) / 60:.2f}",
        "recipes": recipes_to_text(),
    }
    save_file(tensors, str(a.out / "motion.part"), metadata=info)
    os.replace(a.out / "motion.part", a.out / WEIGHTS)
    with (a.out / "training.csv").open("w", newline="") as f:
        writer = csv.DictWriter(f, fieldnames=list(state["log"][0]))
        writer.writeheader()
        writer.writerows(state["log"])


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
