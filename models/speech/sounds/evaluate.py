"""Measure the sounds between words: python -m genstudio.models.speech.sounds.evaluate --data DIR [--write]

kind       a classifier of the five sounds learns from real bursts of the half of EmoGator's people that nothing here learned from,
           and reads the made ones; its own recall on people it did not learn from is the ceiling. What counts as a real laugh or
           gasp is decided by rules of shape (`kinds.py`), which picked the training clips too, not by listeners
speaker    likeness of a sound to its voice's own speech, against other voices' speech; beside it real people's bursts against
           their own calm ones (EmoGator holds no speech)
new        distance to the nearest training clip, against that of unknown people's bursts: 1 is as far as people are from each other
variety    spread of one voice's sounds over that of people's, median over what is described
apart      distance between two sounds of one kind by one voice (root mean square over what is described, in people's standard
           deviations), beside it between two clips of one kind by one person, and by two people
strength   rank correlation of the emotion's intensity with the sound's level against the voice
joins      largest step between samples near a sound's ends, against the speech's own; loudness of every output
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genstudio import registry
from genstudio.emotion import Emotion
from genstudio.intervals import bootstrap
from genstudio.media.files import write_text
from genstudio.media.rates import SAMPLE_RATE
from genstudio.protocols import Speech
from genstudio.script import Mark
from genstudio.signals.loudness import loudness

from ..analysis import analyse
from .data import CALM, Burst, burst_of, bursts, rows_of
from .kinds import SOUNDS, SOURCES, level_of

if TYPE_CHECKING:
    from ..engine import SpeechModel

MEASURED = Path(__file__).parent / "weights" / "measured.json"
FELT = {"laugh": "joy", "sigh": "sadness", "gasp": "surprise", "sob": "sadness", "groan": "disgust"}
SPOKEN = {"en": "We will be there in the morning.", "de": "Wir kommen morgen früh."}
_POINTS = 12
_NEAR = 32  # frames to which a burst is brought to be compared with others


def described(b: Burst) -> NDArray[np.float64]:
    """A burst in 83 numbers: length, contours of level, brightness, pitch, voicing and breath, modulation of level."""
    t = np.linspace(0, len(b.envelope) - 1, _POINTS)
    at = np.arange(len(b.envelope))
    level = level_of(b.envelope)
    level = level - level.max()
    tilt = b.envelope[:, 40:].mean(1) - b.envelope[:, :40].mean(1)
    tracks = [level, tilt, b.pitch, b.voiced.astype(float), b.periodicity[:, :4].mean(1), b.periodicity[:, 4:].mean(1)]
    power = np.abs(np.fft.rfft((level - level.mean()) * np.hanning(len(level)), 512)) ** 2
    hz = np.fft.rfftfreq(512, 0.01)
    edges = ((0, 2), (2, 4), (4, 7), (7, 12), (12, 25))
    bands = [np.log(power[(hz >= low) & (hz < high)].sum() / power.sum() + 1e-4) for low, high in edges]
    rest = [
        np.log(len(level)),
        level.std(),
        tilt.mean(),
        b.voiced.mean(),
        np.abs(np.diff(level)).mean(),
        np.ptp(b.pitch),
    ]
    return np.concatenate([*(np.interp(t, at, x) for x in tracks), bands, rest])


def uar(y: NDArray[np.int64], said: NDArray[np.int64], groups: Sequence[str]) -> dict[str, Any]:
    """Unweighted recall and its 95 % interval (bootstrap over groups)."""

    def value(y: NDArray[np.int64], said: NDArray[np.int64]) -> float:
        return float(np.mean([(said[y == k] == k).mean() for k in np.unique(y)]))

    found = bootstrap(value, y, said, clusters=groups, repeats=500)
    return {"uar": round(found.value, 3), "interval": [round(found.low, 3), round(found.high, 3)]}


class Judge:
    """Support vectors over `described`, learned from real bursts."""

    def __init__(self, real: list[Burst]) -> None:
        from sklearn.model_selection import GroupKFold, cross_val_predict
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        from sklearn.svm import SVC

        x, y = np.stack([described(b) for b in real]), np.array([SOUNDS.index(b.kind) for b in real])
        people = [b.name for b in real]
        self.model = make_pipeline(StandardScaler(), SVC(C=4, gamma=0.003, class_weight="balanced"))
        said = cross_val_predict(self.model, x, y, groups=people, cv=GroupKFold(10))
        self.ceiling = uar(y, said, people) | {
            "recall": _recalls(y, said),
            "bursts": len(y),
            "people": len(set(people)),
        }
        self.spread = [x[y == k].std(0) for k in range(len(SOUNDS))]
        self.model.fit(x, y)


def _recalls(y: NDArray[np.int64], said: NDArray[np.int64]) -> dict[str, float]:
    return {n: round(float((said[y == k] == k).mean()), 3) for k, n in enumerate(SOUNDS)}


def _apart(x: NDArray[np.float64], who: Sequence[str], same: bool) -> float:
    """Mean distance of pairs of rows by the same or by different people; nan without such pairs."""
    pairs = [(i, j) for i in range(len(x)) for j in range(i) if (who[i] == who[j]) == same]
    return float(np.mean([np.sqrt(np.mean((x[i] - x[j]) ** 2)) for i, j in pairs])) if pairs else float("nan")


def apart(
    judge: Judge, real: list[Burst], x: NDArray[np.float64], y: NDArray[np.int64], who: Sequence[str]
) -> dict[str, Any]:
    """kind: how far apart two sounds of one voice, two clips of one person, clips of two people are."""
    scale = judge.model[0]
    out = {}
    for k, kind in enumerate(SOUNDS):
        clips = [b for b in real if b.kind == kind]
        theirs, names = scale.transform(np.stack([described(b) for b in clips])), [b.name for b in clips]
        mine = [i for i in range(len(y)) if y[i] == k]
        found = (
            _apart(scale.transform(x[mine]), [who[i] for i in mine], True),
            _apart(theirs, names, True),
            _apart(theirs, names, False),
        )
        out[kind] = [round(v, 2) for v in found]
    return out


def _contour(b: Burst) -> NDArray[np.float64]:
    at = np.linspace(0, len(b.envelope) - 1, _NEAR)
    rows = np.concatenate([b.envelope, 3 * b.pitch[:, None], 3.0 * b.voiced[:, None]], 1)
    return np.stack([np.interp(at, np.arange(len(rows)), c) for c in rows.T]).ravel()


def nearest(some: list[Burst], known: list[Burst]) -> float:
    """Median distance of bursts to the nearest known one of their kind."""
    out = []
    for k in SOUNDS:
        base = np.stack([_contour(b) for b in known if b.kind == k])
        out += [float(np.sqrt(((base - _contour(b)) ** 2).sum(1)).min()) for b in some if b.kind == k]
    return float(np.median(out))


def made_by(engine: SpeechModel, voices: Sequence[str], each: int) -> list[tuple[str, Burst, Speech]]:
    """(voice, what is heard in it, sound) of every kind, `each` a voice."""
    out = []
    languages = {v["name"]: v["language"] for v in engine.voices()}
    for voice in voices:
        person = engine._sounds.person(voice, languages[voice])
        for name in SOUNDS:
            for i in range(each):
                speech = _alone(engine, name, Emotion.parse(FELT[name]), voice, 1000 + i)
                out.append((voice, burst_of(analyse(speech.samples), person, name, voice), speech))
    return out


def _alone(engine: SpeechModel, name: str, felt: Emotion, voice: str, seed: int) -> Speech:
    return engine("", felt, voice=voice, seed=seed, marks=(Mark("sound", 0, 0, name=name),))


def likeness(made: list[tuple[str, Burst, Speech]], engine: SpeechModel, data: Path) -> dict[str, Any]:
    """Similarity to the own voice and to others', and how often the own one is nearer (0.5: chance)."""
    speaker = registry.load("tool:speaker")
    languages = {v["name"]: v["language"] for v in engine.voices()}
    voices = sorted({v for v, _, _ in made})
    speech = {v: speaker.embed(engine(SPOKEN[languages[v]], Emotion.neutral(), voice=v, seed=1)) for v in voices}
    ours = [(v, speaker.embed(s)) for v, _, s in made if s.seed is not None and s.seed < 1004]
    return {"recogniser": speaker.name, "made": _against(ours, speech), "people": _people(speaker, data)}


