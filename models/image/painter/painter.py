"""From a scene to pixels: land, ground, objects, sky, light, water, air, tone, and the hand of the painter."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from genstudio.arguments import choice
from genstudio.errors import InputError

from ..scene import Mood, Scene
from . import facades, fire, ground, light, phenomena, raster, room, sky, styles, sway, water, weather, world
from .grade import bloom, encode, grade
from .hour import adapt
from .ramps import ramp
from .terrain import Land
from .view import LEAF, SKY, WALL, WOOD, Buffers, View, bands

MAX_SIDE = 4096


@dataclass
class Render:
    """A lit, graded picture before the brush, with what the brush needs. image: float32 [h, w, 3] display colour
    0..1.
    """

    image: np.ndarray
    buffers: Buffers
    sky: sky.Sky
    mood: Mood
    view: View
    scene: Scene
    when: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)


def sun(scene: Scene, m: Mood) -> tuple[float, np.ndarray, np.ndarray]:
    """Azimuth (radians from straight ahead), the direction toward the sun, and the steeper, more sideways one that
    models forms.
    """
    place = scene.setting
    az = np.arctan(place.sun_u) + (1 - m["sun_ahead"]) * 2.3 * -place.side
    el = np.deg2rad(max(m["sun_elevation"], 3))
    toward = np.array([np.sin(az) * np.cos(el), np.sin(el), np.cos(az) * np.cos(el)])
    azs = (np.sign(az) if abs(az) > 0.05 else -place.side) * max(abs(az), 0.95)
    els = max(el, 0.16)
    return float(az), toward, np.array([np.sin(azs) * np.cos(els), np.sin(els), np.cos(azs) * np.cos(els)])


def render(
    scene: Scene, width: int, height: int, progress: Callable[[float], None] | None = None, when: float = 0.0
) -> Render:  # fmt: skip
    """Everything but the brush, at the given size, `when` seconds after the scene began to move."""
    clock, marks = time.perf_counter(), {}

    def mark(name: str, share: float) -> None:
        nonlocal clock
        marks[name], clock = time.perf_counter() - clock, time.perf_counter()
        if progress:
            progress(share)

    m = adapt(scene)
    place = scene.setting
    view = View.of(scene.camera, width, height, place.focus_x)
    azimuth, toward, form = sun(scene, m)
    land = Land(scene, m, view, form, when)
    b = Buffers.empty(height, width)
    land.draw(b)
    ground.settle(b, land, view)
    ground.colour(b, scene, m, view)
    mark("land", 0.10)
    prims = world.build(scene, m, land, view, form)
    a = sway.moved(prims.arrays(), m, place.side, when)
    mark("objects", 0.20)
    if len(a["casts"]) and m["sun_strength"] > 0.3:
        light.wall_shadows(a["casts"], view.p, b.depth, b.material, b.sunlit, 0.12)
    low = np.array([form[0], max(form[1], 0.22), form[2]])
    if len(a["dabs"]):
        light.dab_shadows(a["dabs"], a["feet"], low, view.p, b.depth, b.material, b.sunlit, 0.16)
    b.sunlit[:] = cv2.GaussianBlur(b.sunlit, (0, 0), view.unit / 700)
    bands(
        light.pool,
        height,
        b.sunlit,
        b.depth,
        b.material,
        view.p,
        place.focus_x,
        place.focus_y,
        m["light_pool"],
        scene.seed % 700,
    )
    if len(a["quads"]):
        facades.quads(a["quads"], view.p, facades.wear(m), *b.all)
    raster.bars(a["segs"], view.p, *b.all)
    raster.solids(a["blobs"], view.p, *b.all)
    raster.dabs(a["dabs"], view.p, *b.all)
    indoors = room.daylight(b, view, toward) if place.room > 0.5 else None
    mark("raster", 0.30)
    s = sky.draw(scene, m, view, toward, azimuth, when)
    phenomena.draw(s, scene, m, view, when)
    mark("sky", 0.40)
    fire.lava(scene, m, land, view, b)
    image = _light(scene, m, view, land, b, s, a, form, toward, when)
    within = image[indoors] if indoors is not None else None
    for x, y, z, power in prims.beams:
        weather.beam(image, view, (x, y, z), power, m)
    phenomena.birds(image, scene, m, view, when)
    if indoors is not None:
        image[indoors] = within
    bloom(image, m["halo"], view)
    mark("light", 0.50)
    out = Render(grade(image, m), b, s, m, view, scene, when, marks)
    _tilt(out)
    mark("grade", 0.55)
    return out


def _tilt(r: Render) -> None:
    """Turn picture and buffers by the camera's roll, enlarged so that no corner is empty."""
    roll = r.scene.camera.roll
    if abs(roll) < 1e-3:
        return
    h, w = r.image.shape[:2]
    grow = float(np.cos(roll) + abs(np.sin(roll)) * max(w / h, h / w))
    turn = cv2.getRotationMatrix2D((w / 2, h / 2), float(np.rad2deg(roll)), grow)

    def warp(a: np.ndarray, flags: int) -> np.ndarray:
        return cv2.warpAffine(a, turn, (w, h), flags=flags, borderMode=cv2.BORDER_REPLICATE)

    r.image = np.ascontiguousarray(warp(r.image, cv2.INTER_LINEAR))
    b = r.buffers
    b.depth, b.material = warp(b.depth, cv2.INTER_NEAREST), warp(b.material, cv2.INTER_NEAREST)
    b.direction = np.ascontiguousarray(warp(b.direction, cv2.INTER_NEAREST) - np.float32(roll))
    clear = np.ones((h, w), np.float32)
    clear[: len(r.sky.clear)] = r.sky.clear
    r.sky.clear = warp(clear, cv2.INTER_LINEAR)


