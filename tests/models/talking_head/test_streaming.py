"""Frames while the sound still arrives."""

from __future__ import annotations

import numpy as np
import pytest

from genstudio import Emotion, Studio
from genstudio.errors import InputError
from genstudio.media.image import read_image
from genstudio.models.talking_head.portraits import portraits
from genstudio.protocols import Speech
from genstudio.signals.arkit import CHANNELS

JAW = CHANNELS.index("jawOpen")


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    """Syllables: a buzz that opens and closes three times a second, 1.2 s at 24 kHz."""
    t = np.arange(28_800) / 24_000
    buzz = sum(np.sin(2 * np.pi * 150 * k * t) / k for k in range(1, 12))
    return (0.2 * buzz * np.clip(np.sin(2 * np.pi * 3 * t), 0, 1)).astype(np.float32)


def shown(sound: np.ndarray, size: int, **options: object) -> list:
    engine, portrait = Studio().engine("head"), read_image(portraits()["portrait_2"])
    chunks = (sound[i : i + size] for i in range(0, len(sound), size))
    return list(engine.stream(portrait, chunks, Emotion.parse("joy"), size=64, seed=1, steps=2, **options))


def test_every_frame_once_in_order_and_the_same_again(sound: np.ndarray) -> None:
    a, b = shown(sound, 4800), shown(sound, 4800)
    assert [round(s.time * 25) for s in a] == list(range(30))
    assert all((x.pixels == y.pixels).all() for x, y in zip(a, b, strict=True))
    assert all(s.pixels.shape == (64, 64, 3) and s.latency > 0 for s in a)


def test_what_was_shown_does_not_know_the_future(sound: np.ndarray) -> None:
    changed = sound.copy()
    changed[19_200:] = 0
    a, b = shown(sound, 4800), shown(changed, 4800)
    before = 19_200 // 960 - 6  # frames out before the sounds part
    assert all((x.values == y.values).all() for x, y in zip(a[:before], b[:before], strict=True))
    assert any((x.values != y.values).any() for x, y in zip(a[before:], b[before:], strict=True))


def test_it_moves_about_as_a_whole_recording_does(sound: np.ndarray) -> None:
    engine = Studio().engine("head")
    long = np.tile(sound, 2)
    whole = engine.motion(Speech(long, 24_000), Emotion.parse("joy"), seed=1, steps=2).values[:, JAW]
    streamed = np.array([s.values[JAW] for s in shown(long, 4800)])
    assert np.corrcoef(whole, streamed)[0, 1] > 0.6


def test_still_head_no_blinks_and_bad_steps(sound: np.ndarray) -> None:
    frames = shown(sound[:9600], 2400, head_motion=0.0)
    assert all(abs(s.values[52:58]).max() == 0 for s in frames)
    engine, portrait = Studio().engine("head"), read_image(portraits()["portrait_2"])
    frames_of = engine.stream(portrait, [sound], Emotion.neutral(), size=64, steps=0)
    with pytest.raises(InputError, match="steps"):
        next(frames_of)
