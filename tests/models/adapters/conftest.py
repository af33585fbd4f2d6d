"""One thread for the tiny models of these tests, and a cache of their own."""

from __future__ import annotations

import pytest

from genstudio.threads import one_thread

from .pipelines import FAMILIES


@pytest.fixture(autouse=True, scope="session")
def _alone():
    with one_thread():
        yield


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENSTUDIO_CACHE", str(tmp_path_factory.mktemp("adapter-cache")))
        yield


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """A saved pipeline of a family, made once."""
    root, made = tmp_path_factory.mktemp("pipelines"), {}

    def folder(name: str) -> str:
        if name not in made:
            FAMILIES[name](root / name / "tokenizer").save_pretrained(root / name / "model")
            made[name] = str(root / name / "model")
        return made[name]

    return folder
