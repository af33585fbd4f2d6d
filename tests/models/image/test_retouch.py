"""The mood of a given picture: neutral changes nothing, emotions change light and colour, shapes stay."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from genstudio import Emotion, Studio
from genstudio.errors import InputError
from genstudio.media.image import read_image
from genstudio.models.image.retouch import retouch
from genstudio.models.image.retouch.regions import distance, sky_mask


def landscape(h: int = 96, w: int = 128) -> np.ndarray:
    """A blue sky with a soft gradient over textured green ground."""
    rng = np.random.default_rng(0)
    out = np.zeros((h, w, 3), np.float32)
    out[: h // 2] = np.array([120, 170, 235]) + np.linspace(0, 25, h // 2)[:, None, None]
    out[h // 2 :] = np.array([70, 130, 45]) + rng.normal(0, 22, (h - h // 2, w, 1))
    out[h // 2 + 8 : h // 2 + 24, 40:70] = (150, 60, 50)  # a house
    return np.clip(out, 0, 255).astype(np.uint8)


def _edges(x: np.ndarray) -> np.ndarray:
    grey = cv2.cvtColor(x, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))


def test_sky_is_found_and_only_where_there_is_one() -> None:
    mask = sky_mask(landscape())
    assert mask[:40].mean() > 0.95 and mask[60:].mean() < 0.02
    assert sky_mask(landscape()[60:]).max() == 0
    depth = distance(mask)
    assert depth[-1].mean() < 0.1 < depth[55].mean()


def test_neutral_and_strength_zero_change_nothing() -> None:
    photo = landscape()
    assert np.abs(retouch(photo, Emotion.neutral())[0].astype(int) - photo).max() <= 1
    assert np.abs(retouch(photo, Emotion.parse("joy"), strength=0)[0].astype(int) - photo).max() <= 1


def test_a_picture_that_is_nearly_all_sky() -> None:
    photo = np.concatenate([cv2.resize(landscape()[:48], (128, 84)), landscape()[60:76]])
    photo[64:, :40] = photo[90:, :40].mean((0, 1))  # a hill to the left
    assert np.median(sky_mask(photo).sum(0)) > 80
    assert retouch(photo, Emotion.parse("fear"))[0].shape == photo.shape


def test_moods_differ_grow_with_strength_and_keep_the_shapes() -> None:
    photo = landscape()
    joy, sad, half = (
        retouch(photo, Emotion.parse(e), strength=s)[0].astype(float)
        for e, s in (("joy", 1), ("sadness", 1), ("sadness", 0.5))
    )
    assert joy.mean() > sad.mean() + 20
    spread = [np.ptp(x[60:], axis=2).mean() for x in (photo.astype(float), sad)]
    assert spread[1] < 0.6 * spread[0]  # sadness takes the colour out
    change = [np.abs(x - photo).mean() for x in (half, sad)]
    assert 0.2 * change[1] < change[0] < 0.95 * change[1]
    a, b = _edges(photo)[46:80, 30:80], _edges(sad.astype(np.uint8))[46:80, 30:80]
    assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.6


def test_studio_command_replay_and_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    from genstudio.cli import run

    source, out = tmp_path / "photo.png", tmp_path / "sad.png"
    Image.fromarray(landscape()).save(source)
    assert run(["paint", "--image", str(source), "-e", "sadness", "--seed", "1", "-o", str(out)]) == 0
    assert (read_image(out) != landscape()).mean() > 0.5
    assert run(["replay", str(out) + ".json"]) == 0
    assert (read_image(tmp_path / "sad.replay.png") == read_image(out)).all()
    assert run(["paint", "--image", str(source), "--strength", "3", "-o", str(tmp_path / "x.png")]) == 2
    assert "from 0 to 1.5" in capsys.readouterr().err
    with pytest.raises(InputError, match="style"):
        Studio().retouch(source, "joy", style="crayon")
