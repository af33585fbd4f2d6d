"""Phone alignment of recordings by hidden Markov models: three states a phone, Gaussian mixtures, Viterbi training.

Started flat on the recordings themselves, so that it needs no model from elsewhere. Frames are 10 ms, centred at multiples
of the hop, as everywhere in the speech models. Silence is optional between any two words and at both ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba import njit

from genstudio.media.rates import HOP, SAMPLE_RATE

from ..frontend.inventory import IDS, PAUSE, SYMBOLS

STATES = 3  # a phone
_N_FFT = 1024
_CEPSTRA = 13


def cepstra(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float [samples] at 24 kHz -> (float32 [frames, 39] cepstra below 7.6 kHz with slopes, log energy [frames])."""
    frames = len(samples) // HOP + 1
    padded = np.pad(samples.astype(np.float32), (300, _N_FFT))
    cut = padded[np.arange(frames)[:, None] * HOP + np.arange(600)[None]] * np.hanning(600).astype(np.float32)
    power = np.abs(np.fft.rfft(cut, _N_FFT)) ** 2
    hz = np.fft.rfftfreq(_N_FFT, 1 / SAMPLE_RATE)
    mel = 2595 * np.log10(1 + hz / 700)
    centres = np.linspace(2595 * np.log10(1 + 60 / 700), 2595 * np.log10(1 + 7600 / 700), 34)
    width = centres[1] - centres[0]
    bank = np.maximum(0, 1 - np.abs(mel[None] - centres[1:-1, None]) / width)
    log = np.log(power @ bank.T.astype(np.float32) + 1e-7)
    k = np.arange(_CEPSTRA)[:, None] * (np.arange(32)[None] + 0.5) * np.pi / 32
    base = (log @ np.cos(k).T.astype(np.float32)) * np.sqrt(2 / 32)
    energy = np.log(power.sum(1) + 1e-6)
    base = (base - base.mean(0)) / (base.std(0) + 1e-3)

    def slope(x: np.ndarray) -> np.ndarray:
        p = np.pad(x, ((2, 2), (0, 0)), mode="edge")
        return (2 * (p[4:] - p[:-4]) + p[3:-1] - p[1:-3]) / 10 * 2.5

    first = slope(base)
    return np.hstack([base, first, slope(first)]).astype(np.float32), energy.astype(np.float32)


@dataclass
class Utterance:
    """What is aligned. ids: phone ids with optional silences between the words already in place; optional: bool a phone."""

    name: str
    ids: np.ndarray
    optional: np.ndarray
    x: np.ndarray
    energy: np.ndarray
    open_end: bool = False  # the recording may stop anywhere in the text
    source: np.ndarray = field(
        default_factory=lambda: np.zeros(0, np.int32)
    )  # index into the sentence's phones, -1 inserted


