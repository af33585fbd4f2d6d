"""`Transcriber`: speech to text by pocketsphinx (installed, offline, US English) or any speech recogniser of transformers."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import InputError, suggest
from genstudio.protocols import Speech
from genstudio.signals.listen import SILENCE, samples_at
from genstudio.signals.transcripts import SPHINX_RATE, transcribe, words

RATE = SPHINX_RATE
VARIABLE = "GENSTUDIO_ASR"


@dataclass(frozen=True)
class Transcript:
    """What was heard. text: as the recogniser writes it; words: lower-case without punctuation, as error rates count them;
    language: 'en' and the like, '' when the recogniser decided."""

    text: str
    words: tuple[str, ...]
    recogniser: str
    language: str = ""


class Transcriber:
    """Speech values to a `Transcript`.

    pocketsphinx hears real read English with a word error rate of 0.22 to 0.29: it ranks voices by clearness, it does not take
    dictation. Whisper and other recognisers of transformers come from a folder, the user's cache or a hub id, with their own terms.
    """

    def __init__(
        self, hear: Callable[[NDArray[np.float32], str], str], name: str, languages: tuple[str, ...] = ()
    ) -> None:
        self.hear, self.name, self.languages = hear, name, languages

    @classmethod
    def load(cls, source: str | None = None, allow_pickle: bool = False, device: str = "auto") -> Transcriber:
        """source: 'pocketsphinx' or 'transformers:FOLDER-OR-HUB-ID'; None takes $GENSTUDIO_ASR, else pocketsphinx."""
        source = source or os.environ.get(VARIABLE, "").strip() or "pocketsphinx"
        if source == "pocketsphinx":
            return cls(lambda x, _: transcribe(x, RATE), "pocketsphinx", ("en",))
        kind, _, place = source.partition(":")
        if kind != "transformers" or not place:
            raise InputError(
                f"unknown speech recogniser '{source}'; valid: pocketsphinx, transformers:FOLDER-OR-HUB-ID"
                + suggest(kind, ("pocketsphinx", "transformers"))
            )
        from .asr import Recogniser

        found = Recogniser.load(place, allow_pickle, device)
        return cls(found.hear, found.name, found.languages)

    def __call__(self, speech: Speech, language: str | None = None) -> Transcript:
        """What is heard; language: 'en', 'de' …, the speech's own when None. Raises MediaError or InputError in one line."""
        x = samples_at(speech, RATE, allow_silent=True)
        code = (language or speech.language or "").replace("_", "-").partition("-")[0].lower()
        if code and self.languages and code not in self.languages:
            raise InputError(
                f"{self.name} does not know '{code}'; it knows {', '.join(self.languages[:12])}"
                f"{' …' if len(self.languages) > 12 else ''}; choose a recogniser by {VARIABLE}=transformers:FOLDER-OR-HUB-ID"
            )
        text = self.hear(x, code).strip() if float(np.abs(x).max()) > SILENCE else ""
        return Transcript(text, tuple(words(text)), self.name, code)


__all__ = ["Transcriber", "Transcript"]
