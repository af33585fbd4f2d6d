"""Held-out figures of the speech recognisers: `python -m genstudio.evaluators.speech.evaluate --role score`.

Two kinds: `unseen`, the shipped weights on the EmoDB speakers that they never heard; `loso`, the same training repeated ten times
with one speaker left out each (six of the ten train the shipped scorer's rival, so this is the figure to compare with other work).
UAR over EmoDB's seven classes; intervals by bootstrap over speakers.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genstudio.splits import EMODB_SCORE, EMODB_SPEAKERS, EMODB_VOICE, emogator_role

from ..measures import bootstrap, calibration_error, confusion, recalls, uar
from .data import CLASSES, EMODB_CLASSES
from .fit import fit_known, fit_plain, train_mel
from .model import MelNet, both, build
from .pack import Pack, clean_references, load_pack

WOMEN = ("08", "09", "13", "14", "16")
_CAN = [CLASSES.index(c) for c in EMODB_CLASSES]


def report(pack: Pack, rows: NDArray[np.int64], log_p: Tensor) -> dict[str, Any]:
    """UAR over EmoDB's classes with its interval, recall a class, a speaker and a sex, confusion, calibration."""
    said = np.array(_CAN)[log_p[:, _CAN].argmax(1).numpy()]
    true, speaker = pack.label[rows], pack.speaker[rows]
    interval = bootstrap(uar, true, said, clusters=speaker, repeats=1000)
    sure = log_p[:, _CAN].softmax(1)
    return {
        "uar": round(interval.value, 4),
        "interval": [round(interval.low, 4), round(interval.high, 4)],
        "recall": {CLASSES[k]: round(v, 3) for k, v in recalls(true, said).items()},
        "count": {c: int((true == CLASSES.index(c)).sum()) for c in EMODB_CLASSES},
        "speaker": {str(s): round(uar(true[speaker == s], said[speaker == s]), 3) for s in np.unique(speaker)},
        "women": round(uar(true[np.isin(speaker, WOMEN)], said[np.isin(speaker, WOMEN)]), 3),
        "men": round(uar(true[~np.isin(speaker, WOMEN)], said[~np.isin(speaker, WOMEN)]), 3),
        "confusion": confusion(true, said, _CAN).tolist(),
        "calibration_error": round(calibration_error(said == true, sure.max(1).values.numpy()), 3),
        "chance": round(1 / len(_CAN), 4),
    }


def _clean(pack: Pack, speakers: tuple[str, ...]) -> NDArray[np.int64]:
    return np.flatnonzero((pack.corpus == "emodb") & (pack.copy == 0) & np.isin(pack.speaker, speakers))


def _bursts(pack: Pack, role: str, log_p_of: Any) -> dict[str, Any]:
    """UAR over the seven of EmoGator's contributors of the half not trained on: bursts without words."""
    other = "steer" if role == "score" else "score"
    rows = np.flatnonzero((pack.corpus == "emogator") & (pack.copy == 0))
    rows = rows[[emogator_role(s) == other for s in pack.speaker[rows]]]
    said = log_p_of(rows)[:, :7].argmax(1).numpy()
    found = bootstrap(uar, pack.label[rows], said, clusters=pack.speaker[rows], repeats=500)
    return {"uar": round(found.value, 4), "interval": [round(found.low, 4), round(found.high, 4)], "chance": round(1 / 7, 4),
            "recall": {CLASSES[k]: round(v, 3) for k, v in recalls(pack.label[rows], said).items()},
            "clips": len(rows)}  # fmt: skip


