"""Training of the motion network: from nothing, and from weights that are there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genstudio.errors import InputError
from genstudio.models.talking_head.motion import pack, train
from genstudio.models.talking_head.motion.generator.visemes import segments
from genstudio.models.talking_head.motion.recast import Recast
from genstudio.protocols import Span
from genstudio.weights import read_tensors

SMALL = ["--device", "cpu", "--width", "64", "--depth", "1", "--batch", "2", "--pool", "8", "--steps", "1"]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder with a pack of one made-up utterance and two emotions."""
    rng = np.random.default_rng(0)
    mel = pack.quantise(rng.uniform(-40, 10, (200, 80)).astype(np.float32))
    said = segments([Span("m", 0.2, 0.4), Span("ɑ", 0.4, 0.9), Span("p", 0.9, 1.1), Span("i", 1.1, 1.6)], 2.0)
    weights = np.zeros((2, 2, 7), np.float32)
    weights[:, 0, 0] = weights[:, 1, 1] = 1
    codes = rng.standard_normal((2, 2, 64)).astype(np.float32)
    bank = pack.Bank(codes, weights, np.zeros((2, 2, 3), np.float32), np.ones((2, 2), np.float32))
    pack.save(tmp_path / pack.NAME, [mel], [said], bank, np.zeros(62, np.float32), np.full(62, 0.2, np.float32))
    return tmp_path


def test_training_starts_from_weights_in_their_own_units(corpus: Path) -> None:
    train.main([*SMALL, "--cache", str(corpus), "--out", str(corpus / "first")])
    first, header = read_tensors(corpus / "first" / train.WEIGHTS)
    assert Recast(header["recipes"]).same, "what was just learned is moved again"

    other = pack.load(corpus / pack.NAME)
    other.std[:] = 0.5
    net = train.MotionNet(train.MotionConfig(width=64, depth=1, feed=176, heads=1))
    taken = train.started(net, other, corpus / "first" / train.WEIGHTS)
    assert (taken.std == first["std"].numpy()).all()
    assert all((v.half() == first["net." + k]).all() for k, v in net.state_dict().items())

    begin = ["--init", str(corpus / "first" / train.WEIGHTS)]
    train.main([*SMALL, *begin, "--rate", "1e-9", "--cache", str(corpus), "--out", str(corpus / "second")])
    second, header = read_tensors(corpus / "second" / train.WEIGHTS)
    assert header["steps"] == "1"
    assert all(np.allclose(second[k].float(), first[k].float(), atol=1e-3) for k in first)


def test_weights_of_another_size_are_refused(corpus: Path) -> None:
    train.main([*SMALL, "--cache", str(corpus), "--out", str(corpus / "first")])
    net = train.MotionNet(train.MotionConfig(width=128, depth=1, feed=352, heads=2))
    with pytest.raises(InputError, match="another size"):
        train.started(net, pack.load(corpus / pack.NAME), corpus / "first" / train.WEIGHTS)