def _people(speaker: Any, data: Path, most: int = 60) -> dict[str, float]:
    """Real people whom the recogniser never heard: their bursts of the sounds' emotions against their calm ones."""
    from genstudio.media.audio import read_audio

    own, bursts_of = {}, []
    loud = {e for emotions in SOURCES.values() for e in emotions} - set(CALM)
    for who, rows in list(rows_of(data, "steer").items())[:most]:
        heard = {r["emotion"]: Speech(read_audio(data / "emogator" / r["file"]), SAMPLE_RATE) for r in rows}
        own[who] = np.mean([speaker.embed(heard[e]) for e in CALM if e in heard], 0)
        bursts_of += [(who, speaker.embed(s)) for e, s in heard.items() if e in loud]
    return _against(bursts_of, {k: v / np.linalg.norm(v) for k, v in own.items()})


def _against(some: list[tuple[str, Any]], own: dict[str, Any]) -> dict[str, float]:
    same = np.array([float(v @ own[who]) for who, v in some])
    other = np.array([[float(v @ e) for k, e in own.items() if k != who] for who, v in some])
    nearer = (same[:, None] > other).mean()
    return {k: round(float(x), 3) for k, x in (("own", same.mean()), ("others", other.mean()), ("own_nearer", nearer))}


def strengths(engine: SpeechModel, each: int = 6) -> dict[str, float]:
    """Spearman of intensity 0..1.5 and mean level of each sound."""
    from scipy.stats import spearmanr

    levels = (0.0, 0.3, 0.6, 0.9, 1.2, 1.5)
    out = {}
    person = engine._sounds.person("kathleen", "en")
    for name in SOUNDS:
        means = []
        for x in levels:
            felt = Emotion.parse(FELT[name]).scaled(x)
            made = [engine._between(Mark("sound", 0, 0, name=name), 0, 0.0, emotion=felt, voice="kathleen", seed=s, start=0.0)
                    for s in range(each)]  # fmt: skip
            means.append(float(np.mean([burst_of(analyse(m), person, name, "").level for m in made])))
        out[name] = round(float(spearmanr(levels, means).statistic), 2)
    return out


