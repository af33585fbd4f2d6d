"""Directions: planted ones are found, neutral and a strength of 0 are exactly nothing, hooks come and go."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from genstudio.emotion import Emotion
from genstudio.errors import InputError, MissingWeightsError
from genstudio.models.adapters import directions as d
from genstudio.models.adapters.hooks import collected, steered
from genstudio.models.adapters.texts import enriched


@pytest.fixture(scope="module")
def planted():
    rng = np.random.default_rng(0)
    vad, weight = rng.uniform(-1, 1, (150, 3)), rng.normal(size=(3, 64))
    return vad, weight, vad @ weight + rng.normal(0, 0.5, (150, 64))


def test_planted_directions_are_recovered(planted) -> None:
    vad, weight, y = planted
    found = d.fit(vad, y)
    for i in range(3):
        assert np.dot(found.weight[i], weight[i]) / np.linalg.norm(found.weight[i]) / np.linalg.norm(weight[i]) > 0.97
    assert min(found.effect.values()) > 0.95 and found.explained > 0.6
    assert np.abs(found.place(vad[:5] @ weight) - vad[:5]).max() < 0.2


def test_nothing_planted_is_said_to_be_nothing(planted) -> None:
    vad = planted[0]
    found = d.fit(vad, np.random.default_rng(1).normal(size=(150, 64)))
    assert max(abs(v) for v in found.effect.values()) < 0.35 and found.explained < 0.05


def test_offsets_are_linear_and_nothing_for_neutral(planted) -> None:
    found = d.fit(planted[0], planted[2])
    joy = found.offset(Emotion.parse("joy"))
    assert not found.offset(Emotion.neutral()).any() and not found.offset(Emotion.parse("joy"), 0.0).any()
    assert np.allclose(found.offset(Emotion.parse("joy"), 2.0), 2 * joy)
    along = [found.place(found.offset(Emotion(valence=v, arousal=0.0)))[0] for v in (-0.8, -0.3, 0.2, 0.9)]
    assert all(b > a for a, b in pairwise(along))


def test_they_are_kept_whole(planted, tmp_path) -> None:
    found = d.fit(planted[0], planted[2])
    d.save(tmp_path / "x.safetensors", {"prompt_embeds": found}, {"model": "m"})
    back = d.load(tmp_path / "x.safetensors")["prompt_embeds"]
    assert np.array_equal(back.weight, found.weight) and back.effect == found.effect
    (tmp_path / "x.safetensors").write_bytes(b"nothing")
    with pytest.raises(MissingWeightsError, match="fit them again"):
        d.load(tmp_path / "x.safetensors")


def test_too_little_to_fit_is_one_line() -> None:
    with pytest.raises(InputError, match="12 or more"):
        d.fit(np.zeros((5, 3)), np.zeros((5, 4)))


def test_hooks_move_hidden_states_and_leave_no_trace() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 2))
    x = torch.randn(3, 4)
    plain = net(x)
    with steered(net, {"1": np.zeros(6)}):
        assert not net[1]._forward_hooks and torch.equal(net(x), plain)
    step = np.linspace(0.1, 0.6, 6)
    with steered(net, {"1": step}):
        assert torch.allclose(
            net(x),
            net[2](torch.tanh(net[0](x)) + torch.tensor(step, dtype=torch.float32)),
        )
    assert torch.equal(net(x), plain)
    with collected(net, ["1"]) as seen:
        net(x)
    assert np.allclose(seen["1"][0], torch.tanh(net[0](x)).detach().numpy(), atol=1e-6)
    with pytest.raises(InputError, match="no layer '7'"), steered(net, {"7": step}):
        pass
    with pytest.raises(InputError, match="6 channels, its direction 3"), steered(net, {"1": np.ones(3)}):
        net(x)


def test_enrichment_follows_the_region_of_the_plane() -> None:
    assert "bright" in enriched("a lake", Emotion.parse("joy")) and "dim" in enriched("a lake", Emotion.parse("fear"))
    assert enriched("a lake", Emotion.parse("joy"), ("scene",)).endswith("a festival in sunshine")
