"""Train the face finder and the landmark network side by side on a pack (see `pack`).

    python -m genstudio.models.talking_head.landmarks.train --cache .cache/pack/landmarks --out DIR [--minutes M] [--device cuda]

All pictures lie on the device; every batch is turned, scaled, mirrored, coloured, covered and blurred there. The learning
rate follows the clock. Writes `landmarks.safetensors` (both networks, exponential means, float16), `landmarks.csv` and
`landmarks.pt` (checkpoint for --resume, in --state).
"""

from __future__ import annotations

import argparse
import copy
import csv
import math
import sys
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .batches import Pack, finder_batch, landmark_batch
from .net import RADIUS_UNIT, STRIDE, CentreNet, LandmarkNet


def finder_loss(maps: Tensor, circles: Tensor, face: Tensor) -> Tensor:
    """Penalty-reduced focal loss of the centre map, smooth L1 of offset and size around the centre."""
    h, w = maps.shape[-2:]
    at_y = (torch.arange(h, device=maps.device).float() + 0.5) * STRIDE - 0.5
    at_x = (torch.arange(w, device=maps.device).float() + 0.5) * STRIDE - 0.5
    dx = (circles[:, 0, None, None] - at_x.view(1, 1, w)) / STRIDE
    dy = (circles[:, 1, None, None] - at_y.view(1, h, 1)) / STRIDE
    d2 = dx**2 + dy**2
    heat = torch.exp(-d2 / 0.6) * face[:, None, None]
    best = (d2 <= d2.flatten(1).min(1).values[:, None, None] + 1e-6) & (face[:, None, None] > 0)
    logit = maps[:, 0]
    p = torch.sigmoid(logit)
    hit = -(F.logsigmoid(logit) * (1 - p) ** 2)[best].sum()
    miss = -(F.logsigmoid(-logit) * p**2 * (1 - heat) ** 4)[~best].sum()
    near = (d2 < 1.2) & (face[:, None, None] > 0)
    log_r = torch.log(circles[:, 2] / RADIUS_UNIT)[:, None, None].expand_as(d2)
    box = F.smooth_l1_loss(maps[:, 1][near], dx.expand_as(d2)[near], reduction="sum", beta=0.1)
    box = box + F.smooth_l1_loss(maps[:, 2][near], dy.expand_as(d2)[near], reduction="sum", beta=0.1)
    box = box + 2 * F.smooth_l1_loss(maps[:, 3][near], log_r[near], reduction="sum", beta=0.05)
    return (hit + miss) / face.sum().clamp(min=1) + box / near.sum().clamp(min=1)


def landmark_loss(points: Tensor, logit: Tensor, target: Tensor, face: Tensor) -> Tensor:
    """Wing-like loss (in face radii) over faces, plus face or not."""
    m = len(target)
    d = (points[:m] - target).norm(dim=-1)
    inside = (target.abs().amax(-1) < 0.97).float()
    each = 0.1 * torch.log1p(d / 0.01) + d
    return (each * inside).sum() / inside.sum() + 0.1 * F.binary_cross_entropy_with_logits(logit, face)


class Mean:
    """Exponential moving average of a module."""

    def __init__(self, net: nn.Module, decay: float = 0.998) -> None:
        self.net, self.decay, self.steps = copy.deepcopy(net).eval(), decay, 0

    @torch.no_grad()
    def update(self, net: nn.Module) -> None:
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for a, b in zip(self.net.state_dict().values(), net.state_dict().values(), strict=True):
            if a.is_floating_point():
                a.lerp_(b, 1 - decay)
            else:
                a.copy_(b)


