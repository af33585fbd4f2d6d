"""Everything from recordings to the embedded voice, stage by stage; a stage that was stopped goes on.

    python -m genstudio.models.speech.train --data DIR --cache .cache/speech --out OUT [--minutes 30] [--stage NAME ...]

Stages: features (analysis.prepare), alignment (acoustic.pre_align), packs (acoustic.prepare, vocoder.pack), then the three
trainings, acoustic, vocoder and sounds, `--minutes` each. `--stage preferences` is run by name alone: it tunes the prosody of
OUT's acoustic model, or of the shipped one, to readings that the steering recogniser prefers. Each is a command with more options.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

HERE = "genstudio.models.speech"
STAGES = ("features", "alignment", "packs", "acoustic", "vocoder", "sounds", "preferences")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--cache", type=Path, default=Path(".cache/speech"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=30.0, help="of each training")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--stage", nargs="+", choices=STAGES, default=STAGES[:-1], help="default: all but preferences")
    args = parser.parse_args()
    data, cache = ["--data", str(args.data)], ["--cache", str(args.cache)]
    packs = args.cache / "pack"
    length = ["--minutes", str(args.minutes), "--device", args.device]
    again = ["--resume"] if args.resume else []
    made = args.out / "acoustic" / "acoustic.safetensors"
    start = ["--weights", str(made)] if made.is_file() else []
    pack, trained = str(packs / "vocoder"), str(args.out / "vocoder")
    steps = [
        ("features", "analysis.prepare", [*data, *cache]),
        ("alignment", "acoustic.pre_align", [*data, *cache]),
        ("packs", "acoustic.prepare", [*cache, "--pack", str(packs / "acoustic")]),
        ("packs", "vocoder.pack", [*data, *cache, "--out", pack]),
        ("acoustic", "acoustic.train", ["--pack", str(packs / "acoustic"), "--out", str(made.parent), *length, *again]),
        ("vocoder", "vocoder.train", ["--pack", pack, "--out", trained, *length, *again]),
        (
            "sounds",
            "sounds.train",
            [*data, "--out", str(args.out / "sounds"), *length],
        ),  # goes on by itself, so does this:
        ("preferences", "acoustic.preferences", [*data, *cache, "--out", str(args.out / "preferences"), *start]),
    ]
    for name, options in [s[1:] for s in steps if s[0] in args.stage]:
        print(f"{name} …", file=sys.stderr, flush=True)
        done = subprocess.run([sys.executable, "-m", f"{HERE}.{name}", *options], check=False)
        if done.returncode:
            raise SystemExit(
                f"{name} ended with {done.returncode}; what it finished is kept, run the same command again"
            )


if __name__ == "__main__":
    main()
