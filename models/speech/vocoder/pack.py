"""Packs audio and features of chosen utterances into one small file, so that training needs nothing else.

    python -m genstudio.models.speech.vocoder.pack --data DIR --cache .cache/speech --out .cache/pack/vocoder

Audio stays in its opus file (EmoDB's FLAC is encoded to opus); features are quantised (envelope to 0.15 in ln power) and
compressed. F0 is refined on high harmonics and the pulses' phase aligned to the real closures here, once. Some utterances
come again resampled x 0.75, 1.33 and 1.6, features only, to show the network other F0; their audio is resampled on
loading. A handful of held-out utterances comes too, to validate on.
"""

from __future__ import annotations

import argparse
import io
import json
import lzma
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.corpora import LEVEL, Utterance, active_level, load_audio, utterances
from ..analysis.extract import analyse, mel_bank
from ..analysis.features import DIM, HOP, LOG_F0, PERIODICITY, SAMPLE_RATE, VOICING
from ..analysis.prepare import feature_path, load_features
from .alignment import aligned_phase, refine_f0

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENVELOPE_STEP, ENVELOPE_FLOOR = 0.15, -21.0  # ln power: quantised to uint8, an error of 0.2 dB
F0_FLOOR, F0_SPAN = 40.0, np.log(20.0)  # uint16 over 40 .. 800 Hz, logarithmic
RATIOS = ((4, 3), (3, 4), (5, 8))  # up, down: F0 x 0.75, 1.33, 1.6


@dataclass(frozen=True)
class Entry:
    """One utterance of the pack. `audio` is the index of its encoded file; up, down: resampled on loading."""

    id: str
    corpus: str
    frames: int
    audio: int
    gain: float
    up: int = 1
    down: int = 1
    held: bool = False


def resampled(x: NDArray[np.floating], up: int, down: int) -> NDArray[np.float64]:
    from scipy.signal import resample_poly

    return np.asarray(x, dtype=np.float64) if up == down else resample_poly(np.asarray(x, dtype=np.float64), up, down)


def _encode(x: NDArray[np.floating], quality: float = 0.79) -> bytes:
    """Opus at about 60 kbit/s (libsndfile's compression level: 0 is 256 kbit/s a channel, 1 is 6)."""
    import soundfile

    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer, "w", SAMPLE_RATE, 1, format="OGG", subtype="OPUS", compression_level=quality
    ) as file:
        file.write(np.asarray(x, dtype=np.float32))
    return buffer.getvalue()


def tracks(x: NDArray[np.float64], feats: NDArray[np.float32], f0: NDArray[np.floating]) -> dict[str, NDArray]:
    """Quantised features, refined F0 and aligned phase of one utterance."""
    fine = refine_f0(x, np.asarray(f0, dtype=np.float64))
    phase = aligned_phase(x, fine)
    envelope = np.round((feats[:, :80] - ENVELOPE_FLOOR) / ENVELOPE_STEP).clip(0, 255).astype(np.uint8)
    code = 1 + np.round(np.log(np.maximum(fine, F0_FLOOR) / F0_FLOOR) / F0_SPAN * 65534).clip(0, 65534)
    return {
        "envelope": envelope,
        "periodicity": np.round(feats[:, PERIODICITY] * 255).astype(np.uint8),
        "f0": np.where(fine > 0, code, 0).astype(np.uint16),
        "phase": np.round(phase / (2 * np.pi) * 65536).astype(np.int64).astype(np.uint16),
    }


