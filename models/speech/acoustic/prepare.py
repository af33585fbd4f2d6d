"""Packs what the acoustic model learns from: `python -m genstudio.models.speech.acoustic.prepare --cache DIR --pack DIR`.

Reads CACHE/align (pre_align) and CACHE/features (analysis.prepare); writes PACK/acoustic.npz, about 25 MB for three hours:
normalised features (envelope as grey JPEG strips), phones, durations, speakers, the emotions' codes and measured shifts.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from genstudio.media.rates import MEL_BANDS

from ..analysis.features import NARROW_BAND_POINTS
from ..frontend.inventory import CLASS_OF, CLASSES, IDS, LANGUAGES, PAUSE, SYMBOLS
from . import unsteady
from .corpora import MEN, SPEAKERS
from .normal import LIMIT, Normal, normalise
from .shifts import Measured, by_sex, fit, reader_shares, reader_shifts, strengthen

STRIP = 16_000  # rows of a JPEG
SHORTEST_PAUSE = 7  # frames


def load(cache: Path) -> tuple[list[dict], list[Measured]]:
    """Aligned utterances and their features, lengths made equal."""
    rows, out = [], []
    for corpus in ("kathleen", "kerstin", "emodb"):
        for line in (cache / "align" / f"{corpus}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            path = cache / "features" / corpus / f"{row['name']}.npz"
            if not path.exists():
                continue
            with np.load(path) as stored:
                feats, f0 = stored["feats"].astype(np.float32), stored["f0"]
            phones = np.array([p[0] for p in row["phones"]])
            durations = np.array([p[3] for p in row["phones"]])
            extra = len(feats) - durations.sum()
            if abs(extra) > 3 or durations[-1] + extra < 0 or len(phones) < 3:
                print(f"{row['name']}: alignment and features differ by {extra} frames, left out", file=sys.stderr)
                continue
            durations[-1] += extra
            keep, durations = merge_closures(phones, durations)
            row["phones"], phones = [p for p, k in zip(row["phones"], keep, strict=True) if k], phones[keep]
            rows.append(row)
            out.append(Measured(row["speaker"], row["emotion"], feats, f0, phones, durations, row["cut"]))
    return rows, out


def merge_closures(phones: np.ndarray, durations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(kept [p], durations of the kept): short silences found between words are the closure of the stop that follows, or
    belong to the phone before; a pause of the text without frames stays."""
    keep, out = np.ones(len(phones), bool), durations.copy()
    for i in range(1, len(phones) - 1):
        if phones[i] == IDS[PAUSE] and durations[i] < SHORTEST_PAUSE:
            stop = CLASSES[CLASS_OF[phones[i + 1]]] in ("stop", "voiced_stop")
            out[i + 1 if stop or not keep[i - 1] else i - 1] += out[i]
            keep[i] = False
    return keep, out[keep]


def measure_normal(items: list[Measured]) -> Normal:
    """Means of every speaker's neutral recordings, scales common to all."""
    sums: dict[str, dict[str, list[np.ndarray]]] = defaultdict(lambda: defaultdict(list))
    logs = defaultdict(list)
    for u in items:
        if u.emotion != "neutral":
            continue
        speech = u.frame_phones > 2
        voiced = (u.f0 > 0) & speech
        sums[u.speaker]["envelope"].append(u.feats[speech, :MEL_BANDS])
        sums[u.speaker]["f0"].append(np.log(u.f0[voiced]))
        sums[u.speaker]["periodicity"].append(u.feats[voiced, MEL_BANDS + 2 :])
        for p, d in zip(u.phones, u.durations, strict=True):
            logs[int(p)].append(np.log1p(d))
    envelope = np.stack([np.concatenate(sums[s]["envelope"]).mean(0) for s in SPEAKERS])
    wide = envelope[:2].mean(0)
    for i, s in enumerate(SPEAKERS):
        if s.startswith("emodb"):  # nothing was recorded above 7.5 kHz: the reading voices' slope goes on from there
            top = NARROW_BAND_POINTS - 3
            envelope[i, top:] = envelope[i, top] + wide[top:] - wide[top]
    spread = np.concatenate(
        [np.concatenate(sums[s]["envelope"])[::5] - envelope[i] for i, s in enumerate(SPEAKERS[:2])]
    )
    period = np.stack([np.concatenate(sums[s]["periodicity"]).mean(0) for s in SPEAKERS])
    for i, s in enumerate(SPEAKERS):
        if s.startswith("emodb"):
            period[i, 6] = period[i, 5] + (period[:2, 6] - period[:2, 5]).mean()
    pooled = np.concatenate([np.concatenate(sums[s]["periodicity"])[::5] - period[i] for i, s in enumerate(SPEAKERS)])
    return Normal(
        SPEAKERS, np.array([np.concatenate(sums[s]["f0"]).mean() for s in SPEAKERS]), envelope, period, spread.std(0),
        pooled.std(0), np.array([np.mean(logs[p]) if logs[p] else 2.0 for p in range(len(SYMBOLS))]),
    )  # fmt: skip


