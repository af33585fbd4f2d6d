"""The picture of sounds: enough people, one clip each, pitch where it is voiced."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from genstudio.models.speech.sounds import SOUNDS
from genstudio.models.speech.sounds.data import Burst, Person
from genstudio.models.speech.sounds.picture import EACH, panel, sheet, some_of


def burst(kind: str, name: str, frames: int = 30) -> Burst:
    envelope = np.full((frames, 80), -9.0, np.float32)
    envelope[:, :20] = 0.0  # all of it low
    voiced = np.arange(frames) < 10
    person = Person(np.zeros(80, np.float32), 200.0)
    return Burst(kind, name, person, envelope, np.zeros(frames, np.float32), voiced, np.ones((frames, 7), np.float32))


def test_low_is_at_the_bottom_and_pitch_is_red_where_voiced() -> None:
    image = panel(burst("laugh", "a"))
    assert image.shape == (80, 30, 3)
    assert image[-1, 20].min() > 200 and image[0, 20].max() < 20
    red = (image[..., 0] > 200) & (image[..., 1] < 100)
    assert red[:, :10].any(0).all() and not red[:, 10:].any()
    assert panel(burst("laugh", "a", 400)).shape[1] < 160


def test_one_clip_a_person_and_no_more_than_needed() -> None:
    read = []

    def clips() -> Iterator[Burst]:
        for who in range(99):
            for kind in (*SOUNDS, "", *SOUNDS):
                read.append(who)
                yield burst(kind, str(who))

    found = some_of(clips())
    assert len(found) == EACH * len(SOUNDS) and max(read) == EACH - 1
    assert all(len({b.name for b in found if b.kind == k}) == EACH for k in SOUNDS)
    assert sheet(found, found).size == (2 * EACH * 154, len(SOUNDS) * 104)