def lattice(ids: tuple[int, ...], word: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A sentence's phones -> (ids, optional, source) with an optional silence after every word."""
    out, optional, source = [], [], []
    pause = IDS[PAUSE]
    for i, phone in enumerate(ids):
        if i and word[i] >= 0 and word[i - 1] >= 0 and word[i] != word[i - 1]:
            out.append(pause)
            optional.append(True)
            source.append(-1)
        out.append(phone)
        optional.append(word[i] < 0)
        source.append(i)
    return np.array(out, np.int32), np.array(optional), np.array(source, np.int32)


@njit(cache=True)
def _viterbi(score, optional, open_end):  # type: ignore[no-untyped-def]
    """score: float [frames, phones * 3]. Returns the state of every frame."""
    frames, states = score.shape
    phones = states // 3
    low = -1e30
    best = np.full(states, low)
    back = np.zeros((frames, states), np.int32)
    best[0] = score[0, 0]
    if optional[0]:
        best[3] = score[0, 3]
    for t in range(1, frames):
        new = np.full(states, low)
        for p in range(phones):
            for s in range(3):
                j = p * 3 + s
                top, arg = best[j], j
                if s > 0 and best[j - 1] > top:
                    top, arg = best[j - 1], j - 1
                if s == 2 and best[j - 2] - 2.0 > top:
                    top, arg = best[j - 2] - 2.0, j - 2
                if s == 0 and p > 0:
                    if best[j - 1] > top:
                        top, arg = best[j - 1], j - 1
                    q = p - 1
                    while q > 0 and optional[q]:
                        k = (q - 1) * 3 + 2
                        if best[k] > top:
                            top, arg = best[k], k
                        q -= 1
                if top > low:
                    new[j] = top + score[t, j]
                    back[t, j] = arg
        best = new
    end = states - 1
    if optional[phones - 1] and best[states - 4] > best[end]:
        end = states - 4
    if open_end:
        for j in range(states):
            if best[j] > best[end]:
                end = j
    path = np.zeros(frames, np.int32)
    path[frames - 1] = end
    for t in range(frames - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return path, best[end]


class Model:
    """Gaussian mixtures for every phone state: mean, var [phones * 3, mixtures, 39], weight [phones * 3, mixtures]."""

    def __init__(self, mean: np.ndarray, var: np.ndarray, weight: np.ndarray) -> None:
        self.mean, self.var, self.weight = mean, var, weight

    def score(self, x: np.ndarray, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log likelihood [frames, states] and per mixture [frames, states, mixtures]."""
        m, v, w = self.mean[states], self.var[states], self.weight[states]
        n, k, d = m.shape
        iv = 1 / v
        const = -0.5 * (np.log(v).sum(-1) + (m * m * iv).sum(-1)) + np.log(w + 1e-10)
        a = np.hstack([x * x, x]).astype(np.float32)
        b = np.concatenate([-0.5 * iv, m * iv], -1).reshape(n * k, 2 * d).T.astype(np.float32)
        every = (a @ b).reshape(len(x), n, k) + const[None]
        top = every.max(-1)
        return top + np.log(np.exp(every - top[..., None]).sum(-1)), every

    def split(self) -> Model:
        """Twice as many mixtures."""
        step = 0.2 * np.sqrt(self.var)
        return Model(
            np.concatenate([self.mean - step, self.mean + step], 1), np.concatenate([self.var, self.var], 1),
            np.concatenate([self.weight, self.weight], 1) / 2,
        )  # fmt: skip


def flat_path(u: Utterance) -> np.ndarray:
    """A first guess: quiet frames are silence, the others are shared equally among the phones."""
    floor, loud = np.percentile(u.energy, 3), np.percentile(u.energy, 95)
    speech = u.energy > floor + 0.35 * (loud - floor)
    must = np.flatnonzero(~u.optional)
    path = np.zeros(len(u.energy), np.int32)
    where = np.flatnonzero(speech)
    part = np.minimum((np.arange(len(where)) * len(must) * STATES) // max(len(where), 1), len(must) * STATES - 1)
    path[where] = must[part // STATES] * STATES + part % STATES
    quiet = np.flatnonzero(~speech)
    path[quiet] = 0 * quiet + np.arange(len(quiet)) % STATES  # phone 0 is a silence in every lattice
    return path


def align_one(model: Model, u: Utterance) -> tuple[np.ndarray, float]:
    states = (u.ids[:, None] * STATES + np.arange(STATES)).reshape(-1)
    unique, inverse = np.unique(states, return_inverse=True)
    score, _ = model.score(u.x, unique)
    path, total = _viterbi(score[:, inverse].astype(np.float64), u.optional, u.open_end)
    return path, float(total) / len(path)


def estimate(utterances: list[Utterance], paths: list[np.ndarray], model: Model | None, mixtures: int) -> Model:
    """New Gaussians from alignments; a state hardly seen is drawn to its phone class's or the global mean."""
    n, d = len(SYMBOLS) * STATES, utterances[0].x.shape[1]
    count, s1, s2 = np.zeros((n, mixtures)), np.zeros((n, mixtures, d)), np.zeros((n, mixtures, d))
    for u, path in zip(utterances, paths, strict=True):
        state = u.ids[path // STATES] * STATES + path % STATES
        if model is None or mixtures == 1:
            resp = np.ones((len(path), 1))
        else:
            unique, inverse = np.unique(state, return_inverse=True)
            every = model.score(u.x, unique)[1][np.arange(len(path)), inverse]
            resp = np.exp(every - every.max(-1, keepdims=True))
            resp /= resp.sum(-1, keepdims=True)
        for k in range(mixtures):
            r = resp[:, k]
            order = np.argsort(state, kind="stable")
            cuts = np.flatnonzero(np.diff(state[order])) + 1
            starts = np.r_[0, cuts]
            name = state[order][starts]
            xr = (u.x * r[:, None])[order]
            count[name, k] += np.add.reduceat(r[order], starts)
            s1[name, k] += np.add.reduceat(xr, starts)
            s2[name, k] += np.add.reduceat(xr * u.x[order], starts)
    total = count.sum((0, 1))
    mean_all, sq_all = s1.sum((0, 1)) / total, s2.sum((0, 1)) / total
    var_all = sq_all - mean_all**2
    prior = 8.0
    mean = (s1 + prior * (mean_all if model is None else _fit(model.mean, mixtures))) / (count[..., None] + prior)
    square = (s2 + prior * (var_all + mean_all**2)) / (count[..., None] + prior)
    var = np.maximum(square - mean**2, 0.02 * var_all)
    if model is None:
        var = np.maximum(var, 0.1 * var_all)
    weight = (count + 1) / (count + 1).sum(1, keepdims=True)
    return Model(mean, var, weight)


def _fit(mean: np.ndarray, mixtures: int) -> np.ndarray:
    return mean if mean.shape[1] == mixtures else np.repeat(mean.mean(1, keepdims=True), mixtures, 1)


def train(
    utterances: list[Utterance], *, model: Model | None = None, rounds: tuple[int, ...] = (8, 4, 4), log: Any = print
) -> tuple[Model, list[np.ndarray]]:
    """Viterbi training; `rounds`: iterations with 1, 2, 4 … mixtures. A model given starts it instead of the flat guess."""
    paths = [flat_path(u) for u in utterances] if model is None else [align_one(model, u)[0] for u in utterances]
    mixtures = 1
    if model is None:
        model = estimate(utterances, paths, None, 1)
    else:
        mixtures = model.mean.shape[1]
    for level, n in enumerate(rounds):
        if level:
            model, mixtures = model.split(), mixtures * 2
        for i in range(n):
            done = [align_one(model, u) for u in utterances]
            paths = [p for p, _ in done]
            model = estimate(utterances, paths, model, mixtures)
            log(f"align: {mixtures} mixtures, round {i + 1}/{n}: {np.mean([s for _, s in done]):.3f} a frame")
    return model, paths


def durations(u: Utterance, path: np.ndarray) -> np.ndarray:
    """Frames of every phone of the lattice (0 for a silence that was skipped or a phone beyond an open end)."""
    return np.bincount(path // STATES, minlength=len(u.ids)).astype(np.int32)
