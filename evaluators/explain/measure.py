"""Measure the normals that explanations compare with: python -m genstudio.evaluators.explain.measure --data DIR

Neutral EmoDB sentences and readings of Kathleen and Kerstin (voice), neutral London portraits (face), OASIS (pictures). Only
figures are kept, in norms.json.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import MissingDataError
from genstudio.media.audio import read_audio
from genstudio.media.files import write_text
from genstudio.media.image import read_image
from genstudio.media.rates import SAMPLE_RATE
from genstudio.protocols import Speech
from genstudio.signals.faces import find_faces

from ..image.data import oasis
from ..image.features import attributes
from . import face, picture, voice
from .cues import NORMS

_READ = 60  # sentences of each reading voice


def _voices(data: Path) -> dict[str, Any]:
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    for path in sorted((data / "emodb" / "wav").glob("*N?.flac")):
        rows[path.stem[:2]].append(voice.measured(Speech(read_audio(path), SAMPLE_RATE)))
    for name in ("kathleen", "kerstin"):
        files = sorted((data / name / "audio").glob("*.opus"))
        for path in files[:: max(1, len(files) // _READ)]:
            rows[name].append(voice.measured(Speech(read_audio(path), SAMPLE_RATE)))
    cues = {}
    for cue in voice.NAMES:
        people = []
        for measured in rows.values():
            x = np.array([m[cue] for m in measured])
            x = x[np.isfinite(x)]
            people.append(12 * np.log2(x / 27.5) if cue == "pitch" else x)
        own = [np.median(p) for p in people]
        within = np.sqrt(np.mean([_spread(p) ** 2 for p in people]))
        mean = 27.5 * 2 ** (np.mean(own) / 12) if cue == "pitch" else np.mean(own)
        # a single recording lies about its person as the person lies about the others
        between = np.sqrt(np.var(own, ddof=1) + within**2)
        cues[cue] = {
            "mean": round(float(mean), 4),
            "between": round(float(between), 4),
            "within": round(float(within), 4),
        }
    count = sum(map(len, rows.values()))
    return {
        "people": len(rows), "recordings": count, "cues": cues,
        "data": f"{count} neutral recordings of {len(rows)} people (EmoDB, Kathleen, Kerstin)",
    }  # fmt: skip


def _spread(x: NDArray[Any]) -> float:
    """Standard deviation by the median absolute deviation: a wrong octave does not widen it."""
    return float(1.4826 * np.median(np.abs(x - np.median(x))))


def _faces(data: Path) -> dict[str, Any]:
    rows = []
    for path in sorted((data / "london" / "neutral").glob("*.jpg")):
        found = find_faces(read_image(path))
        if found:
            rows.append(face.measured(found[0].landmarks))
    cues = {}
    for c in face.NAMES:
        x = np.array([r[c] for r in rows])
        cues[c] = {"mean": round(float(x.mean()), 5), "between": round(float(x.std(ddof=1)), 5)}
    return {"people": len(rows), "cues": cues, "data": f"neutral portraits of {len(rows)} people (London set)"}


def _pictures(data: Path) -> dict[str, Any]:
    photographs = oasis(data)
    rows = [attributes(read_image(path)) for path in photographs.paths]
    cues = {}
    for c in picture.NAMES:
        x = np.array([r[c] for r in rows])
        cues[c] = {
            "mean": round(float(x.mean()), 5), "sd": round(float(x.std(ddof=1)), 5),
            "valence": round(float(np.corrcoef(x, photographs.valence)[0, 1]), 3),
            "arousal": round(float(np.corrcoef(x, photographs.arousal)[0, 1]), 3),
        }  # fmt: skip
    return {
        "pictures": len(rows),
        "cues": cues,
        "data": f"{len(rows)} photographs rated by about 100 people each (OASIS)",
    }


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(prog="python -m genstudio.evaluators.explain.measure", description=__doc__)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    a = p.parse_args(argv)
    missing = [n for n in ("emodb", "kathleen", "kerstin", "london", "oasis") if not (a.data / n).is_dir()]
    if missing:
        raise MissingDataError(f"{a.data} lacks {', '.join(missing)}; 'genstudio data list' says where to get them")
    write_text(
        NORMS,
        json.dumps({"voice": _voices(a.data), "face": _faces(a.data), "picture": _pictures(a.data)}, indent=1) + "\n",
    )


if __name__ == "__main__":
    main()