def _light(
    scene: Scene,
    m: Mood,
    view: View,
    land: Land,
    b: Buffers,
    s: sky.Sky,
    a: dict[str, np.ndarray],
    form: np.ndarray,
    toward: np.ndarray,
    when: float,
) -> np.ndarray:
    """Linear light [h, w, 3]: shading, water, surf, smoke."""
    place = scene.setting
    image = np.zeros((view.height, view.width, 3), np.float32)
    image[: len(s.light)] = s.light
    fog = m["horizon"] * 0.82 + m["sky"] * 0.18
    sun, ambient = m["sun"] * m["sun_strength"] * 0.55, m["sky_light"] * m["sky_strength"] * 1.15
    bounce = ambient * 0.4 + m["grass"] * 0.10 * m["sun_strength"]
    if place.town > 0.5:
        bounce = ambient * 0.55 + m["paving"] * 0.10 * m["sun_strength"]
    glow = np.minimum(m["glow"] * 0.7 * min(1.0, m["glow_strength"]) + fog * 0.5, 1.4)
    lights = np.concatenate(
        [sun, ambient, bounce, fog, glow, form, [m["fog"], m["mist"], m["mist_height"] * 0.35, 0.12, 0.55]]
    )
    bands(
        light.shade,
        view.height,
        b.depth,
        b.albedo,
        b.normal,
        b.material,
        b.emission,
        b.rise,
        b.ambient,
        b.sunlit,
        image,
        lights,
        a["lamps"],
        view.p,
    )
    out = image.copy()
    wet = float(np.clip(m["rain"] * 0.9 + 0.30 * place.town * float(np.clip(m["night"] * 3 - 1, 0, 1)), 0, 1))
    wet *= float(np.clip((0.5 - m["snow"]) * 3, 0, 1))
    white = np.minimum(ambient * 0.75 + sun * 0.3, 1.2) * m["foam_white"]
    foam = m["foam"] * (place.big_water + (1 - place.big_water) * 0.3 * float(np.clip(m["waves"] * 4 - 0.8, 0, 1)))
    wv = np.concatenate(
        [
            m["water"] * (0.35 + 0.3 * m["sky_strength"] + 0.12 * m["sun_strength"]),
            sun,
            fog,
            white,
            toward,
            [m["fog"], m["ripples"] * (0.7 + 0.3 * place.big_water), foam, wet, m["scum"], when],
            land.great,
            [ramp(m["scum"], 0.2, 1.0)],
        ]
    )
    bands(
        water.surface,
        view.height,
        b.depth,
        b.normal,
        b.material,
        b.rise,
        b.sunlit,
        image,
        s.light,
        out,
        wv,
        view.p,
        scene.seed % 800,
    )
    image = out
    if place.beach > 0.5:
        light_of_foam = np.minimum(ambient * 0.75 + sun * 0.32, 1.25).astype(np.float32)
        water.surf(image, b, scene, m, view, land, light_of_foam, when)
    if len(a["puffs"]):
        far = a["puffs"][np.argsort(-a["puffs"][:, 2], kind="stable")]
        bands(weather.puffs, view.height, far, view.p, b.depth, image)
    return image


