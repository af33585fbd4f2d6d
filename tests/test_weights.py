from __future__ import annotations

import pytest
import torch

from genstudio.errors import MissingWeightsError
from genstudio.weights import load_weights, quantised, read_config, read_tensors, save_weights


def _net() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv1d(8, 64, 9), torch.nn.BatchNorm1d(64), torch.nn.Linear(30, 4))


@pytest.mark.parametrize("bits", [16, 8])
def test_what_is_saved_loads_nearly_the_same(tmp_path, bits):
    net, path = _net(), tmp_path / "w" / "net.safetensors"
    save_weights(net, path, {"width": 3}, bits=bits)
    again = load_weights(_net(), path)
    for a, b in zip(net.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.allclose(a.float(), b.float(), atol=0.004 if bits == 8 else 1e-3)
    assert not again.training and not next(again.parameters()).requires_grad
    assert read_config(path) == {"width": 3}
    assert [p.name for p in path.parent.iterdir()] == ["net.safetensors"]


def test_eight_bits_halve_large_matrices_and_leave_small_ones():
    tensors = {"large": torch.randn(64, 100), "small": torch.randn(4, 4), "index": torch.arange(5)}
    out = quantised(tensors)
    assert (
        out["large"].dtype == torch.int8 and out["small"].dtype == torch.float32 and out["index"].dtype == torch.int64
    )
    assert set(out) == {"large", "large::scale", "small", "index"}


def test_bad_weights_say_so(tmp_path):
    with pytest.raises(MissingWeightsError, match="missing"):
        read_tensors(tmp_path / "none.safetensors")
    (tmp_path / "cut.safetensors").write_bytes(b"\x10\x00\x00")
    with pytest.raises(MissingWeightsError, match="damaged"):
        read_tensors(tmp_path / "cut.safetensors")
    save_weights({"a": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(MissingWeightsError, match="do not fit"):
        load_weights(_net(), tmp_path / "other.safetensors")
