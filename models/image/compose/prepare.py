"""Packs what the training needs besides the sampler: prompts with their text codes, and emotions.

    python -m genstudio.models.image.compose.prepare --cache .cache/pack/scene

Writes prompts.safetensors (words int8, sentence float16), specs.json, emotions.json (about 7 MB) and, beside them,
    the text
projector that goes into the pipeline.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from .bank import draw
from .minilm import _tokenizer, states
from .prompts import NOUNS, bank
from .text import TextProjector

#: Things no composer of places can show, and places it should know by other words: they fix the threshold of "understood".
OUTSIDE = (
    "a portrait of a woman", "a cup of coffee", "an equation", "a cat", "a violin", "a smartphone", "a bowl of soup",
        "abstract shapes",
    "a computer keyboard", "a basketball player", "a plate of spaghetti", "a wedding ring", "a dentist",
        "a spaceship interior",
    "a pair of shoes", "a newspaper", "a human hand", "a teddy bear", "a chess board", "a microscope",
        "a birthday cake", "a smiling baby",
    "a tax form", "a guitar", "a robot", "a goldfish", "a chocolate bar", "a lipstick", "a toothbrush", "a bar chart",
)  # fmt: skip
INSIDE = (
    "a loch in Scotland", "breakers rolling in", "a jetty with trawlers", "peaks above the clouds", "a wooded trail",
        "a hut in the wilderness",
    "a boulevard in Paris", "an iceberg", "a hayfield", "a rural lane", "half-timbered houses in the country",
        "a stormy coast",
        "a burial site", "a bastion",
    "a savannah", "the pampas", "a fjord", "the Copacabana", "vineyards in Tuscany", "an abandoned mill",
        "the Empire State Building",
        "a chapel on a hill",
    "a blizzard", "constellations", "a shepherd with his flock", "a lagoon", "a mews", "a river cutting through rock",
        "a rain forest", "a seashore",
)  # fmt: skip


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m genstudio.models.image.compose.prepare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--cache", type=Path, default=Path(".cache/pack/scene"))
    parser.add_argument("--prompts", type=int, default=5200)
    parser.add_argument("--emotions", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--axes", type=Path, help="a saved text projector whose axes are kept, to train shipped networks further"
    )
    args = parser.parse_args(argv)
    args.cache.mkdir(parents=True, exist_ok=True)
    prompts = bank(args.prompts, args.seed)
    texts = [t for t, _ in prompts]
    print(f"{len(texts)} prompts; encoding", file=sys.stderr)
    projector = fit_projector(texts, args.seed, args.axes)
    words, masks, sentences = [], [], []
    for i in range(0, len(texts), 128):
        code, _ = projector.encode(texts[i : i + 128])
        words.append(code.tokens)
        masks.append(code.mask)
        sentences.append(code.sentence)
    x = torch.cat(words)
    scale = x.abs().amax((0, 1)).clamp_min(1e-6) / 127
    save_file(
        {
            "words": (x / scale).round().to(torch.int8), "scale": scale, "mask": torch.cat(masks).to(torch.uint8),
            "sentence": torch.cat(sentences).half(),
        },
        str(args.cache / "prompts.safetensors"),
    )  # fmt: skip
    specs = [[t, s.subject, list(s.extras)] for t, s in prompts]
    (args.cache / "specs.json").write_text(json.dumps(specs))
    (args.cache / "emotions.json").write_text(json.dumps(draw(args.emotions, args.seed)))
    projector.save_pretrained(args.cache / "text")
    size = sum(f.stat().st_size for f in args.cache.glob("*.*"))
    print(f"packed {size / 1e6:.1f} MB in {args.cache}; spread of word codes {x[x != 0].std():.2f}", file=sys.stderr)


def fit_projector(texts: list[str], seed: int, axes: Path | None = None) -> TextProjector:
    """Axes from the prompts and the tokenizer's own vocabulary; known nouns; a threshold between INSIDE and OUTSIDE."""
    rng = np.random.default_rng(seed)
    vocabulary = sorted(w for w in _tokenizer().get_vocab() if w.isascii() and w.isalpha() and len(w) > 2)
    wide = [f"a {w}" for w in rng.choice(np.array(vocabulary, object), 4000, replace=False)]
    nouns = [(n, s) for s, names in NOUNS.items() for n in names]
    projector = TextProjector(subjects=[s for _, s in nouns], names=[n for n, _ in nouns], nouns=len(nouns))
    if axes is not None:
        kept = TextProjector.from_pretrained(axes)
        for name, value in kept.named_buffers():
            if name != "known":
                getattr(projector, name).copy_(value)
    else:
        words, sentences = [], []
        for batch in (texts, wide):
            for i in range(0, len(batch), 128):
                w, s = states(batch[i : i + 128])
                words += w
                sentences.append(s)
        projector.fit(torch.cat(words), torch.cat(sentences))
    projector.known.copy_(states([n for n, _ in nouns])[1])
    threshold, right = fit_threshold(projector)
    projector.register_to_config(threshold=threshold)
    print(
        f"threshold of known prompts {threshold:.3f} (balanced accuracy {right:.2f} on {len(INSIDE)} + {len(OUTSIDE)})",
        file=sys.stderr,
    )
    return projector


def fit_threshold(projector: TextProjector) -> tuple[float, float]:
    """The cosine similarity that best parts INSIDE from OUTSIDE, and its balanced accuracy."""
    inside = (states(list(INSIDE))[1] @ projector.known.T).amax(1)
    outside = (states(list(OUTSIDE))[1] @ projector.known.T).amax(1)
    grid = np.linspace(0.2, 0.8, 121)
    score = [float((inside >= t).float().mean() + (outside < t).float().mean()) / 2 for t in grid]
    best = float(np.mean(grid[np.array(score) >= max(score) - 1e-9]))
    return best, max(score)


if __name__ == "__main__":
    main()