def jpegs(values: np.ndarray, quality: int) -> tuple[np.ndarray, np.ndarray]:
    """uint8 [t, 80] -> (all strips' bytes, their lengths)."""
    from PIL import Image

    parts = []
    for i in range(0, len(values), STRIP):
        buffer = io.BytesIO()
        Image.fromarray(values[i : i + STRIP]).save(buffer, "JPEG", quality=quality)
        parts.append(buffer.getvalue())
    return np.frombuffer(b"".join(parts), np.uint8), np.array([len(p) for p in parts])


def byte(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint((values + LIMIT) * (255 / (2 * LIMIT))), 0, 255).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path(".cache/speech"))
    parser.add_argument("--pack", type=Path, default=Path(".cache/pack/acoustic"))
    parser.add_argument("--quality", type=int, default=93)
    args = parser.parse_args()
    from genstudio.emotion import Emotion
    from genstudio.emotion.encoder import EmotionEncoder

    rows, items = load(args.cache)
    normal = measure_normal(items)
    measured = by_sex([u for u in items if u.speaker.startswith("emodb")])
    names = sorted(measured[0])
    encoder = EmotionEncoder.load()
    code = encoder([Emotion.neutral() if e == "neutral" else Emotion.parse(e) for e in names])
    pooled = np.asarray(code.pooled, np.float32)
    zero = pooled[names.index("neutral")]
    maps = np.stack([fit(shifts, encoder) for shifts in measured])
    women, men = (strengthen(shifts) for shifts in measured)
    speaking = {"women": women, "men": men, "reader_shares": reader_shares(tuple(women)),
                "unsteady": unsteady.targets(tuple(women))}  # fmt: skip
    table = np.einsum("ec,sck->sek", pooled - zero, maps)  # [women and men, emotions, 173]
    sex = np.array([int(s in MEN) for s in SPEAKERS])
    for who, shifts, made in zip(("women", "men"), measured, table, strict=True):
        for e, row in zip(names, made, strict=True):
            error = np.sqrt(((row - shifts[e]) ** 2).mean() / max((shifts[e] ** 2).mean(), 1e-9))
            numbers = f"tempo {row[:3].round(2)} f0 {row[3]:+.2f} range {row[4]:+.2f} fit error {error:.2f}"
            print(f"{who:5s} {e:9s} {numbers}", file=sys.stderr)

    y = []
    for u in items:
        s = SPEAKERS.index(u.speaker)
        y.append(normalise(u.feats, u.f0, u.frame_phones, normal, s, table[sex[s], names.index(u.emotion)]))
    frames = np.concatenate(y)
    strips, lengths = jpegs(byte(frames[:, :MEL_BANDS]), args.quality)
    flat = [p for r in rows for p in r["phones"]]
    arrays = dict(
        envelope=strips, strips=lengths, periodicity=byte(frames[:, MEL_BANDS + 2 :]),
        f0=np.rint(frames[:, MEL_BANDS] * 1000).astype(np.int16), voiced=np.packbits(frames[:, MEL_BANDS + 1] > 0),
        frames=np.array([len(v) for v in y], np.int32), phones=np.array([len(r["phones"]) for r in rows], np.int32),
        ids=np.array([p[0] for p in flat], np.uint8), stress=np.array([p[1] for p in flat], np.uint8),
        place=np.array([p[2] for p in flat], np.uint8),
        durations=np.concatenate([u.durations for u in items]).astype(np.uint16),
        speaker=np.array([SPEAKERS.index(r["speaker"]) for r in rows], np.uint8),
        language=np.array([LANGUAGES.index(r["language"]) for r in rows], np.uint8),
        kind=np.array([r["kind"] for r in rows], np.uint8), held=np.array([r["held"] for r in rows]),
        cut=np.array([r["cut"] for r in rows]), emotion=np.array([names.index(r["emotion"]) for r in rows], np.uint8),
        pooled=pooled, shifts=table, sex=sex, shift_zero=zero, shift_reader=reader_shifts(measured[0]), speakers=np.array(SPEAKERS),
        emotions=np.array(names),
        names=np.array([r["name"] for r in rows]), **normal.arrays(),
        **{f"shift_{k}": fit(v, encoder).T for k, v in speaking.items()},
    )  # fmt: skip
    args.pack.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(args.pack / "acoustic.npz", **arrays)
    size = (args.pack / "acoustic.npz").stat().st_size / 2**20
    print(f"{len(rows)} utterances, {len(frames) / 6000:.0f} min, {size:.1f} MB in {args.pack}", file=sys.stderr)


if __name__ == "__main__":
    main()
