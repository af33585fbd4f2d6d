"""Train a reader of face and voice together on talking clips of yours.

    python -m genstudio.evaluators.fusion.train --data RAVDESS/ --out my-reader/
    python -m genstudio.evaluators.fusion.train --data CREMA-D/ MEAD/ --out my-reader/ --pretrain 40 --unlabelled films/
    genstudio evaluate clip.mp4 --recogniser fusion:my-reader/

DIR is laid out as the set's authors publish it (RAVDESS, CREMA-D, MEAD; 'genstudio data list' says where to get them and their
terms, 'genstudio data check DIR' what a folder holds). Every clip becomes rows of 100 ms, once: about half its length on one core,
kept in --cache by content, so that a run that was stopped goes on. Unreadable files are listed in OUT/skipped.csv and left out.

A fifth of the speakers is held out and chooses nothing: what is read right on them, with face and voice, with each alone, and by
late fusion of the shipped recognisers, stands in OUT/fusion.json and OUT/card.md and is the ceiling beside every reading. Of the
others a fifth is watched: of all epochs, and of late fusion alone, the weights that read these best are kept.
OUT gets fusion.safetensors, fusion.json, card.md, train.csv and checkpoint.pt (for --resume; it may be deleted).
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import shlex
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from genstudio.errors import GenstudioError, InputError, MissingDataError, OutputError
from genstudio.media.files import write_text
from genstudio.weights import load_weights, save_weights

from .attention import FusionNet
from .clips import AV_LAYOUTS, Clip, Sample, clips_of, gather, videos_of
from .evaluator import FACTS, WEIGHTS
from .figures import measure, split
from .frames import version
from .learn import CHECKPOINT, Learnt, Settings, labelled, learn
from .trained_card import card

WATCH_FROM = 2  # more learning speakers than these: a fifth of them is watched, to know when to stop
_TELL = 2.0  # seconds between lines of progress


def main(argv: list[str] | None = None) -> int:
    """0 when trained, else the error's exit code."""
    args = parser().parse_args(argv)
    try:
        run(args, ["python", "-m", "genstudio.evaluators.fusion.train", *(sys.argv[1:] if argv is None else argv)])
    except GenstudioError as error:
        _say(f"error: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        _say("stopped; --resume goes on")
        return 130
    return 0


def run(args: argparse.Namespace, command: list[str]) -> dict[str, Any]:
    """Gather, split, learn, measure, write. Returns the facts. Raises GenstudioError."""
    out: Path = args.out
    if (out / WEIGHTS).is_file() and not (args.resume or args.force):
        raise OutputError(
            f"'{out}' holds a recogniser already; give another --out, --resume to go on, or --force to replace it"
        )
    if args.minutes < 0:
        raise InputError(f"--minutes is 0 (no limit) or more; got {args.minutes}")
    settings = Settings(epochs=args.epochs, pretrain=args.pretrain, seed=args.seed, batch=args.batch)
    names, samples, problems = _labelled(args)
    learning, held = split(labelled(samples), args.seed)
    others = _unlabelled(args, samples, held, problems) if args.pretrain else []
    out.mkdir(parents=True, exist_ok=True)
    if problems:
        _table(out / "skipped.csv", [("file", "reason"), *problems])
        _say(
            f"{len(problems)} files left out, see {out / 'skipped.csv'}; the first: {problems[0][0]}: {problems[0][1]}"
        )
    _say(
        f"{len(learning)} clips of {len({s.speaker for s in learning})} speakers to learn from, {len(held)} of "
        f"{len({s.speaker for s in held})} held out" + (f", {len(others)} more to pretrain on" if others else "")
    )
    some, watched = (
        split(learning, args.seed + 1) if len({s.speaker for s in learning}) > WATCH_FROM else (learning, [])
    )
    learnt = learn(
        some,
        settings,
        out,
        unlabelled=others,
        watched=watched,
        minutes=args.minutes,
        resume=args.resume,
        told=_teller(),
    )
    facts = _written(out, learnt, settings, names, some, watched, held, command)
    _result(facts, out)
    return facts


def _labelled(args: argparse.Namespace) -> tuple[list[str], list[Sample], list[tuple[str, str]]]:
    if not args.data:
        raise MissingDataError(
            f"give --data DIR in the layout of {', '.join(AV_LAYOUTS)}, or set GENSTUDIO_DATA ('genstudio data list')"
        )
    names: list[str] = []
    clips: list[Clip] = []
    for folder in args.data:
        name, found = clips_of(folder, args.layout)
        names.append(name)
        clips += found
    odd = Counter(c.speaker for c in clips if not c.label)
    _say(f"{len(clips)} clips of {', '.join(names)}" + (f", {sum(odd.values())} show none of the seven" if odd else ""))
    if not args.pretrain:  # those without a label would only be pretrained on
        clips = [c for c in clips if c.label]
    samples, problems = gather(clips, args.cache, _counter())
    return names, samples, problems


def _unlabelled(
    args: argparse.Namespace, samples: list[Sample], held: list[Sample], problems: list[tuple[str, str]]
) -> list[Sample]:
    """What is pretrained on beside the learning clips: nothing of held-out speakers, and none of their files by another name."""
    more: list[Sample] = []
    for folder in args.unlabelled:
        found, bad = gather(videos_of(folder), args.cache, _counter())
        more += found
        problems += bad
    kept = {s.key for s in samples}
    silent = {s.speaker for s in held}
    own = [s for s in samples if not (s.label and s.speaker) and s.speaker not in silent]
    return own + [s for s in more if s.key not in kept]


def _written(
    out: Path, learnt: Learnt, settings: Settings, names: list[str], learning: list[Sample], watched: list[Sample],
    held: list[Sample], command: list[str],
) -> dict[str, Any]:  # fmt: skip
    """Weights, facts and card; the figures are of the weights as they are stored."""
    save_weights(learnt.net, out / WEIGHTS, asdict(settings.network))
    net = FusionNet(settings.network)
    load_weights(net, out / WEIGHTS)
    figures = measure(net, held)
    facts = {
        "data": " and ".join(names), "classes": figures["classes"], "figures": figures, "network": asdict(settings.network),
        "rows": version(), "seed": settings.seed, "epochs": learnt.done, "kept_epoch": learnt.kept, "pretrained": settings.pretrain,
        "finished": learnt.finished, "seconds": round(learnt.seconds, 1), "learnt_from": {
            "clips": len(learning), "speakers": sorted({s.speaker for s in learning}),
            "shown": dict(sorted(Counter(s.label for s in learning).items())),
            "watched": sorted({s.speaker for s in watched}),
        }, "lags_ms": net.lags(), "parameters": sum(p.numel() for p in net.parameters()),
    }  # fmt: skip
    write_text(out / "card.md", card(facts, shlex.join(command)))
    write_text(out / FACTS, json.dumps(facts, indent=1) + "\n")
    return facts


def _result(facts: dict[str, Any], out: Path) -> None:
    for stream in ("both", "face", "voice", "late_fusion"):
        found = facts["figures"][stream]
        if found:
            low, high = found["interval"]
            print(
                f"{stream.replace('_', ' ')}: UAR {found['uar']:.3f} ({low:.3f} to {high:.3f}), {found['clips']} held-out clips"
            )
    print(f"chance {facts['figures']['chance']:.3f}; interval over {facts['figures']['interval_over']}")
    end = "" if facts["finished"] else f"; stopped by --minutes after epoch {facts['epochs']}, --resume goes on"
    print(f"wrote {out}: use it with --recogniser fusion:{out}{end}")


def _counter() -> Any:
    began = time.monotonic()
    said = [0.0]

    def told(done: int, of: int, bad: int) -> None:
        now = time.monotonic()
        if now - said[0] >= _TELL or done == of:
            said[0] = now
            left = (now - began) / done * (of - done)
            _say(f"clip {done}/{of}, {bad} unreadable ({left:.0f} s left)")

    return told


def _teller() -> Any:
    said = [0.0]

    def told(stage: str, done: int, of: int, loss: float, left: float) -> None:
        now = time.monotonic()
        if now - said[0] >= _TELL or done == of:
            said[0] = now
            _say(f"{stage} epoch {done}/{of} loss {loss:.4f} ({left:.0f} s left)")

    return told


def _table(path: Path, rows: list[tuple[str, str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    write_text(path, text.getvalue())


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    p = argparse.ArgumentParser(
        prog="python -m genstudio.evaluators.fusion.train", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    given = os.environ.get("GENSTUDIO_DATA")
    p.add_argument("--data", type=Path, nargs="+", metavar="DIR", default=[Path(given)] if given else [],
                   help="folders of labelled clips (default: $GENSTUDIO_DATA)")  # fmt: skip
    p.add_argument("--layout", default="auto", help=f"{', '.join(AV_LAYOUTS)} or another known one; auto finds it")
    p.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the recogniser")
    p.add_argument("--pretrain", type=int, default=0, metavar="EPOCHS",
                   help="first learn without labels for so many epochs; default 0")  # fmt: skip
    p.add_argument("--unlabelled", type=Path, nargs="+", metavar="DIR", default=[],
                   help="folders of more videos for --pretrain, any layout")  # fmt: skip
    p.add_argument("--epochs", type=int, default=40, help="passes over the labelled clips (default 40)")
    p.add_argument("--batch", type=int, default=32, help="clips a step (default 32)")
    p.add_argument(
        "--minutes", type=float, default=0.0, help="train so long at most, then write what is learnt; 0: no limit"
    )
    p.add_argument("--seed", type=int, default=0, help="of the split, the weights and the order (default 0)")
    p.add_argument("--cache", type=Path, default=Path(".cache/fusion"), metavar="DIR", help="rows of clips read before")
    p.add_argument(
        "--resume", action="store_true", help=f"go on from OUT/{CHECKPOINT}; the result is the same as without a stop"
    )
    p.add_argument("--force", action="store_true", help="replace a recogniser in --out")
    return p


if __name__ == "__main__":
    sys.exit(main())
