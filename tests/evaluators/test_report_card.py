"""Report cards: a fault planted in a file shows in its row, and what was asked stands beside what was read."""

from __future__ import annotations

import json

import numpy as np
import pytest

from genstudio.cli import run
from genstudio.emotion import Emotion
from genstudio.evaluators.report_card import page, report_card
from genstudio.evaluators.report_card.sound import clicks_in
from genstudio.media.audio import read_audio, write_audio
from genstudio.media.image import write_image
from genstudio.sidecar import read_sidecar
from genstudio.studio import Studio

RATE = 24_000


@pytest.fixture(scope="module")
def take(tmp_path_factory):
    folder = tmp_path_factory.mktemp("card")
    return Studio(score=False).speak("The train leaves at nine.", "sadness", seed=2).save(folder / "a.wav")


def _rows(path, **more):
    return {r.name: r for r in report_card(path, **more).rows}


def test_own_take_needs_nothing_said(take) -> None:
    rows = _rows(take)
    assert "asked sadness" in rows["voice: emotion"].beside and rows["voice: strength"].unit == "P(sadness)"
    assert rows["same speaker"].value is not None and "EER" in rows["same speaker"].beside
    assert rows["words"].value is not None and rows["words"].unit == "WER"
    assert "of the same voice's neutral" in rows["pitch"].beside
    assert rows["loudness"].verdict == rows["clipping"].verdict == rows["clicks"].verdict == "good"
    card = report_card(take)
    assert set(card.gates) == {"same speaker", "words"}
    json.dumps(card.as_dict())


def test_faults_show(take, tmp_path) -> None:
    x = read_audio(take)
    loud = np.clip(x * 12, -1, 1).astype(np.float32)
    loud[5000] = 1.0
    write_audio(tmp_path / "loud.wav", loud, RATE)
    rows = _rows(tmp_path / "loud.wav", target=Emotion.parse("joy"), text="Seven green bottles on a wall.")
    assert rows["clipping"].verdict != "good" and rows["loudness"].verdict == "look"
    assert rows["words"].value > 0.5 and rows["words"].verdict == "bad"
    assert "not measured" in rows["same speaker"].verdict and "--reference" in rows["same speaker"].beside


def test_another_voice_is_less_alike(take, tmp_path) -> None:
    other = (
        Studio(score=False).speak("Der Zug kommt um neun.", "neutral", voice="kerstin", seed=2).save(tmp_path / "o.wav")
    )
    own = Studio(score=False).speak("It will be there at noon.", "neutral", seed=5).save(tmp_path / "n.wav")
    assert _rows(take, reference=own)["same speaker"].value > _rows(take, reference=other)["same speaker"].value


def test_clicks_are_counted() -> None:
    t = np.arange(RATE) / RATE
    x = (0.3 * np.sin(2 * np.pi * 200 * t)).astype(np.float32)
    assert clicks_in(x) == 0
    x[7000:] = 0.3 * np.sin(2 * np.pi * 200 * t[7000:] + np.pi)
    x[15000] += 0.6
    assert clicks_in(x) == 2


def test_a_picture_has_a_card_and_a_text_has_none(tmp_path) -> None:
    write_image(tmp_path / "x.png", np.random.default_rng(0).integers(0, 255, (96, 96, 3), np.uint8), "{}")
    rows = _rows(tmp_path / "x.png", target=Emotion.parse("joy"))
    assert "asked V" in rows["picture: emotion"].beside and rows["brightness"].value > 0
    (tmp_path / "t.txt").write_text("hello")
    assert run(["card", str(tmp_path / "t.txt")]) == 2


def test_command_writes_sidecar_and_page(take, tmp_path, capsys) -> None:
    html = tmp_path / "card.html"
    assert run(["card", str(take), "--html", str(html)]) == 0
    out = capsys.readouterr().out
    assert "same speaker" in out and "asked sadness" in out
    assert {r["name"] for r in read_sidecar(take)["card"]["rows"]} >= {"words", "pitch", "loudness"}
    text = html.read_text(encoding="utf-8")
    assert "<audio" in text and "same speaker" in text
    assert page(report_card(take).as_dict(), take).count("<tr>") == len(report_card(take).rows)
    assert run(["card", str(take), "--html", str(html)]) != 0 and "exists already" in capsys.readouterr().err


def test_speak_adds_it(tmp_path, capsys) -> None:
    assert run(["speak", "Come in.", "-o", str(tmp_path / "s.wav"), "--seed", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["card"]["gates"]
    assert run(["speak", "Come in.", "-o", str(tmp_path / "q.wav"), "--seed", "1", "--no-card", "--json"]) == 0
    assert "card" not in json.loads(capsys.readouterr().out)


def test_laughs_are_not_heard_as_words(tmp_path) -> None:
    from genstudio.evaluators.report_card.files import without_sounds
    from genstudio.protocols import Speech

    path = Studio(score=False).speak("The train leaves [laugh] at nine.", "joy", seed=2).save(tmp_path / "l.wav")
    words = read_sidecar(path)["made"]["words"]
    ((_, start, end),) = [w for w in words if w[0] == "[laugh]"]
    whole = Speech(read_audio(path), RATE)
    assert without_sounds(whole, words).duration == pytest.approx(whole.duration - (end - start), abs=0.01)
    assert _rows(path)["words"].value <= 0.6


def test_german_is_not_heard_as_english(tmp_path) -> None:
    path = Studio(score=False).speak("Guten Tag.", "joy", voice="de", seed=2).save(tmp_path / "g.wav")
    row = _rows(path)["words"]
    assert row.value is None and "'de'" in row.beside
