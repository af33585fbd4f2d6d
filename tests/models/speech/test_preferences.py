"""Tuning by preferences: which readings make pairs, what the objective does to a tiny flow, stopping, and what is written."""

from __future__ import annotations

import copy
import csv
import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("gruut")
pytest.importorskip("pocketsphinx")

from genstudio.emotion import Emotion
from genstudio.emotion.encoder import EmotionEncoder
from genstudio.errors import InputError
from genstudio.models.speech import train as stages
from genstudio.models.speech.acoustic.candidates import Candidates, Prompt, drawn, prompts, steering
from genstudio.models.speech.acoustic.preferences import TUNED, Example, Tuner, collate, examples, preference_loss, save
from genstudio.models.speech.acoustic.synth import Manner, Synthesiser
from genstudio.models.speech.engine import SpeechModel
from genstudio.splits import utterance_holdout
from genstudio.weights import quantised, read_tensors

from .test_acoustic import tiny_weights


@pytest.fixture(scope="module")
def synthesiser(tmp_path_factory: pytest.TempPathFactory) -> Synthesiser:
    return Synthesiser(tiny_weights(tmp_path_factory.mktemp("w") / "acoustic.safetensors"))


def breath(features, seed: int = 0) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Stands in for the vocoder: a buzz in noise, another pitch for every seed: an untrained voice is silent."""
    n = (len(features) - 1) * 240
    t = np.arange(n)
    f0 = 120 * (1 + seed % 7) ** 0.5
    return np.asarray(
        0.2 * ((t * f0 / 24000) % 1 - 0.5) + 0.02 * np.random.default_rng(seed).standard_normal(n), np.float32
    )


def pitched(synthesiser: Synthesiser, count: int = 6) -> list[Example]:
    """Prompts of which half the readings are high and half low, in joy the high ones preferred; neutral ones without pairs."""
    g = torch.Generator().manual_seed(0)
    codes = EmotionEncoder.load()([Emotion.parse("joy"), Emotion.neutral()]).pooled
    out = []
    for _ in range(count):
        text = torch.randn(8, synthesiser.net.config.text, generator=g)
        readings = 0.3 * torch.randn(4, 8, 5, generator=g)
        readings[:, :, 1:4] += torch.tensor([1.0, 1.0, -1.0, -1.0])[:, None, None]
        pairs = torch.tensor([[0, 2], [0, 3], [1, 2], [1, 3]])
        out += [Example(text, 0, codes[0], readings, pairs), Example(text, 0, codes[1], readings, pairs[:0])]
    return out


def tuner(synthesiser: Synthesiser, steps: int, **options: object) -> Tuner:
    net = synthesiser.net
    return Tuner(copy.deepcopy(net), net, steps, rate=2e-2, size=8, **options)  # type: ignore[arg-type]


def test_pairs_are_clear_and_apart() -> None:
    found = Candidates(np.zeros((4, 3, 5), np.float32), np.array([-0.1, -0.2, -1.0, -1.1]), np.array([3, 0, 0, 1]))
    assert found.pairs().tolist() == [
        [1, 2],
        [1, 3],
    ]  # the best rated is the least understood; the last two are too close
    unknown = Candidates(found.prosody, found.rating, np.full(4, -1))
    assert [0, 2] in unknown.pairs().tolist()


def test_prompts_are_training_sentences(tmp_path: Path) -> None:
    folder = tmp_path / "kathleen"
    folder.mkdir()
    numbers = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    lines = [f"k{i}|We saw {numbers[i // 10]} and {numbers[i % 10]} of them." for i in range(60)]
    (folder / "metadata.csv").write_text("\n".join(lines) + "\n")
    found = prompts(tmp_path, ["kathleen"], ["joy", "fear"], 40, 0)
    held = {line.split("|")[1] for i, line in enumerate(lines) if utterance_holdout(i)}
    assert len(found) == 80 and not held & {p.text for p in found} and {p.emotion for p in found} == {"joy", "fear"}
    assert {p.text for p in found if p.held} and all(p.held == Prompt(p.text, "kathleen", "fear").held for p in found)
    assert prompts(tmp_path, ["kathleen"], ["joy"], 5, 0) == [p for p in found if p.emotion == "joy"][:5]
    with pytest.raises(InputError, match="valid: kathleen, kerstin"):
        prompts(tmp_path, ["emodb03"], ["joy"], 5, 0)


def test_candidates_are_rated_by_the_steering_recogniser_once(synthesiser: Synthesiser, tmp_path: Path) -> None:
    read, emotions = steering()
    assert read.role == "steer" and "surprise" not in emotions and len(emotions) == 6
    model = SpeechModel(synthesiser, breath)
    todo = [Prompt("We saw him again.", "kathleen", "joy"), Prompt("Da ist er ja wieder.", "kerstin", "joy")]
    first = list(drawn(model, todo, read, 3, tmp_path))

    def asked_again(speech: object) -> None:
        raise AssertionError("kept candidates are not rated again")

    again = list(drawn(model, todo, asked_again, 3, tmp_path))
    for (prompt, a), (_, b) in zip(first, again, strict=True):
        assert np.array_equal(a.prosody, b.prosody) and np.array_equal(a.rating, b.rating) and (a.rating <= 0.001).all()
        assert a.prosody.shape == (3, len(prompt.sentence()), 5) and len(np.unique(a.prosody[:, 0, 0])) == 3
    assert (first[0][1].errors >= 0).all() and (first[1][1].errors == -1).all()  # words are counted in English alone
    made = examples(synthesiser.net, first, {"joy": torch.zeros(64)})
    assert made and all(len(e.pairs) and e.text.shape[0] == e.readings.shape[1] for e in made)


def test_objective_starts_even_and_learns_what_is_preferred(synthesiser: Synthesiser, tmp_path: Path) -> None:
    data = pitched(synthesiser)
    tuned = tuner(synthesiser, 60)
    g = torch.Generator().manual_seed(0)
    even = preference_loss(tuned.policy, tuned.frozen, collate(data, g), 30.0, g)
    assert even["preference"].item() == pytest.approx(math.log(2), abs=1e-5)
    before = {k: v.clone() for k, v in tuned.policy.state_dict().items()}
    tuned.run(data[:8], data[8:], tmp_path / "state.pt", every=20)
    assert tuned.rows[0]["held_preference"] == pytest.approx(math.log(2), abs=1e-3)
    assert tuned.rows[-1]["held_preference"] < 0.5 and tuned.rows[-1]["held_accuracy"] > 0.8
    changed = {k for k, v in tuned.policy.state_dict().items() if not torch.equal(v, before[k])}
    assert changed and all(k.startswith(TUNED["emotion"]) for k in changed)

    def pitch(net: torch.nn.Module, example: Example) -> float:
        """Mean F0 of readings sampled from a flow."""
        own = copy.copy(synthesiser)
        own.net = net  # type: ignore[assignment]
        n = len(example.text)
        args = (example.text[None], torch.tensor([0]), example.emotion.expand(1, n, -1), torch.ones(1, n, 1))
        return float(
            np.mean([own._prosody(*args, torch.Generator().manual_seed(s), Manner())[0, :, 1:4] for s in range(8)])
        )

    with torch.inference_mode():
        assert pitch(tuned.policy, data[8]) > pitch(tuned.frozen, data[8]) + 0.1


def test_what_does_not_carry_over_is_not_kept(synthesiser: Synthesiser, tmp_path: Path) -> None:
    data = pitched(synthesiser)
    against = [replace(e, pairs=e.pairs.flip(1)) for e in data[8:]]  # held-out prompts prefer the low readings
    tuned = tuner(synthesiser, 10)
    tuned.run(data[:8], against, tmp_path / "state.pt", every=5)
    assert tuned.rows[-1]["held_preference"] > tuned.rows[0]["held_preference"]
    frozen = synthesiser.net.state_dict()
    assert all(torch.equal(v, frozen[k]) for k, v in tuned.policy.state_dict().items())


def test_stopped_and_gone_on_is_the_same(
    synthesiser: Synthesiser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = pitched(synthesiser)
    whole = tuner(synthesiser, 12)
    whole.run(data[:8], data[8:], tmp_path / "whole.pt", every=4)
    stopped = tuner(synthesiser, 12)
    learn = stopped._learn

    def until(batch: object, g: torch.Generator) -> dict[str, float]:
        if stopped.step == 6:
            raise KeyboardInterrupt
        return learn(batch, g)  # type: ignore[arg-type]

    monkeypatch.setattr(stopped, "_learn", until)
    with pytest.raises(KeyboardInterrupt):
        stopped.run(data[:8], data[8:], tmp_path / "part.pt", every=4)
    later = tuner(synthesiser, 12)
    later.run(data[:8], data[8:], tmp_path / "part.pt", every=4)
    assert later.rows == whole.rows and all(torch.equal(later.best[k], whole.best[k]) for k in whole.best)


def test_without_pairs_it_says_so(synthesiser: Synthesiser, tmp_path: Path) -> None:
    alone = [e for e in pitched(synthesiser) if not len(e.pairs)]
    with pytest.raises(InputError, match="--candidates"):
        tuner(synthesiser, 5).run(alone, alone, tmp_path / "state.pt")


def test_written_weights_differ_in_what_was_tuned_alone(synthesiser: Synthesiser, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    old = tiny_weights(tmp_path / "old.safetensors")
    tensors, meta = read_tensors(old)
    save_file({k: v.contiguous() for k, v in quantised(tensors).items()}, str(old), metadata=meta)
    tuned = tuner(synthesiser, 4)
    data = pitched(synthesiser)
    tuned.run(data[:8], data[8:], tmp_path / "state.pt", every=2)
    tuned.best = {k: v + 0.1 for k, v in tuned.best.items()}
    save(tuned, old, tmp_path / "out", {"beta": 30.0})
    made = tmp_path / "out" / "acoustic.safetensors"
    a, b = read_tensors(old)[0], read_tensors(made)[0]
    assert {k for k in a if not torch.equal(a[k], b[k])} == set(tuned.best) and set(a) == set(b)
    assert Synthesiser(made).note["preferences"] == {"beta": 30.0}
    rows = list(csv.DictReader((tmp_path / "out" / "preferences.csv").open()))
    assert [r["step"] for r in rows] == ["0", "2", "4"] and float(rows[-1]["held_preference"]) > 0


def test_preferences_run_by_name_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []

    class Done:
        returncode = 0

    monkeypatch.setattr(stages.subprocess, "run", lambda command, check: ran.append(command) or Done())
    for more in ([], ["--stage", "preferences"]):
        monkeypatch.setattr(sys, "argv", ["train", "--out", str(tmp_path), *more])
        stages.main()
    names = [c[2].removeprefix(stages.HERE + ".") for c in ran]
    assert len(names) == 8 and names.index("acoustic.preferences") == 7
