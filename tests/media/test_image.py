from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from genstudio.errors import MediaError
from genstudio.media.image import read_image, write_image


def test_modes_become_rgb(tmp_path):
    cases = {
        "cmyk.jpg": Image.new("CMYK", (40, 30), (0, 255, 255, 0)),
        "alpha.png": Image.new("RGBA", (40, 30), (255, 0, 0, 0)),
        "palette.gif": Image.new("P", (40, 30)),
        "grey.png": Image.new("L", (40, 30), 128),
        "deep.png": Image.fromarray(np.full((30, 40), 40_000, np.uint16)),
    }
    for name, image in cases.items():
        image.save(tmp_path / name)
        pixels = read_image(tmp_path / name)
        assert pixels.shape == (30, 40, 3) and pixels.dtype == np.uint8, name
    assert read_image(tmp_path / "alpha.png").min() == 255  # laid on white
    assert read_image(tmp_path / "cmyk.jpg")[0, 0, 0] > 200


def test_exif_rotation_and_large_pictures(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 20)).save(tmp_path / "turned.jpg", exif=exif)
    assert read_image(tmp_path / "turned.jpg").shape == (60, 20, 3)
    Image.new("RGB", (5000, 1000)).save(tmp_path / "large.png")
    assert max(read_image(tmp_path / "large.png").shape) == 2048


def test_bad_pictures_get_one_clear_line(tmp_path):
    Image.new("RGB", (1, 1)).save(tmp_path / "pixel.png")
    Image.new("L", (12_100, 20)).save(tmp_path / "huge.png")
    Image.new("RGB", (12_000, 16)).save(tmp_path / "line.png")
    (tmp_path / "text.png").write_text("I am not a picture")
    cut = tmp_path / "cut.png"
    Image.effect_noise((200, 200), 50).save(cut)
    cut.write_bytes(cut.read_bytes()[:500])
    for name, message in (("pixel.png", "1 x 1"), ("huge.png", "12100"), ("line.png", "12000 x 16 pixels; the longer side"),
                          ("text.png", "not an image"), ("cut.png", "cannot be"),
                          ("none.png", "no file")):  # fmt: skip
        with pytest.raises(MediaError, match=message) as caught:
            read_image(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_settings_and_origin_go_into_the_file(tmp_path):
    pixels = np.zeros((20, 20, 3), np.uint8)
    write_image(tmp_path / "a.png", pixels, json.dumps({"seed": 3}))
    info = Image.open(tmp_path / "a.png").info
    assert json.loads(info["genstudio"]) == {"seed": 3} and "AI-generated" in info["Comment"]
    for name in ("a.jpg", "a.webp"):
        write_image(tmp_path / name, pixels)
        assert "AI-generated" in Image.open(tmp_path / name).getexif()[0x010E]
    with pytest.raises(MediaError, match="written as"):
        write_image(tmp_path / "a.tga", pixels)
