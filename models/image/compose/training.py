"""Flow matching (Lipman et al. 2023) for the four networks: x_t = (1 - t) x + t noise, the network learns noise - x."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from .layout import CHANNELS, GLOBALS, MIRRORED_GLOBALS, USED
from .nets import Condition, MapUNet, ObjectTransformer, VectorNet
from .scenes import HIGH, LOW, Pack

FAMILIES = ("maps", "objects", "plan", "mood")
RATES = {"maps": 1.2e-3, "objects": 1.2e-3, "plan": 1.5e-3, "mood": 1.5e-3}
BATCH = {
    "cuda": {"maps": 512, "objects": 512, "plan": 1024, "mood": 1024},
    "cpu": {"maps": 32, "objects": 48, "plan": 256, "mood": 256},
}
#: Noise levels are shifted toward noise where neighbouring numbers agree, as in maps: their structure is decided there.
SHIFT = {"plan": 1.5, "maps": 4.0, "objects": 1.5, "mood": 2.5}
#: What counts how much in a map: water and relief make the picture, the clouds' bias is chance anyway.
CHANNEL_WEIGHT = {"elev": 1.5, "water": 2.0, "path": 1.5, "sky": 0.5}
HELD = 512  # the last scenes are never trained on


class Data:
    """All scenes on one device. Arrays as `scenes.fields` names them."""

    def __init__(self, scenes: Path, pack_folder: Path, count: int, device: str, names: tuple[str, ...]) -> None:
        self.device = device

        def get(name: str) -> Tensor:
            return torch.from_numpy(np.array(np.load(scenes / f"{name}.npy", mmap_mode="r")[:count])).to(device)

        self.count = count
        self.plan = get("plan")
        self.maps = get("maps") if {"maps", "objects"} & set(names) else None
        self.types = get("types") if "objects" in names else None
        self.objects = get("objects") if "objects" in names else None
        self.mood = get("mood") if "mood" in names else None
        self.prompt, self.emotion = get("prompt").long(), get("emotion").long()
        packed = load_file(str(pack_folder / "prompts.safetensors"))
        self.words, self.scale = packed["words"].to(device), packed["scale"].to(device)
        self.mask, self.sentence = packed["mask"].bool().to(device), packed["sentence"].to(device)
        self.codes = [t.to(device) for t in emotion_codes(Pack.read(pack_folder))]

    def condition(self, rows: Tensor, drop: float = 0.12, noise: float = 0.08) -> Condition:
        """What was asked of these scenes; text and emotion left out with probability `drop` each (and both)."""
        p, e = self.prompt[rows], self.emotion[rows]
        n = len(rows)
        text_on = (torch.rand(n, device=self.device) > drop).float()
        emotion_on = (torch.rand(n, device=self.device) > drop).float()
        none = torch.rand(n, device=self.device) < 0.06
        text_on[none], emotion_on[none] = 0, 0
        words = self.words[p].float() * self.scale
        sentence = self.sentence[p].float()
        mask = self.mask[p]
        if drop:  # wordings that were never trained on are met halfway: noise, and sometimes the sentence vector alone
            words = words + torch.randn_like(words) * noise
            sentence = sentence + torch.randn_like(sentence) * noise
            alone = torch.rand(n, device=self.device) < 0.25
            words = words.masked_fill(alone[:, None, None], 0.0)
            mask = mask & ~alone[:, None]
        return Condition(words, mask, sentence, self.codes[0][e], self.codes[1][e], text_on, emotion_on)


def emotion_codes(pack: Pack) -> tuple[Tensor, Tensor]:
    """EmotionEncoder's tokens [n, 4, 64] and pooled [n, 64] of the packed emotions."""
    from genstudio.emotion.encoder import EmotionEncoder

    from .bank import emotion_of

    encoder = EmotionEncoder.load()
    with torch.no_grad():
        code = encoder([emotion_of(r) for r in pack.rows])
    return code.tokens.float(), code.pooled.float()


