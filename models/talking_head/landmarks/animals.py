"""Teach the face-or-not layer that dogs are not: the last step of training.

    python -m genstudio.models.talking_head.landmarks.animals --data DIR --weights FILE --out FILE

The layer is fitted anew, held near what it was (ridge, Hoerl & Kennard 1970), to what the network sees in FER-2013's and the
London set's training faces and in what looks a little like a face in pictures without people: OASIS folds 1 to 4 and the
odd-numbered pictures of fold 0. Six minutes of one core.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from genstudio.splits import london_holdout
from genstudio.threads import one_thread

from .finder import LEVELS, FaceFinderNet, separate
from .geometry import radius_of, roll_of
from .pack import learned_animals, people_free, read_rgb

F32 = NDArray[np.float32]
U8 = NDArray[Any]
FACES, TIMES = 900, 12  # FER-2013 faces; jittered crops of each candidate of an odd-numbered picture
NEAR = 0.01  # how much a standard deviation's weight may not move
_SEEN = 0.05  # face probability in the first crop from which a candidate is learned from


def widened(face: U8) -> U8:
    """A FER-2013 crop [48, 48] as the evaluation shows it to the finder: enlarged, borders mirrored, uint8 [224, 224, 3]."""
    image = cv2.resize(face, (144, 144), interpolation=cv2.INTER_CUBIC)
    return np.repeat(cv2.copyMakeBorder(image, 40, 40, 40, 40, cv2.BORDER_REFLECT)[..., None], 3, -1)


class Seen:
    """Features [n, 176] that the layer is given for crops, mirror images too."""

    def __init__(self, finder: FaceFinderNet, seed: int) -> None:
        self.finder, self.random = finder, np.random.default_rng(seed)
        self._kept: list[Tensor] = []
        finder.fast_landmarks.face.register_forward_pre_hook(
            lambda _, inputs: self._kept.append(inputs[0].float().clone())
        )

    def crops(self, image: U8, crops: list[tuple[F32, float, float]]) -> Tensor:
        self._kept.clear()
        if crops:
            self.finder.place(image, crops, mirrored=True)
        return torch.cat(self._kept) if self._kept else torch.zeros(0, self.finder.landmarks.face.in_features)

    def face(self, image: U8) -> Tensor:
        """Of the face found."""
        found = self.finder(image)[:1]
        return self.crops(image, [(*radius_of(f.landmarks), roll_of(f.landmarks)) for f in found])

    def mistakes(self, image: U8, times: int) -> Tensor:
        """Of everything that looks a little like a face, each in `times` crops, jittered when there are several."""
        circles = separate([c for side in LEVELS for c in self.finder.candidates(image, side)], 0.5)[:6]
        if not circles:
            return self.crops(image, [])
        points, face = self.finder.place(image, [(np.array([c.x, c.y], np.float32), c.radius, 0.0) for c in circles])
        out = []
        for p, f in zip(points, face, strict=True):
            centre, radius = radius_of(p)
            for _ in range(times if f > _SEEN else 0):
                x, y, r, a = self.random.normal(0, (0.05, 0.05, 0.07, 0.08)) * (times > 1)
                moved = (centre + radius * np.array([x, y])).astype(np.float32)
                out.append((moved, radius * float(np.exp(r)), roll_of(p) + float(a)))
        return self.crops(image, out)


def refitted(weight: Tensor, bias: Tensor, faces: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """Logistic layer (weight [d], bias) of balanced classes, near a given one in standard deviations of the features."""
    x = torch.cat([faces, others]).double()
    y = torch.cat([torch.ones(len(faces)), torch.zeros(len(others))]).double()
    share = torch.where(y > 0.5, 0.5 / len(faces), 0.5 / len(others))
    scale = x.std(0) + 1e-4
    old = weight.double() * scale
    w, b = old.clone().requires_grad_(), bias.double().clone().requires_grad_()
    optimiser = torch.optim.LBFGS([w, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        wrong = F.binary_cross_entropy_with_logits((x / scale) @ w + b, y, reduction="none")
        loss = (wrong * share).sum() + NEAR * (w - old).square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    return (w.detach() / scale).float(), b.detach().float()


@one_thread()
def main(argv: list[str] | None = None) -> int:
    from safetensors.torch import load_file

    from genstudio.weights import save_weights

    p = argparse.ArgumentParser(prog="genstudio.models.talking_head.landmarks.animals", description=__doc__)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--weights", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--seed", type=int, default=0)
    a = p.parse_args(argv)
    seen = Seen(FaceFinderNet.load(a.weights), a.seed)
    with np.load(a.data / "fer2013" / "train.npz") as f:
        images = f["images"]
    chosen = [x for x in images[seen.random.permutation(len(images))[:FACES]] if x.std() > 20]
    london = [q for q in sorted((a.data / "london").glob("*/*.jpg")) if not london_holdout(q.stem)]
    faces = torch.cat([*(seen.face(widened(x)) for x in chosen), *(seen.face(read_rgb(q)) for q in london)])
    plain = [seen.mistakes(read_rgb(q), 4) for q in people_free(a.data, held_out=False)]
    animals = [seen.mistakes(read_rgb(q), TIMES) for q in learned_animals(a.data)]
    print(f"{len(faces)} crops of faces, {sum(map(len, plain + animals))} of other things", file=sys.stderr)
    state = load_file(str(a.weights))
    weight, bias = state["landmarks.face.weight"][0], state["landmarks.face.bias"]
    weight, bias = refitted(weight, bias, faces, torch.cat([*plain, *animals]))
    save_weights({**state, "landmarks.face.weight": weight[None], "landmarks.face.bias": bias}, a.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
