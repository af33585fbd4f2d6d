"""Transcripts: pocketsphinx as it ships, and transformers' recognisers from a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from genstudio import registry
from genstudio.errors import InputError, MediaError, MissingWeightsError
from genstudio.evaluators.transcript import Transcriber, Transcript
from genstudio.evaluators.transcript.asr import RATE, Recogniser, chunks
from genstudio.protocols import Speech

from . import tiny


def noise(seconds: float, rate: int = 16_000) -> Speech:
    return Speech((0.1 * np.random.default_rng(0).standard_normal(int(seconds * rate))).astype(np.float32), rate)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("asr")
    tiny.ctc(top / "ctc")
    tiny.whisper(top / "whisper")
    tiny.speech(top / "emotion")
    return top


def test_pocketsphinx_hears_a_real_sentence(data: Path) -> None:
    from genstudio.media.audio import read_audio
    from genstudio.signals.transcripts import wer

    name, text = (data / "kathleen" / "metadata.csv").read_text().splitlines()[4].split("|")[:2]
    heard = registry.load("tool:transcript")(Speech(read_audio(data / "kathleen" / "audio" / f"{name}.opus"), 24_000))
    assert isinstance(heard, Transcript) and heard.recogniser == "pocketsphinx"
    assert wer(text, heard.text) < 0.6 and heard.words == tuple(heard.text.lower().split())


def test_silence_and_noise_hold_no_words() -> None:
    hear = Transcriber.load("pocketsphinx")
    assert hear(Speech(np.zeros(16_000, np.float32), 16_000)).words == ()
    with pytest.raises(MediaError, match="too short"):
        hear(noise(0.02))
    with pytest.raises(InputError, match="does not know 'de'; it knows en"):
        hear(Speech(noise(1).samples, 16_000, language="de"))


def test_ctc_writes_what_the_model_decodes(models: Path) -> None:
    from transformers import AutoModelForCTC, AutoProcessor

    speech = noise(1)
    heard = Transcriber.load(f"transformers:{models / 'ctc'}")(speech)
    processor = AutoProcessor.from_pretrained(models / "ctc")
    inputs = processor(speech.samples, sampling_rate=16_000, return_tensors="pt")
    with torch.inference_mode():
        ids = AutoModelForCTC.from_pretrained(models / "ctc").eval()(**inputs).logits.argmax(-1)
    assert heard.text == processor.batch_decode(ids, skip_special_tokens=True)[0] != ""
    assert heard.recogniser == "transformers:ctc"


def test_whisper_is_told_the_language(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENSTUDIO_ASR", f"transformers:{models / 'whisper'}")
    hear = Transcriber.load()
    assert hear.languages == ("de", "en")
    told: list[dict] = []
    generate = hear.hear.__self__.model.generate
    monkeypatch.setattr(hear.hear.__self__.model, "generate", lambda **k: told.append(k) or generate(**k))
    heard = hear(Speech(noise(1, 24_000).samples, 24_000, language="en-us"))
    assert heard.language == "en" and told[0]["language"] == "en" and heard.recogniser == "transformers:whisper"
    with pytest.raises(InputError, match="does not know 'fr'"):
        hear(noise(1), language="fr")


def test_long_speech_is_cut_where_it_is_quiet(models: Path) -> None:
    x = noise(60).samples.copy()
    x[24 * RATE : 24 * RATE + RATE // 5] = 0
    parts = chunks(x)
    assert np.array_equal(np.concatenate(parts), x) and all(len(p) <= 25 * RATE for p in parts)
    assert 24 * RATE <= len(parts[0]) <= 24.2 * RATE
    r = Recogniser.load(str(models / "ctc"))
    assert r.hear(x) == " ".join(r.hear(p) for p in parts)


def test_wrong_models_are_refused(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="not a speech recogniser"):
        Transcriber.load(f"transformers:{models / 'emotion'}")
    with pytest.raises(InputError, match="unknown speech recogniser"):
        Transcriber.load("whisper")
    monkeypatch.setenv("GENSTUDIO_OFFLINE", "1")
    with pytest.raises(MissingWeightsError, match="downloads are off"):
        Transcriber.load("transformers:nobody/whisper-none")
