"""The embedded voice against coqui's VITS: python benchmarks/voice_speed.py [--rounds 5] [--coqui .venv-coqui/bin/python]

VITS at its usual size with random weights, reading letters (no front end to pay for), its length scale set so that every sentence
is as long as ours. Each in a process of its own, loaded and warm, on one thread, in turns on the same sentences: text to samples.
Prints JSON: seconds of work per second of audio made by the clock and of processor time, and VITS's divided by ours (goal: 4).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SENTENCES = (
    "Please close the door behind you.",
    "The train leaves at half past seven.",
    "We had dinner at the new place on Main Street.",
    "It has been raining all week, and nobody told me about the meeting.",
    "My brother lives in a small town near the river.",
    "I never thought I would see you again.",
)
GOAL = 4.0
Say = Callable[[str, float], float]  # a sentence and the seconds it should take -> seconds it takes


def embedded() -> tuple[Say, dict[str, Any]]:
    """The shipped voice, joyful; how long a sentence takes is its own affair."""
    from genstudio.emotion import Emotion
    from genstudio.models.speech.engine import SpeechModel
    from genstudio.models.speech.graphs import networks

    model = SpeechModel.load(onnx=None)
    joy = Emotion.parse("joy")
    size = sum(p.numel() for net in networks(model) for p in net.parameters())
    return lambda text, _: model(text, joy, seed=1).duration, {"parameters": size, "rate": 24_000}


def vits() -> tuple[Say, dict[str, Any]]:
    """coqui's VITS at its default size, random weights."""
    import torch
    from TTS.tts.configs.vits_config import VitsConfig
    from TTS.tts.models.vits import Vits, VitsArgs

    torch.manual_seed(0)
    model = Vits(VitsConfig(model_args=VitsArgs(init_discriminator=False), text_cleaner="basic_cleaners"))
    model.eval().requires_grad_(False)
    rate = model.config.audio.sample_rate
    scales: dict[str, float] = {}
    size = sum(
        p.numel() for name, p in model.named_parameters() if not name.startswith("posterior_encoder")
    )  # training's

    def made(text: str) -> float:
        torch.manual_seed(1)
        ids = torch.tensor([model.tokenizer.text_to_ids(text)])
        return model.inference(ids)["model_outputs"].shape[-1] / rate

    def say(text: str, seconds: float) -> float:
        if text not in scales:
            model.length_scale = 1.0
            for _ in range(4):  # durations are rounded up: not quite proportional
                model.length_scale *= seconds / made(text)
            scales[text] = model.length_scale
        model.length_scale = scales[text]
        return made(text)

    return say, {"parameters": size, "rate": rate}


def serve(kind: str) -> None:
    """A worker: answers every line [text, seconds] with [seconds made, seconds by the clock, processor seconds]."""
    import torch

    torch.set_num_threads(1)
    out, sys.stdout = sys.stdout, sys.stderr  # libraries that print must not answer
    say, about = {"embedded": embedded, "vits": vits}[kind]()

    def answer(content: Any) -> None:
        out.write(json.dumps(content) + "\n")
        out.flush()

    answer(about)
    for line in sys.stdin:
        text, seconds = json.loads(line)
        clock, cpu = time.perf_counter(), time.process_time()
        with torch.inference_mode():
            made = say(text, seconds)
        answer((made, time.perf_counter() - clock, time.process_time() - cpu))


class Worker:
    """One of the two in its own process."""

    def __init__(self, python: str, kind: str) -> None:
        env = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        command = [python, str(Path(__file__).resolve()), "--serve", kind]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        self.about = self._read()
        self.rows: list[tuple[float, float, float]] = []

    def _read(self) -> Any:
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise SystemExit(f"{self.process.args} ended; its own message stands above")  # type: ignore[str-bytes-safe]
        return json.loads(line)

    def say(self, text: str, seconds: float) -> tuple[float, float, float]:
        assert self.process.stdin
        self.process.stdin.write(json.dumps((text, seconds)) + "\n")
        self.process.stdin.flush()
        made, clock, cpu = self._read()
        return made, clock, cpu

    def close(self) -> dict[str, Any]:
        """Medians over everything said after warming up."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait()
        wall, cpu = (statistics.median(row[k] / row[0] for row in self.rows) for k in (1, 2))
        return self.about | {
            "audio_s": round(sum(r[0] for r in self.rows), 2),
            "wall_per_s": round(wall, 4),
            "cpu_per_s": round(cpu, 4),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--coqui", default=".venv-coqui/bin/python", help="Python with coqui-tts, by tools/coqui_env.sh"
    )
    parser.add_argument("--serve", choices=("embedded", "vits"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        return serve(args.serve)
    if not Path(args.coqui).exists():
        raise SystemExit(f"no Python at '{args.coqui}': make it with tools/coqui_env.sh, or name another with --coqui")
    ours, theirs = Worker(sys.executable, "embedded"), Worker(args.coqui, "vits")
    lengths = {text: ours.say(text, 0.0)[0] for text in SENTENCES}
    for text in SENTENCES:
        theirs.say(text, lengths[text])
    for i in range(args.rounds):
        for text in SENTENCES:
            for worker in (ours, theirs) if i % 2 else (theirs, ours):
                worker.rows.append(worker.say(text, lengths[text]))
    found: dict[str, Any] = {"threads": 1, "rounds": args.rounds, "sentences": len(SENTENCES)}
    found |= {"embedded": ours.close(), "vits": theirs.close()}
    for kind in ("wall", "cpu"):
        found[f"{kind}_ratio"] = round(found["vits"][f"{kind}_per_s"] / found["embedded"][f"{kind}_per_s"], 2)
    print(json.dumps(found | {"goal": GOAL}, indent=1))


if __name__ == "__main__":
    main()