def run(args: argparse.Namespace) -> None:
    from safetensors.torch import save_file

    name = ("cuda" if torch.cuda.is_available() else "cpu") if args.device == "auto" else args.device
    device = torch.device(name)
    cuda = device.type == "cuda"
    torch.manual_seed(args.seed)
    if cuda:
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")
    args.out.mkdir(parents=True, exist_ok=True)
    pack = Pack(args.cache, device)
    nets = nn.ModuleDict({"finder": CentreNet(), "landmarks": LandmarkNet()}).to(device)
    mean = Mean(nets)
    wide = [p for p in nets.parameters() if p.ndim > 1]
    thin = [p for p in nets.parameters() if p.ndim <= 1]
    opt = torch.optim.AdamW([{"params": wide, "weight_decay": 0.02}, {"params": thin, "weight_decay": 0.0}], lr=1.0)
    used, step, history = 0.0, 0, []
    state_dir = args.state or Path(".cache/train/landmarks")
    state_dir.mkdir(parents=True, exist_ok=True)
    checkpoint = state_dir / "landmarks.pt"
    if args.resume and checkpoint.is_file():
        held = torch.load(checkpoint, map_location=device, weights_only=True)
        nets.load_state_dict(held["nets"])
        mean.net.load_state_dict(held["mean"])
        opt.load_state_dict(held["opt"])
        used, step, history = held["used"], held["step"], held["history"]
        mean.steps = step
    elif args.start:
        from safetensors.torch import load_file

        state = {k: v.float() for k, v in load_file(str(args.start)).items()}
        state.pop("mean3")
        nets.load_state_dict(nets.state_dict() | {k: v.to(device) for k, v in state.items()})
        mean = Mean(nets)
    budget = args.minutes * 60
    start = last_print = last_save = time.time()
    sums = torch.zeros(2, device=device)
    counted = 0

    def save(final: bool) -> None:
        torch.save(
            {
                "nets": nets.state_dict(),
                "mean": mean.net.state_dict(),
                "opt": opt.state_dict(),
                "used": used + time.time() - start,
                "step": step,
                "history": history,
            },
            checkpoint,
        )
        state = {
            k: (v.half() if v.is_floating_point() else v).cpu().contiguous()
            for k, v in mean.net.state_dict().items()
            if not k.endswith("num_batches_tracked")
        }
        state["mean3"] = pack.mean3.cpu().contiguous()
        save_file(
            state,
            str(args.out / "landmarks.safetensors"),
            metadata={"steps": str(step), "seed": str(args.seed), "finished": str(final)},
        )
        with open(args.out / "landmarks.csv", "w", newline="") as f:
            csv.writer(f).writerows([["step", "seconds", "landmark_loss", "finder_loss"], *history])

    while True:
        frac = (used + time.time() - start) / budget
        if frac >= 1 or (args.steps and step >= args.steps):
            break
        if args.steps:
            frac = max(frac, step / args.steps)
        rate = float(args.lr * min(1.0, frac / 0.03) * (0.5 * (1 + math.cos(math.pi * min(frac, 1.0))) + 2e-3))
        for g in opt.param_groups:
            g["lr"] = rate
        nets.train()
        with torch.no_grad():
            crops, target, face = landmark_batch(pack, args.batch)
            patches, circles, is_face = finder_batch(pack, args.batch)
        if cuda:
            crops = crops.contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16, enabled=cuda and args.bf16):
            maps = nets["finder"](patches)
            points, logit = nets["landmarks"](crops)
        a = landmark_loss(points, logit, target, face)
        b = finder_loss(maps.float(), circles, is_face)
        opt.zero_grad(set_to_none=True)
        (a + 0.3 * b).backward()
        for net in nets.values():
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        mean.update(nets)
        step += 1
        counted += 1
        sums += torch.stack([a.detach(), b.detach()])
        if step % 10 == 0 and cuda:
            torch.cuda.synchronize()
        now = time.time()
        if now - last_print > args.every:
            both = (sums / counted).tolist()
            sums.zero_()
            counted = 0
            history.append([step, round(used + now - start, 1), round(both[0], 5), round(both[1], 5)])
            print(
                f"landmarks step {step} {used + now - start:.0f}s points {both[0]:.4f} finder {both[1]:.4f} "
                f"({budget * (1 - frac):.0f}s left)",
                file=sys.stderr,
                flush=True,
            )
            last_print = now
        if now - last_save > 60:
            save(False)
            last_save = time.time()
    save(True)
    print(f"landmarks done, {step} steps", file=sys.stderr, flush=True)


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="genstudio.models.talking_head.landmarks.train", description=__doc__)
    p.add_argument("--data", type=Path, default=None, help="unused: the pack holds all")
    p.add_argument("--cache", type=Path, default=Path(".cache/pack/landmarks"))
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--minutes", type=float, default=4.0)
    p.add_argument("--steps", type=int, default=0, help="stop after so many steps, 0: by the clock alone")
    p.add_argument("--device", default="auto", help="auto, cpu or cuda")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--lr", type=float, default=1.5e-3)
    p.add_argument("--bf16", action=argparse.BooleanOptionalAction, default=True, help="on a GPU")
    p.add_argument("--every", type=float, default=10.0, help="seconds between reports")
    p.add_argument("--resume", action="store_true")
    p.add_argument(
        "--state", type=Path, default=None, help="folder of the checkpoint for --resume, default in .cache/train"
    )
    p.add_argument("--start", type=Path, default=None, help="weights to start from")
    return p


if __name__ == "__main__":
    run(parser().parse_args())
