"""How far the lever of a picture model is to move: strengths tried on a few prompts, read by the steering recogniser."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genstudio import catalogue, hub, registry
from genstudio.emotion import Emotion
from genstudio.errors import GenstudioError

from . import sweep

if TYPE_CHECKING:
    from .images import DiffusersImage

PROMPTS = ("a lake", "a street in a town", "a room with a table")
CORNERS = tuple(Emotion(valence=v, arousal=a) for v in (0.7, -0.7) for a in (0.6, -0.6))
STRENGTHS = (0.5, 1.0, 2.0, 4.0)
LONGEST = 1800.0  # seconds that nobody has to ask for
CLIP = "openai/clip-vit-base-patch32"
Vector = NDArray[np.floating]


def measure(
    engine: DiffusersImage, *, ask: bool | None = None, prompts: Sequence[str] = PROMPTS, strengths: Sequence[float] = STRENGTHS,
    progress: Callable[[float], None] | None = None, **options: Any,
) -> dict[str, Any]:  # fmt: skip
    """Paint the prompts plain and, from the same seeds, towards the four corners of the plane at every strength; keep the choice
    (`sweep.choose`) and the curve in the cache.

    The effect is how much of the asked step in valence and arousal `evaluator:image-steer` sees between the plain picture and the
    moved one: 0 nothing, 1 all of it. The content is kept as far as pictures are alike, by CLIP where that is cached, else by their
    layout (correlation of brightness, 16 x 16); half-way from what pictures of different prompts have to the same picture
    has to stay. ask: False does not sweep, None does when it lasts under half an hour. options: of a call (size, steps …).
    """
    judge, (see, how) = registry.load("evaluator:image-steer"), _sight()
    count = len(prompts) * (1 + len(CORNERS) * len(strengths))
    if ask is False:
        return {}
    options.setdefault("size", _size(engine))
    seeds, start = list(range(len(prompts))), time.perf_counter()
    neutral = Emotion.neutral()
    plain = [engine.many([prompts[0]], neutral, seeds=seeds[:1], strength=0.0, **options)[0].pixels]
    each = time.perf_counter() - start
    if ask is None and each * count > LONGEST:
        return {"sweep": f"left out: {count} pictures at {each:.0f} s each; ask for it with --sweep"}
    if len(prompts) > 1:
        plain += [p.pixels for p in engine.many(prompts[1:], neutral, seeds=seeds[1:], strength=0.0, **options)]
    before, content = [_place(judge(p)) for p in plain], [see(p) for p in plain]
    apart = [_cosine(a, b) for i, a in enumerate(content) for b in content[:i]]
    other = float(np.mean(apart)) if apart else 0.0
    points = []
    for k, strength in enumerate(strengths):
        reached, stayed = [], []
        for corner in CORNERS:
            step = np.array(corner.vad[:2]) - np.array(neutral.vad[:2])
            made = engine.many(prompts, corner, seeds=seeds, strength=float(strength), **options)
            for i, picture in enumerate(made):
                seen = _place(judge(picture.pixels)) - before[i]
                reached.append(float(seen @ step / (step @ step)))
                stayed.append(_cosine(content[i], see(picture.pixels)))
        points.append(
            sweep.Point(engine.adapter.lever, float(strength), round(float(np.mean(reached)), 3), round(float(np.mean(stayed)), 3))
        )  # fmt: skip
        if progress:
            progress((k + 1) / len(strengths))
    least = round((other + 1) / 2, 3)
    best, why = sweep.choose(points, least)
    return sweep.keep(
        engine.key, "pictures", points, best, why, least=least, content=how, judge=judge.name, prompts=len(prompts),
        measured={"none": {"agreement": 0.0}, best.lever: {"agreement": best.effect, "kept": best.kept}},
    )  # fmt: skip


def default_strength(key: str, lever: str) -> float:
    """The strength that `measure` chose for these weights, else 1."""
    return sweep.strength_of(catalogue.measured_levers(key).get("pictures"), lever)


def _size(engine: DiffusersImage) -> tuple[int, int]:
    """What the pipeline was trained for, where it says so."""
    pipeline = getattr(engine, "pipeline", None)
    side = getattr(pipeline, "default_sample_size", 0) * getattr(pipeline, "vae_scale_factor", 0)
    return (side, side) if isinstance(side, int) and 64 <= side <= 1024 else (512, 512)


def _place(reading: Any) -> Vector:
    return np.array([reading.valence or 0.0, reading.arousal or 0.0])


def _sight() -> tuple[Callable[[NDArray[np.uint8]], Vector], str]:
    """Pixels to a vector of what is in the picture, and by what."""
    if hub.cached(CLIP) is not None:
        try:
            clip = registry.load("tool:pretrained")(f"clip:{CLIP}")
            return lambda pixels: np.asarray(clip.embed_pictures([pixels])[0], np.float64), "CLIP"
        except GenstudioError:
            pass
    return _layout, "layout"


def _layout(pixels: NDArray[np.uint8], n: int = 16) -> Vector:
    """Brightness in n x n fields, without its mean: what no change of colour or exposure alters."""
    from PIL import Image

    grey = Image.fromarray(pixels).convert("L").resize((n, n), Image.Resampling.BOX)
    x = np.asarray(grey, np.float64).ravel()
    return np.asarray(x - x.mean())


def _cosine(a: Vector, b: Vector) -> float:
    return float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9))
