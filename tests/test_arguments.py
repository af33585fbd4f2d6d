"""What callers hand over: the wrong kind is one line that says what is valid, and what is nearly right is taken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genstudio import Studio
from genstudio.arguments import choice, number, path_of
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import EmotionError, InputError, MediaError, suggest

WRONG = ["x", b"x", [], {}, None, object(), np.array([1, 2]), 1 + 2j, float("nan"), True]


@pytest.mark.parametrize("value", WRONG, ids=lambda v: type(v).__name__)
def test_no_number_is_no_number(value: object) -> None:
    with pytest.raises(InputError, match=r"strength is .*; it must be a number from 0 to 2"):
        number("strength", value, 0, 2)


def test_numbers_of_any_kind_are_taken() -> None:
    assert [number("x", v, 0, 2) for v in (1, 0.5, np.float32(0.5), np.int64(2), np.array(1.5))] == [
        1,
        0.5,
        0.5,
        2,
        1.5,
    ]


@pytest.mark.parametrize("value", [*WRONG, "oli"], ids=lambda v: type(v).__name__)
def test_a_choice_names_what_is_valid(value: object) -> None:
    with pytest.raises(InputError, match=r"style is .*; valid: oil, ink"):
        choice("style", value, ("oil", "ink"))
    assert suggest("oli", ["oil", "ink"]) and not suggest(None if isinstance(value, str) else value, ["oil"])


def test_paths_are_text_bytes_or_paths_and_know_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    wanted = tmp_path / "clip.wav"
    assert [path_of(p, "x") for p in ("~/clip.wav", b"~/clip.wav", Path("~/clip.wav"), wanted)] == [wanted] * 4
    with pytest.raises(MediaError, match="a clip is a file's path; got 5"):
        path_of(5, "a clip")


def test_a_take_is_saved_and_replayed_by_paths_of_any_kind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    studio = Studio(score=False)
    made = studio.paint("a lake", "joy", size=64, seed=1, steps=2)
    made.save("~/lake.png")
    assert (tmp_path / "lake.png").is_file()
    again = studio.replay(str(tmp_path / "lake.png").encode())
    assert np.array_equal(again.output.pixels, made.output.pixels)


@pytest.mark.parametrize("value", [None, b"x", [], 1.5, object(), np.array([1, 2])], ids=lambda v: type(v).__name__)
def test_every_door_refuses_the_wrong_kind_in_one_line(value: object, tmp_path: Path) -> None:
    studio, text = Studio(score=False), "1.5"
    picture = tmp_path / "lake.png"
    studio.paint("a lake", "joy", size=64, seed=1, steps=2).save(picture)
    doors = [
        lambda: studio.film("a lake", seconds=text if isinstance(value, float) else value),
        lambda: studio.film("a lake", size=64, seconds=1, fps=text if isinstance(value, float) else value),
        lambda: studio.grid("a lake", value, size=64),
        lambda: studio.paint("a lake", size=64, style=value),
        lambda: studio.retouch(value, "joy"),
        lambda: studio.retouch(picture, "joy", strength=text if isinstance(value, float) else value),
        lambda: studio.vary(value),
        lambda: studio.vary(picture, value),
        lambda: studio.convert(value, "joy"),
        lambda: studio.replay(value),
        lambda: studio.evaluate(value),
        lambda: Emotion.of(value),
        lambda: Emotion.from_dict(value),
        lambda: Emotion.of("joy").interpolate(value, 0.5),
        lambda: EmotionCurve.keyframes(value if not isinstance(value, list) else [1]),
    ]
    for k, door in enumerate(doors):
        with pytest.raises(InputError) as found:
            door()
        assert "\n" not in str(found.value), k


def test_a_strip_takes_numbers_of_numpy(tmp_path: Path) -> None:
    strip = Studio(score=False).strip("a lake", "joy", "fear", np.int64(2), size=64, seed=1, steps=np.int64(2))
    assert strip.save(tmp_path / "strip.png").is_file() and strip.request.call["steps"] == 2
    with pytest.raises(EmotionError, match="passes into another Emotion"):
        Emotion.of("joy").interpolate("fear", 0.5)  # type: ignore[arg-type]
