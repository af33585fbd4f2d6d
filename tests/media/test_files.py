from __future__ import annotations

import os

import numpy as np
import pytest

from genstudio.errors import OutputError
from genstudio.media.files import check_new, write_text
from genstudio.media.sequence import write_sequence


def test_a_symbolic_link_stays_and_its_target_is_written(tmp_path):
    (tmp_path / "shelf").mkdir()
    link = tmp_path / "link.txt"
    link.symlink_to("shelf/file.txt")
    for text in ("made", "replaced"):  # dangling first
        write_text(link, text)
        assert link.is_symlink() and (tmp_path / "shelf" / "file.txt").read_text() == text
    assert [p.name for p in (tmp_path / "shelf").iterdir()] == ["file.txt"]


def test_a_pipe_is_no_place_for_a_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(OutputError, match="is a device or a pipe"):
        check_new(tmp_path / "pipe.wav", force=True)


def test_force_replaces_frames_alone(tmp_path):
    frames = [np.zeros((16, 16, 3), np.uint8)] * 2
    write_sequence(tmp_path / "frames", frames)
    (tmp_path / "link").symlink_to("frames")
    assert write_sequence(tmp_path / "link", frames[:1], force=True) == 1
    assert (tmp_path / "link").is_symlink()
    assert [p.name for p in (tmp_path / "frames").iterdir()] == ["000001.png"]
    (tmp_path / "frames" / "thesis.odt").write_text("years of work")
    with pytest.raises(OutputError, match="holds more than frames"):
        write_sequence(tmp_path / "frames", frames, force=True)
    assert (tmp_path / "frames" / "thesis.odt").read_text() == "years of work"
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file"):
        write_sequence(tmp_path / "file", frames, force=True)
