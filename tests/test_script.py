"""What stands between the words: tags, sounds, SSML; in the text, and in the sound."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from genstudio import Emotion, Studio
from genstudio.cli import run
from genstudio.errors import EmotionError, GenstudioError, TextError
from genstudio.script import parse_script

NEUTRAL = Emotion.neutral()


def test_marks_lie_over_the_right_words() -> None:
    text = (
        'I <emphasis level="strong">never</emphasis> said <break time="0.5s"/> that. '
        '[joy] <prosody rate="slow" pitch="+2st">Come</prosody>!'
    )
    script = parse_script(text, NEUTRAL)
    assert script.plain == "I never said that. Come!"
    kinds = [(m.kind, script.plain[m.start : m.end].strip()) for m in script.marks]
    assert kinds == [("prosody", "never"), ("break", ""), ("prosody", "Come")]
    assert script.marks[2].pitch == pytest.approx(2 ** (2 / 12)) and script.marks[2].rate == 0.75
    assert script.plain[script.marks[1].start :].startswith("that")
    assert script.curve is not None and script.plain[int(script.curve.times[1]) :].startswith("Come")


def test_plain_text_stays_and_less_than_is_text() -> None:
    for text in ("Nothing here.", "If a < b and c > d, stop."):
        assert parse_script(text, NEUTRAL) == parse_script(text, NEUTRAL).__class__(text, None, ())
    assert parse_script("<speak>Tom &amp; Jerry: 1 &lt; 2</speak>", NEUTRAL).plain == "Tom & Jerry: 1 < 2"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a <brake/> b", "did you mean 'break'"), ("<emphasis>a", "not closed"), ("a</prosody>", "closes nothing"),
        ('<break time="5"/>', "300ms"), ('<break time="99s"/>', "at most"), ('<prosody rate="quick">a</prosody>', "x-slow"),
        ('<prosody colour="red">a</prosody>', "valid: rate"), ('<prosody pitch="900%">a</prosody>', "outside"),
        ("[laff] a", "sounds: laugh"),
        ("[fear:0.8 Then it came.", "'\\[fear:0.8' is not closed"),
        ("Hm [laugh", "is not closed"),
        ("Wait <break time='1s' now", "is no whole tag"),
    ],
)  # fmt: skip
def test_bad_markup_is_one_line(text: str, says: str) -> None:
    with pytest.raises((TextError, EmotionError), match=says) as error:
        parse_script(text, NEUTRAL, ("laugh", "sigh"))
    assert isinstance(error.value, GenstudioError) and "\n" not in str(error.value)


@pytest.fixture(scope="module")
def spoken() -> dict[str, object]:
    studio = Studio(score=False)
    texts = {
        "plain": "I never said that she took it.",
        "break": 'I never said <break time="700ms"/> that she took it.',
        "slow": 'I never said that <prosody rate="x-slow" pitch="+25%" volume="+6dB">she took</prosody> it.',
    }
    return {k: studio.speak(t, "neutral", seed=3).output for k, t in texts.items()}


def test_a_break_is_silence_of_its_length_and_timings_move(spoken) -> None:
    plain, paused = spoken["plain"], spoken["break"]
    assert paused.duration - plain.duration == pytest.approx(0.7, abs=0.01)
    gaps = [b.start - a.end for a, b in zip(paused.words, paused.words[1:], strict=False)]
    assert int(np.argmax(gaps)) == 2 and max(gaps) == pytest.approx(0.7, abs=0.02)
    at = int((paused.words[2].end + 0.35) * paused.rate)
    assert np.abs(paused.samples[at - 2000 : at + 2000]).max() < 1e-4
    assert np.abs(np.diff(paused.samples)).max() < 1.5 * np.abs(np.diff(plain.samples)).max()  # no click


def test_prosody_changes_the_words_it_covers(spoken) -> None:
    plain, slow = spoken["plain"], spoken["slow"]
    ratio = [(b.end - b.start) / (a.end - a.start) for a, b in zip(plain.words, slow.words, strict=True)]
    assert min(ratio[4], ratio[5]) > 1.3 and max(ratio[:4]) < 1.1
    level = [np.sqrt(np.mean(s.samples[int(s.words[4].start * 24000) : int(s.words[5].end * 24000)] ** 2)) /
             np.sqrt(np.mean(s.samples[: int(s.words[2].end * 24000)] ** 2)) for s in (plain, slow)]  # fmt: skip
    assert level[1] > 1.3 * level[0]


def test_stream_gives_the_same_words_in_pieces() -> None:
    studio = Studio(score=False)
    text = "One came early. [joy] Two were late!"
    pieces = list(studio.speak_stream(text, "neutral", seed=2))
    whole = studio.speak(text, "neutral", seed=2).output
    assert len(pieces) == 2
    assert [w.text for p in pieces for w in p.words] == [w.text for w in whole.words]
    assert sum(p.duration for p in pieces) == pytest.approx(whole.duration, abs=0.02)


def test_command_timings_and_replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "a.wav")
    text = 'Hello <break time="300ms"/> there. [joy] Again!'
    assert run(["speak", text, "--seed", "1", "-o", out, "--timings", str(tmp_path / "a.vtt")]) == 0
    lines = (tmp_path / "a.vtt").read_text().splitlines()
    assert lines[0] == "WEBVTT" and any("-->" in line for line in lines) and "there" in " ".join(lines)
    assert (
        run(["speak", "Hello.", "--seed", "1", "-o", str(tmp_path / "b.wav"), "--timings", str(tmp_path / "b.json")])
        == 0
    )
    timed = json.loads((tmp_path / "b.json").read_text())
    assert [w["text"] for w in timed["words"]] == ["Hello"] and timed["phones"][1]["start"] >= 0
    capsys.readouterr()
    assert run(["replay", out + ".json"]) == 0
    assert "identical" in capsys.readouterr().err
    assert run(["speak", "Hello.", "-o", str(tmp_path / "c.wav"), "--timings", str(tmp_path / "c.srt")]) == 2
    assert ".vtt" in capsys.readouterr().err
