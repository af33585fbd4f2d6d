"""The portrait animator on a real demo portrait with stored landmarks; no other model is needed."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import cv2
import numpy as np
import pytest

from genstudio.emotion import Emotion
from genstudio.errors import FaceError, InputError
from genstudio.models.talking_head.animator import Animator, face_model, lids, raster, rig, sheet, wrinkles
from genstudio.models.talking_head.animator.fit import fit, mouth_frame
from genstudio.models.talking_head.engine import TalkingHeadModel, choose
from genstudio.models.talking_head.portraits import portraits
from genstudio.protocols import Face, HeadEngine, Motion, Speech
from genstudio.signals.arkit import BLENDSHAPES, CHANNELS

from . import london

HERE = Path(__file__).parent


def face_of(landmarks: np.ndarray) -> Face:
    (x0, y0), (x1, y1) = landmarks.min(0), landmarks.max(0)
    return Face((float(x0), float(y0), float(x1), float(y1)), landmarks.astype(np.float32), 1.0)


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    return np.ascontiguousarray(cv2.imread(str(portraits()["portrait_1"]))[..., ::-1])


@pytest.fixture(scope="module")
def face() -> Face:
    return face_of(np.array(json.loads((HERE / "portrait_1_landmarks.json").read_text()), np.float32))


@pytest.fixture(scope="module")
def animator(portrait: np.ndarray, face: Face) -> Animator:
    return Animator(portrait, face, 192)


def values(**channels: float) -> np.ndarray:
    out = np.zeros(len(CHANNELS), np.float32)
    for name, value in channels.items():
        out[CHANNELS.index(name)] = value
    return out


def labels(animator: Animator, **channels: float) -> np.ndarray:
    animator.frame(values(**channels))
    return animator._buffers()[1].copy()


def test_the_face_model_is_small_and_knows_left_from_right() -> None:
    model = face_model.load()
    assert face_model.WEIGHTS.stat().st_size <= 4_000_000
    assert model.expression.shape[0] == 52 and len(model.landmarks) == 68
    moved = np.abs(model.expression[BLENDSHAPES.index("eyeBlinkLeft")]).max(1) > 0.2
    assert (model.neutral[moved, 0] > 0).all(), "x points to the subject's left"
    still = [n for n, e in zip(BLENDSHAPES, model.expression, strict=True) if np.abs(e).max() < 0.05]
    assert still == []


def test_landmarks_lie_where_the_fit_puts_them(animator: Animator) -> None:
    model = face_model.load()
    eyes = list(range(36, 48))
    placed = animator.fit.points[model.landmarks[eyes], :2]
    assert np.abs(placed - animator.landmarks[eyes]).mean() < 0.1 * animator.fit.scale
    assert animator.fit.rms < 0.5 * animator.fit.scale


def test_fit_is_the_same_for_a_turned_picture(face: Face) -> None:
    turn = np.array([[0.94, -0.34], [0.34, 0.94]], np.float32)
    model = face_model.load()
    straight, turned = fit(model, face.landmarks), fit(model, face.landmarks @ turn.T * 1.5)
    assert turned.rms == pytest.approx(straight.rms * 1.5, rel=0.05)
    seam = mouth_frame(face.landmarks @ turn.T)
    assert seam.down[1] > 0.9


def test_at_rest_the_frame_is_the_photograph(animator: Animator) -> None:
    frame = animator.frame(values())
    error = np.abs(frame.astype(int) - animator.photo)
    assert frame.shape == (192, 192, 3) and frame.dtype == np.uint8
    assert error.mean() < 0.1 and np.percentile(error, 99) <= 1


def test_a_blink_hides_the_eye(animator: Animator) -> None:
    eye = 1 + raster.EYE
    rest, shut = labels(animator), labels(animator, eyeBlinkLeft=1, eyeBlinkRight=1)
    assert (rest == eye).sum() > 300
    assert (shut == eye).sum() < 0.04 * (rest == eye).sum()
    wide = labels(animator, eyeWideLeft=1, eyeWideRight=1)
    assert (wide == eye).sum() > 1.15 * (rest == eye).sum()


def test_squint_and_gaze_never_shut_an_eye(animator: Animator) -> None:
    eye = 1 + raster.EYE
    rest = (labels(animator) == eye).sum()
    tight = labels(
        animator, **{f"{n}{s}": 1 for n in ("eyeSquint", "eyeLookDown", "cheekSquint") for s in ("Left", "Right")}
    )
    assert (tight == eye).sum() > 0.08 * rest


def test_left_is_the_subjects_left(animator: Animator) -> None:
    change = np.abs(animator.frame(values(eyeBlinkLeft=1)).astype(int) - animator.frame(values())).sum(-1)
    assert change[:, 96:].sum() > 20 * change[:, :96].sum()


def test_the_mouth_opens_and_closes(animator: Animator) -> None:
    inner = 1 + raster.INNER
    opened = labels(animator, jawOpen=0.6)
    closed = labels(animator, jawOpen=0.3, mouthClose=0.3)
    assert (opened == inner).sum() > 800
    assert (closed == inner).sum() < 0.25 * (labels(animator, jawOpen=0.3) == inner).sum()


def test_a_raised_chin_gives_way_to_an_opening_jaw(animator: Animator) -> None:
    inner = 1 + raster.INNER
    spoken = (labels(animator, jawOpen=0.3) == inner).sum()
    assert (labels(animator, jawOpen=0.3, mouthShrugLower=0.6) == inner).sum() > 0.95 * spoken
    shut = animator.frame(values(mouthShrugLower=0.6)).astype(int) - animator.frame(values())
    assert np.abs(shut).max() > 20  # at rest it is raised as before
    meeting = {"jawOpen": 0.3, "mouthClose": 0.22}  # lips on their way to meet: the chin helps
    apart = (labels(animator, **meeting) == inner).sum()
    assert (labels(animator, **meeting, mouthShrugLower=0.6) == inner).sum() < 0.8 * apart


def test_folds_on_dark_skin_are_as_much_deeper_as_in_photographs() -> None:
    depth = [rig._skin_response(np.full(3, grey, np.float32))[0] for grey in (5, 89, 157, 183, 255)]
    assert depth == sorted(depth, reverse=True) and depth[1] / depth[3] == pytest.approx(1.6, abs=0.05)
    assert depth[0] <= 1.5 and depth[-1] >= 0.6


def test_teeth_are_bright_and_the_throat_is_dark(animator: Animator) -> None:
    smile = {f"{n}{s}": 0.8 for n in ("mouthSmile", "mouthUpperUp", "mouthLowerDown") for s in ("Left", "Right")}
    frame = animator.frame(values(jawOpen=0.5, **smile))
    inside = cv2.resize(animator._buffers()[1], (192, 192), interpolation=cv2.INTER_NEAREST) == 1 + raster.INNER
    grey = frame[inside].mean(-1)
    assert np.percentile(grey, 95) > 150 and np.percentile(grey, 5) < 70


def test_a_smile_lets_light_on_its_teeth(animator: Animator, monkeypatch: pytest.MonkeyPatch) -> None:
    smiling = {f"mouth{n}{s}": v for n, v in (("Smile", 0.8), ("UpperUp", 0.3)) for s in ("Left", "Right")}
    smile, jaw = values(jawOpen=0.12, **smiling), values(jawOpen=0.5)
    lit, open_mouth = animator.frame(smile).astype(int), animator.frame(jaw)
    monkeypatch.setattr("genstudio.models.talking_head.animator.animator.SMILE", [CHANNELS.index("tongueOut")])
    changed = (lit - animator.frame(smile)).mean(2)
    assert changed.min() >= 0 and changed.max() > 8 and 0.0003 < (changed > 4).mean() < 0.01
    assert np.array_equal(open_mouth, animator.frame(jaw))


def test_head_turns_go_the_way_of_live_link(animator: Animator) -> None:
    def nose(**channels: float) -> np.ndarray:
        grey = animator.frame(values(**channels)).mean(-1).astype(np.float32)
        at = (animator.landmarks[30] - animator.crop.margin) / 2
        x, y = (int(v) for v in at)
        patch = animator.photo.mean(-1).astype(np.float32)[y - 8 : y + 9, x - 10 : x + 11]
        found = cv2.matchTemplate(grey, patch, cv2.TM_CCOEFF_NORMED)
        return np.array(np.unravel_index(found.argmax(), found.shape))[::-1] - [x - 10, y - 8]

    assert nose(headYaw=0.15)[0] < -1, "positive yaw turns to the subject's right, the picture's left"
    assert nose(headPitch=0.15)[1] > 1, "positive pitch looks down"
    assert nose(headX=0.05)[0] > 3 and nose(headY=0.05)[1] < -3


def test_gaze_moves_the_iris_by_channel_or_coefficient(animator: Animator) -> None:
    by_shape = animator.frame(values(eyeLookOutLeft=0.4, eyeLookInRight=0.4))
    by_angle = animator.frame(values(leftEyeYaw=-0.244, rightEyeYaw=-0.244))
    assert np.abs(by_shape.astype(int) - animator.photo).max() > 40
    assert np.abs(by_shape.astype(int) - by_angle).mean() < 0.3


def test_the_background_stands_still(animator: Animator) -> None:
    frame = animator.frame(values(headYaw=0.2, headRoll=0.1, jawOpen=0.5))
    for corner in (np.s_[:20, :12], np.s_[:20, -12:]):
        assert np.abs(frame[corner].astype(int) - animator.photo[corner]).max() <= 4


def test_frames_come_in_order_and_repeat_exactly(animator: Animator) -> None:
    rows = np.stack([values(jawOpen=0.1 * k, headYaw=0.02 * k) for k in range(9)])
    motion = Motion(rows, CHANNELS)
    drawn = list(animator.frames(motion))
    assert len(drawn) == 9
    for frame, row in zip(drawn, rows, strict=True):
        assert (frame == animator.frame(row)).all()


@pytest.mark.parametrize("size", [64, 256])
def test_extreme_values_draw_something(portrait: np.ndarray, face: Face, size: int) -> None:
    small = Animator(portrait, face, size)
    for fill in (5.0, -5.0, np.nan):
        assert small.frame(np.full(62, fill, np.float32)).shape == (size, size, 3)


def test_wrinkles_darken_skin_only_where_asked(animator: Animator) -> None:
    assert wrinkles.weights().shape == (len(wrinkles.NAMES), 52)
    assert not animator._shade(np.zeros(52, np.float32)).any()
    frown = animator._shade(values(browDownLeft=1, browDownRight=1)[:52])
    assert frown.min() < -0.1 and frown.max() < 0.3


def test_odd_pictures_are_refused_in_one_line(portrait: np.ndarray, face: Face) -> None:
    with pytest.raises(InputError, match="uint8"):
        Animator(portrait.astype(np.float32), face)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="size"):
        Animator(portrait, face, 2000)
    tiny = cv2.resize(portrait, (48, 48))
    with pytest.raises(FaceError, match="too small"):
        Animator(tiny, face_of(face.landmarks * 48 / 640))


def test_a_face_outside_the_picture_is_refused(portrait: np.ndarray, face: Face) -> None:
    with pytest.raises(FaceError, match="cut off"):
        Animator(portrait[:320], face)


def test_a_face_at_the_border_still_works(portrait: np.ndarray, face: Face) -> None:
    cut = np.ascontiguousarray(portrait[180:470, 190:450])
    animator = Animator(cut, face_of(face.landmarks - [190, 180]), 128)
    assert np.abs(animator.frame(values()).astype(int) - animator.photo).mean() < 1
    assert animator.frame(values(headYaw=0.3, jawOpen=1)).shape == (128, 128, 3)


def test_a_grey_portrait_stays_grey(portrait: np.ndarray, face: Face) -> None:
    grey = np.ascontiguousarray(np.repeat(portrait.mean(-1, keepdims=True).astype(np.uint8), 3, axis=2))
    frame = Animator(grey, face, 128).frame(values(jawOpen=0.6, mouthSmileLeft=1, mouthSmileRight=1)).astype(int)
    assert np.ptp(frame, axis=-1).max() <= 6


def test_several_faces_and_none(face: Face, caplog: pytest.LogCaptureFixture) -> None:
    other = face_of(face.landmarks * 0.5)
    with caplog.at_level(logging.INFO):
        assert choose([face, other], None) is face
    assert "2 faces" in caplog.text
    assert choose([face, other], 1) is other
    collar = Face((0, 0, 600, 600), face.landmarks * 1.4, 0.5)
    assert choose([collar, face], None) is face, "a doubtful large one gives way to a sure one"
    with pytest.raises(FaceError, match="0 to 1"):
        choose([face, other], 2)
    with pytest.raises(FaceError, match="no face"):
        choose([], None)


def test_engine_draws_a_given_motion(portrait: np.ndarray, face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genstudio.signals.faces.find_faces", lambda image, finder="embedded": [face])
    engine = TalkingHeadModel()
    assert isinstance(engine, HeadEngine) and len(engine.portraits()) == 6
    motion = Motion(np.stack([values(), values(jawOpen=0.4)]), CHANNELS)
    speech = Speech(np.zeros(1920, np.float32), 24000)
    head = engine(portrait, speech, Emotion.parse("joy"), size=64, motion=motion)
    assert head.count == 2 and head.size == (64, 64) and head.info["faces_found"] == 1
    first, second = list(head.frames()), list(head.frames())
    assert len(first) == 2 and all((a == b).all() for a, b in zip(first, second, strict=True))
    with pytest.raises(InputError, match="head_motion"):
        engine(portrait, speech, Emotion.parse("joy"), motion=motion, head_moton=2)


def test_the_sheet_has_a_row_a_portrait(animator: Animator) -> None:
    for part in ("head", "eyes", "mouth", "face"):
        assert sheet.sheet([animator, animator], sheet.posed(), part=part).shape[2] == 3
    wide = sheet.sheet([animator], sheet.turned())
    assert wide.shape == (192 + 22, 7 * 192, 3)


def test_shaken_eye_points_come_nearer_the_lids(data: Path) -> None:
    rng = np.random.default_rng(0)
    before, after = [], []
    for identity in ("004", "008", "104", "172"):  # held out of training
        portrait, points = london.read(data / "london" / "neutral", identity)
        width = float(np.linalg.norm(points[36] - points[39]))
        for _ in range(6):
            shaken = points.copy()
            for eye in (slice(36, 42), slice(42, 48)):
                shaken[eye] += rng.normal(0, 0.07 * width, 2) + rng.normal(0, 0.04 * width, (6, 2))
            before.append(np.linalg.norm(shaken - points, axis=1)[36:48].mean() / width)
            after.append(np.linalg.norm(lids.sharpen(portrait, shaken) - points, axis=1)[36:48].mean() / width)
    assert np.mean(after) < 0.75 * np.mean(before)


def test_real_portraits_fit_and_move(data: Path) -> None:
    folder = data / "london" / "neutral"
    for path in sorted(folder.glob("*.jpg"))[:5]:
        portrait, points = london.read(folder, path.stem)
        animator = Animator(portrait, face_of(points), 128)
        assert animator.fit.rms < 0.6 * animator.fit.scale
        assert np.abs(animator.frame(values()).astype(int) - animator.photo).mean() < 0.2
        assert (labels(animator, jawOpen=0.6) == 1 + raster.INNER).sum() > 200
        shut = labels(animator, eyeBlinkLeft=1, eyeBlinkRight=1) == 1 + raster.EYE
        assert shut.sum() < 0.08 * (labels(animator) == 1 + raster.EYE).sum()
