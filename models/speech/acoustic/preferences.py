"""Tunes the voice's prosody to be read as it is meant (Emo-DPO, by direct preference optimisation of a flow).

    python -m genstudio.models.speech.acoustic.preferences --data DIR --out OUT [--weights FILE] [--cache DIR] [--steps 400]

Every prompt is spoken several times and rated by the steering recogniser (`candidates`); a clear reading is preferred to those
rated lower. With L the flow-matching loss of a reading at a time and a noise common to the pair, as in Diffusion-DPO (Wallace et
al. 2024), the policy learns from the frozen network it starts as:

    -log sigmoid(-beta ((L_policy - L_frozen)(preferred) - (L_policy - L_frozen)(rejected))) + supervised * L_policy(preferred)

Only the matrix by which the emotion enters the flow over prosody learns (`--tune flow`: the whole flow); text, frames and the
measured shifts stay. Neutral has no preference: its readings stand in the
supervised term alone, and hold it where it was. What is kept is the step that prefers best on prompts held out. Ends with
OUT/acoustic.safetensors (8 bits a number) and OUT/preferences.csv; a stopped run goes on.
"""

from __future__ import annotations

import argparse
import copy
import csv
import json
import math
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from genstudio.emotion import Emotion
from genstudio.emotion.encoder import EmotionEncoder
from genstudio.errors import InputError
from genstudio.threads import one_thread
from genstudio.weights import quantised, read_tensors, sha256

from ..frontend.inventory import LANGUAGES
from .candidates import Candidates, Prompt, drawn, prompts, steering
from .network import PROSODY, Acoustic
from .train import SIGMA

TUNED = {"emotion": ("feel_p.",), "flow": ("feel_p.", "flow_p.")}
FIELDS = ("step", "loss", "preference", "supervised", "accuracy", "held_preference", "held_accuracy")


@dataclass(frozen=True)
class Example:
    """What the flow sees of a prompt: text [phones, d], emotion [64], its readings float32 [readings, phones, 5] and which is
    preferred to which, int [pairs, 2]; without pairs every reading is as good."""

    text: Tensor
    speaker: int
    emotion: Tensor
    readings: Tensor
    pairs: Tensor

    def drawn(self, g: torch.Generator) -> tuple[Tensor, Tensor]:
        """A preferred and a rejected reading [phones, 5]; without pairs twice the same."""
        which = self.pairs if len(self.pairs) else torch.arange(len(self.readings))[:, None].expand(-1, 2)
        won, lost = which[int(torch.randint(len(which), (), generator=g))]
        return self.readings[won], self.readings[lost]


@dataclass(frozen=True)
class Batch:
    """Padded examples; `paired` bool [b]: whether there is a rejected reading (else it repeats the preferred)."""

    text: Tensor
    speaker: Tensor
    emotion: Tensor
    won: Tensor
    lost: Tensor
    mask: Tensor
    paired: Tensor


@torch.no_grad()
def examples(net: Acoustic, found: Sequence[tuple[Prompt, Candidates]], codes: dict[str, Tensor]) -> list[Example]:
    """What is known of every prompt; one whose readings hardly differ is left out."""
    out = []
    for prompt, candidates in found:
        s = prompt.sentence()
        row = [torch.tensor([list(v)]) for v in (s.ids, s.stress, s.place)]
        place = (torch.tensor([s.kind]), torch.tensor([LANGUAGES.index(s.language)]), torch.ones(1, len(s), 1))
        text = net.encode(*row, *place)[1][0]
        readings = torch.from_numpy(candidates.prosody)
        pairs = torch.from_numpy(candidates.pairs())
        if prompt.emotion == "neutral":
            pairs = pairs[:0]
        elif not len(pairs):
            continue
        out.append(Example(text, net.config.speakers.index(prompt.voice), codes[prompt.emotion], readings, pairs))
    return out


def collate(items: Sequence[Example], g: torch.Generator) -> Batch:
    """A pair of each, padded to the longest."""
    p = max(len(e.text) for e in items)

    def pad(x: Tensor) -> Tensor:
        return F.pad(x, (0, 0, 0, p - len(x)))

    readings = [e.drawn(g) for e in items]
    mask = torch.stack([pad(torch.ones(len(e.text), 1)) for e in items])
    return Batch(
        torch.stack([pad(e.text) for e in items]), torch.tensor([e.speaker for e in items]),
        torch.stack([e.emotion for e in items])[:, None].expand(-1, p, -1),
        torch.stack([pad(won) for won, _ in readings]), torch.stack([pad(lost) for _, lost in readings]), mask,
        torch.tensor([len(e.pairs) > 0 for e in items]),
    )  # fmt: skip


