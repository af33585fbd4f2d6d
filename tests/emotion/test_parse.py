from __future__ import annotations

import pytest

from genstudio.emotion import Emotion, norms
from genstudio.emotion.parse import parse
from genstudio.errors import EmotionError


@pytest.mark.parametrize(
    ("expression", "top"),
    [
        ("joy", "joy"), ("JOY", "joy"), ("happy", "joy"), ("happiness", "joy"), ("joy:0.8", "joy"),
        ("joy:0.7+surprise:0.3", "joy"), (" joy : 0.7 + surprise:0.3 ", "joy"), ("-joy", "sadness"),
        ("valence=0.8,arousal=0.5,dominance=0.4", "joy"), ("v=-0.6,a=-0.3", "sadness"),
        ("happily surprised", "happily surprised"), ("awe", "awe"), ("grateful", "gratitude"), ("neutral", "neutral"),
    ],
)  # fmt: skip
def test_understood(expression: str, top: str):
    assert parse(expression).top == top


def test_every_name_and_every_rated_word_parses():
    for name in (*norms.vocabulary(), *norms.SYNONYMS, *norms.words()):
        assert parse(name).vad is not None
    assert parse("bold").vad == norms.words()["bold"]


def test_weights_become_a_distribution_or_leave_the_rest_to_neutral():
    assert parse("joy:0.8").categories == pytest.approx({"joy": 0.8, "neutral": 0.2})
    assert parse("joy:0.8").intensity == pytest.approx(0.8)
    assert parse("joy:0.3+fear:0.2").categories == pytest.approx({"fear": 0.2, "joy": 0.3, "neutral": 0.5})
    assert parse("joy:1.5+fear:1.5").categories == pytest.approx({"fear": 0.5, "joy": 0.5})
    assert parse("joy+fear").categories == pytest.approx({"fear": 0.5, "joy": 0.5})
    assert parse("joy:0").top == "neutral"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("jpy", "did you mean 'joy'"), ("xqzt", "try one of anger"), ("", "an emotion is needed"), ("joy:9", "0 to 1.5"),
        ("joy:much", "must be a number"), ("joy++fear", "a name is missing"), ("valence=2", "within -1 to 1"),
        ("valence=a", "must be a number"), ("walence=0.1", "a point is written"), ("v=0,v=1", "given twice"),
        ("joy:0.5:0.5", "not understood"), ("!!! ???", "no word"), ("a " * 400, "at most 500"),
        ("joy 0.5", "did you mean 'joy:0.5'"), ("とても 嬉しい", "read in English"),
    ],
)  # fmt: skip
def test_bad_expressions_get_one_clear_line(expression: str, message: str):
    with pytest.raises(EmotionError, match=message) as caught:
        parse(expression)
    assert "\n" not in str(caught.value)


def test_free_text_goes_to_the_text_reader_and_keeps_its_words():
    asked: list[str] = []

    def reader(text: str) -> Emotion:
        asked.append(text)
        return Emotion(0.2, -0.4)

    e = parse("bittersweet   relief", reader)
    assert asked == ["bittersweet relief"] and e.vad[:2] == (0.2, -0.4) and e.text == "bittersweet relief"
