"""Engines that cannot be used, through the command line: each one clear line, never a traceback, never the library's advice."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from genstudio.cli import run


@pytest.fixture
def copy(tmp_path) -> Callable[[str], Path]:
    """A copy of a model folder that may be spoilt."""
    return lambda source: Path(shutil.copytree(source, tmp_path / "spoilt"))


@pytest.fixture
def said(capsys, tmp_path, monkeypatch):
    """(exit code, the one line) of a command that fails."""
    monkeypatch.setenv("GENSTUDIO_OFFLINE", "1")

    def call(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        out = {"paint": "x.png", "speak": "x.wav"}.get(words[0])
        code = run([*words, *(["-o", str(tmp_path / out), "-f"] if out else [])])
        line = capsys.readouterr().err.strip()
        assert code in (1, 2) and line.count("\n") == 0 and "unexpected" not in line and "Traceback" not in line, line
        return code, line

    return call


def paint(engine: str, *more: str) -> tuple[str, ...]:
    return ("paint", "a lake", "-e", "joy", "--size", "64", "--steps", "1", "--engine", f"diffusers:{engine}", *more)


def speak(engine: str, *more: str) -> tuple[str, ...]:
    return ("speak", "hello there", "-e", "joy", "--no-card", "--engine", f"transformers:{engine}", *more)


def changed(path: Path, **new: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | new))


def test_a_configuration_that_was_cut_is_half_a_download(folders, made, copy, said) -> None:
    spoilt = copy(folders("sd"))
    (spoilt / "unet" / "config.json").write_text('{"a":')
    assert (
        "is only half downloaded: 'config.json' cannot be read as JSON; fetch it again" in said(*paint(str(spoilt)))[1]
    )


def test_a_voice_without_its_tokenizer_is_half_a_download(made, copy, said) -> None:
    spoilt = copy(made("vits")[0].spec)
    for path in (*spoilt.glob("*vocab*"), *spoilt.glob("tokenizer*")):
        path.unlink()
    assert "half downloaded: its tokenizer is missing" in said(*speak(str(spoilt)))[1]


def test_weights_of_other_sizes_than_the_configuration(folders, made, copy, said, tmp_path) -> None:
    spoilt = copy(folders("sd"))
    width = json.loads((spoilt / "unet" / "config.json").read_text())["cross_attention_dim"]
    changed(spoilt / "unet" / "config.json", cross_attention_dim=2 * width)
    assert "has weights of other sizes than its configuration says" in said(*paint(str(spoilt)))[1]
    voice = Path(shutil.copytree(made("vits")[0].spec, tmp_path / "voice"))
    changed(voice / "config.json", hidden_size=32)
    assert "has weights of other sizes than its configuration says" in said(*speak(str(voice)))[1]


def test_a_pickle_with_more_than_weights_is_refused_even_when_allowed(made, copy, said) -> None:
    spoilt = copy(made("vits")[0].spec)
    (spoilt / "model.safetensors").unlink()
    (spoilt / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'echo hi'\ntR.")
    assert "--allow-pickle if you trust" in said(*speak(str(spoilt)))[1]
    line = said(*speak(str(spoilt), "--allow-pickle"))[1]
    assert "could run code and is never loaded" in line and "weights_only" not in line
    (spoilt / "pytorch_model.bin").write_bytes(b"0" * 64)
    assert "is damaged, or none at all; fetch it again" in said(*speak(str(spoilt), "--allow-pickle"))[1]


def test_models_of_another_kind_are_named(folders, made, copy, said) -> None:
    assert "is no pipeline of diffusers: it has no model_index.json" in said(*paint(made("vits")[0].spec))[1]
    assert "is of no kind that the installed transformers knows" in said(*speak(folders("sd")))[1]
    spoilt = copy(folders("sd"))
    changed(spoilt / "model_index.json", _class_name="FuturePipeline")
    assert "is a FuturePipeline, which the installed diffusers does not know" in said(*paint(str(spoilt)))[1]


@pytest.mark.skipif(torch.cuda.is_available(), reason="for machines without a GPU")
def test_devices_that_are_not_there(folders, made, said) -> None:
    assert "the device 'cuda' is not there" in said(*paint(folders("sd"), "--load", "device=cuda"))[1]
    assert "there is no device 'tpu'; valid: auto, cpu" in said(*speak(made("vits")[0].spec, "--load", "device=tpu"))[1]


def test_small_things_are_found_before_anything_runs(folders, said) -> None:
    assert "there is no LoRA 'nofile'" in said(*paint(folders("sd"), "--load", "lora=nofile"))[1]
    assert "other weights than expected" in said(*paint(folders("sd"), "--load", "sha256=abcd"))[1]
    assert said(*paint("nobody/nothing"))[1].endswith("hf download nobody/nothing")
    assert "did you mean 'diffusers'" in said("engines", "fit", "difusers:x/y")[1]
    assert "reads and makes nothing" in said("engines", "fit", "whisper-small")[1]
    assert "did you mean 'sdxl'" in said("engines", "fetch", "sdxll")[1]