def figures_score(
    pack: Pack, tensors: dict[str, Tensor], config: dict[str, Any], steps: int, seed: int, folds: bool = True
) -> dict[str, Any]:
    plain, known = build(tensors, config, "plain"), build(tensors, config, "known")
    random = np.random.default_rng(seed)
    out: dict[str, Any] = {}
    heat = config.get("temperature", {"plain": 1.0, "known": 1.0})
    if folds:
        every = _clean(pack, EMODB_SPEAKERS)
        p, k, one = (torch.zeros(len(every), len(CLASSES)) for _ in range(3))
        for s in EMODB_SPEAKERS:
            train = pack.rows(None, without=(s,))
            test = np.flatnonzero(pack.speaker[every] == s)
            x = pack.x[every[test]]
            first, second = fit_plain(pack, train, steps, seed), fit_known(pack, train, steps, seed)
            p[test] = first(x)
            k[test] = both(first, second, x, clean_references(pack, every[test], 0, random))
            one[test] = both(first, second, x, clean_references(pack, every[test], 1, random))
        heat = config["temperature"] = {"plain": temperature(pack, every, p), "known": temperature(pack, every, k)}
        out["loso"] = report(pack, every, p / heat["plain"])
        out["loso_known_voice"] = report(pack, every, k / heat["known"])
        out["loso_one_reference"] = report(pack, every, one / heat["known"])
    rows = _clean(pack, EMODB_VOICE)
    x = pack.x[rows]
    out["unseen"] = report(pack, rows, plain(x) / heat["plain"])
    for key, count in (("unseen_known_voice", 0), ("unseen_one_reference", 1)):
        out[key] = report(
            pack, rows, both(plain, known, x, clean_references(pack, rows, count, random)) / heat["known"]
        )
    out["bursts"] = _bursts(pack, "score", lambda r: plain(pack.x[r]))
    return out


def temperature(pack: Pack, rows: NDArray[np.int64], log_p: Tensor) -> float:
    """What log probabilities are divided by so that they are as sure as they are right (Guo et al. 2017), over EmoDB's classes."""
    place = torch.tensor([_CAN.index(int(k)) for k in pack.label[rows]])
    grid = np.linspace(0.3, 3.0, 109)
    loss = [float(torch.nn.functional.cross_entropy(log_p[:, _CAN] / t, place)) for t in grid]
    return round(float(grid[int(np.argmin(loss))]), 3)


def figures_steer(
    pack: Pack, model: MelNet, config: dict[str, Any], minutes: float, steps: int | None, seed: int, device: str,
    folds: bool = True,
) -> dict[str, Any]:  # fmt: skip
    def read(net: MelNet, rows: NDArray[np.int64]) -> Tensor:
        with torch.inference_mode():
            parts = [net(torch.from_numpy(pack.images[rows[i : i + 128]]).float()) for i in range(0, len(rows), 128)]
        return torch.cat(parts)

    out: dict[str, Any] = {}
    heat = float(config.get("temperature", 1.0))
    if folds:
        every = _clean(pack, EMODB_SPEAKERS)
        p = torch.zeros(len(every), len(CLASSES))
        for pair in zip(EMODB_SPEAKERS[::2], EMODB_SPEAKERS[1::2], strict=True):
            test = np.flatnonzero(np.isin(pack.speaker[every], pair))
            net = train_mel(pack, pack.rows(None, without=pair), minutes, steps, seed, device)
            p[test] = read(net, every[test])
        heat = config["temperature"] = temperature(pack, every, p)
        out["leave_two_speakers_out"] = report(pack, every, p / heat)
    rows = _clean(pack, EMODB_SCORE)
    out["unseen"] = report(pack, rows, read(model, rows) / heat)
    out["bursts"] = _bursts(pack, "steer", lambda r: read(model, r))
    return out


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role", choices=("score", "steer"), default="score")
    parser.add_argument("--cache", type=Path, default=Path(".cache/speech_eval"))
    parser.add_argument("--data", type=Path, help="unused: `prepare` reads it")
    args = parser.parse_args(argv)
    from .evaluator import SpeechEvaluator

    recogniser = SpeechEvaluator.load(args.role)
    pack = load_pack(args.cache)
    if args.role == "score":
        print(json.dumps(figures_score(pack, recogniser.tensors, recogniser.config, 0, 0, folds=False), indent=1))
    else:
        print(
            json.dumps(figures_steer(pack, recogniser.mel, recogniser.config, 0, None, 0, "cpu", folds=False), indent=1)
        )


if __name__ == "__main__":
    main()
