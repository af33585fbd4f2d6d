"""Trains a speech recogniser: `python -m genstudio.evaluators.speech.train --role score` (after `…speech.prepare`).

`score`: two ensembles over functionals (a voice never heard; a voice whose neutral clips are given), from EmoDB's four
scoring speakers and EmoGator's scoring half. `steer`: a convolutional net over log mel, from the other six and the other half.
Figures: leave-one-speaker-out over all ten EmoDB speakers, and the shipped weights on the speakers they never saw.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from genstudio.errors import MissingDataError
from genstudio.splits import EMODB_SCORE, EMODB_VOICE, emogator_role

from .data import CLASSES
from .model import Ensemble, EnsembleConfig, MelNet

CORPUS_WEIGHT = {"emodb": 1.0, "emogator": 0.35, "kathleen": 0.06, "kerstin": 0.06}


@dataclass(frozen=True)
class Pack:
    """What `prepare` wrote. x: functionals [n, d]; images [n, 200, 42]; one row a copy; copy 0 is the clip itself."""

    x: Tensor
    images: NDArray[np.float16]
    names: list[str]
    corpus: NDArray[Any]
    speaker: NDArray[Any]
    label: NDArray[np.int64]
    clip: NDArray[np.int64]
    copy: NDArray[np.int64]
    stem: NDArray[Any]

    def rows(
        self, role: str | None = None, without: tuple[str, ...] = (), only: tuple[str, ...] = ()
    ) -> NDArray[np.int64]:
        """Indices of EmoDB speakers `only` (all when empty) but not `without`, of EmoGator's half of `role`, and the readers."""
        keep = np.zeros(len(self.label), bool)
        db = self.corpus == "emodb"
        keep |= db & (np.isin(self.speaker, only) if only else True) & ~np.isin(self.speaker, without)
        gator = self.corpus == "emogator"
        half = np.array(
            [role is None or (g and emogator_role(s) == role) for g, s in zip(gator, self.speaker, strict=True)]
        )
        keep |= gator & half
        keep |= ~db & ~gator
        return np.flatnonzero(keep)


def load_pack(cache: Path) -> Pack:
    path = cache / "speech.npz"
    if not path.exists():
        raise MissingDataError(f"{path} is missing: run python -m genstudio.evaluators.speech.prepare --cache {cache}")
    d = np.load(path)
    return Pack(torch.from_numpy(d["functionals"]), d["images"], [str(n) for n in d["names"]], d["corpus"], d["speaker"],
                d["label"].astype(np.int64), d["clip"].astype(np.int64), d["copy"].astype(np.int64), d["stem"])  # fmt: skip


def weights(pack: Pack, rows: NDArray[np.int64]) -> Tensor:
    """Sampling weight of each row: corpora by CORPUS_WEIGHT, classes evenly within EmoDB and within EmoGator."""
    out = np.zeros(len(rows))
    for corpus, share in CORPUS_WEIGHT.items():
        here = pack.corpus[rows] == corpus
        if here.any():
            count = np.bincount(pack.label[rows][here], minlength=len(CLASSES))
            # surprise and boredom live in one corpus each; the rest is shared
            out[here] = share / count[pack.label[rows][here]]
    return torch.from_numpy(out)


def references(pack: Pack, rows: NDArray[np.int64], random: np.random.Generator) -> Tensor:
    """For each row a random mean of 1 to 8 neutral clips of its speaker, never the clip itself: [n, features], NaN without any."""
    neutral = CLASSES.index("neutral")
    out = torch.full((len(rows), pack.x.shape[1]), float("nan"))
    pool: dict[str, NDArray[np.int64]] = {}
    for s in np.unique(pack.speaker[rows]):
        pool[s] = np.flatnonzero((pack.speaker == s) & (pack.label == neutral))
    for i, r in enumerate(rows):
        mine = pool[pack.speaker[r]]
        mine = mine[pack.clip[mine] != pack.clip[r]]
        clips = np.unique(pack.clip[mine])
        if not clips.size:
            continue
        some = random.choice(clips, int(random.integers(1, min(len(clips), 8) + 1)), replace=False)
        copy = pack.copy[r] if random.random() < 0.7 else None
        which = mine[np.isin(pack.clip[mine], some) & ((pack.copy[mine] == 0) if copy == 0 else True)]
        out[i] = torch.nanmean(pack.x[which], 0)
    return out