def unpack_tracks(stored: dict[str, NDArray]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """(feats float32 [T, 89], f0 float32 [T], phase float32 [T]) from quantised tracks."""
    f0 = np.where(stored["f0"] > 0, F0_FLOOR * np.exp((stored["f0"] - 1.0) / 65534 * F0_SPAN), 0.0)
    feats = np.zeros((len(f0), DIM), dtype=np.float32)
    feats[:, :80] = stored["envelope"] * np.float32(ENVELOPE_STEP) + np.float32(ENVELOPE_FLOOR)
    feats[:, LOG_F0] = np.where(f0 > 0, np.log(np.maximum(f0, 1.0)), 0.0)
    feats[:, VOICING] = f0 > 0
    feats[:, PERIODICITY] = stored["periodicity"] / np.float32(255)
    return feats, f0.astype(np.float32), (stored["phase"] / 65536.0 * 2 * np.pi).astype(np.float32)


def _one(job: tuple[Utterance, int, bool, Path]) -> list[tuple[Entry, dict[str, NDArray], bytes | None]]:
    """An utterance's entry and, where asked, a resampled copy; the bytes come with the first."""
    import soundfile

    utterance, ratio, held, cache = job
    x = load_audio(utterance)
    raw = utterance.path.read_bytes() if utterance.corpus != "emodb" else _encode(0.5 * x / max(np.abs(x).max(), 1e-6))
    y, _ = soundfile.read(io.BytesIO(raw), dtype="float64")  # what training will hear
    gain = LEVEL / max(active_level(y), 1e-6)
    feats, f0 = load_features(cache, utterance)
    if abs(len(y) // HOP + 1 - len(feats)) > 1:
        raise ValueError(f"{utterance.id}: {len(y)} samples do not fit {len(feats)} frames")
    frames = min(len(y) // HOP, len(feats))
    found: list[tuple[Entry, dict[str, NDArray], bytes | None]]
    found = [(Entry(utterance.id, utterance.corpus, frames, -1, gain, held=held), tracks(y * gain, feats, f0), raw)]
    if ratio >= 0:
        up, down = RATIOS[ratio]
        z = resampled(y * gain, up, down)
        other = analyse(z)
        entry = Entry(utterance.id, utterance.corpus, len(z) // HOP, -1, gain, up, down)
        found.append((entry, tracks(z, other.as_array(), other.f0), None))
    return [(e, {k: v[: e.frames] for k, v in t.items()}, b) for e, t, b in found]


def starting_level(x: NDArray[np.floating], feats: NDArray[np.floating]) -> float:
    """Mean of (ln power spectrum - envelope) of one utterance: what the filters start from."""
    window = np.hanning(1024)
    padded = np.pad(x, (512, 1024))
    frames = np.lib.stride_tricks.sliding_window_view(padded, 1024)[::HOP][: len(feats)]
    power = np.abs(np.fft.rfft(frames * window)) ** 2 / (window**2).sum()
    return float((np.log(power @ mel_bank(1024).T + 1e-9) - feats[: len(power), :80]).mean())


def choose(data: Path, cache: Path, minutes: dict[str, float]) -> list[tuple[Utterance, int, bool, Path]]:
    """Utterances spread evenly over each corpus up to its minutes; every 11th also resampled; a few held-out ones."""
    jobs: list[tuple[Utterance, int, bool, Path]] = []
    for corpus, wanted in minutes.items():
        known = [u for u in utterances(data, corpus) if feature_path(cache, u).exists()]
        held, free = [u for u in known if u.held], [u for u in known if not u.held]
        order = np.random.default_rng(0).permutation(len(free))
        left = wanted * 60.0
        for count, index in enumerate(order):
            if left <= 0:
                break
            with np.load(feature_path(cache, free[index])) as stored:
                left -= float(stored["samples"]) / SAMPLE_RATE
            jobs.append((free[index], count // 11 % 3 if count % 11 == 0 else -1, False, cache))
        jobs += [(u, -1, True, cache) for u in held[:: max(1, len(held) // 6)][:6]]
    return jobs


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Pack audio and features for training the vocoder.")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--cache", type=Path, default=Path(".cache/speech"), help="where analysis.prepare wrote")
    parser.add_argument("--out", type=Path, default=Path(".cache/pack/vocoder"))
    parser.add_argument("--kathleen", type=float, default=15.7, help="minutes")
    parser.add_argument("--kerstin", type=float, default=9.0, help="minutes")
    parser.add_argument("--emodb", type=float, default=8.0, help="minutes")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args(argv)
    jobs = choose(options.data, options.cache, {c: getattr(options, c) for c in ("kathleen", "kerstin", "emodb")})
    entries: list[Entry] = []
    columns: dict[str, list[NDArray]] = {"envelope": [], "periodicity": [], "f0": [], "phase": []}
    audio: list[bytes] = []
    levels = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for number, found in enumerate(pool.map(_one, jobs, chunksize=4), 1):
            for entry, track, raw in found:
                if raw is not None:
                    audio.append(raw)
                entries.append(Entry(**{**asdict(entry), "audio": len(audio) - 1}))
                for name, values in track.items():
                    columns[name].append(values)
            if number % 10 == 0 and jobs[number - 1][0].corpus != "emodb":
                x = load_audio(jobs[number - 1][0])
                levels.append(starting_level(x, unpack_tracks({k: v[-1] for k, v in columns.items()})[0]))
            if number % 50 == 0 or number == len(jobs):
                print(f"pack: {number}/{len(jobs)}", file=sys.stderr, flush=True)
    write_pack(options.out, entries, columns, audio, float(np.mean(levels)))
    return 0


def write_pack(
    out: Path, entries: list[Entry], columns: dict[str, list[NDArray]], audio: list[bytes], level: float
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    blobs = {"audio": b"".join(audio)}
    for name, parts in columns.items():
        whole = np.concatenate(parts)
        change = np.diff(whole, axis=0, prepend=np.zeros_like(whole[:1]))  # wraps round, undone by a running sum
        if change.ndim == 2:
            change = np.diff(change, axis=1, prepend=np.zeros_like(change[:, :1]))
        planes = change.T.copy() if change.ndim == 2 else change.view(np.uint8).reshape(-1, 2).T.copy()
        blobs[name] = lzma.compress(planes.tobytes(), preset=6)
    head = {
        "level": level,
        "entries": [asdict(e) for e in entries],
        "audio_sizes": [len(a) for a in audio],
        "blobs": {k: len(v) for k, v in blobs.items()},
    }
    text = lzma.compress(json.dumps(head).encode())
    part = out / "pack.part"
    with part.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for blob in blobs.values():
            file.write(blob)
    part.replace(out / "pack.bin")
    seconds = sum(e.frames for e in entries) / 100
    sizes = ", ".join(f"{k} {len(v) / 1e6:.2f} MB" for k, v in blobs.items())
    print(f"{out / 'pack.bin'}: {len(entries)} utterances, {seconds / 60:.1f} min, {sizes}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
