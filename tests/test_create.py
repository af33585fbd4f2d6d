from __future__ import annotations

import shutil

import pytest

from genstudio.create import _fresh, create
from genstudio.emotion import Emotion
from genstudio.errors import MediaError, OutputError
from genstudio.report import plane
from genstudio.sidecar import read_sidecar
from genstudio.studio import Studio
from tests.small import Reader, use_small_engines


def test_a_second_creation_lies_inside_the_folder_and_overwrites_nothing(tmp_path):
    out = tmp_path / "out"
    assert _fresh(out, False) == out
    out.mkdir()
    (out / "scores.json").write_text("{}")
    assert _fresh(out, False) == out / "take_02" and _fresh(out, True) == out
    (out / "take_02").mkdir()
    assert _fresh(out, False) == out / "take_03"
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="is a file"):
        _fresh(tmp_path / "file", False)


def test_the_plane_shows_request_and_readings():
    svg = plane(Emotion.parse("joy"), [Reader("image")([[127]])])
    assert svg.count("<circle") == 2 and svg.startswith("<svg") and svg.endswith("</svg>")


@pytest.mark.parametrize(("own", "said"), [(True, "given"), (False, "nobody's portrait")])
def test_the_sidecar_of_a_creation_says_who_agreed(own, said, tmp_path):
    portrait = "portrait_2"
    if own:
        portrait = shutil.copy(Studio().portraits()[portrait], tmp_path / "me.jpg")
    made = create("Yes.", "joy", tmp_path / "out", portrait=portrait, size=96, seed=1, consent="given")
    assert read_sidecar(made.files[1])["made"]["info"]["consent"] == said


def test_a_creation_that_fails_leaves_nothing(tmp_path, monkeypatch):
    use_small_engines(monkeypatch)  # no talking head among them: the voice is made, then it fails
    with pytest.raises(KeyError):
        create("Yes.", "joy", tmp_path / "a" / "out", size=96)
    assert list(tmp_path.iterdir()) == []
    kept = tmp_path / "out" / "mine.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    with pytest.raises(KeyError):
        create("Yes.", "joy", tmp_path / "out", size=96)
    assert list(kept.parent.iterdir()) == [kept]
    (kept.parent / "head.mp4").write_text("mine too")
    with pytest.raises(OutputError, match=r"head\.mp4' exists already"):
        create("Yes.", "joy", tmp_path / "out", size=96)


def test_a_portrait_that_is_not_there_is_said_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr(Studio, "speak", lambda *_, **__: pytest.fail("the work was begun"))
    with pytest.raises(MediaError, match="there is no file"):
        create("Yes.", "joy", tmp_path / "out", portrait=tmp_path / "gone.jpg")
    assert not (tmp_path / "out").exists()
