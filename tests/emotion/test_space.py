from __future__ import annotations

import math
import pickle

import pytest

from genstudio.emotion import EKMAN, TAXONOMIES, Emotion, norms, vad_of_categories
from genstudio.errors import EmotionError


def test_a_wrong_value_fails_at_construction():
    for bad in (1.2, -3, math.nan, "much"):
        with pytest.raises(EmotionError, match="valence"):
            Emotion(bad, 0.0)
    with pytest.raises(EmotionError, match="unknown category 'jpy'; did you mean 'joy'"):
        Emotion(0, 0, 0, {"jpy": 1.0})
    with pytest.raises(EmotionError, match="intensity"):
        Emotion(0, 0, 0, intensity=2)


def test_dominance_is_inferred_and_marked():
    inferred, given = Emotion(0.7, 0.5), Emotion(0.7, 0.5, -0.2)
    assert inferred.dominance_inferred and not given.dominance_inferred
    assert 0.2 < inferred.dominance < 0.5  # pleasant and excited people feel in control: the norms' regression
    assert Emotion(0, 0).dominance == 0


def test_categories_are_a_distribution_whatever_is_given():
    for e in (Emotion(0.3, -0.9), Emotion(0, 0, 0, {"joy": 2, "fear": 2}), Emotion.of("awe"), -Emotion.of("annoyance")):
        assert math.isclose(sum(e.categories.values()), 1.0)
        for taxonomy, members in TAXONOMIES.items():
            shares = e.convert(taxonomy)
            assert tuple(shares) == members
            assert math.isclose(sum(shares.values()), 1.0)
    assert tuple(Emotion.of("joy").ekman()) == EKMAN


def test_a_member_converts_to_itself_and_a_compound_to_its_parts():
    for taxonomy, members in TAXONOMIES.items():
        for name in members:
            assert Emotion.of(name).convert(taxonomy)[name] == pytest.approx(1.0)
    assert Emotion.of("happily surprised").ekman() == pytest.approx(
        dict.fromkeys(EKMAN, 0.0) | {"joy": 0.5, "surprise": 0.5}
    )


def test_intensity_scales_vad_and_leaves_the_rest_to_neutral():
    joy = Emotion.parse("joy")
    half = joy.scaled(0.5)
    assert half.vad == pytest.approx([0.5 * x for x in joy.vad])
    assert half.categories == pytest.approx({"joy": 0.5, "neutral": 0.5})
    assert joy.scaled(1.5).valence == 1.0  # bounded
    assert joy.scaled(0).vad == (0, 0, 0) and joy.scaled(0).top == "neutral"


def test_the_opposite_of_joy_is_nearer_to_sadness_and_of_neutral_is_neutral():
    opposite = -Emotion.parse("joy")
    assert opposite.distance(Emotion.parse("sadness")) < opposite.distance(Emotion.parse("joy"))
    assert -Emotion.neutral() == Emotion.neutral()
    mirrored = -Emotion.of("fear")
    assert (-mirrored).top == "fear"


def test_a_mixture_lies_between_its_parts():
    a, b = Emotion.of("joy"), Emotion.of("fear")
    mix = a.mix(b, weights=(3, 1))
    for axis in range(3):
        low, high = sorted((a.vad[axis], b.vad[axis]))
        assert low <= mix.vad[axis] <= high
    assert a.interpolate(b, 0) is a and a.interpolate(b, 1) is b
    assert a.distance(a.interpolate(b, 0.3)) < a.distance(a.interpolate(b, 0.6))
    with pytest.raises(EmotionError, match="as many weights"):
        a.mix(b, weights=(1,))


def test_distance_spans_zero_to_one_over_the_axes_that_can_be_read():
    low, high = Emotion(-1, -1, -1), Emotion(1, 1, 1)
    assert low.distance(high) == pytest.approx(1.0) and low.distance(low) == 0

    class Partial:
        valence, arousal, dominance = 1.0, 1.0, None

    assert low.distance(Partial()) == pytest.approx(1.0)
    Partial.valence = Partial.arousal = None
    assert math.isnan(low.distance(Partial()))


def test_round_trips_are_exact():
    for text in ("joy:0.8", "joy:0.7+surprise:0.3", "-anger", "valence=0.123456789,arousal=-0.2", "sadly fearful"):
        e = Emotion.parse(text).scaled(0.77)
        assert Emotion.from_dict(e.to_dict()) == e
        assert pickle.loads(pickle.dumps(e)) == e
        assert hash(e) == hash(Emotion.from_dict(e.to_dict()))


def test_every_name_has_coordinates_and_a_source():
    table = norms.coordinates()
    assert set(table) == set(norms.vocabulary())
    assert len(norms.words()) == 141
    for name in norms.vocabulary():
        assert all(-1 <= x <= 1 for x in table[name])
        assert norms.source(name)
    assert vad_of_categories({"neutral": 1}) == (0, 0, 0)
    b0, bv, ba = norms.dominance_regression()
    assert bv > 0 and ba > 0 and abs(b0) < 0.1


def test_nearest_words():
    assert Emotion.parse("bold").nearest(1) == ["bold"]
