"""face-alignment as the source of landmarks: a stand-in with its interface, and the library's own classes where it is installed."""

from __future__ import annotations

import hashlib
import sys
from collections import OrderedDict
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from genstudio import Emotion, registry
from genstudio.errors import InputError, MissingError, MissingExtraError, MissingWeightsError
from genstudio.media.audio import write_audio
from genstudio.media.image import read_image
from genstudio.models.adapters.faces import FaceAlignmentFinder
from genstudio.models.talking_head.landmarks.geometry import angles, head_pose, turn_of
from genstudio.protocols import Motion, Speech
from genstudio.signals.arkit import CHANNELS

SHIFT = np.array([3.0, -2.0], np.float32)


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    return read_image(registry.load("head:embedded").portraits()["portrait_1"])


def file_of(folder: Path, name: str, content: object) -> str:
    """A checkpoint named as its makers name theirs, by the start of its SHA-256; returns its address."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(content, folder / "x")
    digest = hashlib.sha256((folder / "x").read_bytes()).hexdigest()[:10]
    (folder / "x").rename(folder / f"{name}-{digest}.pth.tar")
    return f"https://example.invalid/{name}-{digest}.pth.tar"


@pytest.fixture
def library(monkeypatch, tmp_path):
    """face_alignment's interface: it reads its checkpoints as the library does, and answers with our points, moved."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    kept = tmp_path / "hub" / "checkpoints"
    made, api = ModuleType("face_alignment"), ModuleType("face_alignment.api")
    sfd = ModuleType("face_alignment.detection.sfd.sfd_detector")
    sfd.models_urls = {"s3fd": file_of(kept, "s3fd", {"w": torch.zeros(1)})}
    api.models_urls = {
        "2DFAN-4": file_of(kept, "2DFAN4", {"shift": torch.from_numpy(SHIFT)}),
        "3DFAN-4": file_of(kept, "3DFAN4", {"shift": torch.from_numpy(-SHIFT)}),
        "depth": file_of(kept, "depth", {"state_dict": {"depth": torch.ones(68)}, "best": np.float64(0.5)}),
    }

    class LandmarksType:
        TWO_D, TWO_HALF_D, THREE_D = 1, 2, 3

    class FaceAlignment:
        asked: ClassVar[dict] = {}

        def __init__(
            self, landmarks_type, device="cuda", dtype=torch.float32, face_detector="sfd", compile=True, **more
        ):
            def load(url, weights_only):
                path = kept / url.rpartition("/")[2]
                if not path.is_file():
                    raise OSError("no route to host")
                return torch.load(path, weights_only=weights_only)

            FaceAlignment.asked = {"detector": face_detector, "dtype": dtype, "compile": compile, "device": device}
            self.device, self.three = device, landmarks_type == 3
            self.shift = load(api.models_urls["3DFAN-4" if self.three else "2DFAN-4"], True)["shift"].numpy()
            self.depth = load(api.models_urls["depth"], False) if self.three else None

        def get_landmarks_from_image(self, image, boxes=None, return_bboxes=False, return_landmark_score=False):
            faces = registry.load("faces:embedded")(image)
            boxes = [np.array([*f.box, 0.9]) for f in faces] if boxes is None else boxes
            if not boxes:
                return None, None, None
            points = [f.landmarks + self.shift for f in faces]
            if self.three:
                points = [np.c_[p, np.arange(68.0)] for p in points]
            return points, None, boxes

    made.LandmarksType, made.FaceAlignment, made.api = LandmarksType, FaceAlignment, api
    for module in (made, api, sfd):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(sys.modules, "face_alignment.detection", ModuleType("face_alignment.detection"))
    monkeypatch.setitem(sys.modules, "face_alignment.detection.sfd", ModuleType("face_alignment.detection.sfd"))
    registry.load.cache_clear()
    yield made
    registry.load.cache_clear()


