"""Everything from recordings to the embedded voice, stage by stage; a stage that was stopped goes on.

    python -m genstudio.models.speech.train --data DIR --cache .cache/speech --out OUT [--minutes 30] [--device auto]

Stages: features (analysis.prepare), alignment (acoustic.pre_align), packs (acoustic.prepare, vocoder.pack), then the three
trainings, acoustic model, vocoder and sounds, `--minutes` each. Each stage is a command of its own with more options.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

HERE = "genstudio.models.speech"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    parser.add_argument("--cache", type=Path, default=Path(".cache/speech"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=30.0, help="of each training")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    data, cache = ["--data", str(args.data)], ["--cache", str(args.cache)]
    packs = args.cache / "pack"
    length = ["--minutes", str(args.minutes), "--device", args.device]
    again = ["--resume"] if args.resume else []
    stages = [
        ("analysis.prepare", [*data, *cache]),
        ("acoustic.pre_align", [*data, *cache]),
        ("acoustic.prepare", [*cache, "--pack", str(packs / "acoustic")]),
        ("vocoder.pack", [*data, *cache, "--out", str(packs / "vocoder")]),
        ("acoustic.train", ["--pack", str(packs / "acoustic"), "--out", str(args.out / "acoustic"), *length, *again]),
        ("vocoder.train", ["--pack", str(packs / "vocoder"), "--out", str(args.out / "vocoder"), *length, *again]),
        ("sounds.train", [*data, "--out", str(args.out / "sounds"), *length]),  # goes on by itself
    ]
    for name, options in stages:
        print(f"{name} …", file=sys.stderr, flush=True)
        done = subprocess.run([sys.executable, "-m", f"{HERE}.{name}", *options], check=False)
        if done.returncode:
            raise SystemExit(
                f"{name} ended with {done.returncode}; what it finished is kept, run the same command again"
            )


if __name__ == "__main__":
    main()
