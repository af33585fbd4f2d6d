"""Trains the acoustic model from the pack alone.

    python -m genstudio.models.speech.acoustic.train --pack .cache/pack/acoustic --out OUT --minutes 5 --device cuda

Ends by the clock: the learning rate follows the fraction of `--minutes` (or `--steps`) that has passed. Writes
OUT/acoustic.safetensors (averaged weights, float16) and OUT/training.csv; the resumable state of a CPU training goes to
`--cache` (`--resume` goes on from it).
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .data import Batch, Pack, known
from .network import FRAME, Acoustic, Config, rows_at

SIGMA = 0.02  # noise left at the end of a flow
SMALL = {"text": 128, "text_blocks": 4, "prosody": 128, "mean": 144, "detail": 144, "detail_blocks": 4, "cond": 64}


def losses(model: Acoustic, batch: Batch, drop: bool, generator: torch.Generator | None = None) -> dict[str, Tensor]:
    """The three losses, and the spread of what the mean leaves [89]."""
    dev = batch.ids.device
    b, p = batch.ids.shape

    def rand(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator).to(dev) if generator else torch.rand(*shape, device=dev)

    def noise(like: Tensor) -> Tensor:
        return torch.randn(like.shape, generator=generator).to(dev) if generator else torch.randn_like(like)

    speaker, emotion = batch.speaker, batch.emotion
    felt = emotion
    if drop:
        emotion = emotion + 0.1 * torch.randn_like(emotion)
        dropped = rand(b, 1) < 0.12
        felt = torch.where(dropped, model.nothing_p.float()[None], emotion)  # by the prosody
        emotion = torch.where(dropped, model.nothing.float()[None], emotion)
        speaker = torch.where(rand(b) < 0.06, len(model.config.speakers), speaker)
    emotion, felt = emotion[:, None].expand(-1, p, -1), felt[:, None].expand(-1, p, -1)
    h, hq = model.encode(batch.ids, batch.stress, batch.place, batch.kind, batch.language, batch.phone_mask)

    t = rand(b)
    x0 = noise(batch.prosody)
    x1 = batch.prosody
    xt = (1 - (1 - SIGMA) * t[:, None, None]) * x0 + t[:, None, None] * x1
    v = model.prosody_velocity(xt, t, hq, speaker, felt, batch.phone_mask)
    w = batch.phone_mask.expand(-1, -1, 5).clone()
    w[..., 0] *= batch.length_mask
    loss_p = (w * (v.float() - (x1 - (1 - SIGMA) * x0)) ** 2).sum() / w.sum()

    def at_pairs(x: Tensor) -> Tensor:
        return (rows_at(x, batch.first) + rows_at(x, batch.second)) / 2

    hp, ep, prosody = at_pairs(h), at_pairs(emotion), at_pairs(batch.prosody)
    if drop:
        prosody = prosody + 0.05 * torch.randn_like(prosody)
    mean = model.frame_mean(hp, speaker, ep, prosody, batch.inside, batch.frame_mask).float()
    weight = known(batch)
    left = (batch.frames - mean.detach()) * (weight > 0)
    loss_m = (weight * (batch.frames - mean) ** 2).sum() / weight.sum()

    t = rand(b)
    spread = model.spread.float().repeat(2)
    x1 = left / spread
    x0 = noise(x1)
    xt = (1 - (1 - SIGMA) * t[:, None, None]) * x0 + t[:, None, None] * x1
    v = model.detail_velocity(xt, t, mean.detach(), hp, speaker, ep, batch.frame_mask).float()
    loss_d = (weight * (v - (x1 - (1 - SIGMA) * x0)) ** 2).sum() / weight.sum()
    square = (weight * left**2).sum((0, 1)) / weight.sum((0, 1)).clamp(min=1)
    return {"prosody": loss_p, "mean": loss_m, "detail": loss_d, "square": square.detach().reshape(2, FRAME).mean(0)}


class Average:
    """Exponential moving average of the weights, quick at first."""

    def __init__(self, model: Acoustic, decay: float = 0.999) -> None:
        self.decay, self.n = decay, 0
        self.values = [p.detach().clone() for p in model.parameters()]

    def update(self, model: Acoustic) -> None:
        self.n += 1
        d = min(self.decay, (1 + self.n) / (10 + self.n))
        torch._foreach_lerp_(self.values, [p.detach() for p in model.parameters()], 1 - d)

    def swap(self, model: Acoustic) -> None:
        for p, v in zip(model.parameters(), self.values, strict=True):
            p.data, v.data = v.data, p.data


def export(state: dict[str, Tensor], config: Config, pack: Pack, path: Path, note: dict) -> None:
    """float16 weights, and everything the engine needs, in one safetensors file."""
    from safetensors.numpy import save_file

    arrays = {k: v.detach().float().cpu().numpy().astype(np.float16) for k, v in state.items()}
    arrays |= {k: v.astype(np.float32) for k, v in pack.normal.arrays().items()}
    arrays |= {f"shift.{k}": np.asarray(v, np.float32) for k, v in pack.shifts.items()}
    meta = {
        "config": json.dumps(config.to_dict()),
        "emotions": json.dumps(pack.emotions),
        "note": json.dumps(note),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, str(path.with_suffix(".part")), meta)
    path.with_suffix(".part").replace(path)


@torch.no_grad()
def held_out(model: Acoustic, pack: Pack, autocast: torch.autocast, frames: int) -> dict[str, float]:
    """Losses on the readers' held-out sentences, same noise every time."""
    model.eval()
    g = torch.Generator().manual_seed(1)
    sums: dict[str, float] = {"prosody": 0.0, "mean": 0.0, "detail": 0.0}
    parts = np.array_split(pack.held, max(1, len(pack.held) // 32))[:4]
    for part in parts:
        with autocast:
            out = losses(model, pack.batch(torch.from_numpy(part), frames, g), False, g)
        for k in sums:
            sums[k] += float(out[k]) / len(parts)
    model.train()
    return sums


def clock(args: argparse.Namespace, start: float, step0: int) -> Iterator[tuple[int, float]]:
    """Steps with the fraction of the budget that has passed."""
    step = step0
    while True:
        done = (step - step0) / args.steps if args.steps else (time.time() - start) / (60 * args.minutes)
        if done >= 1:
            return
        yield step, done
        step += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, default=Path(".cache/pack/acoustic"))
    parser.add_argument("--cache", type=Path, default=Path(".cache/speech/acoustic"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--batch", type=int, default=0, help="utterances a step (default 96 on a GPU, 12 on a CPU)")
    parser.add_argument("--frames", type=int, default=256, help="frames of each utterance a step")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--small", action="store_true", help="a third of the parameters, for a CPU")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--log-every", type=float, default=10.0, help="seconds")
    args = parser.parse_args()

    start = time.time()
    cuda = torch.cuda.is_available() if args.device == "auto" else args.device == "cuda"
    device = "cuda" if cuda else "cpu"
    torch.manual_seed(args.seed)
    generator = torch.Generator().manual_seed(args.seed)
    torch.set_float32_matmul_precision("high")
    pack = Pack(args.pack, device)
    n = args.batch or (96 if cuda else 12)
    size: dict[str, Any] = SMALL if args.small else {}
    model = Acoustic(Config(speakers=pack.speakers, **size)).to(device)
    average = Average(model)
    optimiser = torch.optim.AdamW(model.parameters(), args.rate, (0.9, 0.98), weight_decay=0.02, fused=cuda)
    state, step0, rows = args.cache / "state.pt", 0, []
    if args.resume and state.exists():
        saved = torch.load(state, map_location=device, weights_only=True)
        model.load_state_dict(saved["model"]), optimiser.load_state_dict(saved["optimiser"])
        average.values, average.n, step0, rows = saved["average"], saved["n"], saved["step"], saved["rows"]
    autocast = torch.autocast(device, torch.bfloat16, enabled=cuda)
    note = {"device": torch.cuda.get_device_name() if cuda else "cpu", "seed": args.seed, "batch": n}
    print(
        f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, {len(pack.train)} utterances, {device}, "
        f"ready in {time.time() - start:.0f} s", file=sys.stderr, flush=True,
    )  # fmt: skip
    sums, count, last, shown = (
        dict.fromkeys(("prosody", "mean", "detail"), torch.zeros((), device=device)),
        0,
        time.time(),
        0.0,
    )
    saved_at = time.time()
    step = step0

    def save_state() -> None:
        args.cache.mkdir(parents=True, exist_ok=True)
        torch.save(
            {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "average": average.values, "n": average.n,
             "step": step, "rows": rows}, state.with_suffix(".part"),
        )  # fmt: skip
        state.with_suffix(".part").replace(state)

    def report(done: float) -> None:
        nonlocal sums, count, last, shown
        average.swap(model)
        test = held_out(model, pack, autocast, args.frames)
        row = {"minutes": round((time.time() - start) / 60, 2), "step": step}
        row |= {k: round(float(v) / max(count, 1), 4) for k, v in sums.items()}
        row |= {f"held_{k}": round(v, 4) for k, v in test.items()}
        rows.append(row)
        about = note | {"step": step, "minutes": row["minutes"]}
        export(model.state_dict(), model.config, pack, args.out / "acoustic.safetensors", about)
        average.swap(model)
        with (args.out / "training.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        left = (time.time() - start) / 60 * (1 / max(done, 1e-3) - 1)
        print(f"{done:4.0%} {left:5.1f} min left {json.dumps(row)}", file=sys.stderr, flush=True)
        sums, count = dict.fromkeys(sums, torch.zeros((), device=device)), 0
        last = time.time()

    for step, done in clock(args, start, step0):
        rate = min(1.0, (step + 1) / 200) * (1.0 if done < 0.4 else 0.5 * (1 + math.cos(math.pi * (done - 0.4) / 0.6)))
        for group in optimiser.param_groups:
            group["lr"] = args.rate * max(rate, 0.002)
        batch = pack.batch(pack.draw(n, generator), args.frames, generator)
        with autocast:
            out = losses(model, batch, True)
        loss = out["prosody"] + out["mean"] + out["detail"]
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        if bool(torch.isfinite(norm)):
            optimiser.step()
        keep = 0.99 if step > 100 else 0.9
        model.spread.copy_((keep * model.spread**2 + (1 - keep) * out["square"]).clamp(min=1e-4).sqrt())
        average.update(model)
        sums = {k: v + out[k].detach() for k, v in sums.items()}
        count += 1
        if time.time() - last > args.log_every:
            if time.time() - shown > (9 if cuda else 180):
                shown = time.time()
                report(done)
            else:
                print(f"{done:4.0%} step {step} {float(loss.detach()):.3f}", file=sys.stderr, flush=True)
                last = time.time()
        if not cuda and time.time() - saved_at > 300:
            save_state()
            saved_at = time.time()
    report(1.0)
    if not cuda:
        save_state()
    print(f"{step + 1} steps, {(time.time() - start) / 60:.2f} min", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
