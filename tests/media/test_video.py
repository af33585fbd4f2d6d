from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from genstudio.errors import MediaError
from genstudio.media.audio import read_audio
from genstudio.media.video import probe, read_frames, write_video


def _frames(n: int):
    for i in range(n):
        frame = np.full((64, 96, 3), 10 * i, np.uint8)
        yield frame


def test_what_is_written_reads_back_with_sound(tmp_path, tone):
    path = tmp_path / "a.mp4"
    assert write_video(path, _frames(20), (96, 64), audio=tone, rate=24_000, title="hello") == 20
    info = probe(path)
    assert (info.width, info.height, info.fps, info.has_audio) == (96, 64, 25.0, True)
    frames = list(read_frames(path))
    assert len(frames) == 20 and abs(float(frames[7].mean()) - 70) < 4
    assert len(list(read_frames(path, every=5))) == 4 and len(list(read_frames(path, limit=3))) == 3
    assert abs(len(read_audio(path)) - 24_000) < 2500


def test_the_same_frames_give_the_same_bytes(tmp_path, tone):
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, _frames(10), (96, 64), audio=tone, rate=24_000)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_the_bytes_do_not_hang_on_what_memory_held_before(tmp_path, suffix):
    script = """
import sys
import numpy as np
from genstudio.media.video import write_video
y, x = np.mgrid[:64, :96]
frames = (np.stack([2 * x + 7 * k, 3 * y, x + y + k], -1).astype(np.uint8) for k in range(10))
write_video(sys.argv[1], frames, (96, 64))
"""
    made = []
    for fill in ("0", "1", "170"):  # what glibc fills new memory with
        path = tmp_path / (fill + suffix)
        subprocess.run(
            [sys.executable, "-c", script, str(path)], env=os.environ | {"MALLOC_PERTURB_": fill}, check=True
        )
        made.append(path.read_bytes())
    assert made[0] == made[1] == made[2]


def test_odd_sides_are_refused_before_encoding(tmp_path):
    with pytest.raises(MediaError, match="even sides; got 65 x 64"):
        write_video(tmp_path / "a.mp4", iter([np.zeros((64, 65, 3), np.uint8)]), (65, 64))
    assert list(tmp_path.iterdir()) == []


def test_bad_videos(tmp_path):
    with pytest.raises(MediaError, match="at least one frame"):
        write_video(tmp_path / "a.mp4", iter(()), (96, 64))
    with pytest.raises(MediaError, match=r"written as \.mp4"):
        write_video(tmp_path / "a.gif", _frames(1), (96, 64))
    (tmp_path / "no.mp4").write_text("nothing")
    with pytest.raises(MediaError, match="cannot be read"):
        probe(tmp_path / "no.mp4")
    assert [p.name for p in tmp_path.iterdir()] == ["no.mp4"]


def test_a_video_that_a_phone_stored_sideways_is_read_upright(tmp_path):
    import av

    upright = np.zeros((96, 64, 3), np.uint8)
    upright[:48] = (200, 0, 0)
    stored = np.rot90(upright, 1)  # the player has to turn it clockwise
    path = tmp_path / "phone.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = stored.shape[1], stored.shape[0], "yuv420p"
        stream.set_display_rotation(-90)
        for _ in range(3):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(stored), format="rgb24")))
        out.mux(stream.encode(None))
    frame = next(iter(read_frames(path)))
    assert frame.shape == upright.shape
    assert frame[20, 32, 0] > 120 > 60 > frame[80, 32, 0]
