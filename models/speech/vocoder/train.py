"""Trains the vocoder from its pack, by the clock.

    python -m genstudio.models.speech.vocoder.train --pack .cache/pack/vocoder --out OUT --minutes 5 --device cuda

Ends with OUT/vocoder.safetensors (float16, the running mean of the weights) and OUT/train.csv; OUT/state.pt (10 MB,
without the optimiser's moments, which warm up again) is what --resume goes on from, with --new-clock on a schedule of
its own. The schedule follows the share of the time that has passed, so any budget ends in a decayed model: energy
distance from the start, a waveform loss below 900 Hz first strong then weak, the critic after 40 % (only where there is
a GPU, unless asked for). The critic's push is scaled to a share of the distance's own, so it cannot take over.
"""

from __future__ import annotations

import argparse
import copy
import csv
import os
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..analysis.features import HOP
from .critic import Critic
from .data import Batch, Pack
from .losses import RESOLUTIONS, energy_distance, low_phase_loss, periodicity_loss
from .network import SourceFilter, VocoderConfig
from .vocoder import save_network

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Schedule:
    """Sizes and weights; a share is of the time budget."""

    batch: int = 32
    frames: int = 88
    margin: int = 8  # frames at both ends that no loss sees: the trunk's view ends there
    rate: float = 1.5e-3
    repulsion: float = 0.75
    resolutions: int = 6
    critic: float = 0.3  # the critic's push as a share of the distance's; 0 for none
    critic_from: float = 0.4
    critic_batch: int = 16
    critic_rate: float = 3e-4
    periodicity: float = 0.3  # weight of the periodicity loss
    ema: float = 0.999
    log_seconds: float = 10.0
    save_seconds: float = 60.0


CPU = Schedule(batch=6, frames=64, margin=4, resolutions=4, critic=0.0, ema=0.995, log_seconds=30.0)


@dataclass
class Progress:
    step: int = 0
    spent: float = 0.0  # seconds, over all resumed runs
    warm: int = 0  # step at which the optimiser was new
    rows: list[dict[str, float]] = field(default_factory=list)