def flow_loss(net: Acoustic, batch: Batch, x1: Tensor, t: Tensor, x0: Tensor) -> Tensor:
    """Flow-matching loss of readings x1 [b, phones, 5] at times t [b] from noise x0: mean square a phone and number, [b]."""
    at = t[:, None, None]
    xt = (1 - (1 - SIGMA) * at) * x0 + at * x1
    v = net.prosody_velocity(xt, t, batch.text, batch.speaker, batch.emotion, batch.mask)
    square = batch.mask * (v - (x1 - (1 - SIGMA) * x0)) ** 2
    return square.sum((1, 2)) / (batch.mask.sum((1, 2)) * PROSODY)


def preference_loss(
    policy: Acoustic, frozen: Acoustic, batch: Batch, beta: float, generator: torch.Generator
) -> dict[str, Tensor]:
    """preference, supervised and accuracy: means over the batch; preference and accuracy over its pairs alone."""
    t = torch.rand(len(batch.speaker), generator=generator)
    x0 = torch.randn(batch.won.shape, generator=generator)
    won, lost = (flow_loss(policy, batch, x, t, x0) for x in (batch.won, batch.lost))
    with torch.no_grad():
        won_0, lost_0 = (flow_loss(frozen, batch, x, t, x0) for x in (batch.won, batch.lost))
    margin = beta * ((lost - lost_0) - (won - won_0))
    paired = batch.paired.float()
    n = paired.sum().clamp(min=1)
    return {
        "preference": (F.softplus(-margin) * paired).sum() / n,
        "supervised": won.mean(),
        "accuracy": ((margin > 0).float() * paired).sum() / n,
    }


