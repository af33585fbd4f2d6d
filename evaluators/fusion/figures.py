"""What a fusion network reads right on speakers it never saw or heard: with both streams, with one, beside late fusion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio import registry
from genstudio.emotion import EKMAN
from genstudio.errors import InputError
from genstudio.threads import one_thread

from ..measures import bootstrap, calibration_error, confusion, recalls, uar
from .attention import FusionNet
from .batches import WINDOW, collate, without
from .clips import Sample
from .frames import Frames, late
from .late import Channel, fuse

STREAMS = ("both", "face", "voice")
HELD_SHARE = 0.2  # of the speakers are held out
_FALLBACK = 4  # tries at a split whose learning speakers show every emotion

F64 = NDArray[np.float64]


def split(samples: Sequence[Sample], seed: int, share: float = HELD_SHARE) -> tuple[list[Sample], list[Sample]]:
    """Learning and held-out samples, by speaker: a fifth of the speakers, at least one, drawn by the seed.

    Of a few draws that one is taken whose learning speakers, then held-out speakers, show most of the emotions. Raises InputError
    for a single speaker.
    """
    who = sorted({s.speaker for s in samples})
    if len(who) < 2:
        raise InputError(f"a split by speaker needs at least 2 speakers; got {len(who)}")
    count = min(max(1, round(share * len(who))), len(who) - 1)

    def shown(side: Sequence[str]) -> int:
        return len({s.label for s in samples if s.speaker in side})

    random = np.random.default_rng(seed)
    draws = [[who[i] for i in random.permutation(len(who))] for _ in range(_FALLBACK)]
    best = max(draws, key=lambda d: (shown(d[count:]), shown(d[:count])))
    held = set(best[:count])
    return [s for s in samples if s.speaker not in held], [s for s in samples if s.speaker in held]


@one_thread()
@torch.no_grad()
def posterior(net: FusionNet, frames: Frames, stream: str = "both") -> tuple[F64, list[dict[str, Any]]]:
    """Probabilities [7] of a clip of any length, and what was attended to in each window: start and end (s), the share of the
    attention that lay on the face, the second that weighed most, and the probabilities [7].

    Windows of 6 s, half overlapping, count by how much of them is seen and heard. stream: 'both', or one alone.
    """
    n = len(frames)
    starts = [0] if n <= WINDOW * 5 // 4 else [*range(0, n - WINDOW, WINDOW // 2), n - WINDOW]
    size = n if len(starts) == 1 else WINDOW
    windows, log_p, weights = [], [], []
    for a in range(0, len(starts), 16):
        some = starts[a : a + 16]
        x = collate([frames.part(s, s + size) for s in some])
        x = x if stream == "both" else without(x, "voice" if stream == "face" else "face")
        logits, attention = net(x)
        trust = (x.seen + x.heard).sum(1)
        for s, row, weight, sure in zip(some, logits.double().softmax(1), attention, trust, strict=True):
            if sure <= 0:
                continue
            w = (weight * row[:, None]).sum(0).float()
            face, moment = float(w[:size].sum()), int((w[:size] + w[size:]).argmax())
            p = row.numpy()
            windows.append({"start": s, "end": s + size, "face": face, "moment": s + moment, "p": p})
            log_p.append(np.log(np.maximum(p, 1e-12)))
            weights.append(float(sure))
    if not windows:
        raise InputError(f"the clip has no {'face' if stream == 'face' else 'voice'} to read")
    mean = np.average(np.stack(log_p), 0, weights)
    p = np.exp(mean - mean.max())
    return p / p.sum(), windows


def measure(net: FusionNet, held: Sequence[Sample]) -> dict[str, Any]:
    """JSON-ready figures on held-out speakers: for 'both', 'face', 'voice' UAR with interval, recalls and confusion [shown, read]
    over `classes`; 'late_fusion' of the shipped recognisers on the same clips, of those with both streams; chance; counts.

    Classes that were not learnt are left out of the clips. None where no clip has the stream.
    """
    classes = [k for k, on in zip(EKMAN, net.trained.tolist(), strict=True) if on]
    held = [s for s in held if s.label in classes]
    if not held:
        raise InputError("no held-out clip shows an emotion that was learnt; give clips of more speakers")
    clusters = len({s.speaker for s in held})
    out: dict[str, Any] = {
        "classes": classes, "clips": len(held), "speakers": sorted({s.speaker for s in held}),
        "interval_over": "speakers" if clusters > 1 else "clips of one speaker",
        "shown": {k: sum(s.label == k for s in held) for k in classes},
    }  # fmt: skip
    out["chance"] = round(1 / max(1, sum(n > 0 for n in out["shown"].values())), 4)
    for stream in STREAMS:
        some = [s for s in held if _has(s.frames, stream)]
        p = np.stack([posterior(net, s.frames, stream)[0] for s in some]) if some else np.zeros((0, len(EKMAN)))
        out[stream] = _scored(some, p, classes, clusters > 1)
    some = [s for s in held if _has(s.frames, "both")]
    out["late_fusion"] = _scored(some, late_posterior(some), classes, clusters > 1)
    return out


def _has(frames: Frames, stream: str) -> bool:
    seen, heard = bool(frames.seen.any()), bool(frames.heard.any())
    return {"both": seen and heard, "face": seen, "voice": heard}[stream]


def _scored(some: Sequence[Sample], p: F64, classes: list[str], by_speaker: bool) -> dict[str, Any] | None:
    if not some:
        return None
    columns = [EKMAN.index(k) for k in classes]
    p = p[:, columns] / p[:, columns].sum(1, keepdims=True)
    said, true = [classes[i] for i in p.argmax(1)], [s.label for s in some]
    found = bootstrap(uar, true, said, clusters=[s.speaker for s in some] if by_speaker else None, repeats=500)
    right = [a == b for a, b in zip(true, said, strict=True)]
    return {
        "uar": round(found.value, 4), "interval": [round(found.low, 4), round(found.high, 4)], "clips": len(some),
        "recall": {k: round(v, 4) for k, v in recalls(true, said).items()},
        "confusion": confusion(true, said, classes).tolist(),
        "calibration_error": round(float(calibration_error(right, p.max(1))), 4),
    }  # fmt: skip


def late_posterior(some: Sequence[Sample]) -> F64:
    """Late fusion of what the shipped recognisers say [n, 7]."""
    channels = {m: Channel.of(registry.load(f"evaluator:{m}")) for m in ("face", "speech")}
    rows = []
    for s in some:
        parts = []
        for (m, c), said in zip(channels.items(), late(s.frames), strict=True):
            if said is not None:
                names = registry.load(f"evaluator:{m}").classes if m == "speech" else EKMAN
                parts.append((c, c.columns(dict(zip(names, map(float, said), strict=True)))[None], np.ones(1)))
        rows.append(fuse(parts)[0] if parts else np.full(len(EKMAN), 1 / len(EKMAN)))
    return np.stack(rows) if rows else np.zeros((0, len(EKMAN)))
