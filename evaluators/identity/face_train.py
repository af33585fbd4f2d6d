"""Train the embedded face descriptor: python -m genstudio.evaluators.identity.face_train --data DIR

A small network learns to say what the descriptor of the dlib package says (distillation: Hinton et al. 2015; on similarities
too: Park et al. 2019) of FER-2013's training faces and of the London set's training identities. Without a pack one is made from
--data first, which needs the extra `face-identity`; training itself does not.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from genstudio.media.files import writing
from genstudio.weights import save_weights

from .face_net import SIZE, FaceNet
from .face_pack import PAPER, load

WEIGHTS = Path(__file__).parent / "weights" / "face.safetensors"
RATE, DECAY, EMA, ALIKE = 2e-3, 0.05, 0.998, 5.0  # ALIKE: weight of the similarities in the loss
TELL, KEEP = 500, 2000  # steps between lines of the log, and between checkpoints
_SLOWEST = 0.01  # of RATE, at the end


def warped(x: Tensor, random: torch.Generator) -> Tensor:
    """Crops [b, 1, 48, 48] out of faces [b, 1, 64, 64] (0..1): moved, turned, scaled, mirrored, blurred, lit otherwise, covered."""
    n, device = len(x), x.device

    def draw(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(n, *shape, generator=random, device=device)

    angle, scale = draw(-0.22, 0.22), draw(0.80, 1.12) * SIZE / PAPER
    flip = torch.where(draw(0, 1) < 0.5, -1.0, 1.0)
    c, s = angle.cos() * scale, angle.sin() * scale
    rows = [torch.stack([c * flip, -s, draw(-0.09, 0.09)], 1), torch.stack([s * flip, c, draw(-0.09, 0.09)], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), [n, 1, SIZE, SIZE], align_corners=False)
    y = F.grid_sample(x, grid, align_corners=False, padding_mode="border")
    soft = F.avg_pool2d(F.pad(y, (1, 1, 1, 1), mode="replicate"), 3, 1)
    y = torch.lerp(y, soft, draw(0, 1, 1, 1, 1) * (draw(0, 1, 1, 1, 1) < 0.5))
    coarse = F.interpolate(F.interpolate(y, size=28, mode="area"), size=SIZE, mode="bilinear")
    y = torch.where(draw(0, 1, 1, 1, 1) < 0.2, coarse, y)
    side = torch.linspace(-1, 1, SIZE, device=device)
    light = (
        1 + draw(-0.35, 0.35, 1, 1, 1) * side[None, None, None] + draw(-0.25, 0.25, 1, 1, 1) * side[None, None, :, None]
    )
    y = (y.clamp(1e-3, 1) ** draw(0.6, 1.6, 1, 1, 1)) * light
    y = y + draw(0, 0.04, 1, 1, 1) * torch.randn(y.shape, generator=random, device=device)
    top, left, half = draw(0, SIZE, 1), draw(0, SIZE, 1), draw(3, 8, 1)
    row = torch.arange(SIZE, device=device)[None]
    hole = ((row - top).abs() < half)[:, :, None] & ((row - left).abs() < half)[:, None]
    covered = hole & (draw(0, 1, 1, 1) < 0.25)
    return torch.where(covered[:, None], y.mean((2, 3), keepdim=True), y).clamp(0, 1)


def loss_of(said: Tensor, taught: Tensor) -> Tensor:
    """Away from the teacher's descriptors [b, 128], and from the similarities between them."""
    return (1 - (said * taught).sum(1)).mean() + ALIKE * ((said @ said.T - taught @ taught.T) ** 2).mean()