def clean_references(pack: Pack, rows: NDArray[np.int64], count: int, random: np.random.Generator) -> Tensor:
    """For each row the mean of `count` random clean neutral clips of its speaker (0: all of them), never the clip itself."""
    neutral = CLASSES.index("neutral")
    out = torch.full((len(rows), pack.x.shape[1]), float("nan"))
    for i, r in enumerate(rows):
        mine = np.flatnonzero(
            (pack.speaker == pack.speaker[r]) & (pack.label == neutral) & (pack.copy == 0) & (pack.clip != pack.clip[r])
        )
        if mine.size:
            out[i] = torch.nanmean(pack.x[random.choice(mine, count, replace=False) if count else mine], 0)
    return out


def against(x: Tensor, reference: Tensor) -> Tensor:
    """What the known-voice ensemble sees: the change from the voice's neutral, and the values themselves."""
    return torch.cat([x - reference, x], -1)


def both(plain: Ensemble, known: Ensemble, x: Tensor, reference: Tensor) -> Tensor:
    """A known voice is read by both ensembles: the mean of their log probabilities [n, classes]."""
    return (plain(x) + known(against(x, reference))) / 2


def train_ensemble(
    x: Tensor, label: Tensor, weight: Tensor, steps: int, seed: int, members: int, hidden: int
) -> Ensemble:
    """Cross-entropy with smoothed labels; each member draws its own samples."""
    torch.manual_seed(seed)
    model = Ensemble(EnsembleConfig(x.shape[1], len(CLASSES), members, hidden))
    model.fit_scale(x)
    optimiser = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1.0)
    for step in range(steps):
        for g in optimiser.param_groups:
            g["lr"] = 4e-3 * (1 - step / steps)
        index = torch.multinomial(weight, members * 128, replacement=True).view(members, 128)
        model.train()
        logits = model.members(x[index])
        loss = members * F.cross_entropy(logits.flatten(0, 1), label[index].flatten(), label_smoothing=0.1)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return model.eval().requires_grad_(False)


def train_mel(pack: Pack, rows: NDArray[np.int64], minutes: float, steps: int | None, seed: int, device: str,
              log: list[dict[str, float]] | None = None, batch: int = 64) -> MelNet:  # fmt: skip
    """The convolutional net, with masks in time and frequency and mixed pairs."""
    torch.manual_seed(seed)
    model = MelNet(len(CLASSES)).to(device)
    images = torch.from_numpy(pack.images[rows]).to(device)
    label, weight = torch.from_numpy(pack.label[rows]).to(device), weights(pack, rows)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    average = {k: v.clone() for k, v in model.state_dict().items()}
    began, step, told, total = time.monotonic(), 0, 0.0, 2.0
    while True:
        gone = time.monotonic() - began
        part = step / steps if steps else gone / (60 * minutes)
        if part >= 1:
            break
        for g in optimiser.param_groups:
            g["lr"] = 2e-3 * min(1.0, (step + 1) / 50) * (1 - part)
        index = torch.multinomial(weight, batch, replacement=True).to(device)
        x = _masked(images[index].float())
        other, share = torch.randperm(batch, device=device), float(np.random.default_rng(step).beta(0.3, 0.3))
        model.train()
        logits = model.logits(share * x + (1 - share) * x[other])
        loss = share * F.cross_entropy(logits, label[index], label_smoothing=0.1)
        loss = loss + (1 - share) * F.cross_entropy(logits, label[index][other], label_smoothing=0.1)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimiser.step()
        step += 1
        keep = min(0.995, step / (step + 10))
        with torch.no_grad():
            for k, v in model.state_dict().items():
                average[k] = average[k].lerp(v, 1 - keep) if v.is_floating_point() else v
        total = 0.98 * total + 0.02 * loss.item()
        if gone - told > 10:
            told = gone
            print(
                f"step {step} loss {total:.3f} {gone * (1 / max(part, 1e-6) - 1):.0f} s left",
                file=sys.stderr,
                flush=True,
            )
            if log is not None:
                log.append({"step": step, "seconds": round(gone), "loss": round(total, 4)})
    model.load_state_dict(average)
    return model.cpu().eval().requires_grad_(False)


