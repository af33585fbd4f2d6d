"""The recordings the voice learns from: names, speakers, texts, emotions and samples."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genstudio.errors import MissingDataError
from genstudio.media.rates import SAMPLE_RATE
from genstudio.splits import EMODB_VOICE, utterance_holdout

EMODB_TEXTS = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen, und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}  # Burkhardt et al. 2005
EMODB_EMOTIONS = {
    "W": "anger", "L": "boredom", "E": "disgust", "A": "fear", "F": "joy", "T": "sadness", "N": "neutral",
}  # fmt: skip
READERS = ("kathleen", "kerstin")  # read slowly and evenly, and never acted
SPEAKERS = (*READERS, *(f"emodb{s}" for s in EMODB_VOICE))
MEN = ("emodb03", "emodb11", "emodb15")
LANGUAGE = {s: "en" if s == "kathleen" else "de" for s in SPEAKERS}


@dataclass(frozen=True)
class Clip:
    """One recording. emotion: a name Emotion.parse understands. held: never trained on."""

    name: str
    speaker: str
    language: str
    text: str
    emotion: str
    path: Path
    held: bool = False
    cut: bool = False  # stops at 2.0 s, wherever the text is then


def clips(data: Path, corpora: tuple[str, ...] = ("kathleen", "kerstin", "emodb")) -> list[Clip]:
    """All clips a voice may learn from (EmoDB: the voice's speakers only)."""
    out = []
    for corpus in corpora:
        folder = data / corpus
        if not folder.is_dir():
            raise MissingDataError(
                f"no {corpus} recordings in {data}: see DATA in the model card for where to get them"
            )
        if corpus == "emodb":
            for path in sorted((folder / "wav").glob("*.flac")):
                speaker, text, letter = path.stem[:2], path.stem[2:5], path.stem[5]
                if speaker in EMODB_VOICE:
                    out.append(
                        Clip(
                            path.stem,
                            f"emodb{speaker}",
                            "de",
                            EMODB_TEXTS[text],
                            EMODB_EMOTIONS[letter],
                            path,
                            cut=True,
                        )
                    )
            continue
        with (folder / "metadata.csv").open(encoding="utf-8") as file:
            for i, line in enumerate(csv.reader(file, delimiter="|", quoting=csv.QUOTE_NONE)):
                path = folder / "audio" / f"{line[0]}.opus"
                out.append(Clip(line[0], corpus, LANGUAGE[corpus], line[1], "neutral", path, utterance_holdout(i)))
    return out


def samples(clip: Clip) -> np.ndarray:
    """float32 [samples], 24 kHz, mono."""
    import soundfile

    x, rate = soundfile.read(clip.path, dtype="float32")
    if x.ndim > 1:
        x = x.mean(1)
    if rate != SAMPLE_RATE:
        from math import gcd

        from scipy.signal import resample_poly

        g = gcd(rate, SAMPLE_RATE)
        x = resample_poly(x, SAMPLE_RATE // g, rate // g).astype(np.float32)
    return x
