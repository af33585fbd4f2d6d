"""Copy synthesis of held-out recordings, against the recording and WORLD.

    python -m genstudio.models.speech.vocoder.evaluate --data DIR [--weights FILE] [--count 20] [--wer 25] [--plots DIR]

prints one table a corpus, and how far the two lie apart with 95 % intervals: Kathleen's and Kerstin's held-out utterances, and
EmoDB speakers never trained on (below 7.5 kHz, all that EmoDB has). WORLD has its full 513 bins every 5 ms; the network 80
points every 10 ms ("vocoder": all that a voice that speaks text has) and then the recording's envelope in full ("faithful": as
where a recording is given an emotion).
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genstudio.signals.world import world as signals_world

from ..analysis.corpora import CORPORA, Utterance, load_audio, utterances
from ..analysis.extract import analyse
from ..analysis.features import HOP, SAMPLE_RATE, Features
from .faithful import envelope, faithful, steps
from .metrics import Measures, compare, differences, mean_measures, word_error_rate

if TYPE_CHECKING:
    from numpy.typing import NDArray

FACTORS = (1.0, 0.75, 1.5)


@dataclass(frozen=True)
class Item:
    utterance: Utterance
    audio: NDArray[np.float32]
    features: Features


def held_out(data: Path, corpus: str, count: int) -> list[Item]:
    """`count` held-out utterances spread over the corpus (EmoDB: people never trained on)."""
    known = [u for u in utterances(data, corpus) if u.held]
    chosen = known[:: max(1, len(known) // count)][:count]
    found = []
    for utterance in chosen:
        audio = load_audio(utterance)
        found.append(Item(utterance, audio, analyse(audio)))
    return found


def world(item: Item, factor: float) -> NDArray[np.float32]:
    """WORLD's own copy: CheapTrick and D4C on 513 bins every 5 ms, with the same F0."""
    pyworld = signals_world("comparing with WORLD")
    x = item.audio.astype(np.float64)
    f = item.features.f0.astype(np.float64)
    fine = np.zeros(2 * len(f) - 1)
    fine[::2] = f
    fine[1::2] = np.where((f[1:] > 0) & (f[:-1] > 0), (f[1:] + f[:-1]) / 2, 0)
    times = np.arange(len(fine)) * 0.005
    envelope = pyworld.cheaptrick(x, fine, times, SAMPLE_RATE, fft_size=1024)
    aperiodicity = pyworld.d4c(x, fine, times, SAMPLE_RATE, fft_size=1024)
    return pyworld.synthesize(fine * factor, envelope, aperiodicity, SAMPLE_RATE, 5.0)[: len(x)].astype(np.float32)


def plot(path: Path, named: list[tuple[str, NDArray[np.floating]]], top: int = 8000) -> None:
    """Spectrograms one above the other, 25 ms windows."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(len(named), 1, figsize=(12, 3.2 * len(named)), squeeze=False)
    for axis, (name, x) in zip(axes[:, 0], named, strict=True):
        axis.specgram(x + 1e-6, NFFT=720, Fs=SAMPLE_RATE, noverlap=600, pad_to=2048, vmin=-130, vmax=-45, cmap="magma")
        axis.set_ylim(0, top)
        axis.set_title(name, fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    plt.close(figure)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Copy synthesis of held-out recordings against WORLD.")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--count", type=int, default=20, help="utterances a corpus")
    parser.add_argument("--wer", type=int, default=25, help="Kathleen utterances for the word error rate")
    parser.add_argument("--corpora", nargs="+", default=list(CORPORA))
    parser.add_argument("--no-world", action="store_true")
    parser.add_argument("--plots", type=Path)
    options = parser.parse_args(argv)
    if options.plots and find_spec("matplotlib") is None:
        parser.error("--plots draws with matplotlib: pip install matplotlib")
    import torch

    from .vocoder import Vocoder

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    vocoder = Vocoder.load(options.weights)

    def neural(item: Item, factor: float) -> NDArray[np.float32]:
        return vocoder(item.features.shifted(factor))

    def kept(item: Item, factor: float) -> NDArray[np.float32]:
        track = steps(item.features.f0)
        made = neural(item, factor)
        return faithful(made, item.features.shifted(factor).f0, lambda a, b: envelope(item.audio, track, a, b))

    makers: dict[str, Callable[[Item, float], NDArray[np.float32]]] = {"vocoder": neural, "faithful": kept}
    if not options.no_world:
        makers["world"] = world
    for corpus in options.corpora:
        items = held_out(options.data, corpus, max(options.count, options.wer if corpus == "kathleen" else 0))
        judged = [(i.audio, i.utterance.text) for i in items[: options.wer]]
        if corpus == "kathleen" and options.wer:
            print(
                json.dumps({"corpus": corpus, "what": "recording", "wer": round(word_error_rate(judged), 3)}),
                flush=True,
            )
        for factor in FACTORS:
            measured: dict[str, list[Measures]] = {}
            for name, make in makers.items():
                start = time.perf_counter()
                made = [make(item, factor) for item in items]
                spent = time.perf_counter() - start
                rows = [
                    compare(y, i.audio, i.features, factor, i.utterance.narrow)
                    for y, i in zip(made[: options.count], items[: options.count], strict=True)
                ]
                measured[name] = rows
                result = {k: round(v, 3) for k, v in mean_measures(rows).items()}
                seconds = sum(len(i.audio) for i in items) / SAMPLE_RATE
                extra: dict[str, float] = {"rtf": round(spent / seconds, 4)}
                if corpus == "kathleen" and options.wer:
                    pairs = [(y, t) for y, (_, t) in zip(made, judged, strict=False)]
                    extra["wer"] = round(word_error_rate(pairs), 3)
                print(json.dumps({"corpus": corpus, "what": name, "f0": factor, **result, **extra}), flush=True)
            for name in ("vocoder", "faithful") if not options.no_world else ():
                apart = differences(measured[name], measured["world"])
                shown = {k: [round(x, 3) for x in v] for k, v in apart.items()}
                print(json.dumps({"corpus": corpus, "what": f"{name} less world", "f0": factor, **shown}), flush=True)
        if options.plots:
            options.plots.mkdir(parents=True, exist_ok=True)
            for item in items[:2]:
                span = slice(0, 3 * SAMPLE_RATE // HOP * HOP)
                named: list[tuple[str, NDArray[np.floating]]] = [("recording", item.audio[span])]
                for factor in FACTORS:
                    named += [(f"{n}, F0 x {factor}", m(item, factor)[span]) for n, m in makers.items()]
                plot(options.plots / f"{corpus}_{item.utterance.id}.png", named)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
