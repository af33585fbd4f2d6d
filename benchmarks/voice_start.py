"""How soon the embedded voice sounds, and what memory it takes: python benchmarks/voice_start.py [--rounds 7]

Prints JSON: seconds from the call of `SpeechModel.stream` to its first piece (median and worst over sentences, loaded and warm; the
first of the process beside it), and the most megabytes resident while a page of text is spoken, beyond those of a process that
has imported torch and multiplied with it. Goals: 0.25 s and 500 MB. One thread; Linux.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

GOALS = {"first_audio_s": 0.25, "memory_mb": 500}
SENTENCES = (
    "Please close the door behind you.",
    "The train leaves at half past seven.",
    "We had dinner at the new place on Main Street.",
    "My brother lives in a small town near the river.",
    "I never thought I would see you again.",
)


def peak_mb() -> float:
    """Megabytes resident at most since the process began."""
    status = Path("/proc/self/status").read_text()
    return float(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    torch.randn(256, 256) @ torch.randn(256, 256)
    torch_alone = peak_mb()

    from genstudio.emotion import Emotion
    from genstudio.models.speech.engine import SpeechModel

    joy = Emotion.parse("joy")

    def first_audio(text: str) -> float:
        start = time.perf_counter()
        next(iter(model.stream(text, joy, seed=1)))
        return time.perf_counter() - start

    start = time.perf_counter()
    model = SpeechModel.load(onnx=None)
    loading = time.perf_counter() - start
    page = " ".join(SENTENCES) + " "
    cold = first_audio(page)
    waits = [first_audio(f"{text} {page}") for _ in range(args.rounds) for text in SENTENCES]
    made = sum(part.duration for part in model.stream(page * 4, joy, seed=1))
    found = {
        "loading_s": round(loading, 2),
        "first_audio_of_the_process_s": round(cold, 3),
        "first_audio_s": round(statistics.median(waits), 3),
        "first_audio_worst_s": round(max(waits), 3),
        "spoken_s": round(made, 1),
        "torch_alone_mb": round(torch_alone),
        "memory_mb": round(peak_mb() - torch_alone),
        "goals": GOALS,
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
