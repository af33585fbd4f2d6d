"""Samples to batches: windows drawn by a seed, streams dropped at random."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from .attention import Batch
from .clips import Sample
from .frames import Frames

WINDOW = 60  # rows of a training window, 6 s


def collate(several: Sequence[Frames]) -> Batch:
    """Clips of any lengths, padded at their ends."""
    n = max(len(f) for f in several)

    def padded(name: str) -> torch.Tensor:
        rows = [getattr(f, name) for f in several]
        return torch.from_numpy(
            np.stack([np.pad(r, ((0, n - len(r)), *([(0, 0)] * (r.ndim - 1)))) for r in rows]).astype(np.float32)
        )

    there = torch.arange(n)[None] < torch.tensor([len(f) for f in several])[:, None]
    return Batch(padded("face"), padded("seen"), padded("voice"), padded("heard"), there)


def drawn(frames: Frames, random: np.random.Generator, longest: int = WINDOW) -> Frames:
    """A window of a clip, at random where it is longer; a short clip loses up to a fifth of its rows."""
    n = len(frames)
    size = min(longest, n - int(random.integers(0, n // 5 + 1)))
    start = int(random.integers(0, n - size + 1))
    part = frames.part(start, start + size)
    return part if part.seen.any() or part.heard.any() else frames.part(0, min(n, longest))


def dropped(x: Batch, random: np.random.Generator, share: float) -> Batch:
    """Modality dropout: the face of a `share` of the clips and the voice of another `share` go missing, never both."""
    b = len(x.seen)
    draw = torch.from_numpy(random.random(b).astype(np.float32))
    has_face, has_voice = (x.seen > 0).any(1), (x.heard > 0).any(1)
    no_face = (draw < share) & has_voice
    no_voice = (draw >= 1 - share) & has_face
    return Batch(x.face, x.seen * ~no_face[:, None], x.voice, x.heard * ~no_voice[:, None], x.there)


def without(x: Batch, stream: str) -> Batch:
    """The batch with its 'face' or 'voice' missing."""
    if stream == "face":
        return Batch(x.face, torch.zeros_like(x.seen), x.voice, x.heard, x.there)
    return Batch(x.face, x.seen, x.voice, torch.zeros_like(x.heard), x.there)


def epoch(samples: Sequence[Sample], size: int, random: np.random.Generator) -> Iterator[tuple[Batch, list[Sample]]]:
    """Every sample once in random order; a last batch of one joins the one before."""
    order = random.permutation(len(samples))
    cuts = list(range(0, len(order), size))
    if len(cuts) > 1 and len(order) - cuts[-1] < 2:
        cuts.pop()
    for a, b in zip(cuts, [*cuts[1:], len(order)], strict=True):
        some = [samples[i] for i in order[a:b]]
        yield collate([drawn(s.frames, random) for s in some]), some
