"""How voices run: low precision, offload, sentence by sentence, too little memory; and clips that cannot be cloned."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from genstudio import Emotion, Studio, registry
from genstudio.errors import MediaError, MissingError
from genstudio.models.adapters.voices import evaluate_reference
from genstudio.models.adapters.voices.clips import reference_of
from genstudio.models.adapters.voices.transformers_voice import TransformersVoice
from genstudio.protocols import Speech

from .voices import VOICES

JOY, NEUTRAL = Emotion.parse("joy"), Emotion.neutral()
RATE = 24_000
MARKS = {
    "higgs": [pytest.mark.coqui],
    "bark": [pytest.mark.slow],
    "dia": [pytest.mark.slow],
    "pocket": [pytest.mark.slow],
}
FAMILIES = [pytest.param(v, marks=MARKS.get(v, [])) for v in VOICES]


@pytest.mark.parametrize("family", FAMILIES)
def test_low_precision_runs_and_is_itself_at_strength_0(family, made, spoken) -> None:
    spec, options = made(family)[0].spec, made(family)[1]
    load = {"vocoder": spec.removesuffix("/m") + "/v"} if family == "speecht5" else {}
    engine = TransformersVoice.load(spec, dtype="bfloat16", **load)
    assert next(engine.pipe.model.parameters()).dtype is torch.bfloat16
    ask = {"seed": 3, **options, **({"reference": spoken} if engine.clones else {})}
    plain = engine("hello there", JOY, lever="none", **ask)
    assert plain.samples.dtype == np.float32 and len(plain.samples) > 0
    assert np.array_equal(engine("hello there", JOY, strength=0, **ask).samples, plain.samples)


def test_hidden_states_are_steered_in_low_precision(made) -> None:
    engine, options = made("vibevoice")
    half = TransformersVoice.load(engine.spec, dtype="bfloat16")
    half.__dict__["found"] = engine.found
    moved, plain = (half("hello there", JOY, seed=1, lever=x, **options) for x in ("directions", "none"))
    assert moved.samples.shape == plain.samples.shape and not np.array_equal(moved.samples, plain.samples)


def test_offload_hooks_change_nothing(made, spoken) -> None:
    from accelerate import cpu_offload

    engine, options = made("csm")
    ask = {"seed": 2, "reference": spoken, **options}
    plain = engine("hello there", NEUTRAL, **ask)
    waiting = TransformersVoice.load(engine.spec, offload=True)
    assert np.array_equal(waiting("hello there", NEUTRAL, **ask).samples, plain.samples)
    cpu_offload(waiting.pipe.model.backbone_model, execution_device=torch.device("cpu"))
    assert next(waiting.pipe.model.backbone_model.layers[0].parameters()).device.type == "meta"
    assert np.array_equal(waiting("hello there", NEUTRAL, **ask).samples, plain.samples)


def test_a_text_is_spoken_sentence_by_sentence(made, spoken, monkeypatch) -> None:
    engine, options = made("pocket")
    given: list[Speech] = []
    real = TransformersVoice.plain

    def spy(self, text, seed, sound=None, *more):
        given.append(sound)
        return real(self, text, seed, sound, *more)

    monkeypatch.setattr(TransformersVoice, "plain", spy)
    studio = Studio(speech=f"transformers:{engine.spec}", score=False)
    monkeypatch.setattr(studio, "engine", lambda kind: engine)
    pieces = studio.speak_stream("Hello there. Who is it? I am", "anger", seed=1, reference=spoken, **options)
    first = next(pieces)
    assert len(given) == 1 and first.text == "Hello there." and first.info["lever"] == "reference"
    rest = list(pieces)
    assert [p.text for p in rest] == ["Who is it?", "I am"] and len(given) == 3
    assert all(g is given[0] for g in given)  # made emotional once
    whole = engine("Hello there.", Emotion.parse("anger"), seed=1, reference=spoken, **options)
    assert np.array_equal(whole.samples, first.samples)


def test_too_little_memory_says_what_would_fit(made, monkeypatch) -> None:
    engine, _ = made("vits")

    def full(*a, **k):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    monkeypatch.setattr(engine.pipe.model, "forward", full)
    with pytest.raises(MissingError, match=r"GB in float32, .* GB in bfloat16: here dtype=bfloat16 fits; try") as error:
        engine("hello", NEUTRAL)
    assert "\n" not in str(error.value)


def test_clips_that_cannot_be_cloned_are_named() -> None:
    tone = (0.1 * np.sin(2 * np.pi * 150 * np.arange(2 * RATE) / RATE)).astype(np.float32)
    noise = np.random.default_rng(0).standard_normal(2 * RATE)
    with pytest.raises(MediaError, match=r"the reference lasts 0\.5 s; a voice is cloned from 1\.5 to 30 s"):
        reference_of(Speech(tone[: RATE // 2], RATE))
    with pytest.raises(MediaError, match="hardly any voice"):
        reference_of(Speech((0.1 * noise).astype(np.float32), RATE))


def test_a_noisy_clip_is_refused_and_a_clean_one_taken(spoken) -> None:
    clean = spoken
    noise = np.random.default_rng(0).standard_normal(len(clean.samples))
    level = float(np.sqrt((clean.samples**2).mean()))
    mild = Speech((clean.samples + 10 ** (-30 / 20) * level * noise).astype(np.float32), clean.rate)
    assert reference_of(mild) is mild
    loud = Speech((clean.samples + level * noise).astype(np.float32), clean.rate)
    with pytest.raises(MediaError, match="is noisy"):
        reference_of(loud)


def test_two_voices_in_one_clip_are_refused() -> None:
    engine = registry.load("speech:embedded")
    a, b = (engine("Wir kommen morgen früh in die Stadt.", NEUTRAL, voice=v, seed=2) for v in ("kerstin", "emodb11"))
    with pytest.raises(MediaError, match="two voices"):
        reference_of(Speech(np.concatenate([a.samples, b.samples]), a.rate))


def test_the_emotional_reference_is_measured_before_and_after(spoken, monkeypatch) -> None:
    monkeypatch.setattr(evaluate_reference, "SIX", ("neutral", "anger"))
    short = Speech(spoken.samples[:RATE], spoken.rate)
    found = evaluate_reference.measure([("03", spoken), ("kathleen", short)])
    assert list(found["refused"]) == ["kathleen/1"] and "lasts 1.0 s" in found["refused"]["kathleen/1"]
    group = found["EmoDB, unknown to the recogniser"]
    assert group == found["all"] and group["recordings"] == 1 and found["kathleen"] == {}
    assert group["uar before"][0] in (0.0, 0.5)  # read alike, whatever was asked
    before, after = group["agreement, before and after"]
    assert after > before and 0.4 < group["likeness"] < 1 and "word error rate after" not in group
