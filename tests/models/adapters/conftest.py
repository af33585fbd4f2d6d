"""One thread for the tiny models of these tests, and a cache of their own."""

from __future__ import annotations

import pytest

from genstudio.threads import one_thread


@pytest.fixture(autouse=True, scope="session")
def _alone():
    with one_thread():
        yield


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("GENSTUDIO_CACHE", str(tmp_path_factory.getbasetemp() / "adapter-cache"))