def joins(engine: SpeechModel) -> dict[str, Any]:
    """Sounds inside sentences: largest step near an end of a sound over the largest elsewhere; loudness of the whole, LUFS."""
    worst, loud = 0.0, []
    for k, name in enumerate(SOUNDS):
        for at, text in ((0, "I was sure of it."), (6, "I was sure of it."), (18, "I was sure of it.")):
            speech = engine(text, Emotion.parse(FELT[name]), seed=k, marks=(Mark("sound", at, at, name=name),))
            step = np.abs(np.diff(speech.samples))
            near = np.zeros(len(step), bool)
            for w in speech.words:
                if w.text.startswith("["):
                    for t in (w.start, w.end):
                        c = int(t * SAMPLE_RATE)
                        near[max(0, c - 240) : c + 240] = True
            worst = max(worst, float(step[near].max() / step[~near].max()))
            loud += [loudness(speech.samples, SAMPLE_RATE)]
        loud += [loudness(_alone(engine, name, Emotion.parse(FELT[name]), "kathleen", k).samples, SAMPLE_RATE)]
    return {"largest_step_ratio": round(worst, 3), "lufs": [round(min(loud), 2), round(max(loud), 2)]}


def measure(engine: SpeechModel, data: Path, each: int) -> dict[str, Any]:
    """Everything that the module's docstring names."""
    real = [b for b in bursts(data, "score") if b.kind]
    judge = Judge(real)
    voices = [v["name"] for v in engine.voices()]
    made = made_by(engine, voices, each)
    y = np.array([SOUNDS.index(b.kind) for _, b, _ in made])
    x = np.stack([described(b) for _, b, _ in made])
    said = judge.model.predict(x)
    groups = [f"{v}{s.seed}" for v, _, s in made]
    known = [b for b in bursts(data, "steer") if b.kind]
    first = np.array([v == voices[0] for v, _, _ in made])
    moving = [s > 1e-3 for s in judge.spread]  # what never differs in people (the pitch of a gasp) is no variety
    variety = [
        float(np.median(x[(y == k) & first].std(0)[m] / judge.spread[k][m])) for k, m in enumerate(moving)
    ]  # fmt: skip
    return {
        "voices": len(voices), "each": each, "chance": 1 / len(SOUNDS),
        "read": uar(y, said, groups) | {"recall": _recalls(y, said)},
        "read_first_voice": uar(y[first], said[first], [g for g, f in zip(groups, first, strict=True) if f]),
        "confusion": [[int(((y == a) & (said == b)).sum()) for b in range(len(SOUNDS))] for a in range(len(SOUNDS))],
        "ceiling": judge.ceiling, "speaker": likeness(made, engine, data),
        "distance_to_training": round(nearest([b for _, b, _ in made], known) / nearest(real, known), 3),
        "variety_of_one_voice": dict(zip(SOUNDS, np.round(variety, 2).tolist(), strict=True)),
        "apart": apart(judge, real, x, y, [v for v, _, _ in made]),
        "strength_spearman": strengths(engine), "joins": joins(engine),
    }  # fmt: skip


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--each", type=int, default=12, help="sounds of a kind and voice")
    p.add_argument("--write", action="store_true", help="keep the figures beside the weights")
    a = p.parse_args(argv)
    text = json.dumps(measure(registry.load("speech:embedded"), a.data, a.each), indent=1) + "\n"
    sys.stdout.write(text)
    if a.write:
        write_text(MEASURED, text)


if __name__ == "__main__":
    main()