@dataclass
class Tuner:
    """Policy, frozen network and optimiser; `step` counts up to `steps`, rows hold the metrics, `best` the learned tensors of
    the step that prefers best on held-out prompts."""

    policy: Acoustic
    frozen: Acoustic
    steps: int
    tune: str = "emotion"
    rate: float = 1e-3
    beta: float = 30.0
    supervised: float = 0.3
    size: int = 32
    seed: int = 0

    def __post_init__(self) -> None:
        self.step, self.rows = 0, list[dict[str, float]]()
        self.policy.requires_grad_(False).eval()  # without dropout the policy starts as the frozen network exactly
        for name, p in self.policy.named_parameters():
            p.requires_grad_(name.startswith(TUNED[self.tune]))
        learned = [p for p in self.policy.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(learned, self.rate, (0.9, 0.98), weight_decay=0.0)
        self.best = self._learned()

    @one_thread()
    def run(self, train: Sequence[Example], held: Sequence[Example], state: Path, every: int = 50) -> None:
        """To the last step, from `state` when it is there, then back to the best. Each step draws from its own seed, so
        stopping changes nothing."""
        if state.is_file():
            self._load(state)
        if not any(len(e.pairs) for e in train) or not any(len(e.pairs) for e in held):
            raise InputError("too few readings differ enough to prefer one; ask for more --sentences or --candidates")
        began, sums = time.time(), dict.fromkeys(FIELDS[1:5], 0.0)
        if not self.rows:
            self.rows.append({"step": 0} | self._held(held))
        while self.step < self.steps:
            g = torch.Generator().manual_seed(self.seed * 1_000_003 + self.step)
            batch = collate([train[int(i)] for i in torch.randint(len(train), (self.size,), generator=g)], g)
            for k, v in self._learn(batch, g).items():
                sums[k] += v
            if self.step % every == 0 or self.step == self.steps:
                n = self.step - self.rows[-1]["step"]
                row = {"step": self.step} | {k: round(v / n, 4) for k, v in sums.items()} | self._held(held)
                if row["held_preference"] < min(r["held_preference"] for r in self.rows):
                    self.best = self._learned()
                self.rows.append(row)
                sums = dict.fromkeys(sums, 0.0)
                self._save(state)
                print(f"{self.step / self.steps:4.0%} {time.time() - began:4.0f} s {json.dumps(row)}", file=sys.stderr)
        self.policy.load_state_dict(self.policy.state_dict() | self.best)

    def _learn(self, batch: Batch, g: torch.Generator) -> dict[str, float]:
        out = preference_loss(self.policy, self.frozen, batch, self.beta, g)
        loss = out["preference"] + self.supervised * out["supervised"]
        warm, left = min(1.0, (self.step + 1) / 30), 0.5 * (1 + math.cos(math.pi * self.step / self.steps))
        self.optimiser.param_groups[0]["lr"] = self.rate * warm * left
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.optimiser.param_groups[0]["params"], 1.0)
        self.optimiser.step()
        self.step += 1
        return {k: float(v.detach()) for k, v in {"loss": loss, **out}.items()}

    @torch.no_grad()
    def _held(self, held: Sequence[Example], times: int = 8) -> dict[str, float]:
        pairs = [e for e in held if len(e.pairs)]
        g = torch.Generator().manual_seed(1)  # the same pairs, times and noise every time
        out = [preference_loss(self.policy, self.frozen, collate(pairs, g), self.beta, g) for _ in range(times)]
        return {f"held_{k}": round(float(np.mean([float(o[k]) for o in out])), 4) for k in ("preference", "accuracy")}

    def _learned(self) -> dict[str, Tensor]:
        return {k: p.detach().clone() for k, p in self.policy.named_parameters() if p.requires_grad}

    def _save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {"learned": self._learned(), "best": self.best, "optimiser": self.optimiser.state_dict(),
                   "step": self.step, "rows": self.rows}  # fmt: skip
        torch.save(content, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def _load(self, path: Path) -> None:
        saved = torch.load(path, weights_only=True)
        self.policy.load_state_dict(self.policy.state_dict() | saved["learned"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.best, self.step, self.rows = saved["best"], saved["step"], saved["rows"]


def save(tuner: Tuner, weights: Path, out: Path, note: dict[str, object]) -> None:
    """OUT/acoustic.safetensors: the weights file with the tuned tensors in it, and OUT/preferences.csv."""
    from safetensors.torch import load_file, save_file

    _, meta = read_tensors(weights)
    tensors = {k: v for k, v in load_file(weights).items() if not k.startswith(tuple(tuner.best))}  # as they are stored
    tensors |= quantised({k: v.half() for k, v in tuner.best.items()})
    meta["note"] = json.dumps(json.loads(meta.get("note", "{}")) | {"preferences": note})
    out.mkdir(parents=True, exist_ok=True)
    path = out / "acoustic.safetensors"
    save_file({k: v.contiguous() for k, v in tensors.items()}, str(path.with_suffix(".part")), metadata=meta)
    path.with_suffix(".part").replace(path)
    table = out / "preferences.csv"
    with table.with_suffix(".part").open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, restval="")
        writer.writeheader()
        writer.writerows(tuner.rows)
    table.with_suffix(".part").replace(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--weights", type=Path, help="where to start; default: the shipped voice")
    parser.add_argument("--cache", type=Path, default=Path(".cache/speech"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--voices", nargs="+", default=["kathleen", "kerstin"])
    parser.add_argument("--sentences", type=int, default=32, help="of each voice")
    parser.add_argument("--candidates", type=int, default=8, help="readings of each prompt")
    parser.add_argument("--tune", choices=tuple(TUNED), default="emotion", help="what learns")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--beta", type=float, default=30.0, help="how hard a pair pulls")
    parser.add_argument("--supervised", type=float, default=0.3, help="weight of the preferred readings' own loss")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    from ..engine import WEIGHTS, SpeechModel

    weights = args.weights or WEIGHTS
    model = SpeechModel.load(weights, onnx=None)
    read, emotions = steering()
    todo = prompts(args.data, args.voices, emotions, args.sentences, args.seed)
    cache = args.cache / "preferences" / sha256(weights)[:12]
    found, began = [], time.time()
    for i, pair in enumerate(drawn(model, todo, read, args.candidates, cache / f"candidates-{args.candidates}"), 1):
        found.append(pair)
        if i % 20 == 0 or i == len(todo):
            print(f"{i}/{len(todo)} prompts spoken, {time.time() - began:.0f} s", file=sys.stderr, flush=True)
    encoder = EmotionEncoder.load()
    codes = {e: torch.as_tensor(encoder([Emotion.parse(e)]).pooled)[0] for e in emotions}
    frozen = model._synthesiser.net
    made = {held: examples(frozen, [f for f in found if f[0].held == held], codes) for held in (False, True)}
    options = {k: getattr(args, k) for k in ("sentences", "tune", "steps", "beta", "supervised", "rate", "seed")}
    tuning = {k: v for k, v in options.items() if k != "sentences"}
    tuner = Tuner(copy.deepcopy(frozen), frozen, **tuning)
    state = cache / f"state-{'-'.join(map(str, (*args.voices, args.candidates, *options.values())))}.pt"
    tuner.run(made[False], made[True], state)
    best = int(min(tuner.rows, key=lambda row: row["held_preference"])["step"])
    save(tuner, weights, args.out, options | {"voices": args.voices, "from": sha256(weights), "best_step": best})
    kept = f"of step {best}" if best else "as they were, no step prefers better on held-out prompts"
    print(f"{args.out}: weights {kept}, {(time.time() - began) / 60:.1f} min", file=sys.stderr)


if __name__ == "__main__":
    main()
