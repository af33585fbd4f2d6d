"""The choice of lever and strength: on made curves, and on voices in which an effect of known size is planted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genstudio import Emotion, catalogue, registry
from genstudio.models.adapters import sweep
from genstudio.models.adapters.directions import Directions
from genstudio.models.adapters.sweep import Point, choose
from genstudio.models.adapters.voices import chosen
from genstudio.models.adapters.voices.voice import PretrainedVoice
from genstudio.protocols import Speech


def curve(lever: str, effects, kept, words=None) -> list[Point]:
    strengths = (0.5, 1.0, 1.5, 2.0)
    rows = words or (None,) * len(strengths)
    return [Point(lever, *row) for row in zip(strengths, effects, kept, rows, strict=True)]


def test_the_choice_reads_best_of_what_keeps_person_and_words() -> None:
    rising = curve("after", (0.2, 0.4, 0.6, 0.7), (0.9, 0.8, 0.6, 0.3))
    assert choose(rising, 0.5)[0].strength == 1.5
    assert choose(rising, 0.0)[0].strength == 2.0
    assert choose(curve("after", (0.2, 0.4, 0.6, 0.7), (0.9,) * 4, (0.1, 0.2, 0.4, 0.7)), 0.5, 0.3)[0].strength == 1.0
    flat = curve("after", (0.3, 0.5, 0.505, 0.5), (0.9,) * 4)
    assert choose(flat, 0.5)[0].strength == 1.0  # the weakest of those that read alike
    both = [*rising, *curve("directions", (0.5, 0.9, 0.9, 0.9), (0.9,) * 4)]
    assert (choose(both, 0.5)[0].lever, choose(both, 0.5)[0].strength) == ("directions", 1.0)
    lost, why = choose(rising, 0.95)
    assert lost.strength == 0.5 and why.startswith("nothing stayed")


def test_what_is_kept_in_the_cache_survives_nonsense() -> None:
    assert sweep.strength_of(None, "after") == 1.0
    assert sweep.strength_of({"strengths": {"after": 0.5}}, "after") == 0.5
    assert (
        sweep.strength_of({"strengths": {"after": "much"}}, "after") == sweep.strength_of({"strengths": {}}, "x") == 1.0
    )
    assert sweep.strength_of({"strengths": {"after": 99}}, "after") == 1.0


class Planted(PretrainedVoice):
    """The embedded voice, blind to emotion but for a planted direction: a push of strength s acts as gain * s, at most 1. Above
    `breaks` another person speaks."""

    scheme, directed = "planted", True

    def __init__(self, gain: float, breaks: float = 9.0) -> None:
        super().__init__("x", f"planted-{gain}-{breaks}", 24_000)
        self.gain, self.breaks = gain, breaks
        self._engine = registry.load("speech:embedded")

    def levers(self, cloned: bool) -> tuple[str, ...]:
        return ("directions",)

    @property
    def _kept_as(self) -> tuple[str, str]:
        return self.key, "planted"

    def _find(self, data: Path | None, progress) -> dict[str, Directions]:
        return {
            "x": Directions(
                np.eye(3, dtype=np.float32), {"valence": 1.0, "arousal": 1.0, "dominance": 1.0}, 1.0, 12, 1.0
            )
        }

    def plain(self, text, seed, clip=None, clip_text="", options=None, voice=None, push=None) -> Speech:
        name = "emodb11" if push is not None and push.strength > self.breaks else "kerstin"
        made = self._engine(
            "Wir kommen morgen früh mit dem Zug in die Stadt.", Emotion.neutral(), voice=name, seed=seed
        )
        if push is None or not self.gain:
            return made
        return self._engine.convert(made, push.emotion, seed=seed, strength=min(self.gain * push.strength, 1.0))


@pytest.mark.parametrize(
    ("gain", "breaks", "strength"), [(2.0, 9.0, 0.5), (0.75, 9.0, 2.0), (0.75, 1.2, 0.5), (0.0, 9.0, 0.5)]
)
def test_the_chosen_strength_answers_to_the_planted_effect(gain, breaks, strength, monkeypatch) -> None:
    monkeypatch.setattr(chosen, "SIX", ("anger",))
    monkeypatch.setattr(chosen, "_hearing", lambda: chosen._deaf)
    engine = Planted(gain, breaks)
    assert engine.default_strength(False, "directions") == 1.0
    found = engine.fit(sentences=("a",), strengths=(0.5, 2.0))
    assert found["strength"] == strength == engine.default_strength(False, "directions")
    effects = [row["effect"] for row in found["curve"]]
    assert effects[1] > effects[0] + 0.05 if gain == 0.75 and breaks == 9.0 else True
    assert engine("a", Emotion.parse("anger")).info["strength"] == strength
    assert engine("a", Emotion.parse("anger"), strength=1.0).info["strength"] == 1.0
    assert catalogue.measured_levers(engine.key)["own"]["curve"] == found["curve"]
