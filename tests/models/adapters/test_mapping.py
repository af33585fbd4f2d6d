"""The mapping network: trained on a tiny folder for a tiny model, resumed to the same weights, used by the engine."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from genstudio.emotion import Emotion
from genstudio.errors import InputError, MissingDataError, MissingWeightsError
from genstudio.models.adapters.images import DiffusersImage
from genstudio.models.adapters.mapping import PromptMapping
from genstudio.models.adapters.mapping.net import MappingNet
from genstudio.models.adapters.mapping.pairs import look_of, nearest_word, pairs_of
from genstudio.models.adapters.mapping.train import main
from genstudio.weights import read_tensors

JOY = Emotion.parse("joy")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """24 pictures laid out as OASIS: bright and colourful ones are rated pleasant."""
    folder, rng = tmp_path_factory.mktemp("oasis"), np.random.default_rng(0)
    (folder / "images").mkdir()
    rows = ["Theme,Category,Valence_mean,Arousal_mean"]
    for k in range(24):
        theme = f"{('lake', 'dog', 'storm', 'garden', 'street', 'fire')[k % 6].title()} {k // 6 + 1}"
        good = rng.uniform(-1, 1)
        pixels = np.clip(128 + 100 * good + rng.normal(0, 20 + 30 * (good > 0), (32, 32, 3)), 0, 255)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / "images" / f"{theme}.jpg")
        rows.append(f"{theme},Scene,{4 + 3 * good:.3f},{4 + 2 * rng.uniform(-1, 1):.3f}")
    (folder / "OASIS.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="module")
def model(folders) -> Path:
    return Path(folders("sd"))


@pytest.fixture(scope="module")
def trained(pictures, model, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("trained") / "sd.safetensors"
    assert main(_words(pictures, model, out)) == 0
    return out


def _words(pictures, model, out, *more: str) -> list[str]:
    return [
        "--data", str(pictures), "--model", str(model), "--out", str(out), "--steps", "60", "--batch", "6", "--rate", "5e-3",
        "--inner", "32", "--depth", "1", *more,
    ]  # fmt: skip


def test_pairs_say_what_the_picture_shows(pictures) -> None:
    pairs = pairs_of(pictures)
    assert len(pairs) == 24 and {p.group for p in pairs} == {"Lake", "Dog", "Storm", "Garden", "Street", "Fire"}
    one = next(p for p in pairs if p.va[0] > 0.6)
    assert one.plain.startswith("a photograph of ") and one.felt.endswith(", " + one.plain)
    assert "bright light" in one.felt and nearest_word(one.va) in one.felt
    assert look_of(np.full((8, 8, 3), 10, np.uint8)) == ["dim light", "muted colours"]
    assert len(pairs_of(pictures, 16)) == 16


def test_it_learns_and_goes_on_to_the_same_weights(pictures, model, trained, tmp_path, capsys) -> None:
    log = list(csv.DictReader(trained.with_suffix(".csv").open()))
    assert [int(r["step"]) for r in log] == [50, 60]
    assert float(log[1]["loss"]) < float(log[0]["loss"]) and float(log[1]["held_out_explained"]) > 0.1
    again = tmp_path / "again.safetensors"
    assert main(_words(pictures, model, again, "--stop", "50")) == 0
    assert not again.exists() and again.with_suffix(".checkpoint.pt").is_file()
    assert main(_words(pictures, model, again, "--seed", "1")) == 2
    assert "belongs to another training" in capsys.readouterr().err
    assert main(_words(pictures, model, again)) == 0
    first, second = read_tensors(trained)[0], read_tensors(again)[0]
    assert all(torch.equal(first[k], second[k]) for k in first)
    assert again.with_suffix(".csv").read_text() == trained.with_suffix(".csv").read_text()


def test_the_engine_uses_it(model, trained) -> None:
    ask = {"size": (32, 32), "seed": 1, "steps": 2}
    plain = DiffusersImage.load(str(model))("a lake", JOY, strength=0, **ask).pixels
    engine = DiffusersImage.load(str(model), mapping=str(trained))
    assert np.array_equal(engine("a lake", JOY, strength=0, **ask).pixels, plain)
    assert np.array_equal(engine("a lake", Emotion.neutral(), **ask).pixels, plain)
    moved = [engine("a lake", JOY, strength=s, **ask).info["moved"]["prompt_embeds"] for s in (0.5, 1.0, 2.0)]
    assert moved[0] < moved[1] < moved[2] and engine("a lake", JOY, **ask).info["lever"] == "mapping"
    report = engine.fit()
    assert report["lever"] == "mapping" and 0.1 < report["explained"] <= 1 and report["pictures"] == 24
    with pytest.raises(InputError, match="trained, not fitted"):
        engine.fit(force=True)


def test_neutral_is_nothing_and_absent_tokens_stay() -> None:
    torch.manual_seed(0)
    net = MappingNet(8, 32, 1)
    torch.nn.init.normal_(net.out.weight)
    torch.nn.init.normal_(net.blocks[0].feel.weight)
    x, there = torch.randn(2, 5, 8), torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    assert not net(x, torch.zeros(2, 2), there).any()
    step = net(x, torch.tensor([[0.5, 0.1], [0.5, 0.1]]), there)
    assert step[0].abs().min() > 0 and not step[1, 3:].any()
    lever = PromptMapping({"prompt_embeds": net}, {})
    assert lever.apply("other", x, JOY) is x and lever.apply("prompt_embeds", x, JOY, 0.0) is x
    listed = lever.apply("prompt_embeds", [x[0], x[1, :3]], JOY)
    assert [v.shape for v in listed] == [(5, 8), (3, 8)] and not torch.equal(listed[0], x[0])
    assert lever.apply("prompt_embeds", x.bfloat16(), JOY).dtype == torch.bfloat16
    with pytest.raises(InputError, match="have 4 channels, the mapping 8"):
        lever.apply("prompt_embeds", x[..., :4], JOY)


def test_what_is_wrong_is_one_line(model, trained, tmp_path, capsys) -> None:
    with pytest.raises(MissingWeightsError, match="there is no mapping"):
        PromptMapping.load(tmp_path / "none.safetensors")
    with pytest.raises(InputError, match="not for these weights"):
        PromptMapping.load(trained, "0" * 64)
    with pytest.raises(MissingDataError, match="holds 0 rated pictures"):
        pairs_of(tmp_path)
    assert main(["--data", str(tmp_path), "--model", str(model), "--out", str(tmp_path / "x.safetensors")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
