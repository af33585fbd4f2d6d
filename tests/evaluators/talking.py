"""Made-up talking clips in the layouts of real sets, and made-up rows with a planted signal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from scipy.signal import lfilter

from genstudio import registry
from genstudio.emotion import Emotion
from genstudio.evaluators.fusion.attention import Config
from genstudio.evaluators.fusion.clips import Sample
from genstudio.evaluators.fusion.frames import FACE, VOICE, Frames
from genstudio.media.audio import write_audio
from genstudio.media.image import read_image
from genstudio.media.video import write_video
from genstudio.protocols import Speech

RATE = 24_000
TINY = Config(width=32, heads=2, lag=4, dropout=0.1, face=8, voice=6)


def voice(kind: str, seed: int = 0, seconds: float = 1.0) -> np.ndarray:
    """Pulses through two resonances: 'anger' high, fast and moving, 'sadness' low, slow and flat."""
    r = np.random.default_rng(seed)
    t = np.arange(int(seconds * RATE)) / RATE
    hot = kind == "anger"
    pitch = (220 if hot else 110) * (1 + 0.1 * r.normal()) * (1 + (0.25 if hot else 0.03) * np.sin(2 * np.pi * 3 * t))
    phase = np.cumsum(pitch) / RATE
    x = np.diff(np.floor(phase), prepend=0) + 0.01 * r.normal(size=len(t))
    for f, width in ((700 if hot else 450, 90), (1600 if hot else 1100, 120)):
        decay = np.exp(-np.pi * width / RATE)
        x = lfilter([1], [1, -2 * decay * np.cos(2 * np.pi * f / RATE), decay**2], x)
    x *= 0.6 + 0.4 * np.sin(2 * np.pi * (5 if hot else 2) * t)
    return (0.5 * x / np.abs(x).max()).astype(np.float32)


def portrait(k: int, size: int = 128) -> np.ndarray:
    """One of the bundled people who do not exist, uint8 [size, size, 3]."""
    paths = list(registry.load("head:embedded").portraits().values())
    return cv2.resize(read_image(paths[k % len(paths)]), (size, size), interpolation=cv2.INTER_AREA)


def film(path: Path, face: np.ndarray | None, sound: np.ndarray | None, seconds: float = 1.0, fps: int = 10) -> Path:
    """A still face (or a grey picture) that talks."""
    still = np.full((128, 128, 3), 128, np.uint8) if face is None else face
    path.parent.mkdir(parents=True, exist_ok=True)
    size = (still.shape[1], still.shape[0])
    write_video(path, [still] * int(seconds * fps), size, fps=fps, audio=sound, rate=RATE if sound is not None else 0)
    return path


def ravdess(folder: Path, people: int = 3, takes: int = 2) -> Path:
    """Actors 01, 02, … who are angry (05) and sad (04) by voice; each take as video with sound and as sound alone."""
    for who in range(1, people + 1):
        for code, kind in (("05", "anger"), ("04", "sadness")):
            for take in range(1, takes + 1):
                name, x = f"{code}-01-01-{take:02d}-{who:02d}", voice(kind, 10 * who + take)
                film(folder / f"Actor_{who:02d}" / f"01-01-{name}.mp4", portrait(who), x)
                write_audio(folder / f"Actor_{who:02d}" / f"03-01-{name}.wav", x, RATE)
    return folder


def rows(kind: str, count: int = 160, seed: int = 0, length: int = 12, people: int = 8) -> list[Sample]:
    """joy or anger by the sign planted in 'face' or 'voice' rows, or in 'both': joy when the two signs are the same."""
    r = np.random.default_rng(seed)
    plan = np.random.default_rng(99)
    to_face, to_voice = plan.normal(size=TINY.face), plan.normal(size=TINY.voice)
    out = []
    for k in range(count):
        a, b = r.choice([-1, 1], 2)
        sign = {"face": a, "voice": b, "both": a * b}[kind]
        face = (r.normal(size=(length, TINY.face)) + 1.5 * a * to_face).astype(np.float32)
        sound = (r.normal(size=(length, TINY.voice)) + 1.5 * b * to_voice).astype(np.float32)
        there = np.ones(length, np.float32)
        frames = Frames(face, there, sound, there.copy(), length / 10)
        out.append(Sample(frames, "joy" if sign > 0 else "anger", f"speaker {k % people}", f"{kind} {seed} {k}"))
    return out


def mead(folder: Path, people: int, emotions: dict[str, str]) -> Path:
    """People whose faces the embedded talking head moves, silent, and their voices apart; emotions: MEAD's word to ours."""
    head, portraits = registry.load("head:embedded"), list(registry.load("head:embedded").portraits().values())
    for k in range(people):
        for word, ours in emotions.items():
            x = voice("anger" if ours == "anger" else "sadness", 10 * k + len(word))
            made = head(read_image(portraits[k]), Speech(x, RATE), Emotion.of_categories({ours: 1.0}), size=128, seed=k)
            rest = f"{word}/level_3/001"
            path = folder / f"M{k:03d}" / "video" / "front" / f"{rest}.mp4"
            path.parent.mkdir(parents=True)
            write_video(path, made.frames(), made.size, fps=made.motion.fps)
            sound = folder / f"M{k:03d}" / "audio" / f"{rest}.wav"
            sound.parent.mkdir(parents=True)
            write_audio(sound, x, RATE)
    return folder


def wide(samples: Iterable[Sample]) -> list[Sample]:
    """Made-up rows with as many numbers as real ones have; the shipped recognisers' part of them says nothing."""
    out = []
    for s in samples:
        f = s.frames
        face = np.pad(f.face, ((0, 0), (0, FACE - f.face.shape[1])))
        sound = np.pad(f.voice, ((0, 0), (0, VOICE - f.voice.shape[1])))
        out.append(replace(s, frames=Frames(face, f.seen, sound, f.heard, f.seconds)))
    return out


def lagged(count: int, seed: int, lag: int = 3, length: int = 16) -> list[Sample]:
    """joy when the voice repeats the face's random signs `lag` rows later, anger when it does so for another face's."""
    r = np.random.default_rng(seed)
    out = []
    for k in range(count):
        signs, other = r.choice([-1.0, 1.0], (2, length))
        same = bool(r.integers(2))
        face, sound = r.normal(0, 0.3, (length, TINY.face)), r.normal(0, 0.3, (length, TINY.voice))
        face[:, 0] += signs
        sound[:, 0] += np.roll(signs if same else other, lag)
        there = np.ones(length, np.float32)
        frames = Frames(face.astype(np.float32), there, sound.astype(np.float32), there.copy(), length / 10)
        out.append(Sample(frames, "joy" if same else "anger", f"speaker {k % 8}", f"lag {seed} {k}"))
    return out


def recall(said: Iterable[str], samples: Iterable[Sample]) -> float:
    """Share read right."""
    return float(np.mean([a == s.label for a, s in zip(said, samples, strict=True)]))
