"""Word and character error rates, and what pocketsphinx hears."""

from __future__ import annotations

import numpy as np
import pytest

from genstudio.errors import InputError
from genstudio.signals.transcripts import _decoder, cer, edits, transcribe, wer, word_errors, words


def test_rates_count_edits_over_what_was_said() -> None:
    assert edits("kitten", "sitting") == 3 and edits("", "abc") == 3
    assert words("It’s 5 o'clock -- NOW!") == ["it's", "5", "o'clock", "now"]
    assert wer("the cat sat", "The cat sat!") == 0
    assert wer(["the cat sat", "one two"], ["the bat sat", "one"]) == pytest.approx(2 / 5)
    assert word_errors("the cat sat", "the bat sat on") == (2, 3)
    assert cer("abc", "abd") == pytest.approx(1 / 3)


def test_bad_input_is_named() -> None:
    with pytest.raises(InputError, match="holds no words"):
        wer("...", "a")
    with pytest.raises(InputError, match="as many transcripts"):
        wer(["a", "b"], ["a"])
    with pytest.raises(InputError, match="mono samples"):
        transcribe(np.zeros((2, 1600)), 16_000)


def test_silence_is_heard_as_nothing() -> None:
    pytest.importorskip("pocketsphinx")
    assert transcribe(np.zeros(16_000), 16_000) == ""


def test_what_was_heard_before_leaves_no_trace() -> None:
    pytest.importorskip("pocketsphinx")
    noise = np.random.default_rng(0).standard_normal((2, 8000)) * np.hanning(8000)
    scores = []
    for x in (noise[0], 0.1 * np.sin(np.cumsum(noise[1])), noise[0]):
        transcribe(x, 16_000)
        scores.append(_decoder().hyp().score)
    assert scores[0] == scores[2] != scores[1]
