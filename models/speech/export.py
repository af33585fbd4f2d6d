"""The embedded voice as ONNX: python -m genstudio.models.speech.export --onnx [DIR]

Five graphs (text, prosody, mean and detail of the acoustic model, the trunk of the vocoder) and voice.json. What is arithmetic
(durations, normalisation, pulses, FFTs) stays in numpy and torch. The command compares both ways: the same tensors within
tolerance, and seconds of work a second of speech. `SpeechModel.load(onnx=DIR)` speaks with a folder; without DIR the graphs go
into the user's cache, and the voice takes them by itself where onnxruntime is installed and they were faster.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from genstudio.emotion import Emotion
from genstudio.errors import MissingExtraError
from genstudio.hub import cache_folder

from .acoustic.network import FRAME, PAIR, PROSODY
from .analysis.features import DIM
from .graphs import CACHE, Graph, attach, fingerprint, networks, state, stated

if TYPE_CHECKING:
    from .acoustic.network import Acoustic
    from .engine import SpeechModel
    from .vocoder.network import SourceFilter

TOLERANCE = 1e-3  # largest difference from torch, in normalised units
OPSET = 18
_TEXT = "She left the house at seven, and nobody knew why."


@dataclass(frozen=True)
class Part:
    """One graph: the function, example inputs, and which of their axes vary (1 always does, 0 where `batch`)."""

    name: str
    run: Callable[..., Any]
    inputs: Mapping[str, Tensor]
    batch: tuple[str, ...] = ()

    def axes(self) -> dict[str, dict[int, str]]:
        """Axis names of every input."""
        out = {}
        for name, x in self.inputs.items():
            out[name] = ({0: "batch"} if name in self.batch else {}) | ({1: "length"} if x.ndim > 1 else {})
        return out


class _Call(nn.Module):
    """A method as a module: what the exporter takes."""

    def __init__(self, owner: nn.Module, run: Callable[..., Any]) -> None:
        super().__init__()
        self.owner, self.run = owner, run

    def forward(self, *inputs: Tensor) -> Any:
        return self.run(*inputs)


def parts_of(acoustic: Acoustic, vocoder: SourceFilter, length: int = 24) -> dict[str, tuple[nn.Module, Part]]:
    """Every graph by name, with the module that owns it and examples of `length` phones or frames."""
    n, d, e = length, acoustic.config.text, acoustic.config.emotion
    wide = acoustic.config.prosody_text or d
    ids = torch.randint(3, 20, (1, n))
    one, two = torch.zeros(1, dtype=torch.long), torch.zeros(2, dtype=torch.long)
    mask = torch.ones(1, n, 1)
    r = torch.randn
    frames = {"h": r(1, n, d), "speaker": one, "emotion": r(1, n, e)}
    text = {"ids": ids, "stress": ids % 3, "place": ids % 4, "kind": one, "language": one, "mask": mask}
    prosody = {"x": r(2, n, PROSODY), "t": torch.rand(2), "h": r(2, n, wide), "speaker": two, "emotion": r(2, n, e)}
    mean = frames | {"prosody": r(1, n, PROSODY), "inside": r(1, n, 5), "mask": mask}
    detail = {"x": r(1, n, PAIR * FRAME), "t": torch.rand(1), "mean": r(1, n, PAIR * FRAME)} | frames | {"mask": mask}
    prosody["mask"] = torch.ones(2, n, 1)
    return {
        "text": (acoustic, Part("text", acoustic.encode, text)),
        "prosody": (acoustic, Part("prosody", acoustic.prosody_velocity, prosody, tuple(prosody))),
        "mean": (acoustic, Part("mean", acoustic.frame_mean, mean)),
        "detail": (acoustic, Part("detail", acoustic.detail_velocity, detail)),
        "vocoder": (vocoder, Part("vocoder", _trunk(vocoder), {"features": r(1, n, DIM)})),
    }


def _trunk(vocoder: SourceFilter) -> Callable[[Tensor], Tensor]:
    trunk = vocoder.trunk
    return lambda features: trunk(features.transpose(1, 2))


def export(model: SpeechModel, folder: Path) -> list[Path]:
    """Write the graphs and voice.json into a folder. Raises MissingExtraError without the packages."""
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(error.name or "onnx", "onnx", "Exporting the voice") from None
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, (owner, part) in parts_of(*networks(model)).items():
        names = tuple(part.inputs)
        path = folder / f"{name}.onnx"
        with torch.no_grad():
            torch.onnx.export(
                _Call(owner, part.run).eval(), tuple(part.inputs.values()), str(path), input_names=list(names),
                opset_version=OPSET, dynamo=True, external_data=False, verbose=False,
                dynamic_shapes=(tuple(_dims(part.axes()[k]) for k in names),),
            )  # fmt: skip
        written.append(path)
    state(folder, {"weights": fingerprint(), "graphs": [p.name for p in written]})
    return written


def _dims(axes: Mapping[int, str]) -> dict[int, Any]:
    return dict.fromkeys(axes, torch.export.Dim.DYNAMIC)


def differences(model: SpeechModel, folder: Path, lengths: tuple[int, ...] = (9, 61)) -> dict[str, float]:
    """Largest difference of every graph from torch, over inputs of lengths the export never saw."""
    out: dict[str, float] = {}
    torch.manual_seed(0)
    for n in lengths:
        for name, (_, part) in parts_of(*networks(model), length=n).items():
            with torch.inference_mode():
                ours = part.run(*part.inputs.values())
            theirs = Graph(folder / f"{name}.onnx")(*part.inputs.values())
            a, b = (x[0] if isinstance(x, tuple) else x for x in (ours, theirs))
            out[name] = max(out.get(name, 0.0), float((a - b).abs().max()))
    return out


def cost(*models: SpeechModel, repeats: int = 7) -> list[float]:
    """Median seconds of work a second of speech of each, taken in turns so that a busy machine slows all alike."""
    spent: list[list[float]] = [[] for _ in models]
    for i in range(repeats + 1):
        for model, times in zip(models, spent, strict=True):
            start = time.perf_counter()
            made = model(_TEXT, Emotion.parse("joy"), seed=i)
            times.append((time.perf_counter() - start) / made.duration)
    return [round(float(np.median(t[1:])), 4) for t in spent]


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    from .engine import SpeechModel

    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--onnx", type=Path, nargs="?", const=cache_folder(*CACHE), required=True, metavar="DIR")
    folder = p.parse_args(argv).onnx
    model = SpeechModel.load(onnx=None)
    size = sum(f.stat().st_size for f in export(model, folder)) / 1e6
    apart = differences(model, folder)
    other = attach(SpeechModel.load(onnx=None), folder)
    torch_cost, onnx_cost = cost(model, other)
    same = max(apart.values()) <= TOLERANCE
    report = {
        "megabytes": round(size, 1), "largest_difference": apart, "real_time_factor": {"torch": torch_cost, "onnx": onnx_cost},
        "faster": same and onnx_cost < torch_cost,
    }  # fmt: skip
    state(folder, stated(folder) | report)
    sys.stdout.write(json.dumps(report | {"folder": str(folder)}, indent=1) + "\n")
    if not same:
        raise SystemExit(f"the graphs differ from torch by more than {TOLERANCE}")


if __name__ == "__main__":
    main()
