from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf

from genstudio.errors import MediaError, OutputError
from genstudio.media.audio import read_audio, read_pieces, write_audio
from genstudio.media.files import SYNTHETIC


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg"])
def test_what_is_written_reads_back_marked_as_synthetic(tmp_path, tone, suffix):
    path = tmp_path / f"a{suffix}"
    write_audio(path, tone, comment=SYNTHETIC)
    back = read_audio(path)
    assert abs(len(back) - len(tone)) <= 512
    assert np.abs(back[2000:20000] - tone[2000:20000]).max() < (0.02 if suffix == ".ogg" else 1e-4)
    with sf.SoundFile(path) as f:
        assert f.comment == SYNTHETIC


def test_stereo_8_bit_8_khz_becomes_mono_24_khz(tmp_path, tone):
    path = tmp_path / "a.wav"
    sf.write(path, np.stack([tone[::3], tone[::3]], 1), 8000, subtype="PCM_U8")
    back = read_audio(path)
    assert back.dtype == np.float32 and back.ndim == 1 and abs(len(back) - 24_000) < 50
    spectrum = np.abs(np.fft.rfft(back[:24000] * np.hanning(24000)))
    assert abs(int(spectrum.argmax()) - 220) <= 1


def test_bad_audio_gets_one_clear_line(tmp_path, tone):
    silent, short, text, empty = (tmp_path / n for n in ("silent.wav", "short.wav", "text.wav", "empty.wav"))
    sf.write(silent, np.zeros(24000), 24000)
    sf.write(short, tone[:1200], 24000)
    text.write_text("no sound here")
    empty.write_bytes(b"")
    for path, message in ((silent, "is silent"), (short, "0.05 s"), (text, "cannot be read"), (empty, "cannot be read"),
                          (tmp_path / "none.wav", "no file")):  # fmt: skip
        with pytest.raises(MediaError, match=message) as caught:
            read_audio(path)
        assert "\n" not in str(caught.value)
    long = tmp_path / "long.wav"
    sf.write(long, np.tile(tone, 3), 24000)
    with pytest.raises(MediaError, match="at most 2 s"):
        read_audio(long, max_seconds=2)


def test_nothing_half_written_is_left(tmp_path, tone):
    with pytest.raises(MediaError, match="written as"):
        write_audio(tmp_path / "a.xyz", tone)
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(OutputError):
        write_audio(blocked / "a.wav", tone)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


def test_channels_that_cancel_each_other_are_not_silence(tmp_path):
    tone = 0.3 * np.sin(np.arange(24000) * 0.05)
    sf.write(tmp_path / "antiphase.wav", np.stack([tone, -tone], 1), 24000)
    assert np.abs(read_audio(tmp_path / "antiphase.wav") - tone).max() < 1e-3
    sf.write(tmp_path / "silent.wav", np.zeros((24000, 2)), 24000)
    with pytest.raises(MediaError, match="is silent"):
        read_audio(tmp_path / "silent.wav")


def test_a_recording_read_in_pieces_is_heard_as_one_read_at_once(tmp_path):
    tone = np.concatenate([np.zeros(24000), 0.3 * np.sin(np.arange(36000) * 0.05)])
    sf.write(tmp_path / "antiphase.wav", np.stack([tone, -tone], 1), 24000)
    sf.write(tmp_path / "stereo.wav", np.stack([tone, 0.5 * tone], 1), 24000)
    broken = tone.copy()
    broken[30000] = np.nan
    sf.write(tmp_path / "broken.wav", broken, 24000, subtype="FLOAT")
    for name in ("antiphase.wav", "stereo.wav", "broken.wav"):
        whole = read_audio(tmp_path / name)
        pieces = list(read_pieces(tmp_path / name, 1.0, 10))
        assert [len(p) for p in pieces] == [24000, 24000, 12000], name
        assert np.array_equal(np.concatenate(pieces), whole), name
        assert np.abs(whole).max() > 0.2