def moments(x: Tensor, floor: float) -> tuple[Tensor, Tensor]:
    """Mean and spread over the first axis; a spread is at least `floor`."""
    return x.mean(0), x.std(0).clamp_min(floor)


@dataclass
class Norms:
    """How raw arrays are standardised: (mean, spread) of plan, mood, map channels, and attributes a type."""

    plan: tuple[Tensor, Tensor]
    maps: tuple[Tensor, Tensor] | None
    objects: tuple[Tensor, Tensor] | None
    mood: tuple[Tensor, Tensor] | None

    @staticmethod
    def of(d: Data, start: dict[str, Tensor] | None = None) -> Norms:
        """Measured on the data; or, to train further, those of the weights at `start`."""
        if start is not None:
            kept = {
                f: (start[f"{f}.mean"].float().to(d.device), start[f"{f}.spread"].float().to(d.device))
                for f in FAMILIES
            }
            return Norms(kept["plan"], kept["maps"], kept["objects"], kept["mood"])
        maps = objects = mood = None
        if d.maps is not None:
            some = d.maps[: min(d.count, 4000)].float() / 255 * (HIGH - LOW) + LOW
            maps = (some.mean((0, 2, 3)), some.std((0, 2, 3)).clamp_min(0.2))
        if d.objects is not None and d.types is not None:
            n = len(USED)
            mean, spread = torch.zeros(n, USED.shape[1]), torch.ones(n, USED.shape[1])
            flat_t, flat_x = d.types.flatten(), d.objects.float().flatten(0, 1)
            for t in range(n):
                x = flat_x[flat_t == t]
                if len(x) > 4:
                    mean[t], spread[t] = x.mean(0).cpu(), x.std(0).clamp_min(0.03).cpu()
            objects = (mean.to(d.device), spread.to(d.device))
        if d.mood is not None:
            mood = moments(d.mood.float(), 0.01)
        floors = torch.full((d.plan.shape[1],), 0.3, device=d.device)
        floors[: len(GLOBALS)] = 0.03
        m, s = d.plan.mean(0), torch.maximum(d.plan.std(0), floors)
        return Norms((m, s), maps, objects, mood)


