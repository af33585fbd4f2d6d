from __future__ import annotations

import pytest

from genstudio.errors import MediaError
from genstudio.media.text import read_table, read_text


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_text_is_read_in_any_unicode(tmp_path, coding):
    (tmp_path / "a.txt").write_bytes("What a day!\r\nGrüße.\r".encode(coding))
    assert read_text(tmp_path / "a.txt") == "What a day!\nGrüße.\n"


@pytest.mark.parametrize("raw", [b"Gr\xfc\xdfe", b"\x89PNG\0\0\r\n", "深圳很热".encode("utf-16-le"), b"\xff\xfea"])
def test_what_is_no_unicode_is_said_in_one_line(tmp_path, raw):
    (tmp_path / "a.txt").write_bytes(raw)
    with pytest.raises(MediaError, match=r"^'a.txt' is not a text file in UTF-8 or UTF-16; save it as UTF-8$"):
        read_text(tmp_path / "a.txt")


@pytest.mark.parametrize("divider", [",", ";", "\t"])
def test_a_table_is_read_as_spreadsheets_save_it(tmp_path, divider):
    lines = [divider.join(row) for row in (("file", "emotion"), ("a.wav", "joy"), ('"b c.wav"', "fear"))]
    for coding in ("utf-8-sig", "utf-16"):
        (tmp_path / "t.csv").write_text("\n".join(lines), encoding=coding)
        rows = read_table(tmp_path / "t.csv")
        assert rows == [{"file": "a.wav", "emotion": "joy"}, {"file": "b c.wav", "emotion": "fear"}]
