"""Portraits and recordings as they should not be: each makes a video, or one clear line."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import soundfile as sf

from genstudio.cli import run
from genstudio.media.image import read_image, write_image
from genstudio.media.video import write_video
from genstudio.models.talking_head.animator import Animator
from genstudio.models.talking_head.portraits import portraits
from genstudio.signals.arkit import CHANNELS

RATE = 24_000


@pytest.fixture(scope="module")
def animator() -> Animator:
    return Animator(read_image(portraits()["portrait_1"]), size=320)


@pytest.fixture
def animate(tmp_path, monkeypatch, capsys):
    """`genstudio animate` in an empty folder with half a second of a voice-like sound; gives (code, last line of stderr, made)."""
    monkeypatch.chdir(tmp_path)
    t = np.arange(RATE // 2) / RATE
    sf.write("ok.wav", 0.2 * np.sin(2 * np.pi * 150 * t) * (np.sin(2 * np.pi * 4 * t) > 0), RATE)

    def call(portrait, *more: str, audio: str = "ok.wav"):
        if not isinstance(portrait, str):
            write_image("me.png", np.ascontiguousarray(portrait, np.uint8))
            portrait = "me.png"
        options = ("-e", "joy", "--consent", "--seed", "1", "--size", "128", "--no-card", "-o", "out.mp4", "--force")
        code = run(["animate", portrait, "--audio", audio, *options, *more])
        lines = capsys.readouterr().err.strip().splitlines()
        return code, lines[-1], Path("out.mp4").is_file()

    return call


def values(**channels: float) -> np.ndarray:
    out = np.zeros(len(CHANNELS), np.float32)
    for name, value in channels.items():
        out[CHANNELS.index(name)] = value
    return out


def altered(animator: Animator, name: str) -> np.ndarray:
    """The portrait with closed eyes, an open mouth, turned, painted, behind sunglasses, small or large."""
    picture = animator.photo
    marks = (animator.landmarks - animator.crop.margin) / 2
    if name == "closed eyes":
        return animator.frame(values(eyeBlinkLeft=1, eyeBlinkRight=1))
    if name == "open mouth":
        return animator.frame(values(jawOpen=0.6))
    if name == "turned":
        return animator.frame(values(headYaw=0.6))
    if name == "painted":
        return cv2.stylization(picture, sigma_s=60, sigma_r=0.45)
    if name == "sunglasses":
        out = picture.copy()
        for eye in (marks[36:42], marks[42:48]):
            x, y = (int(v) for v in eye.mean(0))
            width = float(np.ptp(eye[:, 0]))
            cv2.ellipse(out, (x, y), (int(width), int(0.75 * width)), 0, 0, 360, (15, 15, 18), -1)
        return out
    return cv2.resize(picture, (120, 120) if name == "small" else (2600, 2600))


@pytest.mark.parametrize("name", ["closed eyes", "open mouth", "turned", "painted", "sunglasses", "small", "huge"])
def test_unusual_portraits_work(animate, animator: Animator, name: str) -> None:
    code, line, made = animate(altered(animator, name))
    assert code == 0 and made, line


def test_portraits_that_cannot_be_animated(animate, animator: Animator) -> None:
    picture = animator.photo
    marks = (animator.landmarks - animator.crop.margin) / 2
    hair = picture.copy()
    hull = cv2.convexHull(np.round(marks).astype(np.int32))
    hair[cv2.dilate(cv2.fillConvexPoly(np.zeros(picture.shape[:2], np.uint8), hull, 1), np.ones((41, 41))) > 0] = 50
    eyes, mouth = int(marks[36:48, 1].mean()), int(marks[62, 1])
    for portrait, said in (
        (np.full((200, 200, 3), 128), "no face was found"),
        (hair, "no face was found"),  # the back of a head
        (picture[:, int(marks[30, 0]) :], "cut off"),
        (picture[eyes:], "cut off"),
        (picture[:mouth], "cut off"),
        (cv2.resize(picture, (44, 44), interpolation=cv2.INTER_AREA), "too small"),
    ):
        code, line, made = animate(portrait)
        assert code == 2 and not made and line.startswith("error: ") and said in line, line


def test_one_face_of_several(animate, animator: Animator) -> None:
    both = np.hstack([animator.photo, cv2.resize(read_image(portraits()["portrait_2"]), animator.photo.shape[:2])])
    assert animate(both, "--face", "1")[0] == 0
    code, line, _ = animate(both, "--face", "2")
    assert code == 2 and "2 found; valid: 0 to 1" in line


def test_files_that_are_no_portrait(animate) -> None:
    write_video(Path("clip.mp4"), [np.zeros((64, 64, 3), np.uint8)] * 5, (64, 64))
    Path("text.png").write_text("hello")
    write_image("line.png", np.zeros((20, 13_000, 3), np.uint8))
    for name, said in (
        ("clip.mp4", "is a video; give a picture"), ("text.png", "not an image"), ("none.png", "no file"),
        ("line.png", "13000 x 20 pixels"),
    ):  # fmt: skip
        code, line, made = animate(name)
        assert code == 2 and not made and said in line, line


def test_recordings_loud_broken_and_long(animate) -> None:
    voice = sf.read("ok.wav")[0]
    sf.write("clipped.wav", np.clip(voice * 40, -1, 1), RATE)
    broken = voice.copy()
    broken[100:110] = np.nan
    sf.write("broken.wav", broken, RATE, subtype="FLOAT")
    for name in ("clipped.wav", "broken.wav"):
        code, line, made = animate("portrait_1", audio=name)
        assert code == 0 and made, line
        Path("out.mp4").unlink()
    sf.write("silent.wav", np.zeros(RATE), RATE)
    sf.write("short.wav", voice[:200], RATE)
    sf.write("long.wav", np.zeros(8000 * 660, np.float32), 8000, subtype="PCM_U8")
    Path("text.wav").write_text("no")
    for name, said in (
        ("silent.wav", "is silent"), ("short.wav", "at least 0.1 s"), ("long.wav", "at most 600 s"),
        ("text.wav", "cannot be read as audio"),
    ):  # fmt: skip
        code, line, made = animate("portrait_1", audio=name)
        assert code == 2 and not made and said in line, line


def test_an_odd_square_is_refused_and_an_odd_original_is_rounded(animate):
    code, line, made = animate("portrait_1", "--size", "129")
    assert code == 2 and "129 is not an even number" in line and not made
    code, _, made = animate("portrait_1", "--size", "129", "--framing", "original")
    assert code == 0 and made