class Training:
    """What a checkpoint holds: the network, its running mean, the optimiser, how far it is."""

    def __init__(self, seed: int, device: str) -> None:
        torch.manual_seed(seed)
        self.net, self.slow = (FaceNet().to(device, memory_format=torch.channels_last) for _ in range(2))  # type: ignore[call-overload]
        self.slow.load_state_dict(self.net.state_dict())
        self.slow.eval().requires_grad_(False)
        decayed = [p for p in self.net.parameters() if p.ndim > 1]
        free = [p for p in self.net.parameters() if p.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": DECAY}, {"params": free, "weight_decay": 0.0}], RATE
        )
        self.step, self.spent = 0, 0.0
        self.rows: list[list[float]] = []

    def read(self, path: Path) -> None:
        kept: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        self.net.load_state_dict(kept["net"])
        self.slow.load_state_dict(kept["slow"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.step, self.rows, self.spent = kept["step"], kept["rows"], kept["spent"]

    def keep(self, path: Path) -> None:
        with writing(path) as temporary:
            torch.save(
                {"net": self.net.state_dict(), "slow": self.slow.state_dict(), "optimiser": self.optimiser.state_dict(),
                 "step": self.step, "rows": self.rows, "spent": self.spent}, temporary,
            )  # fmt: skip

    def learn(self, faces: Tensor, taught: Tensor, rate: float, random: torch.Generator) -> Tensor:
        """One step on faces [b, 1, 64, 64] (0..1). → loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        x = warped(faces, random).contiguous(memory_format=torch.channels_last)
        with torch.autocast(x.device.type, torch.bfloat16, enabled=x.is_cuda):
            said = self.net(x)
        loss = loss_of(said, taught)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
        self.optimiser.step()
        self.step += 1
        with torch.no_grad():
            slow, now = self.slow.state_dict(), self.net.state_dict()
            moving = [k for k, v in slow.items() if v.is_floating_point()]
            share = 1 - min(EMA, self.step / (self.step + 9))
            torch._foreach_lerp_([slow[k] for k in moving], [now[k] for k in moving], share)
        return loss.detach()


def rate_at(done: float, step: int) -> float:
    """Learning rate at a share of the way, 0..1: up over 400 steps, down along a cosine."""
    return float(
        RATE * min(1, (step + 1) / 400) * (_SLOWEST + (1 - _SLOWEST) * 0.5 * (1 + np.cos(np.pi * min(done, 1))))
    )


def train(pack: Path, out: Path, steps: int, minutes: float, batch: int, seed: int, device: str) -> None:
    """To `steps` steps, or fewer when `minutes` end before; a checkpoint beside `out` lets a broken run go on."""
    found = load(pack)
    images, taught = torch.from_numpy(found.faces)[:, None].to(device), torch.from_numpy(found.targets).to(device)
    inside, watch = (torch.from_numpy(np.flatnonzero(m)).to(device) for m in (~found.held, found.held))
    job, state = Training(seed, device), out.with_suffix(".checkpoint.pt")
    if state.is_file():
        job.read(state)
        print(f"goes on from step {job.step}", file=sys.stderr, flush=True)
    before, start, cut = job.spent, time.monotonic(), (PAPER - SIZE) // 2
    done = max(job.step / steps, before / (60 * minutes))
    while done < 1:
        torch.manual_seed(seed * 1_000_003 + job.step)  # for dropout
        random = torch.Generator(device).manual_seed(seed * 1_000_003 + job.step)
        chosen = inside[torch.randint(len(inside), (batch,), generator=random, device=device)]
        loss = job.learn(images[chosen].float() / 255, taught[chosen], rate_at(done, job.step), random)
        job.spent = before + time.monotonic() - start
        done = max(job.step / steps, job.spent / (60 * minutes))
        if job.step % TELL == 0 or done >= 1:
            with torch.inference_mode():
                seen = images[watch][:, :, cut : cut + SIZE, cut : cut + SIZE].float() / 255
                near = torch.cat(
                    [(job.slow(s) * t).sum(1) for s, t in zip(seen.split(512), taught[watch].split(512), strict=True)]
                )
            job.rows.append([job.step, round(float(loss), 4), round(float(near.mean()), 4), round(job.spent, 1)])
            print(
                f"step {job.step}/{steps} loss {loss:.4f} held-out cosine {near.mean():.4f} {done:.0%}",
                file=sys.stderr,
                flush=True,
            )
        if job.step % KEEP == 0:
            job.keep(state)
    facts = {"steps": job.step, "batch": batch, "seed": seed, "seconds": round(job.spent), "device": device}
    tensors = {k: v for k, v in job.slow.state_dict().items() if v.is_floating_point()}
    save_weights({**tensors, "mean": torch.from_numpy(found.mean)}, out, facts, bits=8)
    with writing(out.with_suffix(".csv")) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["step", "loss", "held_out_cosine", "seconds"])
        writer.writerows(job.rows)
    state.unlink(missing_ok=True)


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(prog="python -m genstudio.evaluators.identity.face_train", description=__doc__)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--pack", type=Path, help="faces and what the teacher says of them; made from --data when absent")
    p.add_argument("--out", type=Path, default=WEIGHTS)
    p.add_argument("--steps", type=int, default=24_000)
    p.add_argument("--minutes", type=float, default=600.0, help="be done after so long, with fewer steps")
    p.add_argument("--batch", type=int, default=256)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = p.parse_args(argv)
    source = a.pack or a.out.with_suffix(".pack.npz")
    if not source.is_file():
        from .face_data import prepare

        prepare(a.data, source)
    train(source, a.out, a.steps, a.minutes, a.batch, a.seed, a.device)


if __name__ == "__main__":
    main()