def _masked(x: Tensor) -> Tensor:
    """Hides one stretch of time and one of frequency of each clip; shifts its start."""
    b, t, _ = x.shape
    for i in range(b):
        a, n = int(torch.randint(0, t, ())), int(torch.randint(0, 25, ()))
        x[i, a : a + n, :40] = 0
        c, m = int(torch.randint(0, 40, ())), int(torch.randint(0, 7, ()))
        x[i, :, c : min(c + m, 40)] = 0
    return x


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role", choices=("score", "steer"), default="score")
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")), help="unused: `prepare` reads it"
    )
    parser.add_argument("--cache", type=Path, default=Path(".cache/speech_eval"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "weights")
    parser.add_argument("--minutes", type=float, default=3, help="of the convolutional net, each training")
    parser.add_argument("--steps", type=int, help="stop after this many steps instead")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--resume", action="store_true", help="accepted for uniformity: a training takes minutes and starts over"
    )
    parser.add_argument("--no-folds", action="store_true", help="skip the leave-one-speaker-out figures")
    args = parser.parse_args(argv)
    from .evaluate import figures_score, figures_steer

    args.out.mkdir(parents=True, exist_ok=True)
    pack = load_pack(args.cache)
    began = time.monotonic()
    log: list[dict[str, float]] = []
    if args.role == "score":
        tensors, config = ship_score(pack, args.steps or 400, args.seed)
        config["figures"] = figures_score(pack, tensors, config, args.steps or 400, args.seed, folds=not args.no_folds)
    else:
        device = ("cuda" if torch.cuda.is_available() else "cpu") if args.device == "auto" else args.device
        rows = pack.rows("steer", only=EMODB_VOICE)
        model = train_mel(pack, rows, args.minutes, args.steps, args.seed + 1, device, log)
        tensors = {f"mel.{k}": v for k, v in model.state_dict().items()}
        config = {
            "role": "steer",
            "classes": list(CLASSES),
            "speakers": list(EMODB_VOICE),
            "frames": pack.images.shape[1],
        }
        config["figures"] = figures_steer(
            pack, model, config, args.minutes, args.steps, args.seed + 1, device, folds=not args.no_folds
        )
    config["minutes"] = round((time.monotonic() - began) / 60, 1)
    save(tensors, config, log, args.out / f"speech_{args.role}")
    print(json.dumps(config["figures"], indent=1))


def ship_score(
    pack: Pack, steps: int, seed: int, speakers: tuple[str, ...] = EMODB_SCORE, role: str | None = "score"
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The two ensembles, trained on `speakers` and EmoGator's half of `role`."""
    rows = pack.rows(role, only=speakers)
    plain = fit_plain(pack, rows, steps, seed)
    known = fit_known(pack, rows, steps, seed)
    tensors = {f"plain.{k}": v for k, v in plain.state_dict().items()} | {
        f"known.{k}": v for k, v in known.state_dict().items()
    }
    shape = {
        n: {"features": m.config.features, "members": m.config.members, "hidden": m.config.hidden}
        for n, m in (("plain", plain), ("known", known))
    }
    config = {
        "role": "score",
        "classes": list(CLASSES),
        "features": pack.names,
        "speakers": list(speakers),
        "shape": shape,
    }
    return tensors, config


def fit_plain(pack: Pack, rows: NDArray[np.int64], steps: int, seed: int) -> Ensemble:
    return train_ensemble(pack.x[rows], torch.from_numpy(pack.label[rows]), weights(pack, rows), steps, seed, 12, 96)


def fit_known(pack: Pack, rows: NDArray[np.int64], steps: int, seed: int) -> Ensemble:
    """Trained on clips with drawn references of their speaker; three draws a clip."""
    random = np.random.default_rng(seed)
    many = np.concatenate([rows] * 3)
    reference = references(pack, many, random)
    has = (~reference.isnan()).any(1).numpy()
    many, reference = many[has], reference[has]
    return train_ensemble(
        against(pack.x[many], reference),
        torch.from_numpy(pack.label[many]),
        weights(pack, many),
        steps,
        seed + 100,
        12,
        96,
    )


def save(tensors: dict[str, Tensor], config: dict[str, Any], log: list[dict[str, float]], path: Path) -> None:
    """path without suffix: .safetensors (float16; running scales float32), .json, and .csv when there is a log."""
    from safetensors.torch import save_file

    exact = (".mean", ".std", "running_mean", "running_var")
    small = {
        k: v.contiguous() if k.endswith(exact) or not v.is_floating_point() else v.half().contiguous()
        for k, v in tensors.items()
    }
    save_file(small, str(path.with_suffix(".safetensors")))
    path.with_suffix(".json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    if log:
        with path.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, list(log[0]))
            table.writeheader()
            table.writerows(log)


if __name__ == "__main__":
    main()
