"""The fits: ensembles over functionals, the convolutional net over log mel."""

from __future__ import annotations

import sys
import time

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from .data import CLASSES
from .model import Ensemble, EnsembleConfig, MelNet, against
from .pack import Pack, references, weights


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
