"""Shared small parts: a second of tone, a flat picture, the real data folder when it is there."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def tone() -> np.ndarray:
    """One second of a 220 Hz tone, float32 at 24 kHz."""
    t = np.arange(24_000) / 24_000
    return (0.3 * np.sin(2 * np.pi * 220 * t)).astype(np.float32)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real data; tests that need it skip without."""
    folder = os.environ.get("GENSTUDIO_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs real data: set GENSTUDIO_DATA (see docs/data.md)")
    return Path(folder)


@pytest.fixture(autouse=True)
def _quiet_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
