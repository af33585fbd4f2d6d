"""Train an expression network on a FER-2013 pack.

    python -m genstudio.evaluators.face.train --role score|steer --cache .cache/pack/face --out DIR [--minutes M] [--device cuda]

The scoring network learns from all of train (or, `--half`, from its half), the steering network from the steering half
alone. The learning rate follows the clock, so that any budget ends in a decayed network. Writes `ROLE.safetensors`
(float16, the exponential mean), `ROLE.csv` (the log) into --out, and `ROLE.pt`
(checkpoint for --resume) into --state.
"""

from __future__ import annotations

import argparse
import copy
import csv
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genstudio.splits import fer_role

from .augment import augment, mixup
from .net import CLASSES, build
from .pack import load


def pick_device(name: str) -> torch.device:
    """'auto' takes a GPU when there is one."""
    return torch.device(("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name)


@torch.no_grad()
def logits_of(net: nn.Module, faces: Tensor, batch: int = 512) -> Tensor:
    """Mean logits over a face and its mirror image. faces: uint8 [n, 48, 48] → float [n, 7]."""
    net.eval()
    out = []
    for k in range(0, len(faces), batch):
        x = faces[k : k + batch].unsqueeze(1).float() / 255
        out.append((net(x).float() + net(x.flip(-1)).float()) / 2)
    return torch.cat(out)


class Mean:
    """Exponential moving average of a network's weights and buffers."""

    def __init__(self, net: nn.Module, decay: float) -> None:
        self.net = copy.deepcopy(net).eval()
        self.decay, self.steps = decay, 0
        for p in self.net.parameters():
            p.requires_grad_(False)

    @torch.no_grad()
    def update(self, net: nn.Module) -> None:
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        mine, theirs = self.net.state_dict(), net.state_dict()
        floats = [k for k in mine if mine[k].is_floating_point()]
        torch._foreach_lerp_([mine[k] for k in floats], [theirs[k] for k in floats], 1 - decay)
        for k in mine:
            if not mine[k].is_floating_point():
                mine[k].copy_(theirs[k])


def save_half(net: nn.Module, path: Path, metadata: dict[str, str]) -> None:
    """Write float16 safetensors."""
    from safetensors.torch import save_file

    state = {
        k: (v.half() if v.is_floating_point() else v).cpu().contiguous()
        for k, v in net.state_dict().items()
        if not k.endswith("num_batches_tracked")
    }
    save_file(state, str(path), metadata=metadata)


def groups(net: nn.Module, decay: float) -> list[dict[str, object]]:
    """Weight decay for matrices and kernels alone."""
    wide = [p for p in net.parameters() if p.ndim > 1]
    thin = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": wide, "weight_decay": decay}, {"params": thin, "weight_decay": 0.0}]


def run(args: argparse.Namespace) -> None:
    device = pick_device(args.device)
    cuda = device.type == "cuda"
    torch.manual_seed(args.seed)
    if cuda:
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")
    args.out.mkdir(parents=True, exist_ok=True)
    images, labels, ids = load(args.cache, "train")
    if args.role == "steer" or args.half:
        keep = np.array([fer_role(int(i)) == args.role for i in ids])
        images, labels = images[keep], labels[keep]
    x_all = torch.from_numpy(images).to(device)
    y_all = torch.from_numpy(labels).to(device)
    test = load(args.cache, "public_test")
    x_test, y_test = torch.from_numpy(test[0]).to(device), torch.from_numpy(test[1]).to(device)

    net = build(args.role).to(device)
    if cuda:
        net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = Mean(net, args.ema)
    if args.role == "score":
        opt: torch.optim.Optimizer = torch.optim.SGD(
            groups(net, 5e-4),
            lr=1.0,
            momentum=0.9,
            nesterov=True,  # type: ignore[arg-type]
        )
        peak = args.lr or 0.1 * args.batch / 256
    else:
        opt = torch.optim.AdamW(groups(net, 0.05), lr=1.0)  # type: ignore[arg-type]
        peak = args.lr or 2e-3 * (args.batch / 256) ** 0.5
    used, step, history = 0.0, 0, []
    state_dir = args.state or Path(f".cache/train/face_{args.role}")
    state_dir.mkdir(parents=True, exist_ok=True)
    checkpoint = state_dir / f"{args.role}.pt"
    if args.resume and checkpoint.is_file():
        held = torch.load(checkpoint, map_location=device, weights_only=True)
        net.load_state_dict(held["net"])
        mean.net.load_state_dict(held["mean"])
        opt.load_state_dict(held["opt"])
        used, step, history, mean.steps = held["used"], held["step"], held["history"], held["step"]
    elif args.start:
        from safetensors.torch import load_file

        given = {k: v.float() if v.is_floating_point() else v for k, v in load_file(str(args.start)).items()}
        net.load_state_dict(net.state_dict() | {k: v.to(device) for k, v in given.items()})
        mean = Mean(net, args.ema)
    prior = torch.bincount(y_all, minlength=len(CLASSES)).float()
    balance = (prior.mean() / prior).pow(args.balance)
    budget = args.minutes * 60
    start = last_print = last_save = time.time()
    n, order, at, loss_sum, loss_n = len(x_all), None, 0, torch.zeros((), device=device), 0

    def report(frac: float) -> None:
        nonlocal loss_sum, loss_n
        some = slice(None) if cuda or frac >= 1 else slice(0, None, 12)  # a CPU looks at every 12th face until the end
        acc = (logits_of(mean.net, x_test[some]).argmax(1) == y_test[some]).float().mean().item()
        loss = (loss_sum / max(loss_n, 1)).item()
        loss_sum, loss_n = torch.zeros((), device=device), 0
        row = [
            step,
            round(used + time.time() - start, 1),
            round(step * args.batch / n, 2),
            round(loss, 4),
            round(acc, 4),
        ]
        history.append(row)
        print(
            f"{args.role} step {row[0]} {row[1]:.0f}s epoch {row[2]} loss {loss:.4f} PublicTest {acc:.4f} "
            f"({budget * (1 - frac):.0f}s left)",
            file=sys.stderr,
            flush=True,
        )

    def save(final: bool = False) -> None:
        torch.save(
            {
                "net": net.state_dict(),
                "mean": mean.net.state_dict(),
                "opt": opt.state_dict(),
                "used": used + time.time() - start,
                "step": step,
                "history": history,
            },
            checkpoint,
        )
        save_half(
            mean.net,
            args.out / f"{args.role}.safetensors",
            {
                "role": args.role,
                "steps": str(step),
                "seed": str(args.seed),
                "train_faces": str(n),
                "finished": str(final),
            },
        )
        with open(args.out / f"{args.role}.csv", "w", newline="") as f:
            csv.writer(f).writerows([["step", "seconds", "epoch", "loss", "public_test_accuracy"], *history])

    while True:
        frac = (used + time.time() - start) / budget
        if frac >= 1 or (args.steps and step >= args.steps):
            break
        if args.steps:
            frac = max(frac, step / args.steps)
        warm = min(1.0, frac / 0.04)
        rate = float(peak * warm * (0.5 * (1 + np.cos(np.pi * min(frac, 1.0))) + 1e-3))
        for g in opt.param_groups:
            g["lr"] = rate
        if order is None or at + args.batch > n:
            order, at = torch.randperm(n, device=device), 0
        pick = order[at : at + args.batch]
        at += args.batch
        net.train()
        x = x_all[pick].unsqueeze(1).float() / 255
        target = F.one_hot(y_all[pick], len(CLASSES)).float()
        weight = balance[y_all[pick]]
        with torch.no_grad():
            x = augment(x)
            target = target * (1 - args.smooth) + args.smooth / len(CLASSES)
            if frac < 0.85:
                x, target = mixup(x, target)
        if cuda:
            x = x.contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16, enabled=args.bf16 if args.bf16 is not None else cuda):
            out = net(x)
        each = -(target * F.log_softmax(out.float(), 1)).sum(1)
        loss = (each * weight).sum() / weight.sum()
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        mean.update(net)
        step += 1
        loss_sum += loss.detach()
        loss_n += 1
        if step % 10 == 0 and cuda:
            torch.cuda.synchronize()
        now = time.time()
        if now - last_print > args.every:
            report(frac)
            last_print = time.time()
        if now - last_save > 60:
            save()
            last_save = time.time()
    report(1.0)
    save(final=True)


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="genstudio.evaluators.face.train", description=__doc__)
    p.add_argument("--role", choices=("score", "steer"), required=True)
    p.add_argument("--half", action="store_true", help="train the scoring network on its half alone")
    p.add_argument("--data", type=Path, default=None, help="unused: the pack holds all")
    p.add_argument("--cache", type=Path, default=Path(".cache/pack/face"))
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--minutes", type=float, default=4.5)
    p.add_argument("--steps", type=int, default=0, help="stop after so many steps, 0: by the clock alone")
    p.add_argument("--device", default="auto", help="auto, cpu or cuda")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--batch", type=int, default=256)
    p.add_argument("--lr", type=float, default=0.0, help="peak learning rate, 0: by role and batch")
    p.add_argument("--smooth", type=float, default=0.1, help="label smoothing")
    p.add_argument("--balance", type=float, default=0.15, help="0: plain loss, 1: every class weighs the same")
    p.add_argument("--ema", type=float, default=0.998)
    p.add_argument("--bf16", action=argparse.BooleanOptionalAction, default=None, help="default: on a GPU alone")
    p.add_argument("--every", type=float, default=10.0, help="seconds between reports")
    p.add_argument("--resume", action="store_true")
    p.add_argument(
        "--state", type=Path, default=None, help="folder of the checkpoint for --resume, default in .cache/train"
    )
    p.add_argument("--start", type=Path, default=None, help="weights to start from")
    return p


if __name__ == "__main__":
    run(parser().parse_args())
