from __future__ import annotations

import numpy as np
import pytest

from genstudio.emotion import Emotion, EmotionCurve, parse_tagged
from genstudio.errors import EmotionError


def test_keyframes_are_met_and_joined_smoothly():
    c = EmotionCurve.keyframes({0: "sadness", 2: "joy", 4: "fear"})
    assert c.at(0).top == "sadness" and c.at(2).top == "joy" and c.at(9).top == "fear" and c.at(-1).top == "sadness"
    v = np.array([e.valence for e in c.sample(np.arange(0, 4, 0.01).tolist())])
    assert np.abs(np.diff(v)).max() < 0.015  # no jump at 100 Hz


def test_held_emotions_pass_over_within_the_transition():
    c = EmotionCurve((0.0, 1.0), (Emotion.of("joy"), Emotion.of("anger")), "hold", 0.2)
    assert c.at(0.85) == Emotion.of("joy") and c.at(1.15) == Emotion.of("anger")
    assert 0 < c.at(1.0).categories["anger"] < 1
    v = np.array([e.valence for e in c.sample(np.arange(0, 2, 0.001).tolist())])
    assert np.abs(np.diff(v)).max() < 0.02


def test_inline_tags():
    text, curve = parse_tagged("I was sure. [fear:0.8] Then the door opened. [joy] It was you!", Emotion.neutral())
    assert text == "I was sure. Then the door opened. It was you!"
    assert curve is not None and [e.top for e in curve.emotions] == ["neutral", "fear", "joy"]
    assert [text[int(t) :].split()[0] for t in curve.times] == ["I", "Then", "It"]
    assert parse_tagged("no tag", Emotion.neutral()) == ("no tag", None)
    plain, first = parse_tagged("[joy]Hello [sadness] you", Emotion.neutral())
    assert plain == "Hello you" and first is not None and first.at(0).top == "joy"
    with pytest.raises(EmotionError, match="did you mean"):
        parse_tagged("[jpy] Hello", Emotion.neutral())


def test_bad_curves():
    with pytest.raises(EmotionError, match="ascend"):
        EmotionCurve((1.0, 0.5), (Emotion.of("joy"), Emotion.of("fear")))
    with pytest.raises(EmotionError, match="keyframe"):
        EmotionCurve((), ())
    with pytest.raises(EmotionError, match="valid: smooth, hold"):
        EmotionCurve((0.0,), (Emotion.of("joy"),), "jump")


def test_round_trip():
    _, curve = parse_tagged("a [joy] b", Emotion.neutral())
    assert curve is not None and EmotionCurve.from_dict(curve.to_dict()) == curve
