"""A video drives a face: planted motion is found again, parts are taken as asked, bad drivers are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genstudio.errors import FaceError, InputError, MediaError
from genstudio.media.image import read_image
from genstudio.models.talking_head.animator import Animator
from genstudio.models.talking_head.live import planted
from genstudio.models.talking_head.motion.export import export_livelink_csv, export_npz
from genstudio.models.talking_head.portraits import portraits
from genstudio.models.talking_head.tracking import blend_parts, read_driver
from genstudio.models.talking_head.tracking.track import track
from genstudio.protocols import Motion
from genstudio.signals.arkit import CHANNELS

AT = {name: i for i, name in enumerate(CHANNELS)}


@pytest.fixture(scope="module")
def found() -> tuple[Motion, Motion]:
    true = planted(60)
    animator = Animator(read_image(portraits()["portrait_5"]), size=256)
    return true, track(animator.frames(true), 25.0)


@pytest.mark.parametrize(
    ("channel", "least"),
    [("jawOpen", 0.85), ("mouthSmileLeft", 0.8), ("eyeBlinkRight", 0.85), ("headYaw", 0.95), ("headRoll", 0.9),
     ("headX", 0.9), ("leftEyeYaw", 0.85), ("browInnerUp", 0.7)],
)  # fmt: skip
def test_planted_motion_is_found(found: tuple[Motion, Motion], channel: str, least: float) -> None:
    a, b = (m.values[:, AT[channel]] for m in found)
    assert np.corrcoef(a, b)[0, 1] > least
    slope = np.polyfit(a, b, 1)[0]
    assert 0.4 < slope < 1.5


def test_values_are_bounded_and_frame_rates_change(found: tuple[Motion, Motion]) -> None:
    _, got = found
    assert got.values.shape == (60, len(CHANNELS)) and got.fps == 25
    assert got.values[:, :52].min() >= 0 and got.values[:, :52].max() <= 1
    animator = Animator(read_image(portraits()["portrait_5"]), size=128)
    assert len(track(animator.frames(planted(30)), 50.0).values) == 15


def test_parts() -> None:
    base, driver = planted(40), Motion(np.full((10, len(CHANNELS)), 0.5, np.float32), CHANNELS)
    upper = blend_parts(base, driver, ("upper",))
    assert (upper.values[:, AT["browInnerUp"]] == 0.5).all() and (upper.values[:, AT["eyeBlinkLeft"]] == 0.5).all()
    assert (upper.values[:, AT["jawOpen"]] == base.values[:, AT["jawOpen"]]).all()
    assert (upper.values[:, AT["headYaw"]] == base.values[:, AT["headYaw"]]).all()
    assert (blend_parts(base, driver, ("all",)).values == 0.5).all()
    with pytest.raises(InputError, match="unknown part 'uper'"):
        blend_parts(base, driver, ("uper",))


def test_drivers_of_every_kind_and_bad_ones(tmp_path: Path) -> None:
    motion = planted(25)
    export_npz(motion, tmp_path / "m.npz")
    export_livelink_csv(motion, tmp_path / "m.csv")
    assert np.allclose(read_driver(tmp_path / "m.npz").values, motion.values)
    assert np.allclose(read_driver(tmp_path / "m.csv").values[:, :55], motion.values[:, :55], atol=1e-6)
    with pytest.raises(MediaError, match="no file"):
        read_driver(tmp_path / "none.mp4")
    (tmp_path / "x.txt").write_text("hello")
    with pytest.raises(MediaError, match="cannot drive"):
        read_driver(tmp_path / "x.txt")
    with pytest.raises(FaceError, match="0 of 6 frames"):
        track([np.full((64, 64, 3), 128, np.uint8)] * 6, 25.0)
