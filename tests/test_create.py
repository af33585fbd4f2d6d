from __future__ import annotations

import pytest

from genstudio.create import _fresh
from genstudio.emotion import Emotion
from genstudio.errors import OutputError
from genstudio.report import plane
from tests.small import Reader


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
