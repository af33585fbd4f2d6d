"""An exported voice at work: graphs run by onnxruntime in place of the torch networks (written by `export`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from genstudio.errors import MissingExtraError, MissingWeightsError
from genstudio.hub import cache_folder
from genstudio.media.files import write_text
from genstudio.weights import sha256

if TYPE_CHECKING:
    from .acoustic.network import Acoustic
    from .engine import SpeechModel
    from .vocoder.network import SourceFilter

FACTS = "voice.json"
CACHE = ("onnx", "speech")
_HOW = "export the voice with python -m genstudio.models.speech.export --onnx"


def networks(model: SpeechModel) -> tuple[Acoustic, SourceFilter]:
    """The two torch networks of a voice."""
    return model._synthesiser.net, model._vocoder.network  # type: ignore[attr-defined]


def fingerprint() -> dict[str, str]:
    """SHA-256 of the shipped weights, which an export is of."""
    from .engine import WEIGHTS
    from .vocoder.vocoder import WEIGHTS as VOCODER

    return {p.name: sha256(p) for p in (WEIGHTS, VOCODER)}


def state(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write voice.json: what the graphs are of, and what was measured of them."""
    write_text(folder / FACTS, json.dumps(facts, indent=1) + "\n")


def stated(folder: Path) -> dict[str, Any]:
    """voice.json. Raises MissingWeightsError when it is absent or of other weights."""
    try:
        facts: dict[str, Any] = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise MissingWeightsError(f"there is no exported voice in '{folder}'; {_HOW} {folder}") from None
    if facts.get("weights") != fingerprint():
        raise MissingWeightsError(f"the graphs in '{folder}' are of other weights; {_HOW} {folder}")
    return facts


def ready() -> Path | None:
    """The folder in the user's cache when its graphs are of the shipped weights, were faster, and onnxruntime is installed."""
    folder = cache_folder(*CACHE)
    if not (folder / FACTS).is_file() or find_spec("onnxruntime") is None:
        return None
    try:
        return folder if stated(folder).get("faster") else None
    except MissingWeightsError:
        return None


class Graph(nn.Module):
    """A graph run on one thread: tensors in, a tensor or several out."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        try:
            import onnxruntime as ort
        except ImportError as error:
            raise MissingExtraError("onnxruntime", "onnx", "Speaking with an exported voice") from error
        if not path.is_file():
            raise MissingWeightsError(f"'{path}' is missing; {_HOW} {path.parent}")
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.names = [i.name for i in self.session.get_inputs()]

    def forward(self, *inputs: Tensor) -> Any:
        fed = {n: x.contiguous().numpy() for n, x in zip(self.names, inputs, strict=True)}
        out = [torch.from_numpy(y) for y in self.session.run(None, fed)]
        return out[0] if len(out) == 1 else tuple(out)


class OnnxAcoustic(nn.Module):
    """`Acoustic` by its graphs: the same methods."""

    def __init__(self, net: Acoustic, folder: Path) -> None:
        super().__init__()
        self.config, self.nothing_p, self.spread = net.config, net.nothing_p, net.spread
        self.encode, self.prosody_velocity = Graph(folder / "text.onnx"), Graph(folder / "prosody.onnx")
        self.frame_mean, self.detail_velocity = Graph(folder / "mean.onnx"), Graph(folder / "detail.onnx")


class _Trunk(nn.Module):
    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.graph(x.transpose(1, 2))
        return out


def attach(model: SpeechModel, folder: Path) -> SpeechModel:
    """The voice speaks with the graphs of a folder from now on. Raises MissingWeightsError when they are of other weights."""
    stated(folder)
    acoustic, vocoder = networks(model)
    model._synthesiser.net = OnnxAcoustic(acoustic, folder)  # type: ignore[assignment]
    vocoder.trunk = _Trunk(Graph(folder / "vocoder.onnx"))  # type: ignore[assignment]
    model.runtime = "onnx"
    return model
