"""One thread for the tiny models of these tests, and a cache of their own."""

from __future__ import annotations

from pathlib import Path

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


@pytest.fixture(autouse=True, scope="session")
def _few_words():
    """Every fifth word of the norm to fit on, where a test asks whether and not how well; see `all_words`."""
    from genstudio.models.adapters import fitting
    from genstudio.models.adapters.texts import templated
    from genstudio.models.adapters.voices import hidden

    def few(templates):
        rows = [r for r in zip(*templated(templates), strict=True) if r[3] % 5 == 0]
        return tuple(list(column) for column in zip(*rows, strict=True))

    with pytest.MonkeyPatch.context() as patch:
        for module in (fitting, hidden):
            patch.setattr(module, "templated", few)
        yield


@pytest.fixture(autouse=True, scope="session")
def _clips_once():
    """What is done to a clip is done once for all voices that are given it: the real results, kept by the samples."""
    from genstudio.models.adapters.voices import voice

    def once(function):
        kept = {}

        def call(given, *more, **options):
            samples = getattr(given, "samples", None)
            if samples is None and not Path(given).is_file():
                return function(given, *more, **options)
            content = samples.tobytes() if samples is not None else Path(given).read_bytes()
            key = (hash(content), *map(repr, more), *sorted(options.items()))
            if key not in kept:
                kept[key] = function(given, *more, **options)
            return kept[key]

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in ("emotional", "reference_of"):
            patch.setattr(voice, name, once(getattr(voice, name)))
        yield


@pytest.fixture
def all_words(monkeypatch):
    """The whole norm."""
    from genstudio.models.adapters import fitting
    from genstudio.models.adapters.texts import templated
    from genstudio.models.adapters.voices import hidden

    for module in (fitting, hidden):
        monkeypatch.setattr(module, "templated", templated)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """(engine, call options) of a family of voices, built and loaded once; more: what else it is loaded with, by builder."""
    from genstudio.models.adapters.voices.transformers_voice import TransformersVoice

    from .voices import VOICES

    root, kept = tmp_path_factory.mktemp("voices"), {}

    def load(name: str, **more):
        key = (name, *more)
        if key not in kept:
            folder = root / "-".join(key)
            folder.mkdir()
            about = VOICES[name](folder)
            extra = {k: str(v(folder / k)) for k, v in more.items()}
            engine = TransformersVoice.load(str(folder / "m"), **about.get("load", {}), **extra)
            kept[key] = engine, about.get("call", {})
        return kept[key]

    return load


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    """A recording to clone."""
    from .voices import spoken_clip

    return spoken_clip(tmp_path_factory.mktemp("clip") / "clip.wav")


@pytest.fixture(scope="session")
def spoken(clip):
    """The same, read and checked."""
    from genstudio.models.adapters.voices.clips import reference_of

    return reference_of(clip)


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
