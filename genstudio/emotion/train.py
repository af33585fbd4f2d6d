"""Train the EmotionEncoder: `python -m genstudio.emotion.train`. Needs no data but the norms; 4 minutes on one core."""

from __future__ import annotations

import argparse
import csv
import math
import random
from pathlib import Path

import torch
from torch import Tensor, nn

from genstudio.emotion import norms
from genstudio.emotion.encoder import WEIGHTS, EmotionEncoder, features
from genstudio.emotion.space import Emotion
from genstudio.weights import save_weights

_TEMPERATURE = 0.5
_ORDINAL = 0.2  # weight of the ordinal loss: more makes the pooled vector pure VAD, less lets names dominate it


def random_emotion(rng: random.Random) -> Emotion:
    """A category, a mix of two or three, a point, or any of these scaled or negated."""
    kind = rng.random()
    if kind < 0.35:
        e = Emotion.of(rng.choice(norms.vocabulary()))
    elif kind < 0.6:
        parts = [Emotion.of(rng.choice(norms.vocabulary())) for _ in range(rng.choice((2, 2, 3)))]
        e = parts[0].mix(*parts[1:], weights=[rng.uniform(0.05, 1.0) for _ in parts])
    else:
        d = rng.uniform(-1, 1) if rng.random() < 0.7 else None
        e = Emotion(rng.uniform(-1, 1), rng.uniform(-1, 1), d)
    if rng.random() < 0.1:
        e = -e
    return e.scaled(rng.uniform(0.0, 1.5)) if rng.random() < 0.4 else e


def rank_n_contrast(z: Tensor, y: Tensor, temperature: float = _TEMPERATURE) -> Tensor:
    """Rank-N-Contrast loss (Zha et al. 2023). z: [n, d] embeddings, y: [n, k] targets; similarity is minus distance."""
    n = len(z)
    off = ~torch.eye(n, dtype=torch.bool, device=z.device)
    squared = (z[:, None] - z[None]).pow(2).sum(-1)
    similarity = (-(squared + 1e-6).sqrt() / temperature)[off].view(n, n - 1)
    distance = torch.cdist(y, y)[off].view(n, n - 1)
    further = distance[:, None, :] >= distance[:, :, None]  # [anchor, positive, candidate]
    denominator = (similarity[:, None, :].masked_fill(~further, -torch.inf)).logsumexp(-1)
    return (denominator - similarity).mean()


def spearman(encoder: EmotionEncoder, emotions: list[Emotion]) -> float:
    """Rank correlation between distances of pooled vectors and distances in VAD, over all pairs."""
    with torch.no_grad():
        z = encoder(emotions).pooled
    y = torch.tensor([e.vad for e in emotions])
    i, j = torch.triu_indices(len(y), len(y), 1)
    a, b = (z[i] - z[j]).norm(dim=-1), (y[i] - y[j]).norm(dim=-1)
    ranks = [x.argsort().argsort().double() for x in (a, b)]
    return float(torch.corrcoef(torch.stack(ranks))[0, 1])


def category_accuracy(encoder: EmotionEncoder) -> float:
    """Share of all taxonomies' members whose own name is the most probable after decoding."""
    names = list(norms.vocabulary())
    with torch.no_grad():
        _, p = encoder.decode(encoder([Emotion.of(n) for n in names]))
    return float((p.argmax(-1) == torch.arange(len(names))).float().mean())


def train(steps: int, seed: int, out: Path) -> None:
    """Train, calibrate to unit variance, save weights and a log."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    pool = features([random_emotion(rng) for _ in range(20_000)] + [Emotion.of(n) for n in norms.vocabulary()] * 20)
    encoder = EmotionEncoder()
    optimizer = torch.optim.AdamW(encoder.parameters(), lr=2e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    n = len(norms.vocabulary())
    log: list[tuple[int, float, float, float]] = []
    for step in range(steps):
        x = pool[torch.randint(len(pool), (128,))]
        code = encoder.encode(x)
        vad, target = x[:, :3], x[:, 10 : 10 + n]
        rnc = rank_n_contrast(code.pooled, vad)
        fit = nn.functional.mse_loss(encoder.vad_head(code.pooled), vad)
        by_pooled, by_tokens = encoder.category_logits(code), encoder.token_logits(code)
        named = nn.functional.cross_entropy(by_pooled, target) + nn.functional.cross_entropy(by_tokens, target)
        loss = _ORDINAL * rnc + 20 * fit + named
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % max(1, steps // 60) == 0 or step == steps - 1:
            log.append((step, rnc.item(), fit.item(), named.item()))
            print(f"step {step} rnc {rnc:.3f} vad {fit:.5f} category {named:.3f}", flush=True)
    _calibrate(encoder, pool)
    encoder.eval()
    held = [random_emotion(random.Random(10_000 + i)) for i in range(400)]
    print(f"spearman {spearman(encoder, held):.3f} category accuracy {category_accuracy(encoder):.3f}")
    save_weights(encoder, out)
    with out.with_suffix(".csv").open("w", newline="") as f:
        csv.writer(f).writerows([("step", "rank_n_contrast", "vad_mse", "category_cross_entropy"), *log])


def _calibrate(encoder: EmotionEncoder, pool: Tensor) -> None:
    """Centre the pooled vector and scale it by one factor (distances keep their order) to unit variance on average."""
    with torch.no_grad():
        z = encoder.encode(pool).pooled
        mean, std = z.mean(0), float(z.var(0).mean().sqrt())
        encoder.shift.copy_(mean)
        encoder.scale.fill_(1 / std)
        heads: tuple[nn.Linear, ...] = (encoder.vad_head, encoder.category_head)
        for head in heads:
            head.bias.add_(head.weight @ mean)
            head.weight.mul_(std)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    if args.steps < 1 or not math.isfinite(args.steps):
        parser.error("--steps must be 1 or more")
    train(args.steps, args.seed, args.out)


if __name__ == "__main__":
    main()