def _attention(r: Render) -> np.ndarray:
    """Detail 0..1: fine at objects, silhouettes and the focus, broad elsewhere."""
    b, view, place = r.buffers, r.view, r.scene.setting
    far = np.where(b.material == SKY, 0, np.log(b.depth)).astype(np.float32)
    edge = (cv2.morphologyEx(far, cv2.MORPH_GRADIENT, np.ones((3, 3))) > 0.12).astype(np.float32)
    d = 0.02 + 0.32 * (b.material != SKY) + 0.38 * np.isin(b.material, (WALL, WOOD)) + 0.12 * (b.material == LEAF)
    d = d + 0.3 * cv2.GaussianBlur(edge, (0, 0), 2)
    y, x = np.ogrid[: view.height, : view.width]
    d = d * (
        0.75
        + 0.6
        * np.exp(-(((x / view.width - place.focus_x) / 0.22) ** 2 + ((y / view.height - place.focus_y) / 0.18) ** 2))
    )
    rows = len(r.sky.clear)
    clouds = cv2.GaussianBlur(
        cv2.morphologyEx(r.sky.clear, cv2.MORPH_GRADIENT, np.ones((3, 3))), (0, 0), view.unit / 300
    )
    d[:rows] += 0.30 * np.clip(clouds * 9, 0, 1) * (b.material[:rows] == SKY)
    return np.clip(d, 0, 1).astype(np.float32)


def paint(
    scene: Scene,
    size: int | tuple[int, int] = (256, 256),
    seed: int = 0,
    style: str = "oil",
    progress: Callable[[float], None] | None = None,
    seconds: dict[str, float] | None = None,
    when: float = 0.0,
) -> np.ndarray:
    """Paint a scene.

    size: width, height in pixels (a number = square), 16..4096. seed: the brush's own chance; the place does not
    change with it. style: one of `STYLES`. progress: called with 0..1. seconds: filled with the time of each stage.
    when: seconds for which water, clouds, rain, leaves and smoke have moved. Returns uint8 [height, width, 3] RGB,
    bit-identical for the same arguments and versions.
    """
    width, height = (size, size) if isinstance(size, int) else size
    for name, v in (("width", width), ("height", height)):
        if not 16 <= v <= MAX_SIDE:
            raise InputError(f"{name} is {v}; it must be 16..{MAX_SIDE} pixels")
    choice("style", style, styles.STYLES)
    unit = float(np.sqrt(width * height))
    over = 2.0 if unit < 400 else (1.5 if unit < 900 else 1.0)  # supersampling
    w, h = round(width * over), round(height * over)
    r = render(scene, w, h, progress, when)
    clock = time.perf_counter()
    hand = styles.hand(r.mood, encode(r.mood["canvas"]) * 0.8 + 0.1)
    image, detail, form = r.image, _attention(r), r.buffers.direction
    picture = styles.STYLES[style](
        image,
        form,
        np.where(r.buffers.material == SKY, 0.7, 0.9).astype(np.float32),
        detail,
        hand,
        seed + scene.seed % 65536,
        r.view.unit,
    )
    if progress:
        progress(0.9)
    indoors = room.inside(r.buffers, r.view) if scene.setting.room > 0.5 else None
    within = picture[indoors] if indoors is not None else None
    weather.falling(picture, r.mood, scene, r.view, when)
    if indoors is not None:
        picture[indoors] = within
    phenomena.points(picture, r.buffers.material, r.sky, scene, r.mood, r.view)
    y, x = np.ogrid[:h, :w]
    edge = np.clip(((x / w - 0.5) ** 2 + (y / h - 0.5) ** 2) - 0.12, 0, 1).astype(np.float32)
    picture *= (1 - r.mood["vignette"] * 1.6 * edge)[..., None]
    if over != 1:
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    styles.grain(picture, style)
    if seconds is not None:
        seconds.update(r.seconds, strokes=time.perf_counter() - clock)
    if progress:
        progress(1.0)
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