class Trainer:
    """One network, its optimiser and its running average."""

    def __init__(
        self, family: str, data: Data, norms: Norms, device: str, seed: int, start: dict[str, Tensor] | None = None,
        gentle: float = 1.0,
    ) -> None:  # fmt: skip
        self.family, self.data, self.device, self.norms = family, data, device, norms
        torch.manual_seed(seed + FAMILIES.index(family))
        plan = data.plan.shape[1]
        self.net: Any
        if family == "maps":
            self.net = MapUNet(plan=plan)
        elif family == "objects":
            self.net = ObjectTransformer(types=len(USED), attributes=USED.shape[1], plan=plan)
        elif family == "plan":
            self.net = VectorNet(plan)
        else:
            assert data.mood is not None
            self.net = VectorNet(data.mood.shape[1], plan)
        self.net.to(device)
        self._standards()
        if start is not None:
            self.net.load_state_dict(
                {k.removeprefix(f"{family}."): v.float() for k, v in start.items() if k.startswith(f"{family}.")}
            )
        self.rate = RATES[family] * gentle
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), self.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=device == "cuda"
        )
        self.average = {k: v.detach().clone() for k, v in self.net.state_dict().items()}
        self.batch = min(BATCH[device][family], data.count // 2)
        self.steps = 0
        self.loss = float("nan")

    def _standards(self) -> None:
        n = self.norms
        pairs: dict[str, tuple[Tensor, Tensor] | None] = {
            "maps": n.maps,
            "objects": n.objects,
            "plan": n.plan,
            "mood": n.mood,
        }
        pair = pairs[self.family]
        assert pair is not None
        self.net.mean.copy_(pair[0])
        self.net.spread.copy_(pair[1])
        if self.family == "objects":
            self.net.used.copy_(torch.from_numpy(USED))
        self.weights = torch.tensor([CHANNEL_WEIGHT.get(k, 1.0) for k in CHANNELS], device=self.device)[:, None, None]
        signs = torch.ones(self.data.plan.shape[1], device=self.device)
        signs[[GLOBALS.index(k) for k in MIRRORED_GLOBALS]] = -1
        self.signs = signs

    # --- losses ---
    def _plan(self, rows: Tensor, noise: float, flip: Tensor | None = None) -> Tensor:
        p = self.data.plan[rows]
        if flip is not None:
            i = GLOBALS.index("focus_x")
            q = p * self.signs
            q[:, i] = 1 - p[:, i]
            p = torch.where(flip[:, None], q, p)
        p = (p - self.norms.plan[0]) / self.norms.plan[1]
        return p + noise * torch.randn_like(p) if noise else p

    def _flow(
        self, x: Tensor, run: Callable[[Tensor, Tensor], Tensor], weight: Tensor | None = None, fold: bool = False
    ) -> Tensor:
        n = len(x)
        t = torch.sigmoid(torch.randn(n, device=x.device) * 1.1)
        t = SHIFT[self.family] * t / (1 + (SHIFT[self.family] - 1) * t)
        shape = (n, *[1] * (x.dim() - 1))
        noise = torch.randn_like(x)
        xt = x + (noise - x) * t.view(shape)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.device == "cuda"):
            v = run(xt, t * 1000)
        difference = v.float() - (noise - x)
        error = 4 * F.avg_pool2d(difference, 2).square() if fold else difference.square()
        if weight is None:
            return error.mean()
        return (error * weight).sum() / weight.sum().clamp_min(1)

    def objective(self, rows: Tensor, drop: float = 0.12) -> Tensor:
        """Mean squared error of the velocity over some scenes."""
        d = self.data
        c = d.condition(rows, drop)
        flip = torch.rand(len(rows), device=self.device) < 0.5
        if self.family == "plan":
            return self._flow(self._plan(rows, 0, flip), lambda x, t: self.net(x, t, c))
        if self.family == "mood":
            assert d.mood is not None and self.norms.mood is not None
            x = (d.mood[rows].float() - self.norms.mood[0]) / self.norms.mood[1]
            given = self._plan(rows, 0.1, flip)
            return self._flow(x, lambda x, t: self.net(x, t, c, given))
        m = self._maps(rows)
        if self.family == "maps":
            m = torch.where(flip[:, None, None, None], m.flip(-1), m)
            given = self._plan(rows, 0.1, flip)
            # only the means of 2 x 2 cells: the rest of the velocity is no work of the network's
            return self._flow(
                m, lambda x, t: self.net(x, t, c, given), self.weights.expand(len(m), -1, 32, 32), fold=True
            )
        assert d.types is not None and d.objects is not None and self.norms.objects is not None
        types = d.types[rows].long()
        k = types.clamp_min(0)
        x = (d.objects[rows].float() - self.norms.objects[0][k]) / self.norms.objects[1][k]
        weight = self.net.used[k] * (types >= 0)[..., None]
        given = self._plan(rows, 0.1)
        land = m + 0.1 * torch.randn_like(m)
        return self._flow(x * weight, lambda x, t: self.net(x * weight, types, t, c, given, land), weight)

    def _maps(self, rows: Tensor) -> Tensor:
        assert self.data.maps is not None and self.norms.maps is not None
        m = self.data.maps[rows].float() / 255 * (HIGH - LOW) + LOW
        return (m - self.norms.maps[0][:, None, None]) / self.norms.maps[1][:, None, None]

    def step(self, fraction: float) -> None:
        """One update; `fraction` of the time is over (sets the rate)."""
        warm = min(1.0, (self.steps + 1) / 200)
        rate = self.rate * warm * (0.5 * (1 + math.cos(math.pi * min(fraction, 1.0))) + 0.004)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        rows = torch.randint(0, self.data.count - HELD, (self.batch,), device=self.device)
        loss = self.objective(rows)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.steps += 1
        self._remember()
        if self.steps % 20 == 1:
            value = float(loss.detach())
            self.loss = value if self.loss != self.loss else 0.9 * self.loss + 0.1 * value

    @torch.no_grad()
    def _remember(self) -> None:
        keep = min(0.999, (1 + self.steps) / (10 + self.steps))
        live = self.net.state_dict()
        mine = [v for k, v in self.average.items() if v.is_floating_point()]
        new = [live[k] for k, v in self.average.items() if v.is_floating_point()]
        torch._foreach_lerp_(mine, new, 1 - keep)

    @torch.no_grad()
    def held_out(self) -> float:
        """The objective over held-out scenes, with fixed noise."""
        with torch.random.fork_rng(devices=[0] if self.device == "cuda" else []):
            torch.manual_seed(0)
            n = min(HELD, 128 if self.device == "cpu" else HELD)
            rows = torch.arange(self.data.count - n, self.data.count, device=self.device)
            return float(self.objective(rows, drop=0.0))

    def state(self) -> dict[str, Any]:
        return {
            "net": self.net.state_dict(),
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "steps": self.steps,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.net.load_state_dict(state["net"])
        self.average = {k: v.to(self.device) for k, v in state["average"].items()}
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps = int(state["steps"])


def run(
    families: tuple[str, ...], scenes: Path, pack: Path, out: Path, count: int, end: float, device: str, seed: int,
    resume: bool, steps: int | None = None, start: Path | None = None, gentle: float = 1.0,
) -> None:  # fmt: skip
    """Trains `families` in turn, a step each, until the clock reads `end` (time.time()) or `steps` are done; writes
    part_NAME.pt (final, averaged) and log_NAME.csv into `out`. start: a composer.safetensors to train further, at `gentle` times
    the learning rate."""
    began = time.time()
    label = "+".join(families)
    if device == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
    data = Data(scenes, pack, count, device, families)
    weights = load_file(str(start)) if start is not None else None
    norms = Norms.of(data, weights)
    trainers = [Trainer(f, data, norms, device, seed, weights, gentle) for f in families]
    check = out / f"checkpoint_{label}.pt"
    spent = 0.0
    if resume and check.exists():
        saved = torch.load(check, map_location=device, weights_only=True)
        spent = float(saved["spent"])
        for t in trainers:
            t.restore(saved[t.family])
        print(f"{label}: goes on after {spent:.0f} s and {trainers[0].steps} steps", file=sys.stderr, flush=True)
    budget = spent + (end - began)
    log = (out / f"log_{label}.csv").open("a" if spent else "w")
    if not spent:
        log.write("seconds,network,steps,loss,held_out\n")
    said = saved_at = time.time()
    done = False
    while not done:
        now = time.time()
        fraction = (spent + now - began) / max(budget, 1e-9)
        if steps is not None:
            fraction = trainers[0].steps / steps
        done = fraction >= 1
        if not done:
            for t in trainers:
                t.step(fraction)
        if done or now - said > 10:
            said = now
            for t in trainers:
                held = t.held_out()
                log.write(f"{spent + now - began:.0f},{t.family},{t.steps},{t.loss:.4f},{held:.4f}\n")
                left = max(budget - spent - now + began, 0)
                line = f"{t.family}: step {t.steps} loss {t.loss:.4f} held-out {held:.4f}; {left:.0f} s left"
                print(line, file=sys.stderr, flush=True)
            log.flush()
        if done or now - saved_at > 60:
            saved_at = now
            state: dict[str, Any] = {"spent": spent + now - began} | {t.family: t.state() for t in trainers}
            torch.save(state, check.with_suffix(".tmp"))
            check.with_suffix(".tmp").replace(check)
            for t in trainers:
                part = {
                    "weights": {k: v.half().cpu() for k, v in t.average.items()},
                    "config": json.dumps(config_of(t.net)),
                    "steps": t.steps,
                }
                torch.save(part, out / f"part_{t.family}.pt")
    log.close()


def config_of(net: Any) -> dict[str, Any]:
    """The constructor's arguments."""
    items = dict(net.config) if hasattr(net.config, "keys") else vars(net.config)
    return {k: list(v) if isinstance(v, tuple) else v for k, v in items.items() if not k.startswith("_")}
