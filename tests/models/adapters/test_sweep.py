"""The choice of lever and strength: on made curves, and on voices in which an effect of known size is planted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genstudio import Emotion, Studio, catalogue, registry
from genstudio.errors import InputError
from genstudio.models.adapters import pictures, sweep
from genstudio.models.adapters.directions import Directions
from genstudio.models.adapters.sweep import Point, choose
from genstudio.models.adapters.voices import chosen
from genstudio.models.adapters.voices.voice import PretrainedVoice
from genstudio.protocols import Ceiling, Picture, Reading, Speech


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


class Wash:
    """Pictures in which valence is warmth, by a planted amount a unit of strength; above `breaks` the picture is another."""

    name, key = "wash", ""

    def __init__(self, gain: float, breaks: float) -> None:
        self.gain, self.breaks, self.key = gain, breaks, f"wash-{gain}-{breaks}"
        self.adapter = type("Lever", (), {"lever": "directions"})()

    def many(self, prompts, emotion, *, seeds, strength=1.0, **options) -> list[Picture]:
        out = []
        for prompt, seed in zip(prompts, seeds, strict=True):
            other = emotion.vad != Emotion.neutral().vad and strength > self.breaks
            rng = np.random.default_rng([seed, len(prompt), int(other)])
            ground = np.kron(rng.uniform(60, 180, (8, 8, 1)), np.ones((8, 8, 3)))
            push = np.clip(self.gain * strength, 0, 1) * emotion.valence * np.array([60.0, 40.0, 0.0])
            out.append(Picture(np.clip(ground + push, 0, 255).astype(np.uint8), prompt))
        return out


def seen(pixels) -> Reading:
    """Valence as warmth, which the wash changes."""
    warm = float(pixels[..., 0].mean() - pixels[..., 2].mean()) / 60
    return Reading("image", "warmth", warm, 0.0, None, {}, "regression", Ceiling.unmeasured())


@pytest.mark.parametrize(
    ("gain", "breaks", "strength"), [(1.0, 9.0, 1.0), (0.5, 9.0, 2.0), (0.25, 9.0, 4.0), (0.25, 1.5, 1.0)]
)
def test_pictures_are_moved_as_far_as_helps_and_stay_what_they_are(gain, breaks, strength, monkeypatch) -> None:
    real = registry.load
    seen.name = "warmth"
    monkeypatch.setattr(registry, "load", lambda key: seen if key == "evaluator:image-steer" else real(key))
    engine = Wash(gain, breaks)
    found = pictures.measure(engine)
    assert found["strength"] == strength == pictures.default_strength(engine.key, "directions")
    kept = {row["strength"]: row["kept"] for row in found["curve"]}
    assert kept[1.0] > 0.9 and (kept[4.0] < found["least"]) == (breaks < 4)
    assert pictures.default_strength("unknown", "directions") == 1.0
    assert pictures.measure(engine, ask=False) == {}
    monkeypatch.setattr(pictures, "LONGEST", 0.0)
    assert pictures.measure(engine)["sweep"].startswith("left out: 51 pictures")


def test_a_pipeline_uses_the_strength_that_was_chosen(folders, tmp_path) -> None:
    engine = registry.load_with(f"image:diffusers:{folders('sd')}")
    assert engine("a lake", Emotion.parse("joy"), size=(32, 32), steps=1).info["strength"] == 1.0
    found = engine.fit(
        sweep=True, trial={"size": (32, 32), "steps": 1, "prompts": ("a lake", "a room"), "strengths": (0.5, 2.0)}
    )
    made = engine("a lake", Emotion.parse("joy"), size=(32, 32), steps=1)
    assert made.info["strength"] == found["strength"] in (0.5, 2.0)
    take = Studio(image=f"diffusers:{folders('sd')}", score=False).paint("a lake", "joy", size=64, steps=1, seed=1)
    take.save(tmp_path / "a.png")
    sweep.keep(
        engine.key, "pictures", [Point("directions", 4.0, 1.0, 1.0)], Point("directions", 4.0, 1.0, 1.0), "", least=0.0
    )
    again = Studio(score=False).replay(tmp_path / "a.png")  # a choice made since does not change it
    assert (
        np.array_equal(again.output.pixels, take.output.pixels) and again.output.info["strength"] == found["strength"]
    )
    zero = engine("a lake", Emotion.parse("joy"), size=(32, 32), steps=1, strength=0)
    plain = engine("a lake", Emotion.neutral(), size=(32, 32), steps=1)
    assert np.array_equal(zero.pixels, plain.pixels) and len(found["curve"]) == 2
    with pytest.raises(InputError, match="is 'much'; it must be a number from 0 to 4"):
        engine("a lake", Emotion.parse("joy"), size=(32, 32), steps=1, strength="much")
    catalogue.levers_file(engine.key).unlink()
