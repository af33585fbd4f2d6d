"""What following an emotion costs a pretrained image model: python benchmarks/adapter_overhead.py [--size sdxl]

The graph of Stable Diffusion XL (or a tiny one) with random weights, through the same engine that users take: the plain pipeline
and the one with directions, alternating in one run; seconds, peak memory, their ratio, and what the adapter alone takes. Without a
GPU the tiny graph is the default, with one SDXL's in bfloat16.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from genstudio.emotion import Emotion
from genstudio.models.adapters.images import DiffusersImage
from genstudio.models.adapters.prompts import encode

_LETTERS = "abcdefghijklmnopqrstuvwxyz ,.-'"
SIZES: dict[str, dict[str, Any]] = {
    "sdxl": {
        "unet": (320, 640, 1280),
        "depth": (1, 2, 10),
        "heads": (5, 10, 20),
        "text": (768, 12, 12, 3072),
        "text2": (1280, 32, 20, 5120),
        "vae": (128, 256, 512, 512),
        "time": 256,
        "pixels": 1024,
        "groups": 32,
    },
    "tiny": {
        "unet": (8, 16, 16),
        "depth": (1, 1, 1),
        "heads": (1, 2, 2),
        "text": (32, 2, 4, 37),
        "text2": (32, 2, 4, 37),
        "vae": (8, 8, 16, 16),
        "time": 8,
        "pixels": 64,
        "groups": 4,
    },
}


def _tokenizer(folder: Path) -> CLIPTokenizer:
    tokens = ["<|startoftext|>", "<|endoftext|>", *_LETTERS, *(c + "</w>" for c in _LETTERS)]
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(dict.fromkeys(tokens))}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77)


def _text(shape: tuple[int, int, int, int], projected: bool) -> Any:
    width, layers, heads, inner = shape
    config = CLIPTextConfig(
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=inner,
        projection_dim=width,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
        vocab_size=49408,
    )
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config)


def pipeline(size: str, device: str, dtype: torch.dtype) -> StableDiffusionXLPipeline:
    """Random weights, made on the device."""
    c = SIZES[size]
    torch.set_default_dtype(dtype)
    with torch.device(device):
        unet = UNet2DConditionModel(
            sample_size=c["pixels"] // 8,
            in_channels=4,
            out_channels=4,
            layers_per_block=2,
            block_out_channels=c["unet"],
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            transformer_layers_per_block=c["depth"],
            attention_head_dim=c["heads"],
            cross_attention_dim=c["text"][0] + c["text2"][0],
            addition_embed_type="text_time",
            addition_time_embed_dim=c["time"],
            projection_class_embeddings_input_dim=c["text2"][0] + 6 * c["time"],
            use_linear_projection=True,
            norm_num_groups=c["groups"],
        )
        vae = AutoencoderKL(
            block_out_channels=c["vae"],
            layers_per_block=2,
            latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            sample_size=c["pixels"],
            norm_num_groups=c["groups"],
            force_upcast=False,
        )
        first, second = _text(c["text"], False), _text(c["text2"], True)
    torch.set_default_dtype(torch.float32)
    with tempfile.TemporaryDirectory() as folder:
        tokens = _tokenizer(Path(folder))
    made = StableDiffusionXLPipeline(
        vae=vae.eval(),
        text_encoder=first.eval(),
        text_encoder_2=second.eval(),
        tokenizer=tokens,
        tokenizer_2=tokens,
        unet=unet.eval(),
        scheduler=EulerDiscreteScheduler(),
    ).to(device, dtype)
    made.set_progress_bar_config(disable=True)
    return made


def _clock(device: str) -> float:
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def adapter_seconds(engine: DiffusersImage, emotion: Emotion, device: str, times: int = 50) -> float:
    """Median seconds of moving the embeddings of one prompt: what following an emotion adds to a generation."""
    made = encode(engine.pipeline, ["a lake in the mountains"])
    taken = []
    for _ in range(times):
        start = _clock(device)
        for name, (value, mask) in made.items():
            engine.adapter.apply(name, value, emotion, 1.0, mask)
        taken.append(_clock(device) - start)
    return statistics.median(taken)


def main() -> None:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--size", choices=tuple(SIZES), default="sdxl" if torch.cuda.is_available() else "tiny")
    p.add_argument("--steps", type=int, default=20)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--out", type=Path)
    a = p.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    engine = DiffusersImage(pipeline(a.size, device, dtype), f"random-{a.size}", "0" * 64)
    with tempfile.TemporaryDirectory() as cache:  # the weights are made up: nothing of them belongs in the user's cache
        os.environ["GENSTUDIO_CACHE"] = cache
        start = _clock(device)
        engine.fit(force=True)
        fit = _clock(device) - start
    joy = Emotion.parse("joy")
    pixels = SIZES[a.size]["pixels"]
    seconds: dict[float, list[float]] = {0.0: [], 1.0: []}
    memory: dict[float, int] = {}
    for i in range(a.rounds + 1):
        for strength in (0.0, 1.0) if i % 2 else (1.0, 0.0):
            if device == "cuda":
                torch.cuda.reset_peak_memory_stats()
            start = _clock(device)
            engine("a lake in the mountains", joy, size=(pixels, pixels), seed=i, steps=a.steps, strength=strength)
            taken = _clock(device) - start
            if device == "cuda":
                memory[strength] = torch.cuda.max_memory_allocated()
            if i:  # the first round warms up
                seconds[strength].append(taken)
    alone = adapter_seconds(engine, joy, device)
    plain, moved = (statistics.median(seconds[s]) for s in (0.0, 1.0))
    found = {
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "graph": a.size,
        "pixels": pixels,
        "steps": a.steps,
        "precision": str(dtype).removeprefix("torch."),
        "seconds_plain": round(plain, 4),
        "seconds_with_directions": round(moved, 4),
        "ratio": round(moved / plain, 4),
        "adapter_alone_seconds": round(alone, 6),
        "adapter_share": round(alone / plain, 6),
        "memory_gb_plain": round(memory.get(0.0, 0) / 1e9, 3),
        "memory_gb_with_directions": round(memory.get(1.0, 0) / 1e9, 3),
        "fit_once_seconds": round(fit, 2),
        "rounds": a.rounds,
    }
    print(json.dumps(found, indent=1))
    if a.out:
        a.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
