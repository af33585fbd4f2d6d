"""Faces: the pack and its codec, training that goes on where it broke off, and what the shipped descriptor tells apart."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.fft import dctn

from genstudio import registry
from genstudio.errors import FaceError, InputError, MissingExtraError, MissingWeightsError
from genstudio.evaluators.identity import face, face_dlib, face_evaluate, face_pack, face_train
from genstudio.evaluators.identity.face import WEIGHTS, FaceRecogniser
from genstudio.evaluators.identity.face_crop import cut, frame_of, framed
from genstudio.media.image import read_image, write_image
from genstudio.media.video import write_video
from genstudio.protocols import Speech
from genstudio.threads import one_thread

RANDOM = np.random.default_rng(0)


def blobs(n: int) -> np.ndarray:
    """Smooth grey pictures uint8 [n, 48, 48], each of its own."""
    import cv2

    rough = RANDOM.integers(0, 255, (n, 6, 6)).astype(np.uint8)
    return np.stack([cv2.resize(r, (48, 48), interpolation=cv2.INTER_CUBIC) for r in rough])


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pack") / "pack.npz"
    london = RANDOM.integers(0, 255, (2, 64, 64)).astype(np.uint8)
    face_pack.save(path, blobs(60), RANDOM.normal(0, 1, (60, 128)), london, RANDOM.normal(0, 1, (2, 128)))
    return path


@pytest.fixture(scope="module")
def portraits() -> list[np.ndarray]:
    return [read_image(p) for p in registry.load("head:embedded").portraits().values()]


@pytest.fixture(scope="module")
def recogniser() -> FaceRecogniser:
    return registry.load("tool:face-identity")


def test_the_codec_is_a_cosine_transform_and_keeps_faces() -> None:
    faces = blobs(20)
    c = face_pack._cosines()
    block = faces[0, :8, :8].astype(np.float32)
    assert np.allclose(c @ block @ c.T, dctn(block, norm="ortho"), atol=1e-2)
    packed = face_pack.encode(faces)
    back = face_pack.decode(packed)
    assert back.shape == faces.shape and np.abs(back.astype(int) - faces).mean() < 4 and len(packed) < faces.size
    extremes = np.stack([np.zeros((48, 48), np.uint8), np.full((48, 48), 255, np.uint8)])
    assert np.abs(face_pack.decode(face_pack.encode(extremes)).astype(int) - extremes).max() <= 2


def test_a_pack_holds_what_was_put_in(pack: Path) -> None:
    found = face_pack.load(pack)
    assert found.faces.shape == (60 + 2 * face_pack.LONDON_TIMES, 64, 64) and found.targets.shape == (100, 128)
    assert np.allclose(np.linalg.norm(found.targets, axis=1), 1, atol=1e-5)
    assert found.held.sum() == 3 and not found.held[60:].any()


def test_crops_are_drawn_anew_and_repeat_with_the_seed() -> None:
    x = torch.from_numpy(blobs(8)).float()[:, None] / 255
    x = torch.nn.functional.pad(x, (8, 8, 8, 8), mode="replicate")
    a, b = (face_train.warped(x, torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(a, b) and a.shape == (8, 1, 48, 48) and a.min() >= 0 and a.max() <= 1
    assert not torch.equal(a, face_train.warped(x, torch.Generator().manual_seed(2)))


@one_thread()
def test_training_goes_on_where_it_broke_off(pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_train, "TELL", 2)
    monkeypatch.setattr(face_train, "KEEP", 2)
    whole, broken = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    face_train.train(pack, whole, 6, 60, 8, 0, "cpu")
    learn = face_train.Training.learn

    def stops(self, *args):
        if self.step == 3:
            raise KeyboardInterrupt
        return learn(self, *args)

    monkeypatch.setattr(face_train.Training, "learn", stops)
    with pytest.raises(KeyboardInterrupt):
        face_train.train(pack, broken, 6, 60, 8, 0, "cpu")
    monkeypatch.setattr(face_train.Training, "learn", learn)
    face_train.train(pack, broken, 6, 60, 8, 0, "cpu")
    a, b = (face.read_tensors(p)[0] for p in (whole, broken))
    assert all(torch.equal(a[k], b[k]) for k in a) and "mean" in a
    lines = (tmp_path / "b.csv").read_text().splitlines()
    assert len(lines) == 4
    assert not broken.with_suffix(".checkpoint.pt").exists()


@one_thread()
def test_the_loss_is_least_for_the_teacher_and_training_lowers_it(pack: Path) -> None:
    found = face_pack.load(pack)
    taught = torch.from_numpy(found.targets[:8])
    assert float(face_train.loss_of(taught, taught)) == pytest.approx(0, abs=1e-5)
    job, faces = face_train.Training(0, "cpu"), torch.from_numpy(found.faces[:8])[:, None].float() / 255
    losses = [float(job.learn(faces, taught, 2e-3, torch.Generator().manual_seed(k))) for k in range(8)]
    assert np.mean(losses[-2:]) < losses[0] - 0.1 and job.step == 8


def test_a_frame_lies_around_its_box() -> None:
    x, y, side = frame_of((10, 20, 50, 66.4))
    assert (x, side) == (30, pytest.approx(50)) and y < 43.2
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[30:50, 40:60] = 200
    seen = cut(picture, (50, 40, 40), 40)
    assert abs(seen[:, :8].mean()) < 5 and seen[15:25, 15:25].mean() > 190
    assert cut(picture, (2, 2, 60), 48).shape == (48, 48)  # beyond the edge
    assert framed(np.full((80, 80, 3), 120, np.uint8), 48) is None


def test_one_person_is_nearer_than_others(recogniser: FaceRecogniser, portraits: list[np.ndarray]) -> None:
    assert recogniser.ceiling is not None
    first, others = portraits[0], portraits[1:]
    h, w = first.shape[:2]
    changed = np.clip(first[: int(h * 0.95), int(w * 0.04) :].astype(float) * 0.75 + 20, 0, 255).astype(np.uint8)
    alike = recogniser.similarity(first, changed)
    assert alike > max(recogniser.similarity(first, o) for o in others) and alike > 0.85
    assert recogniser.same(first, changed) and recogniser.similarity(first, first) == pytest.approx(1, abs=1e-5)
    assert recogniser.similarity([first, changed], first) > alike - 0.05
    assert np.linalg.norm(recogniser.embed(first)) == pytest.approx(1, abs=1e-5)


def test_videos_are_compared_with_a_picture(
    recogniser: FaceRecogniser, portraits: list[np.ndarray], tmp_path: Path
) -> None:
    import cv2

    small = [cv2.resize(p, (192, 192), interpolation=cv2.INTER_AREA) for p in portraits[:2]]
    write_video(tmp_path / "a.mp4", [np.roll(small[0], k, 1) for k in range(5)], (192, 192))
    for k, p in enumerate(small):
        write_image(tmp_path / f"{k}.png", p)
    own = recogniser.similarity_of_video(tmp_path / "a.mp4", tmp_path / "0.png")
    assert own > 0.8 and own > recogniser.similarity_of_video(tmp_path / "a.mp4", tmp_path / "1.png")
    with pytest.raises(FaceError, match="no frame"):
        recogniser.similarities([np.zeros((64, 64, 3), np.uint8)], portraits[0])


def test_bad_input_is_told(recogniser: FaceRecogniser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FaceError, match="no face was found"):
        recogniser.embed(np.full((90, 90, 3), 128, np.uint8))
    with pytest.raises(InputError, match="valid: embedded, dlib"):
        FaceRecogniser.load("dlip")
    with pytest.raises(InputError, match="one or more"):
        recogniser.similarity([], np.zeros((64, 64, 3), np.uint8))
    with pytest.raises(MissingWeightsError):
        face.Embedded.load(tmp_path / "none.safetensors")
    monkeypatch.setitem(__import__("sys").modules, "dlib", None)
    with pytest.raises(MissingExtraError, match="face-identity"):
        FaceRecogniser.load("dlib")


def test_other_weights_of_dlib_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in face_dlib._FILES:
        (tmp_path / name).write_bytes(b"something else")
    monkeypatch.setitem(__import__("sys").modules, "dlib", object())
    monkeypatch.setattr(face_dlib, "models_folder", lambda: tmp_path)
    with pytest.raises(MissingWeightsError, match="not the known file"):
        face_dlib.Dlib.load()


def test_d_prime_of_two_normals() -> None:
    a, b = RANDOM.normal(2, 1, 20_000), RANDOM.normal(0, 1, 20_000)
    assert face_evaluate.d_prime(a, b) == pytest.approx(2, abs=0.05)


def test_what_is_told_was_measured() -> None:
    facts = json.loads(WEIGHTS.with_suffix(".json").read_text(encoding="utf-8"))
    assert set(facts["ceilings"]) == set(face.SOURCES) == set(facts["d_prime"])
    for found in facts["ceilings"].values():
        assert (
            found["people"] == 21 and found["interval"][0] <= found["value"] <= found["interval"][1] < found["chance"]
        )


def test_no_motion_is_the_photograph(portraits: list[np.ndarray]) -> None:
    near, whole = face_evaluate.still(portraits[0])
    assert whole <= near < 1.0


def test_a_clearer_smile_costs_more_of_the_person(
    recogniser: FaceRecogniser, portraits: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face_evaluate, "SMILES", (0.3, 1.0))
    tone = Speech((0.1 * np.sin(np.arange(18_000) / 25)).astype(np.float32), 24_000)
    found = face_evaluate.matched(recogniser, {"one": (portraits[0], portraits[0])}, tone)
    assert found["photograph"]["similarity"] == pytest.approx(1, abs=1e-3)
    faint, clear = found["joy 0.3"], found["joy 1.0"]
    assert faint["p_joy"] < clear["p_joy"] - 0.1 and faint["similarity"] > clear["similarity"] + 0.03


def test_the_shipped_error_rate_is_found_again(recogniser: FaceRecogniser, data: Path) -> None:
    if not (data / "london").is_dir():
        pytest.skip("needs the London set")
    found, separation = face_evaluate.verification(recogniser, face_evaluate.held_out(data))
    assert found.value == pytest.approx(recogniser.ceiling.value, abs=0.01) and separation > 2


@pytest.mark.slow
def test_dlib_tells_people_apart(portraits: list[np.ndarray]) -> None:
    pytest.importorskip("dlib")
    recogniser = FaceRecogniser.load("dlib")
    assert (
        recogniser.similarity(portraits[0], portraits[0][:, 20:])
        > 0.8
        > recogniser.similarity(portraits[0], portraits[1])
    )
