"""Reads the shipped pipeline without diffusers' hub machinery: each part from its folder, strictly, in float32."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from genstudio.weights import load_weights

from .nets import MapUNet, ObjectTransformer, VectorNet
from .pipeline import ScenePipeline
from .text import TextProjector

PARTS = {"text": TextProjector, "plan": VectorNet, "maps": MapUNet, "objects": ObjectTransformer, "mood": VectorNet}


def read_pipeline(folder: Path) -> ScenePipeline:
    """What `ScenePipeline.from_pretrained(folder)` reads too, in a fraction of the time and frozen."""
    parts: dict[str, Any] = {}
    for name, cls in PARTS.items():
        config = json.loads((folder / name / "config.json").read_text())
        arguments = {k: tuple(v) if k == "widths" else v for k, v in config.items() if not k.startswith("_")}
        parts[name] = load_weights(cls(**arguments), folder / name / "diffusion_pytorch_model.safetensors")
    scheduler = json.loads((folder / "scheduler" / "scheduler_config.json").read_text())
    cls = getattr(importlib.import_module("diffusers"), scheduler["_class_name"])
    pipeline = ScenePipeline(scheduler=cls.from_config(scheduler), **parts)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
