"""Several texts at once: what single calls say, whatever was padded beside them; splitting; the lever; batches of jobs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from genstudio import Emotion, Studio
from genstudio.batch.runner import run as run_batch
from genstudio.cli import run
from genstudio.errors import InputError, MissingError
from genstudio.models.adapters.voices.batches import in_batches
from genstudio.models.adapters.voices.rows import Indivisible, Rows
from genstudio.models.adapters.voices.transformers_voice import TransformersVoice

from .voices import VOICES

JOY, FEAR = Emotion.parse("joy"), Emotion.parse("fear")
TEXTS, SEEDS = ("hello there", "who is it then my friend", "hello there", "come in"), (3, 4, 5, 3)
FAMILIES = [pytest.param(v, marks=[pytest.mark.coqui] if v == "higgs" else []) for v in VOICES]
CLONING = [f for f in FAMILIES if f.values[0] not in ("vits", "speecht5", "bark")]


def same(one, many) -> bool:
    """Equal length, and equal but for rounding."""
    return one.samples.shape == many.samples.shape and float(np.abs(one.samples - many.samples).max()) < 1e-3


@pytest.mark.parametrize("family", FAMILIES)
def test_a_batch_says_what_single_calls_say(family, made, monkeypatch) -> None:
    engine, options = made(family)
    rows = list(zip(TEXTS, SEEDS, strict=True))
    one = [engine(t, JOY, seed=s, lever="none", **options) for t, s in rows]
    real, calls = TransformersVoice._together, []
    monkeypatch.setattr(
        TransformersVoice, "_together", lambda self, lines, *a: calls.append(len(lines)) or real(self, lines, *a)
    )
    before = torch.random.get_rng_state()
    many = engine.many(TEXTS, JOY, seeds=SEEDS, lever="none", **options)
    assert max(calls) >= (
        2 if family == "speecht5" else len(TEXTS)
    )  # its dropout is one for all rows: a seed at a time
    assert all(same(a, b) for a, b in zip(one, many, strict=True)) and torch.equal(before, torch.random.get_rng_state())
    assert [(m.text, m.seed, m.emotion) for m in many] == [(t, s, JOY) for t, s in rows]
    if family in ("vits", "vibevoice"):  # two seeds do not say the same
        assert many[0].samples.shape != many[2].samples.shape or not np.allclose(many[0].samples, many[2].samples)


@pytest.mark.parametrize("family", CLONING)
def test_cloned_voices_speak_in_batches_each_with_its_clip(family, made, spoken) -> None:
    engine, options = made(family)
    ask = {"reference": spoken, "strength": 0.5, **options}
    feelings = (JOY, FEAR)
    one = [engine("hello there", e, seed=2, **ask) for e in feelings]
    many = engine.many(["hello there"] * 2, feelings, seeds=(2,), **ask)
    assert all(same(a, b) for a, b in zip(one, many, strict=True)) and many[0].info["lever"] == "reference"


def test_strength_0_is_the_plain_model_and_levers_act_as_alone(made) -> None:
    engine, _ = made("vits")
    plain = engine.plain("hello there", 3)
    alone = engine.many(["hello there"], JOY, seeds=[3], strength=0)[0]
    assert np.array_equal(alone.samples, plain.samples)
    zero = engine.many(TEXTS, [JOY, FEAR, JOY, FEAR], seeds=SEEDS, strength=0)
    none = engine.many(TEXTS, Emotion.neutral(), seeds=SEEDS, lever="none")
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(zero, none, strict=True))
    for lever in ("settings", "directions"):
        one = [engine(t, e, seed=3, lever=lever) for t, e in zip(TEXTS, (JOY, FEAR, JOY, FEAR), strict=True)]
        many = engine.many(TEXTS, [JOY, FEAR, JOY, FEAR], seeds=[3], lever=lever)
        assert all(same(a, b) for a, b in zip(one, many, strict=True))


def test_a_batch_is_halved_until_it_fits(made, monkeypatch) -> None:
    sizes: list[int] = []

    def tight(part):
        sizes.append(len(part))
        if len(part) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return list(part)

    assert list(in_batches(range(7), 8, tight)) == list(range(7)) and sizes == [7, 4, 2, 2, 2, 1]
    engine, _ = made("vits")

    def full(*a, **k):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    monkeypatch.setattr(engine.pipe.model, "forward", full)
    with pytest.raises(MissingError, match="does not fit into the memory"):
        engine.many(TEXTS, JOY)


def test_wrong_counts_are_named(made) -> None:
    engine, _ = made("vits")
    with pytest.raises(InputError, match="one of the seeds, or as many as texts; got 2 for 4"):
        engine.many(TEXTS, JOY, seeds=(1, 2))
    with pytest.raises(InputError, match="most=0"):
        engine.many(TEXTS, JOY, most=0)


def test_rows_draw_as_they_would_alone() -> None:
    def draws(n: int, length: int) -> list[torch.Tensor]:
        weights = torch.linspace(1, 2, 50).repeat(n, 1)
        return [torch.randn(n, 2, length), torch.rand(n, 7), torch.multinomial(weights, 3), torch.rand_like(weights)]

    def alone(seed: int, length: int) -> list[torch.Tensor]:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return draws(1, length)

    with Rows([5, 6], "cpu", lengths=[4, 9]):
        both = draws(2, 9)
    for i, (seed, length) in enumerate(((5, 4), (6, 9))):
        for mine, single in zip(both, alone(seed, length), strict=True):
            assert torch.equal(mine[i : i + 1, ..., : single.shape[-1]], single)
    with pytest.raises(Indivisible), Rows([5, 6], "cpu"):
        torch.randn(3, 4)
    with Rows([5, 5], "cpu"):
        assert torch.bernoulli(torch.full((9, 9), 0.5)).shape == (9, 9)
    with pytest.raises(Indivisible), Rows([5, 6], "cpu"):
        torch.bernoulli(torch.full((9, 9), 0.5))


def test_jobs_of_a_manifest_are_spoken_together_and_saved_as_alone(made, tmp_path, monkeypatch) -> None:
    engine, _ = made("vits")
    manifest = tmp_path / "jobs.yaml"
    manifest.write_text(
        "jobs:\n- {kind: speak, text: hello there my friend, sweep: {emotion: [joy, fear], seed: [1, 2]}}\n"
        "- {kind: speak, text: come in, emotion: joy, seed: 3, options: {strength: 9}}\n"
    )
    real, calls = TransformersVoice._together, []
    monkeypatch.setattr(
        TransformersVoice, "_together", lambda self, lines, *a: calls.append(len(lines)) or real(self, lines, *a)
    )
    out = tmp_path / "out"
    assert run(["batch", "run", str(manifest), "-o", str(out), "--speech", f"transformers:{engine.spec}"]) == 1
    assert calls == [2, 2] or calls == [4]
    files = sorted((out / "speak").glob("*.wav"))
    assert len(files) == 4  # the job with a strength of 9 failed alone
    single = Studio(speech=engine, score=False).speak("hello there my friend", "fear", seed=2)
    single.save(tmp_path / "one.wav")
    from genstudio.media.audio import read_audio

    assert np.abs(read_audio(files[3]) - read_audio(tmp_path / "one.wav")).max() < 2e-3
    summary = run_batch(manifest, out, resume=True, studio=Studio(speech=engine))
    assert summary.done == 0 and summary.failed == 1 and summary.already == 4


def test_load_in_a_batch_belongs_to_one_engine(tmp_path, capsys) -> None:
    assert run(["batch", "run", "x.yaml", "--load", "dtype=float16"]) == 2
    assert "name one of --speech, --head, --image" in capsys.readouterr().err