def test_the_extra_is_named_when_the_library_is_missing(monkeypatch, portrait) -> None:
    monkeypatch.setitem(sys.modules, "face_alignment", None)
    registry.load.cache_clear()
    with pytest.raises(MissingExtraError, match=r"pip install 'genstudio\[landmarks\]'"):
        registry.load("head:embedded")(portrait, None, Emotion.neutral(), landmarks="face-alignment")
    with pytest.raises(InputError, match="did you mean 'faces:face-alignment'"):
        registry.load("head:embedded")(portrait, None, Emotion.neutral(), landmarks="face-aligment")


@pytest.mark.parametrize("name,shift", [("face-alignment", SHIFT), ("face-alignment-3d", -SHIFT)])
def test_faces_come_from_the_library(library, portrait, name, shift) -> None:
    (mine,) = registry.load("faces:embedded")(portrait)
    (theirs,) = registry.load(f"faces:{name}")(portrait)
    assert theirs.landmarks == pytest.approx(mine.landmarks + shift) and theirs.landmarks.shape == (68, 2)
    assert theirs.score == pytest.approx(0.9) and theirs.box == pytest.approx(
        np.array(mine.box) + np.tile(shift, 2), abs=1
    )
    assert library.FaceAlignment.asked["detector"] == "sfd" and library.FaceAlignment.asked["compile"] is False
    if name == "face-alignment":
        assert theirs.yaw == pytest.approx(mine.yaw, abs=1e-3)
    assert registry.load(f"faces:{name}")(np.zeros((40, 40, 3), np.uint8)) == []


def test_the_package_can_find_the_faces_for_it(library, portrait) -> None:
    found = FaceAlignmentFinder.load(detector="embedded", dtype="bfloat16")
    assert (
        library.FaceAlignment.asked["detector"] == "folder" and library.FaceAlignment.asked["dtype"] is torch.bfloat16
    )
    (mine,) = registry.load("faces:embedded")(portrait)
    (theirs,) = found(portrait)
    assert theirs.score == pytest.approx(mine.score) and found(np.zeros((40, 40, 3), np.uint8)) == []


def test_the_talking_head_is_built_on_them(library, portrait) -> None:
    head = registry.load("head:embedded")
    still = Motion(np.zeros((2, len(CHANNELS)), np.float32), CHANNELS, 25.0)
    speech = Speech(np.zeros(2400, np.float32), 24_000)
    made = head(portrait, speech, Emotion.neutral(), size=64, landmarks="face-alignment", motion=still)
    (mine,) = registry.load("faces:embedded")(portrait)
    assert made.info["landmarks"] == "face-alignment" and next(iter(made.frames())).shape == (64, 64, 3)
    assert np.array(made.info["face_box"]) == pytest.approx(np.array(mine.box) + np.tile(SHIFT, 2), abs=1)


def test_the_command_takes_it(monkeypatch, tmp_path) -> None:
    from genstudio.cli.app import app

    monkeypatch.setitem(sys.modules, "face_alignment", None)
    write_audio(tmp_path / "a.wav", np.full(7200, 0.1, np.float32), 24_000)
    words = ["animate", "portrait_1", "--audio", str(tmp_path / "a.wav"), "-e", "joy", "--landmarks", "face-alignment"]
    found = CliRunner().invoke(app, [*words, "-o", str(tmp_path / "a.mp4")])
    assert isinstance(found.exception, MissingExtraError) and not (tmp_path / "a.mp4").exists()


