"""What goes wrong with pretrained image engines, each in one line."""

from __future__ import annotations

import json

import pytest
import torch
from PIL import Image

from genstudio import Emotion, registry
from genstudio.cli import run
from genstudio.cli.common import engine_of
from genstudio.errors import InputError, MissingWeightsError
from genstudio.models.adapters.images import DiffusersImage

JOY = Emotion.parse("joy")


def test_bad_input_is_one_line(folders, tmp_path, monkeypatch) -> None:
    engine = DiffusersImage.load(folders("sd"))
    with pytest.raises(InputError, match=r"33 x 33 does not suit this model: .*divisible by 8"):
        engine("a lake", JOY, size=(33, 33))
    with pytest.raises(InputError, match="takes no 'guidance_scal'; did you mean 'guidance_scale'"):
        engine("a lake", JOY, size=(32, 32), guidance_scal=3)
    with pytest.raises(InputError, match="from 0 to 4"):
        engine("a lake", JOY, size=(32, 32), strength=9)
    with pytest.raises(InputError, match="unknown attribute 'colour'"):
        engine("a lake", JOY, size=(32, 32), enrich=["colour"])
    with pytest.raises(InputError, match="a mask needs the image"):
        engine("a lake", JOY, size=(32, 32), mask=Image.new("L", (32, 32)))
    with pytest.raises(InputError, match="no scheduler 'EulerDiscrete'; did you mean 'EulerDiscreteScheduler'"):
        DiffusersImage.load(folders("sd"), scheduler="EulerDiscrete")
    with pytest.raises(InputError, match="needs a folder or a hub id"):
        registry.find("image:diffusers")
    with pytest.raises(InputError, match="did you mean"):
        registry.find("image:difusers:x")
    with pytest.raises(MissingWeightsError, match="other weights than expected"):
        DiffusersImage.load(folders("sd"), sha256="0" * 64)
    monkeypatch.setenv("GENSTUDIO_OFFLINE", "1")
    with pytest.raises(MissingWeightsError, match="downloads are off"):
        DiffusersImage.load("nobody/nothing")


def test_half_a_model_and_pickles_are_refused(folders, tmp_path, capsys) -> None:
    import shutil

    half = tmp_path / "half"
    shutil.copytree(folders("sd"), half)
    weights = next((half / "unet").glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises((InputError, MissingWeightsError)) as error:
        DiffusersImage.load(str(half))
    assert "\n" not in str(error.value)
    pickled = tmp_path / "pickled"
    shutil.copytree(folders("sd"), pickled)
    for file in pickled.rglob("*.safetensors"):
        torch.save({"x": torch.zeros(1)}, file.with_suffix(".bin"))
        file.unlink()
    with pytest.raises(InputError, match="--allow-pickle"):
        DiffusersImage.load(str(pickled))
    words = ["paint", "a lake", "--engine", f"diffusers:{pickled}", "-o", str(tmp_path / "x.png")]
    assert run(words) == 2 and "--allow-pickle" in capsys.readouterr().err
    assert run([*words, "--allow-pickle"]) == 2  # taken for a model, which these files are not
    assert "--allow-pickle" not in capsys.readouterr().err
    torch.save({"x": torch.zeros(1)}, tmp_path / "lora.bin")
    with pytest.raises(InputError, match=r"can run code when loaded.*--allow-pickle"):
        DiffusersImage.load(folders("sd"), lora=str(tmp_path / "lora.bin"))


def test_a_pipeline_without_text_is_refused(tmp_path) -> None:
    from diffusers import DDPMPipeline, DDPMScheduler, UNet2DModel

    net = UNet2DModel(
        sample_size=8, block_out_channels=(4, 8), norm_num_groups=2, layers_per_block=1, down_block_types=("DownBlock2D",) * 2,
        up_block_types=("UpBlock2D",) * 2,
    )  # fmt: skip
    DDPMPipeline(net, DDPMScheduler()).save_pretrained(tmp_path / "d")
    with pytest.raises(InputError, match="has no text encoder"):
        DiffusersImage.load(str(tmp_path / "d"))


def test_out_of_memory_says_what_would_fit(folders, monkeypatch) -> None:
    engine = DiffusersImage.load(folders("sd"))

    def full(*a, **k):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    monkeypatch.setattr(type(engine.pipeline), "__call__", full)
    with pytest.raises(Exception, match=r"does not fit into the memory.*try"):
        engine("a lake", JOY, size=(32, 32), strength=0)


def test_another_engine_is_used_only_when_asked(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("GENSTUDIO_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    words = ["paint", "a lake", "--engine", "diffusers:nobody/nothing", "--size", "64", "--steps", "2"]
    assert run([*words, "-o", str(tmp_path / "a.png")]) == 1
    assert "downloads are off" in capsys.readouterr().err and not (tmp_path / "a.png").exists()
    assert run([*words, "--fallback", "-o", str(tmp_path / "b.png")]) == 0
    assert "the embedded engine is used instead, as asked" in capsys.readouterr().err
    assert json.loads((tmp_path / "b.png.json").read_text())["engine"] == "image:embedded"
    assert engine_of("image", words[3], ["dtype=bfloat16"], fallback=True) == "embedded"
    with pytest.raises(InputError):  # a wrong word is no missing model
        engine_of("image", "diffusers:", None, fallback=True)
