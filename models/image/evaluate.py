"""Measures the image engine: content, emotion, variety, speed; the networks against the rules they learned from.

    python -m genstudio.models.image.evaluate --out runs/evaluate

Prints a table and writes evaluation.json. Emotion is read by the registry's scoring recogniser of images, beside its ceiling.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from genstudio.emotion import EKMAN, Emotion
from genstudio.errors import GenstudioError
from genstudio.intervals import bootstrap

from .compose.layout import Layout
from .compose.measure import SubjectClassifier, features, holds, nearest, variety
from .compose.prompts import NOUNS, bank
from .compose.sampler import SUBJECT_NAMES, Spec, compose
from .engine import COMPOSERS, WEIGHTS, ImageModel

CONTENT_EMOTIONS = ("joy", "sadness", "anger")
PLACES = ("a lake", "a street", "a forest", "a castle", "the sea", "a village", "a mountain", "a meadow")
#: Words that no training prompt holds, with the subject they mean.
UNSEEN = {
    "a loch in Scotland": ("lake",), "breakers rolling in": ("sea",), "trawlers at the jetty": ("harbour",),
        "a hut in the wilderness": ("cabin",),
    "a boulevard in Paris": ("street", "city", "square"), "a hayfield": ("farm", "meadow"), "a rural lane": ("road",
        "village"), "a stronghold": ("castle",),
    "a burial site": ("graveyard",), "a savannah": ("meadow", "desert"), "a fjord": ("lake", "cliffs", "sea",
        "mountain"), "a blizzard": ("snow", "storm"),
    "constellations": ("galaxy",), "a lagoon": ("sea", "island", "lake", "wetland"), "a rain forest": ("forest",),
        "a dockyard": ("harbour",),
    "an inferno": ("fire",), "a stupa": ("ruins", "church", "castle"), "a refuse tip": ("rubbish",),
        "an abbey": ("church", "ruins"), "a copse": ("forest",),
    "the Riviera": ("sea", "harbour", "city"), "a typhoon": ("storm", "tornado"), "an airship": ("balloons",),
        "a rivulet": ("river",),
    "the suburbs": ("village", "street", "city"), "a plantation": ("orchard", "farm"), "a crypt": ("graveyard",
        "ruins", "church"),
}  # fmt: skip


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(
        prog="python -m genstudio.models.image.evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("--weights", type=Path, default=WEIGHTS)
    p.add_argument("--out", type=Path, default=Path("runs/evaluate"))
    p.add_argument("--per", type=int, default=24, help="pictures an emotion")
    p.add_argument("--content", type=int, default=10, help="layouts a subject and emotion")
    p.add_argument("--size", type=int, default=192)
    p.add_argument("--no-pictures", action="store_true", help="layouts only: content and variety")
    a = p.parse_args(argv)
    engine = ImageModel.load(a.weights)
    a.out.mkdir(parents=True, exist_ok=True)
    result: dict[str, Any] = {"content": content(engine, a.content), "variety": spread_of(engine)}
    result["arrangements"] = arrangements(engine)
    if not a.no_pictures:
        for composer in COMPOSERS:
            result[f"emotion, {composer}"] = emotions(engine, composer, a.per, a.size)
        result["continuity"] = continuity(engine)
        result["speed"] = speed(engine)
    (a.out / "evaluation.json").write_text(json.dumps(result, indent=1))
    print(json.dumps(result, indent=1))


def layouts_of(
    engine: ImageModel, prompts: list[str], feelings: list[Emotion], seed: int, **options: Any
) -> list[Layout]:
    """Learned layouts, 24 at a time."""
    import torch

    out: list[Layout] = []
    for i in range(0, len(prompts), 24):
        generators = [torch.Generator().manual_seed(seed + i + k) for k in range(len(prompts[i : i + 24]))]
        out += engine.pipeline(prompts[i : i + 24], feelings[i : i + 24], generator=generators, **options).layouts
    return out


def content(engine: ImageModel, per: int) -> dict[str, Any]:
    """Share of layouts in which a classifier, trained on the samplers' scenes, finds the prompted subject."""
    say("content")
    judge = SubjectClassifier.train()
    rng = np.random.default_rng(5)
    prompts, truth, feelings = [], [], []
    for name in CONTENT_EMOTIONS:
        for subject in SUBJECT_NAMES:
            for _ in range(per):
                prompts.append(str(rng.choice(np.array(NOUNS[subject], object))))
                truth.append(subject)
                feelings.append(Emotion.parse(name))
    found = judge(layouts_of(engine, prompts, feelings, 1000))
    right = np.array([f == t for f, t in zip(found, truth, strict=True)])
    worst = sorted((float(right[[t == s for t in truth]].mean()), s) for s in SUBJECT_NAMES)[:6]
    unseen = list(UNSEEN)
    hits = judge(layouts_of(engine, unseen * 4, [Emotion.parse("neutral")] * len(unseen) * 4, 3000))
    two = [(t, s) for t, s in bank(3600, 99) if len(s.extras) == 1 and holds_known(s.extras[0])][-240:]
    made = layouts_of(engine, [t for t, _ in two], [Emotion.parse("neutral")] * len(two), 5000)
    both = [bool(holds(x, s.extras[0])) and f == s.subject for x, f, (_, s) in zip(made, judge(made), two, strict=True)]
    second = [bool(holds(x, s.extras[0])) for x, (_, s) in zip(made, two, strict=True)]
    ruled = [compose(s, (0.0, 0.0, 0.0), i) for i, (_, s) in enumerate(two)]
    ruled_both = [
        bool(holds(x, s.extras[0])) and f == s.subject for x, f, (_, s) in zip(ruled, judge(ruled), two, strict=True)
    ]
    return {
        "judge_on_held_out_sampler_scenes": judge.accuracy, "subjects": len(SUBJECT_NAMES), "layouts": len(truth),
            "kept": float(right.mean()),
        "kept_by_emotion": {n: float(right[i * len(truth) // 3 : (i + 1) * len(truth) // 3].mean()) for i,
            n in enumerate(CONTENT_EMOTIONS)},
        "worst": [f"{s} {v:.2f}" for v, s in worst], "unseen_words": float(np.mean([h in UNSEEN[p] for h,
            p in zip(hits, unseen * 4, strict=True)])),
        "subject_and_addition": float(np.mean(both)), "addition": float(np.mean(second)),
            "subject_and_addition_by_rules": float(np.mean(ruled_both)),
    }  # fmt: skip


def holds_known(thing: str) -> bool:
    """Whether `measure.holds` can judge a thing."""
    from .compose.measure import SIGNS

    return thing in SIGNS or thing in ("lake", "river", "sea", "path")


def spread_of(engine: ImageModel, count: int = 50) -> dict[str, Any]:
    """Variety of many seeds of one request, networks against rules, and distance to the nearest of many sampler scenes."""
    say("variety")
    out: dict[str, Any] = {}
    feeling = Emotion.parse("neutral")
    for prompt, subject in (
        ("a lake", "lake"),
        ("a village", "village"),
        ("a forest", "forest"),
        ("a street", "street"),
    ):
        ruled = [compose(Spec(subject), (0.0, 0.0, 0.0), 10_000 + i) for i in range(400)]
        spread = np.stack([features(x) for x in ruled]).std(0) + 0.05
        made = layouts_of(engine, [prompt] * count, [feeling] * count, 7000)
        out[prompt] = {
            "learned": variety(made, spread), "rules": variety(ruled[:count], spread),
            "nearest_sampler_scene": float(nearest(made, ruled, spread).min()),
            "nearest_among_sampler_scenes": float(nearest(ruled[:count], ruled[count:], spread).min()),
        }  # fmt: skip
    out["ratio"] = float(np.mean([v["learned"] / v["rules"] for v in out.values()]))
    return out


def arrangements(engine: ImageModel, seeds: int = 12) -> dict[str, float]:
    """How what an emotion brings along differs between scene seeds in one place and mood: mean Bray-Curtis dissimilarity of
    `footprint` over pairs of seeds, four places (0 always the same, 1 nothing in common)."""
    from .compose.codec import scene_of
    from .painter.happenings import footprint

    say("arrangements")
    out: dict[str, float] = {}
    for name in EKMAN:
        found = []
        for k, prompt in enumerate(PLACES[:4]):
            layout, mood, _ = engine.draw(prompt, Emotion.parse(name), seed=40 + k)
            marks = [footprint(scene_of(layout, mood, seed)).ravel() for seed in range(seeds)]
            for i, a in enumerate(marks):
                for b in marks[i + 1 :]:
                    if a.sum() + b.sum() > 1:
                        found.append(float(np.abs(a - b).sum() / (a + b).sum()))
        if found:
            out[name] = round(float(np.mean(found)), 3)
    return out


def emotions(engine: ImageModel, composer: str, per: int, size: int) -> dict[str, Any]:
    """Requested against read valence and arousal, the seven and points of the plane."""
    from genstudio import registry

    try:
        reader = registry.load("evaluator:image")
    except GenstudioError as error:
        return {"skipped": str(error)}
    say(f"emotion, {composer}")
    table: dict[str, Any] = {}
    for name in EKMAN:
        feeling = Emotion.parse(name)
        read = [_read(engine, reader, PLACES[i % len(PLACES)], feeling, size, i, composer) for i in range(per)]
        v, a = np.array(read).T
        table[name] = {
            "requested": [round(feeling.valence, 2), round(feeling.arousal, 2)], "read": [round(float(v.mean()), 3),
                round(float(a.mean()), 3)],
            "spread": [round(float(v.std()), 3), round(float(a.std()), 3)], "pictures": per,
        }  # fmt: skip
        say(f"  {name}: {table[name]}")
    rng = np.random.default_rng(3)
    asked, got = [], []
    for i in range(4 * per):
        feeling = Emotion.from_vad(*(float(x) for x in rng.uniform(-0.9, 0.9, 2)))
        asked.append((PLACES[i % 4], feeling.valence, feeling.arousal))
        got.append(_read(engine, reader, PLACES[i % 4], feeling, size, 500 + i, composer))
    return {
        "seven": table, "spearman_within_subject": within(asked, got), "pictures_of_the_plane": len(asked),
        "recogniser": reader.name, "ceiling": [reader.ceiling.metric, reader.ceiling.value,
            list(reader.ceiling.interval), reader.ceiling.data],
    }  # fmt: skip


def within(asked: list[tuple[str, float, float]], got: list[tuple[float, float]]) -> dict[str, dict[str, Any]]:
    """Spearman of requested against read, computed within each prompt, then averaged: axis → value, 95 % interval (pictures drawn
    anew), and each prompt's own."""
    place = np.array([q[0] for q in asked])
    names = list(dict.fromkeys(place.tolist()))
    out: dict[str, dict[str, Any]] = {}
    for k, axis in enumerate(("valence", "arousal")):
        columns = place, np.array([q[1 + k] for q in asked]), np.array([g[k] for g in got])
        found = bootstrap(lambda *drawn: float(np.mean(_by_place(names, *drawn))), *columns)
        out[axis] = {
            "spearman": round(found.value, 3), "interval": [round(found.low, 3), round(found.high, 3)],
            "places": {n: round(r, 3) for n, r in zip(names, _by_place(names, *columns), strict=True)},
        }  # fmt: skip
    return out


def _by_place(names: list[str], place: Any, wanted: Any, read: Any) -> list[float]:
    """Spearman within each of `names`; NaN where fewer than three pictures are of it."""
    from scipy.stats import spearmanr

    found = []
    for name in names:
        mine = place == name
        found.append(float(spearmanr(wanted[mine], read[mine]).statistic) if mine.sum() > 2 else float("nan"))
    return found


def _read(
    engine: ImageModel, reader: Callable[[Any], Any], prompt: str, feeling: Emotion, size: int, seed: int, composer: str
) -> tuple[float, float]:
    reading = reader(engine(prompt, feeling, size=(size, size), seed=seed, composer=composer).pixels)
    return float(reading.valence), float(reading.arousal)


def continuity(engine: ImageModel, steps: int = 7, size: int = 96) -> dict[str, Any]:
    """Change of the picture (mean absolute difference, 0-255) between neighbours on a grid of valence and arousal, one seed:
    when only the mood moves (`place` held) and when the composition moves too."""
    say("continuity")
    out: dict[str, Any] = {}
    axis = np.linspace(-0.8, 0.8, steps)
    for label, place in (("mood moves", Emotion.neutral()), ("all moves", None)):
        jumps: list[float] = []
        for prompt in PLACES[:2]:
            grid = np.array(
                [
                    [
                        engine(prompt, Emotion(float(v), float(a), 0.0), size=(size, size), seed=5, place=place).pixels
                        for a in axis
                    ]
                    for v in axis
                ]
            ).astype(np.float32)
            for move in (np.abs(grid[1:] - grid[:-1]), np.abs(grid[:, 1:] - grid[:, :-1])):
                jumps += move.mean((2, 3, 4)).ravel().tolist()
        out[label] = {"median": round(float(np.median(jumps)), 2), "largest": round(max(jumps), 2)}
        out[label]["ratio"] = round(out[label]["largest"] / out[label]["median"], 2)
    return out


def speed(engine: ImageModel) -> dict[str, Any]:
    """Seconds of processor time and of the clock a picture, after loading."""
    say("speed")
    out: dict[str, Any] = {}
    for size in (256, 512):
        cpu, wall, composing = [], [], []
        for i in range(8):
            c, w = time.process_time(), time.perf_counter()
            picture = engine(PLACES[i], Emotion.parse(EKMAN[i % 7]), size=(size, size), seed=i)
            cpu.append(time.process_time() - c)
            wall.append(time.perf_counter() - w)
            composing.append(picture.info["seconds"]["compose"])
        out[str(size)] = {
            "processor": round(float(np.median(cpu)), 2),
            "clock": round(float(np.median(wall)), 2),
            "composing": round(float(np.median(composing)), 2),
        }
    return out


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