def test_weights_that_are_wrong_absent_or_more_than_weights(library, monkeypatch, tmp_path) -> None:
    kept = tmp_path / "hub" / "checkpoints"
    path = next(kept.glob("2DFAN4-*"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    with pytest.raises(MissingWeightsError, match=r"is not the file its name says \(SHA-256 .*delete it"):
        FaceAlignmentFinder.load()
    path.unlink()
    with pytest.raises(MissingWeightsError, match=r"2DFAN4-\w+.pth.tar are not in .* cannot be fetched \(OSError\)"):
        FaceAlignmentFinder.load()
    monkeypatch.setenv("GENSTUDIO_OFFLINE", "1")
    with pytest.raises(MissingWeightsError, match="downloads are off"):
        FaceAlignmentFinder.load()

    ran = tmp_path / "ran"

    class Code:
        def __reduce__(self):
            return (Path.touch, (ran,))

    library.api.models_urls["depth"] = file_of(kept, "depth", {"state_dict": {}, "more": Code()})
    with pytest.raises(InputError, match="could run code and is never loaded") as error:
        FaceAlignmentFinder.load("3D")
    assert not ran.exists() and "\n" not in str(error.value)


def test_bad_input_is_one_line(library) -> None:
    with pytest.raises(InputError, match="unknown points '4D'; valid: 2D, 3D"):
        FaceAlignmentFinder.load("4D")
    with pytest.raises(InputError, match=r"unknown detector 'sdf'.*did you mean 'sfd'"):
        FaceAlignmentFinder.load(detector="sdf")
    with pytest.raises(InputError, match="unknown precision"):
        FaceAlignmentFinder.load(dtype="int4")
    with pytest.raises(InputError, match="a picture is uint8"):
        FaceAlignmentFinder.load()(np.zeros((4, 4), np.uint8))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_turn_is_read_from_the_depth_whichever_way_it_points(sign) -> None:
    mean = registry.load("faces:embedded").mean3
    for asked in ((0.5, 0.1, -0.2), (-0.9, -0.3, 0.4)):
        yaw, pitch, roll = asked
        c, s = np.cos([yaw, pitch, roll]), np.sin([yaw, pitch, roll])
        about_y = np.array([[c[0], 0, s[0]], [0, 1, 0], [-s[0], 0, c[0]]])
        about_x = np.array([[1, 0, 0], [0, c[1], -s[1]], [0, s[1], c[1]]])
        about_z = np.array([[c[2], -s[2], 0], [s[2], c[2], 0], [0, 0, 1]])
        points = (40 * mean @ (about_z @ about_x @ about_y).T + 100).astype(np.float32)
        flat = head_pose(points[:, :2], mean)
        points[:, 2] *= sign
        assert angles(turn_of(points, mean)) == pytest.approx(flat, abs=0.02)


@pytest.mark.coqui
@pytest.mark.parametrize("points", ["2D", "3D"])
def test_the_librarys_own_networks_run(points, monkeypatch, tmp_path, portrait) -> None:
    """Real classes, random weights, through the files that the library would have fetched."""
    api = pytest.importorskip("face_alignment.api", reason="needs the extra 'landmarks'")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("GENSTUDIO_OFFLINE", "1")
    kept = tmp_path / "hub" / "checkpoints"
    torch.manual_seed(0)
    urls = {("2DFAN-4" if points == "2D" else "3DFAN-4"): file_of(kept, "fan", api.FAN(4).state_dict())}
    if points == "3D":
        depth = OrderedDict((f"module.{k}", v) for k, v in api.ResNetDepth().state_dict().items())
        urls["depth"] = file_of(kept, "depth", {"state_dict": depth, "best_acc": np.float64(1.0)})
    monkeypatch.setattr(api, "models_urls", urls)
    (face,) = FaceAlignmentFinder.load(points, detector="embedded")(portrait)
    height, width = portrait.shape[:2]
    assert face.landmarks.shape == (68, 2) and np.isfinite(face.landmarks).all() and np.isfinite(face.yaw)
    assert (face.landmarks > -width).all() and (face.landmarks < 2 * max(width, height)).all()
    next(kept.glob("fan-*")).write_bytes(b"half")
    with pytest.raises(MissingError, match="is not the file its name says"):
        FaceAlignmentFinder.load(points, detector="embedded")
