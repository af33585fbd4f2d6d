"""Fit the landmark network's face-or-not head again, on what the finder really hands it.

    python -m genstudio.models.talking_head.landmarks.head --data DIR --cache .cache/pack/landmarks --weights FILE --out FILE

The networks stay as they are; the last linear layer is fitted by logistic regression on augmented faces (portraits, renders,
FER-2013) against mined candidates: every peak of the finder on people-free training pictures, and on training portraits away
from the face, in both crops that are looked at.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from . import finder as finding
from .batches import Pack, landmark_batch
from .finder import LEVELS, FaceFinderNet, separate
from .geometry import radius_of, roll_of
from .pack import london, people_free, read_rgb

LOWEST = 0.2
"""Score from which on a peak of the finder is mined."""


@torch.no_grad()
def mine(
    finder: FaceFinderNet, pictures: list[tuple[np.ndarray, np.ndarray | None]], features: list[Tensor]
) -> list[int]:
    """Features (through the hook that fills `features`) of false candidates. pictures: RGB and the true face (x, y, r) or
    None. → how many rows were added by each picture."""
    counts = []
    for image, true in pictures:
        before = sum(len(f) for f in features)
        circles = separate([c for side in LEVELS for c in finder.candidates(image, side)], 0.5)[:8]
        if true is not None:
            circles = [
                c
                for c in circles
                if not (np.hypot(c.x - true[0], c.y - true[1]) < 0.9 * true[2] and 0.6 < c.radius / true[2] < 1.6)
            ]
        if circles:
            points, _ = finder.place(image, [(np.array([c.x, c.y], np.float32), c.radius, 0.0) for c in circles])
            crops = [(*radius_of(p), roll_of(p)) for p in points]
            if true is not None:  # a second crop may slide onto the true face
                crops = [c for c in crops if np.hypot(c[0][0] - true[0], c[0][1] - true[1]) > 0.9 * true[2]]
            if crops:
                finder.place(image, crops, mirrored=True)
        counts.append(sum(len(f) for f in features) - before)
    return counts


def main(argv: list[str] | None = None) -> int:
    from safetensors.torch import load_file, save_file

    p = argparse.ArgumentParser(prog="genstudio.models.talking_head.landmarks.head", description=__doc__)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--cache", type=Path, default=Path(".cache/pack/landmarks"))
    p.add_argument("--weights", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--batches", type=int, default=70, help="of 48 augmented crops")
    p.add_argument("--seed", type=int, default=0)
    args = p.parse_args(argv)
    torch.manual_seed(args.seed)
    finder = FaceFinderNet.load(args.weights)
    net = finder.landmarks
    kept: list[Tensor] = []
    for layer in (net.face, finder.fast_landmarks.face):  # the batches go through the one, the mined through the other
        layer.register_forward_pre_hook(lambda _, inputs: kept.append(inputs[0].detach().float().clone()))
    finding.CANDIDATE = LOWEST
    scenes: list[tuple[np.ndarray, np.ndarray | None]] = [(read_rgb(q), None) for q in people_free(args.data, False)]
    for _, photo, points in london(args.data, held_out=False):
        inner = points[[18, 27, 90, 106]]  # outer eye corners and lips
        middle = inner.mean(0)
        scenes.append((photo, np.array([middle[0], middle[1], 0.78 * np.linalg.norm(points[27] - points[18])])))
    start = time.time()
    counts = mine(finder, scenes, kept)
    mined = torch.cat(kept)
    print(
        f"{len(mined)} false candidates from {sum(c > 0 for c in counts)} pictures, {time.time() - start:.0f} s",
        file=sys.stderr,
    )
    kept.clear()
    pack = Pack(args.cache, torch.device("cpu"))
    labels = []
    with torch.no_grad():
        for _ in range(args.batches):
            crops, _, face = landmark_batch(pack, 48)
            net(crops)
            labels.append(face)
    x = torch.cat([*kept, mined])
    y = torch.cat([*labels, torch.zeros(len(mined))])
    weight = torch.where(y > 0.5, 0.5 / (y > 0.5).sum(), 0.5 / (y < 0.5).sum())
    mean, std = x.mean(0), x.std(0) + 1e-4
    z = (x - mean) / std
    w, b = torch.zeros(x.shape[1], requires_grad=True), torch.zeros(1, requires_grad=True)
    opt = torch.optim.LBFGS([w, b], max_iter=500, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        opt.zero_grad()
        loss = (
            F.binary_cross_entropy_with_logits(z @ w + b, y, reduction="none") * weight
        ).sum() + 2e-4 * w.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    opt.step(closure)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        right = ((z @ w + b > 0) == (y > 0.5)).float()
        print(
            f"faces kept {right[y > 0.5].mean():.4f}, others refused {right[y < 0.5].mean():.4f}, of the mined "
            f"{right[-len(mined) :].mean():.4f}",
            file=sys.stderr,
        )
        state = load_file(str(args.weights))
        state["landmarks.face.weight"] = (w / std)[None].half()
        state["landmarks.face.bias"] = (b - (w * mean / std).sum()).half()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in state.items()}, str(args.out))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