class Trainer:
    def __init__(self, pack: Pack, schedule: Schedule, minutes: float, out: Path, seed: int, width: int) -> None:
        self.pack, self.plan, self.out, self.device = pack, schedule, out, pack.device
        self.seconds = minutes * 60.0
        torch.manual_seed(seed)
        self.net = SourceFilter(VocoderConfig(width=width, level=pack.level)).to(self.device)
        self.mean = copy.deepcopy(self.net).requires_grad_(False)
        self.optimiser = torch.optim.AdamW(self.net.parameters(), schedule.rate, betas=(0.9, 0.98), weight_decay=1e-4)
        self.critic = Critic().to(self.device) if schedule.critic > 0 else None
        self.critic_optimiser = (
            torch.optim.AdamW(self.critic.parameters(), schedule.critic_rate, betas=(0.8, 0.99))
            if self.critic
            else None
        )
        self.ratio = 0.0  # running mean of the sizes of the two pushes
        self.random = np.random.default_rng(seed)
        self.progress = Progress()
        self.starts = pack.possible(schedule.frames, held=False)
        self.inside = slice(schedule.margin * HOP, (schedule.frames - schedule.margin) * HOP)
        held = pack.possible(2 * schedule.frames, held=True)
        self.held = held[torch.linspace(0, len(held) - 1, 24, device=held.device).long()] if len(held) else held

    def learning_rate(self, share: float, step: int) -> float:
        """Warm-up over 100 steps, then level, then down to a fiftieth over the second half."""
        return (
            self.plan.rate * min(1.0, (step - self.progress.warm) / 100 + 0.01) * min(1.0, max(0.02, 2.0 - 2.0 * share))
        )

    def push(self, loss: Tensor, at: Tensor) -> Tensor:
        return torch.autograd.grad(loss, at, retain_graph=True)[0]

    def step(self, share: float) -> dict[str, Tensor]:
        plan = self.plan
        for group in self.optimiser.param_groups:
            group["lr"] = self.learning_rate(share, self.progress.step)
        batch = self.pack.draw(self.starts, plan.batch, plan.frames)
        draws = self.net(batch.feats, batch.phase, batch.f0, batch.opening, self.pack.generator, draws=2)
        real = batch.audio[:, self.inside]
        made = draws[:, :, self.inside]
        chosen = self.random.choice(len(RESOLUTIONS), plan.resolutions, replace=False)
        distance = energy_distance(made, real, [RESOLUTIONS[i] for i in chosen], plan.repulsion)
        low = low_phase_loss(made[0], real)
        loss = distance + (0.25 if share < 0.3 else 0.08) * low
        parts = {"distance": distance.detach(), "low": low.detach()}
        if plan.periodicity:
            rows = slice(plan.margin, plan.frames - plan.margin)
            period, signed = periodicity_loss(made, real, batch.pitch[:, rows], batch.voiced[:, rows])
            loss = loss + plan.periodicity * period
            parts["period"], parts["period_bias"] = period.detach(), signed[2:6].mean()
        self.optimiser.zero_grad(set_to_none=True)
        if self.critic is not None and share >= plan.critic_from:
            parts |= self.against_critic(loss, draws, made, real, share)
        else:
            loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        if torch.isfinite(norm):
            self.optimiser.step()
        self.progress.step += 1
        self.average()
        return parts

    def against_critic(
        self, loss: Tensor, draws: Tensor, made: Tensor, real: Tensor, share: float
    ) -> dict[str, Tensor]:
        """One step of the critic, then the generator's gradient: the distance's push and a bounded one of the critic's."""
        plan, critic, optimiser = self.plan, self.critic, self.critic_optimiser
        assert critic is not None
        assert optimiser is not None
        cast = torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda")
        some = slice(0, plan.critic_batch)
        for group in optimiser.param_groups:
            group["lr"] = plan.critic_rate * min(1.0, max(0.05, 2.0 - 2.0 * share))
        with cast:
            own = critic.own_loss(made[0, some].detach(), real[some])
        optimiser.zero_grad(set_to_none=True)
        own.backward()
        torch.nn.utils.clip_grad_norm_(critic.parameters(), 1.0)
        optimiser.step()
        critic.requires_grad_(False)
        with cast:
            adversarial, feature = critic.generator_loss(made[:, some], real[some], plan.repulsion)
        plain = self.push(loss, draws)
        other = self.push(adversarial + 2.0 * feature, draws)
        critic.requires_grad_(True)
        ratio = plain[:, some].norm() / (other.norm() + 1e-12)
        ramp = min(1.0, (share - plan.critic_from) / 0.1)
        push = plain + plan.critic * ramp * ratio * torch.nan_to_num(other)
        draws.backward(torch.nan_to_num(push))
        return {"critic": own.detach(), "adversarial": adversarial.detach(), "feature": feature.detach()}

    @torch.no_grad()
    def average(self) -> None:
        keep = min(self.plan.ema, (self.progress.step + 1) / (self.progress.step + 10))
        torch._foreach_lerp_(list(self.mean.parameters()), list(self.net.parameters()), 1 - keep)

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """The mean weights on held-out segments: energy distance, and what periodicity they miss (- hiss, + buzz)."""
        if not len(self.held):
            return {}
        frames = 2 * self.plan.frames
        generator = torch.Generator(self.device).manual_seed(1)
        found = []
        for start in self.held.split(8):
            batch: Batch = self.pack.cut(start, frames)
            draws = self.mean(batch.feats, batch.phase, batch.f0, batch.opening, generator, draws=2)
            distance = energy_distance(draws[:, :, 2 * HOP : -2 * HOP], batch.audio[:, 2 * HOP : -2 * HOP])
            period, signed = periodicity_loss(draws, batch.audio, batch.pitch, batch.voiced)
            found.append([distance.item(), period.item(), *signed.tolist()])
        mean = np.mean(found, axis=0)
        names = ["val", "val_period", *(f"val_bias{i}" for i in range(7))]
        return {n: round(float(v), 5) for n, v in zip(names, mean, strict=True)}

    def save(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        save_network(self.mean, self.out / "vocoder.safetensors", {"steps": str(self.progress.step)})
        names = list(dict.fromkeys(k for row in self.progress.rows for k in row))
        with (self.out / "train.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(self.progress.rows)
        state = {
            "net": self.net.state_dict(),
            "mean": {k: v.half() for k, v in self.mean.state_dict().items()},
            "critic": self.critic.state_dict() if self.critic else None,
            "progress": asdict(self.progress),
        }  # fmt: skip
        part = self.out / "state.part"
        torch.save(state, part)
        part.replace(self.out / "state.pt")

    def resume(self, keep_clock: bool = True) -> None:
        state = torch.load(self.out / "state.pt", map_location=self.device, weights_only=True)
        self.net.load_state_dict(state["net"])
        self.mean.load_state_dict(state["mean"])
        if self.critic is not None and state["critic"] is not None:
            self.critic.load_state_dict(state["critic"])
        before = Progress(**state["progress"])
        self.progress = replace(before, warm=before.step, spent=before.spent if keep_clock else 0.0)

    def run(self) -> None:
        began = time.monotonic() - self.progress.spent
        logged = saved = time.monotonic()
        parts: list[dict[str, Tensor]] = []
        while (share := (time.monotonic() - began) / self.seconds) < 1.0:
            parts.append(self.step(share))
            now = time.monotonic()
            self.progress.spent = now - began
            if now - logged > self.plan.log_seconds:
                self.log(parts, share)
                parts, logged = [], time.monotonic()
            if now - saved > self.plan.save_seconds:
                self.save()
                saved = time.monotonic()
        self.log(parts, 1.0)
        self.save()

    def log(self, parts: list[dict[str, Tensor]], share: float) -> None:
        names = list(dict.fromkeys(k for p in parts for k in p))
        mean = {n: round(float(torch.stack([p[n] for p in parts if n in p]).mean()), 5) for n in names}
        row = {"step": self.progress.step, "seconds": round(self.progress.spent, 1), **mean, **self.validate()}
        self.progress.rows.append(row)
        left = self.seconds * (1.0 - share)
        print(f"{left:.0f} s left", " ".join(f"{k} {v}" for k, v in row.items()), file=sys.stderr, flush=True)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train the vocoder from its pack.")
    parser.add_argument("--pack", "--cache", type=Path, default=Path(".cache/pack/vocoder"))
    parser.add_argument("--out", type=Path, default=Path(".cache/vocoder"))
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--resume", action="store_true", help="go on from OUT/state.pt")
    parser.add_argument("--new-clock", action="store_true", help="with --resume: the schedule starts anew")
    parser.add_argument("--init", type=Path, help="a vocoder.safetensors to start from")
    for name, value in asdict(Schedule()).items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(value), default=None)
    options = parser.parse_args(argv)
    device = torch.device(
        ("cuda" if torch.cuda.is_available() else "cpu") if options.device == "auto" else options.device
    )
    if device.type == "cpu":
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
        torch.set_flush_denormal(True)
    else:
        torch.set_float32_matmul_precision("high")
        torch.backends.cudnn.benchmark = False  # trying algorithms for the critic cost 25 s on a shared GPU
    given = {k: getattr(options, k) for k in asdict(Schedule()) if getattr(options, k) is not None}
    schedule = Schedule(**{**asdict(CPU if device.type == "cpu" else Schedule()), **given})
    pack = Pack(options.pack, device, options.seed)
    print(f"{len(pack.entries)} utterances, {len(pack.f0) / 6000:.1f} min on {device}", file=sys.stderr, flush=True)
    trainer = Trainer(pack, schedule, options.minutes, options.out, options.seed, options.width)
    if options.init:
        from .vocoder import load_network

        trainer.net.load_state_dict(load_network(options.init).state_dict())
        trainer.mean.load_state_dict(trainer.net.state_dict())
    if options.resume and (options.out / "state.pt").exists():
        trainer.resume(not options.new_clock)
    trainer.run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
