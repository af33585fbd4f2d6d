"""One small file to train from where neither the package nor the data is: `python -m genstudio.evaluators.text.pack`.

MiniLM with rows of weights rounded to int8 (the low-rank update is trained on the rounded weights, as in QLoRA, and ships
for the exact ones), word pieces that occur, and the training and dev sentences as ids.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .data import emobank, goemotions
from .minilm import MiniLM
from .model import encode


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--cache", type=Path, default=Path(".cache/pack/text_eval"))
    args = parser.parse_args(argv)
    args.cache.mkdir(parents=True, exist_ok=True)
    train = goemotions(args.data, "train") + emobank(args.data, "train")
    dev = goemotions(args.data, "dev") + emobank(args.data, "dev")
    rows = encode(train.texts), encode(dev.texts)
    used = np.unique(np.concatenate([np.concatenate([np.array(r) for r in part]) for part in rows]))
    place = np.full(int(used.max()) + 1, -1)
    place[used] = np.arange(len(used))
    out: dict[str, Any] = {"used": used.astype(np.int32)}
    for name, part, sentences in (("train", rows[0], train), ("dev", rows[1], dev)):
        out[f"{name}.ids"] = np.concatenate([place[r] for r in part]).astype(np.uint16)
        out[f"{name}.length"] = np.array([len(r) for r in part], np.uint8)
        out[f"{name}.labels"] = np.where(np.isnan(sentences.labels), 2, sentences.labels).astype(np.uint8)
        out[f"{name}.vad"] = sentences.vad.astype(np.float16)
    for key, value in MiniLM.load().state_dict().items():
        if key == "words.weight":
            value = value[torch.from_numpy(used)]
        if value.ndim == 2:
            scale = value.abs().amax(1, keepdim=True) / 127
            out[f"w.{key}"], out[f"s.{key}"] = (
                (value / scale).round().to(torch.int8).numpy(),
                scale.numpy().astype(np.float32),
            )
        else:
            out[f"w.{key}"] = value.numpy()
    np.savez_compressed(args.cache / "text.npz", **out)
    print(f"{args.cache / 'text.npz'}: {(args.cache / 'text.npz').stat().st_size / 1e6:.1f} MB")


def read(path: Path) -> tuple[MiniLM, dict[str, tuple[list[list[int]], np.ndarray, np.ndarray]]]:
    """The network with the word pieces of the pack, and for 'train' and 'dev': ids, labels (NaN unknown), VAD (NaN unknown)."""
    d = np.load(path)
    state: dict[str, Tensor] = {}
    for key in d.files:
        if key.startswith("w."):
            value = torch.from_numpy(d[key].astype(np.float32))
            name = key[2:]
            state[name] = value * torch.from_numpy(d[f"s.{name}"]) if f"s.{name}" in d.files else value
    with torch.device("meta"):
        model = MiniLM()
    model.words = torch.nn.Embedding(len(d["used"]), state["words.weight"].shape[1], device="meta")
    model.load_state_dict(state, strict=True, assign=True)
    sets = {}
    for name in ("train", "dev"):
        ends = np.cumsum(d[f"{name}.length"].astype(int))
        ids = np.split(d[f"{name}.ids"].astype(int), ends[:-1])
        labels = d[f"{name}.labels"].astype(np.float32)
        labels[labels == 2] = np.nan
        sets[name] = ([i.tolist() for i in ids], labels, d[f"{name}.vad"].astype(np.float32))
    return model.requires_grad_(False), sets


if __name__ == "__main__":
    main()
