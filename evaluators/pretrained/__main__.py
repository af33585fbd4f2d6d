"""Measure a pretrained recogniser: `python -m genstudio.evaluators.pretrained transformers:FOLDER --measure DIR`.

`--measure DIR` takes labelled files (targets.csv with file,emotion[,speaker], or a folder a category) and keeps the figure in the
user's cache by weight hash; `--fit DATA` fits a clip recogniser's valence and arousal on DATA/oasis.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from genstudio.errors import GenstudioError, InputError

from ..fusion.evaluator import FusionEvaluator
from . import load_recogniser
from .ceilings import measure_ceiling, reader, rows_of, store_ceiling
from .clip import ClipRecogniser


def main(argv: list[str] | None = None) -> int:
    """0 when measured, else the error's exit code."""
    parser = argparse.ArgumentParser(prog="genstudio.evaluators.pretrained", description=__doc__)
    parser.add_argument("spec", help="transformers:FOLDER-OR-HUB-ID or clip:FOLDER-OR-HUB-ID, with #face for faces")
    parser.add_argument("--measure", type=Path, metavar="DIR", help="labelled files to measure the ceiling on")
    parser.add_argument("--fit", type=Path, metavar="DATA", help="folder with oasis/ to fit a clip recogniser on")
    parser.add_argument("--labels", type=Path, help="JSON that says what the model's labels mean")
    parser.add_argument(
        "--allow-pickle", action="store_true", help="also load weights that are pickles (they can run code)"
    )
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="float32")
    args = parser.parse_args(argv)
    try:
        recogniser = load_recogniser(
            args.spec, labels=args.labels, allow_pickle=args.allow_pickle, device=args.device, dtype=args.dtype
        )
        if isinstance(recogniser, FusionEvaluator):
            raise InputError("a fusion recogniser was measured when it was trained; its ceiling stands in its card.md")
        if args.fit is not None:
            if not isinstance(recogniser, ClipRecogniser):
                raise InputError("--fit is for clip recognisers; measure a classifier with --measure DIR")
            print(recogniser.fit(args.fit))
        if args.measure is not None:
            ceiling, problems = measure_ceiling(
                recogniser, rows_of(args.measure), args.measure.resolve().name, reader(recogniser.modality), _told
            )
            print("\n".join(problems), file=sys.stderr)
            print(f"{ceiling}; kept in {store_ceiling(recogniser.key, ceiling)}")
        elif args.fit is None:
            print(f"{recogniser.name} reads {recogniser.modality}; {recogniser.ceiling}")
    except GenstudioError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _told(share: float) -> None:
    print(f"\r{100 * share:3.0f} %", end="" if share < 1 else "\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
