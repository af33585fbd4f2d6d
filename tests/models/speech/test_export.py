"""ONNX export: the graphs say what torch says, the voice speaks the same with them, stale ones are refused."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("gruut")

from genstudio.emotion import Emotion
from genstudio.errors import MissingExtraError, MissingWeightsError
from genstudio.models.speech import graphs
from genstudio.models.speech.acoustic.synth import Synthesiser
from genstudio.models.speech.engine import SpeechModel
from genstudio.models.speech.export import TOLERANCE, differences, export
from genstudio.models.speech.vocoder import Vocoder
from genstudio.models.speech.vocoder.network import SourceFilter, VocoderConfig

from .test_acoustic import tiny_weights

needed = ("onnx", "onnxruntime", "onnxscript")
whole = pytest.mark.skipif(any(find_spec(n) is None for n in needed), reason="the extra 'onnx' is not installed")


def small_voice(folder: Path) -> SpeechModel:
    import torch

    torch.manual_seed(0)
    vocoder = Vocoder(SourceFilter(VocoderConfig(width=16, blocks=1, allpass=8)))
    return SpeechModel(Synthesiser(tiny_weights(folder / "acoustic.safetensors")), vocoder)


@whole
@pytest.mark.slow
def test_graphs_speak_as_torch_does(tmp_path: Path) -> None:
    voice, other = small_voice(tmp_path), small_voice(tmp_path)
    assert len(export(voice, tmp_path / "onnx")) == 5
    assert max(differences(voice, tmp_path / "onnx").values()) < TOLERANCE
    graphs.attach(other, tmp_path / "onnx")
    a, b = (v("Hello there, friend.", Emotion.parse("joy"), seed=1) for v in (voice, other))
    assert len(a.samples) == len(b.samples) and np.abs(a.samples - b.samples).max() < 1e-2
    assert a.words == b.words and b.info["runtime"] == "onnx" and "runtime" not in a.info


@pytest.mark.skipif(find_spec("onnx") is not None, reason="the extra 'onnx' is installed")
def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingExtraError, match=r"genstudio\[onnx\]"):
        export(small_voice(tmp_path), tmp_path / "onnx")


def test_absent_and_stale_graphs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    voice = small_voice(tmp_path)
    with pytest.raises(MissingWeightsError, match="no exported voice"):
        graphs.attach(voice, tmp_path / "none")
    graphs.state(tmp_path, {"weights": {"acoustic.safetensors": "0"}})
    with pytest.raises(MissingWeightsError, match="other weights"):
        graphs.attach(voice, tmp_path)
    assert voice.runtime == "torch"


def test_the_cache_is_taken_only_when_right_and_faster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENSTUDIO_CACHE", str(tmp_path))
    monkeypatch.setattr(graphs, "find_spec", lambda name: object())
    folder = tmp_path.joinpath(*graphs.CACHE)
    assert graphs.ready() is None
    graphs.state(folder, {"weights": graphs.fingerprint(), "faster": False})
    assert graphs.ready() is None
    graphs.state(folder, {"weights": graphs.fingerprint(), "faster": True})
    assert graphs.ready() == folder
    graphs.state(folder, json.loads((folder / graphs.FACTS).read_text()) | {"weights": {}})
    assert graphs.ready() is None
    monkeypatch.setattr(graphs, "find_spec", lambda name: None)
    assert graphs.ready() is None
