"""Face finding and landmarks: the geometry exactly, the networks on the portraits that ship."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from genstudio.errors import InputError, MissingWeightsError
from genstudio.models.talking_head.landmarks import FaceFinderNet, animals
from genstudio.models.talking_head.landmarks.finder import Circle, separate
from genstudio.models.talking_head.landmarks.geometry import (
    MIRROR,
    apply,
    crop_matrix,
    head_pose,
    invert,
    radius_of,
    roll_of,
)
from genstudio.protocols import FaceFinder

PORTRAITS = sorted((Path(__file__).parents[3] / "models" / "talking_head" / "portraits").glob("*.jpg"))


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (np.cos, np.sin))
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return about_z @ about_x @ about_y


@pytest.fixture(scope="module")
def finder() -> FaceFinderNet:
    return FaceFinderNet.load()


def read(path: Path) -> np.ndarray:
    import cv2

    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def test_mirror_is_its_own_inverse() -> None:
    assert (MIRROR[MIRROR] == np.arange(68)).all()


def test_crop_matrix_is_upright_and_invertible() -> None:
    rng = np.random.default_rng(0)
    points = rng.uniform(100, 300, (68, 2)).astype(np.float32)
    centre, radius = radius_of(points)
    m = crop_matrix(centre, radius, roll_of(points))
    inside = apply(m, points)
    assert np.allclose(inside.mean(0), 63.5, atol=1e-2)
    assert abs(roll_of(inside)) < 1e-4
    assert np.allclose(apply(invert(m), inside), points, atol=1e-2)


@pytest.mark.parametrize("pose", [(0, 0, 0), (0.5, 0, 0), (0, 0.3, 0), (0, 0, -0.4), (-0.4, 0.2, 0.3)])
def test_head_pose_is_recovered(pose: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(1)
    shape = rng.standard_normal((68, 3)).astype(np.float32)
    points = (shape @ rotation(*pose).T)[:, :2] * 90 + 200
    assert np.allclose(head_pose(points.astype(np.float32), shape), pose, atol=0.02)


def test_separate_keeps_the_best() -> None:
    kept = separate([Circle(10, 10, 5, 0.5), Circle(11, 10, 5, 0.9), Circle(40, 10, 5, 0.4)])
    assert [c.score for c in kept] == [0.9, 0.4]


def test_missing_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(MissingWeightsError):
        FaceFinderNet.load(tmp_path / "none.safetensors")


@pytest.mark.parametrize("path", PORTRAITS, ids=lambda p: p.stem)
def test_portraits_are_found(finder: FaceFinderNet, path: Path) -> None:
    import cv2

    image = read(path)
    faces = finder(image)
    assert isinstance(finder, FaceFinder)
    assert len(faces) == 1
    face = faces[0]
    left, top, right, bottom = face.box
    assert face.landmarks.shape == (68, 2)
    assert 0 <= left < right <= image.shape[1]
    assert 0 <= top < bottom <= image.shape[0]
    assert abs(face.yaw) < 0.3 and abs(face.roll) < 0.2
    true = path.with_suffix(".68.npy")
    assert face.landmarks[36:48, 1].max() < face.landmarks[48:, 1].min()  # eyes above the mouth
    assert not true.exists() or np.abs(np.load(true) - face.landmarks).mean() < 8
    grey = np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, -1)
    again = finder(grey)
    assert len(again) == 1
    eyes = np.linalg.norm(face.landmarks[45] - face.landmarks[36])
    assert np.linalg.norm(again[0].landmarks - face.landmarks, axis=1).mean() < 0.05 * eyes


@pytest.mark.skipif(not PORTRAITS, reason="no portraits")
def test_rolled_shrunk_and_followed(finder: FaceFinderNet) -> None:
    import cv2

    image = read(PORTRAITS[0])
    h, w = image.shape[:2]
    m = cv2.getRotationMatrix2D((w / 2, h / 2), 25, 0.5)
    rolled = cv2.warpAffine(image, m, (w, h), borderMode=cv2.BORDER_REFLECT)
    face = finder(image)[0]
    there = apply(m.astype(np.float32), face.landmarks)
    found = [f for f in finder(rolled) if np.linalg.norm(f.landmarks.mean(0) - there.mean(0)) < 30]
    assert found
    assert found[0].roll == pytest.approx(face.roll - np.deg2rad(25), abs=0.15)
    followed = finder.follow(np.roll(image, 8, axis=1), face)
    assert followed is not None
    assert np.abs(followed.landmarks - face.landmarks - [8, 0]).mean() < 4


def test_no_face_and_wrong_pictures(finder: FaceFinderNet) -> None:
    assert finder(np.full((240, 320, 3), 128, np.uint8)) == []
    assert finder(np.zeros((1, 1, 3), np.uint8)) == []
    assert finder(np.random.default_rng(0).integers(0, 255, (200, 300, 3)).astype(np.uint8)) == []
    assert finder(np.zeros((3, 900, 3), np.uint8)) == []
    with pytest.raises(InputError, match="uint8"):
        finder(np.zeros((10, 10, 3), np.float32))
    with pytest.raises(InputError, match="uint8"):
        finder(np.zeros((0, 10, 3), np.uint8))


def test_folded_networks_say_the_same(finder: FaceFinderNet) -> None:
    x = torch.rand(2, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        for a, b in zip(finder.landmarks(x), finder.fast_landmarks(x), strict=True):
            assert torch.allclose(a, b, atol=1e-4)
        assert torch.allclose(finder.centre(x[:, :1]), finder.fast_centre(x[:, :1]), atol=1e-3)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in finder.fast_landmarks.modules())


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_a_second_face_is_found_beside_a_sure_one(finder: FaceFinderNet, share: float) -> None:
    import cv2

    a, b = (cv2.resize(read(p), (400, 400), interpolation=cv2.INTER_AREA) for p in PORTRAITS[:2])
    side = round(400 * share)
    both = np.full((400, 800, 3), 200, np.uint8)
    both[:, :400] = a
    both[:side, 400 : 400 + side] = cv2.resize(b, (side, side), interpolation=cv2.INTER_AREA)
    found = finder(both)
    assert len(found) == 2 and (share == 1 or found[0].box[0] < 400 < found[1].box[0])


def test_a_picture_of_any_size_is_searched_alike(finder: FaceFinderNet) -> None:
    import cv2

    small = read(PORTRAITS[0])
    large = cv2.resize(small, None, fx=3.0, fy=3.0, interpolation=cv2.INTER_CUBIC)
    a, b = finder(small)[0], finder(large)[0]
    unit = a.box[2] - a.box[0]
    assert np.abs((b.landmarks + 0.5) / 3 - 0.5 - a.landmarks).mean() < 0.01 * unit


def test_the_refitted_layer_learns_and_stays_near(finder: FaceFinderNet, monkeypatch: pytest.MonkeyPatch) -> None:
    random = torch.Generator().manual_seed(0)
    faces, others = torch.randn(60, 5, generator=random) + 1, torch.randn(80, 5, generator=random) - 1
    old = torch.zeros(5), torch.zeros(1)
    w, b = animals.refitted(*old, faces, others)
    right = torch.cat([faces @ w + b > 0, others @ w + b < 0]).float().mean()
    assert right > 0.95
    monkeypatch.setattr(animals, "NEAR", 1e4)
    assert animals.refitted(*old, faces, others)[0].abs().max() < 1e-3
    seen = animals.Seen(finder, 0)
    x = seen.face(read(PORTRAITS[0]))
    assert x.shape == (2, 176)  # the crop and its mirror image
    said = torch.sigmoid(x @ finder.landmarks.face.weight[0] + finder.landmarks.face.bias)
    assert said.mean() > 0.9
    assert len(seen.face(np.full((64, 64, 3), 90, np.uint8))) == 0
