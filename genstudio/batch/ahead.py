"""Speaking many jobs' texts at once, where a speech engine has `many`: collected first, then handed to each job as it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from genstudio.errors import GenstudioError
from genstudio.protocols import Speech

WINDOW = 64  # jobs looked ahead


class _Later(Exception):
    """The job got as far as its voice; what it asked for is noted."""


class Ahead:
    """A speech engine (`genstudio.protocols.SpeechEngine`) that may have spoken already what it is asked for.

    engine: one with `many(texts, emotions, seeds=, voice=, **options)`. Everything else of it is passed on.
    """

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._made: dict[str, Speech] = {}
        self._asked: dict[str, tuple[str, Any, str | None, int, dict[str, Any]]] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def __call__(
        self, text: str, emotion: Any, *, voice: str | None = None, seed: int = 0, progress: Any = None, **options: Any
    ) -> Speech:  # fmt: skip
        """What was made ahead, else the engine's own answer."""
        key = repr((text, emotion, voice, seed, sorted(options.items())))
        if self._asked is not None:
            self._asked[key] = (text, emotion, voice, seed, options)
            raise _Later
        if key in self._made:
            return self._made.pop(key)
        made: Speech = self._engine(text, emotion, voice=voice, seed=seed, progress=progress, **options)
        return made

    def prepare(self, jobs: Sequence[Callable[[], Any]]) -> int:
        """Let the jobs run as far as their voice, and speak what they ask for in batches; returns how many texts were spoken. A job
        that fails is left to fail when its turn comes, and so are all of a batch that fails."""
        self._asked = {}
        try:
            for job in jobs:
                try:
                    job()
                except Exception:  # _Later among them
                    continue
        finally:
            asked, self._asked = self._asked, None
        alike: dict[str, list[str]] = {}
        for key, (_, _, voice, _, options) in asked.items():
            alike.setdefault(repr((voice, sorted(options.items()))), []).append(key)
        self._made = {}
        for keys in alike.values():
            rows = [asked[k] for k in keys]
            voice, options = rows[0][2], rows[0][4]
            try:
                said = self._engine.many(
                    [r[0] for r in rows], [r[1] for r in rows], seeds=[r[3] for r in rows], voice=voice, **options
                )
            except GenstudioError:
                continue
            self._made |= dict(zip(keys, said, strict=True))
        return len(self._made)
