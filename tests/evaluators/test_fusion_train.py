"""The attention fusion: rows of clips, what the network can learn, pretraining, resuming, the command."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from genstudio.emotion import EKMAN
from genstudio.errors import InputError, MediaError, MissingDataError, MissingWeightsError
from genstudio.evaluators.fusion import train
from genstudio.evaluators.fusion.attention import Config, FusionNet
from genstudio.evaluators.fusion.batches import collate, dropped
from genstudio.evaluators.fusion.clips import Sample, clips_of, gather
from genstudio.evaluators.fusion.evaluator import FusionEvaluator
from genstudio.evaluators.fusion.figures import late_posterior, measure, posterior, split
from genstudio.evaluators.fusion.frames import Frames, frames_of, late, read_frames
from genstudio.evaluators.fusion.learn import CHECKPOINT, LOG, Settings, confusions, labelled, learn
from genstudio.evaluators.fusion.pretrain import Heads, losses
from genstudio.media.audio import write_audio
from genstudio.protocols import Speech

from .talking import RATE, TINY, film, lagged, mead, portrait, ravdess, recall, rows, voice, wide

QUICK = Settings(epochs=10, network=TINY, rate=4e-3, mean=0.95)


def read(net: FusionNet, samples, stream: str = "both") -> np.ndarray:
    return np.stack([posterior(net, s.frames, stream)[0] for s in samples])


def untrained() -> FusionNet:
    torch.manual_seed(0)
    return FusionNet(TINY).eval()


def named(p: np.ndarray) -> list[str]:
    return [EKMAN[i] for i in p.argmax(1)]


@pytest.mark.parametrize("where", ["face", "voice"])
def test_a_signal_in_one_stream_is_learnt_and_read_without_the_other(where: str) -> None:
    net = learn(rows(where), QUICK).net
    test = rows(where, 60, seed=5)
    other = "voice" if where == "face" else "face"
    assert recall(named(read(net, test)), test) > 0.95
    assert recall(named(read(net, test, where)), test) > 0.95  # the other stream missing
    assert recall(named(read(net, test, other)), test) < 0.75


def test_a_signal_in_the_combination_is_beyond_late_fusion() -> None:
    """joy when face and voice agree in sign: each stream alone says nothing, nor do both by Bayes."""
    net = learn(rows("both"), QUICK).net
    test = rows("both", 80, seed=5)
    face, sound = read(net, test, "face"), read(net, test, "voice")
    together = recall(named(read(net, test)), test)
    alone = [recall(named(p), test) for p in (face, sound, face * sound)]
    assert together > 0.95 and max(alone) < 0.7


@pytest.mark.slow
def test_the_lag_between_the_streams_is_found() -> None:
    """The voice follows the face by 300 ms; only their alignment tells the classes apart."""
    settings = Settings(epochs=30, network=TINY, rate=4e-3, mean=0.95, drop=0.0)
    net = learn(lagged(1200, 0), settings).net
    test = lagged(200, 5)
    assert recall(named(read(net, test)), test) > 0.9
    looks = net.lags()
    assert any(x > 200 for x in looks["voice_after_face"]) and any(x < -200 for x in looks["face_after_voice"])


def test_a_clip_reads_the_same_alone_and_in_a_padded_batch() -> None:
    net = untrained()
    short, long = rows("face", 1, length=9)[0].frames, rows("voice", 1, length=31)[0].frames
    with torch.no_grad():
        alone, weight = net(collate([short]))
        batch, _ = net(collate([long, short]))
    assert torch.allclose(alone[0], batch[1], atol=1e-5)
    assert torch.allclose(weight.sum(-1), torch.ones(1, 7))


def test_missing_rows_change_nothing_whatever_stands_in_them() -> None:
    net = untrained()
    f = rows("face", 1)[0].frames
    seen = f.seen.copy()
    seen[4:9] = 0
    a = Frames(f.face, seen, f.voice, f.heard, f.seconds)
    noisy = f.face.copy()
    noisy[4:9] = 7.0
    b = Frames(noisy, seen, f.voice, f.heard, f.seconds)
    assert np.allclose(posterior(net, a)[0], posterior(net, b)[0], atol=1e-7)
    assert not np.allclose(posterior(net, a)[0], posterior(net, f)[0], atol=1e-7)
    with pytest.raises(InputError, match="no voice"):
        posterior(net, Frames(f.face, f.seen, f.voice, f.heard * 0, f.seconds), "voice")


def test_a_network_that_finds_nothing_is_late_fusion() -> None:
    """What is kept when no epoch reads the watched speakers better."""
    torch.manual_seed(0)
    net = FusionNet(Config(width=32, heads=2))
    net.silent().start_from(*confusions())
    r = np.random.default_rng(0)
    some = []
    for s in wide(rows("face", 6)):
        f = s.frames
        f.face[:, -7:], f.voice[:, -8:] = r.normal(0, 2, (1, 7)), r.normal(0, 2, (1, 8))
        some.append(s)
    expected = late_posterior(some)
    assert np.allclose(read(net.eval(), some), expected, atol=0.02) and expected.max(1).min() > 1.5 / 7


def test_modality_dropout_never_takes_both() -> None:
    x = collate([s.frames for s in rows("face", 50)])
    y = dropped(x, np.random.default_rng(0), 0.4)
    face, sound = (y.seen > 0).any(1), (y.heard > 0).any(1)
    assert (face | sound).all() and 5 < int((~face).sum()) < 40 and 5 < int((~sound).sum()) < 40
    mute = Frames(
        *(getattr(rows("face", 1)[0].frames, k) for k in ("face", "seen", "voice")), np.zeros(12, np.float32), 1.2
    )
    assert (dropped(collate([mute] * 50), np.random.default_rng(0), 0.5).seen > 0).any(1).all()


def test_resuming_gives_the_weights_of_going_through(tmp_path: Path) -> None:
    samples, extra = rows("both", 24), rows("face", 12, seed=3)
    settings = Settings(epochs=3, pretrain=2, network=TINY, batch=8)
    watched = rows("both", 10, seed=7)
    whole = learn(samples, settings, unlabelled=extra, watched=watched)
    steps = 0
    while True:  # a budget that is gone at once: one epoch a run
        part = learn(samples, settings, tmp_path, unlabelled=extra, watched=watched, minutes=1e-9, resume=True)
        steps += 1
        if part.finished:
            break
    assert steps == 5 and whole.finished and part.done == 3 and part.kept == whole.kept
    for a, b in zip(whole.net.state_dict().values(), part.net.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    logged = list(csv.DictReader((tmp_path / LOG).open()))
    assert [r["stage"] for r in logged] == ["pretrain"] * 2 + ["train"] * 3
    with pytest.raises(InputError, match="other clips or settings"):
        learn(samples[:-1], settings, tmp_path, unlabelled=extra, resume=True)
    (tmp_path / CHECKPOINT).write_bytes(b"broken")
    with pytest.raises(InputError, match="no checkpoint"):
        learn(samples, settings, tmp_path, unlabelled=extra, resume=True)


def test_the_epoch_that_reads_watched_speakers_best_is_kept() -> None:
    """Speakers who show the opposite are read best before anything is learnt, speakers who show the same after it."""
    flip = {"joy": "anger", "anger": "joy"}
    same = rows("face", 20, seed=7)
    opposite = [replace(s, label=flip[s.label]) for s in same]
    short = replace(QUICK, epochs=4)
    learnt = learn(rows("face", 60), short, watched=opposite)
    assert learnt.kept == 0 and learnt.done == 4
    assert learn(rows("face", 60), short, watched=same).kept > 1


def test_pretraining_rebuilds_hidden_rows_and_finds_the_voice_of_a_face(tmp_path: Path) -> None:
    """Face and voice of a clip share a hidden number, so that each helps to rebuild and to find the other."""
    r = np.random.default_rng(0)

    def clip(k: int) -> Frames:
        z = r.normal(size=4)
        there = np.ones(16, np.float32)
        face = np.tile(np.r_[z, z], (16, 1)) + r.normal(0, 0.3, (16, 8))
        sound = np.tile(np.r_[z, z[:2]], (16, 1)) + r.normal(0, 0.3, (16, 6))
        return Frames(face.astype(np.float32), there, sound.astype(np.float32), there.copy(), 1.6)

    two = rows("face", 8)
    pool = [Sample(clip(k), "", "") for k in range(96)]
    learn(two, Settings(epochs=1, pretrain=25, network=TINY, rate=4e-3), tmp_path, unlabelled=pool)
    logged = [dict(zip(["rebuilt", "contrast", "found"], map(float, x["detail"].split()[1::2]), strict=True))
              for x in csv.DictReader((tmp_path / LOG).open()) if x["stage"] == "pretrain"]  # fmt: skip
    assert logged[0]["rebuilt"] > 0.85 and logged[-1]["rebuilt"] < 0.6 * logged[0]["rebuilt"]
    assert logged[-1]["found"] > 0.3 > logged[0]["found"]  # one in 32 by chance


def test_pretraining_leaves_a_row_of_every_clip_and_hides_the_rest() -> None:
    torch.manual_seed(0)
    net, heads = FusionNet(TINY), Heads(TINY)
    x = collate([s.frames for s in rows("face", 8)])
    found = losses(net, heads, x, np.random.default_rng(0))
    assert np.isfinite(found.rebuilt) and found.rebuilt > 0.5 and 0 <= found.found <= 1


def test_held_out_speakers_and_their_figures() -> None:
    samples = wide(rows("face", 80))
    learning, held = split(samples, 0)
    assert not {s.speaker for s in learning} & {s.speaker for s in held} and len({s.speaker for s in held}) == 2
    assert split(samples, 0)[1] == held
    figures = measure(learn(learning, replace(QUICK, network=Config(width=32, heads=2))).net, held)
    both = figures["both"]
    assert both["uar"] > 0.9 and both["interval"][0] <= both["uar"] <= both["interval"][1]
    assert (
        np.sum(both["confusion"]) == len(held) and figures["classes"] == ["anger", "joy"] and figures["chance"] == 0.5
    )
    assert figures["face"]["uar"] > 0.9 > figures["voice"]["uar"] + 0.1
    assert figures["late_fusion"]["uar"] < 0.7  # the shipped recognisers' rows say nothing here


def test_too_little_is_refused_in_one_line() -> None:
    with pytest.raises(InputError, match="at least 2 speakers"):
        labelled(rows("face", 10, people=1))
    with pytest.raises(InputError, match="1 emotions"):
        labelled([s for s in rows("face", 20) if s.label == "joy"])
    with pytest.raises(InputError, match="one emotion alone"):
        learn([s for s in rows("face", 20) if s.label == "joy"], QUICK)
    with pytest.raises(InputError, match="epoch"):
        Settings(epochs=0)


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A RAVDESS-like folder, and a folder for its rows."""
    folder = tmp_path_factory.mktemp("set")
    ravdess(folder, takes=1)
    return folder, tmp_path_factory.mktemp("rows")


def test_rows_of_a_talking_face(filmed: tuple[Path, Path]) -> None:
    path = next(filmed[0].rglob("01-*.mp4"))
    f = read_frames(path, path)
    assert len(f) in (10, 11) and f.face.shape[1] == 311 and f.voice.shape[1] == 60
    assert (f.seen > 0.5).mean() > 0.8 and f.heard.max() > 0.9
    face, sound = late(f)
    assert face is not None and sound is not None and face.sum() == pytest.approx(1, abs=1e-4)
    mute = read_frames(path, None)
    assert not mute.heard.any() and np.allclose(mute.face[:10], f.face[:10])
    deaf = read_frames(None, path)
    assert not deaf.seen.any() and np.allclose(deaf.voice[:10], f.voice[:10])


def test_grey_pictures_and_silence_are_flagged() -> None:
    grey = [(k / 10, np.full((64, 64, 3), 120, np.uint8)) for k in range(8)]
    f = frames_of(grey, Speech(voice("anger"), RATE))
    assert not f.seen.any() and not f.face.any() and f.heard.any()
    with pytest.raises(MediaError, match="neither"):
        frames_of(grey, Speech(np.zeros(RATE, np.float32), RATE))
    with pytest.raises(MediaError, match="neither"):
        frames_of(None, None)


def test_rare_pictures_are_held_and_gaps_are_not() -> None:
    face = portrait(0)
    f = frames_of([(0.0, face), (0.25, face), (1.5, face)], None)
    assert len(f) == 16 and (f.seen[:6] > 0).all() and not f.seen[7:14].any() and f.seen[15] > 0


def test_the_three_layouts_and_their_partners(tmp_path: Path) -> None:
    x = voice("anger")
    one = tmp_path / "ravdess"
    film(one / "01-01-05-01-01-01-01.mp4", None, x, 0.5)
    film(one / "02-01-05-01-01-01-01.mp4", None, None, 0.5)  # the same take without sound
    write_audio(one / "03-01-05-01-01-01-01.wav", x, RATE)
    write_audio(one / "03-01-02-01-01-01-01.wav", x, RATE)  # calm: none of the seven
    name, clips = clips_of(one)
    assert name == "ravdess" and [(c.label, c.sound == c.picture) for c in clips] == [("anger", True), ("", False)]
    two = tmp_path / "crema"
    film(two / "Video" / "1001_DFA_ANG_XX.mp4", None, None, 0.5)
    write_audio(two / "AudioWAV" / "1001_DFA_ANG_XX.wav", x, RATE)
    write_audio(two / "AudioWAV" / "1002_DFA_HAP_XX.wav", x, RATE)
    name, clips = clips_of(two)
    assert name == "crema-d" and [c.speaker for c in clips] == ["crema-d/1002", "crema-d/1001"]
    assert clips[1].picture is not None and clips[1].sound is not None and clips[0].picture is None
    three = tmp_path / "mead"
    for side in ("front", "left_30"):
        film(three / "M003" / "video" / side / "happy" / "level_1" / "001.mp4", None, None, 0.5)
    write_audio(three / "M003" / "audio" / "happy" / "level_1" / "001.wav", x, RATE)
    name, clips = clips_of(three)
    assert (
        name == "mead" and len(clips) == 2 and {c.sound for c in clips} == {three / "M003/audio/happy/level_1/001.wav"}
    )
    assert {c.label for c in clips} == {"joy"}
    with pytest.raises(MissingDataError, match="no folder"):
        clips_of(tmp_path / "nowhere")


def test_bad_files_are_told_and_rows_kept(filmed: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "set"
    shutil.copytree(filmed[0] / "Actor_01", folder / "Actor_01")
    (folder / "01-01-04-01-01-09-01.mp4").write_bytes(b"no video")
    film(folder / "01-01-04-01-01-08-01.mp4", None, None)  # nothing to see or hear
    _, clips = clips_of(folder)
    samples, problems = gather(clips, tmp_path / "rows")
    assert len(samples) == 2 and sorted(n for n, _ in problems) == [
        "01-01-04-01-01-08-01.mp4",
        "01-01-04-01-01-09-01.mp4",
    ]
    kept = sorted((tmp_path / "rows").iterdir())
    stamps = [p.stat().st_mtime_ns for p in kept]
    again, _ = gather(clips, tmp_path / "rows")
    assert [p.stat().st_mtime_ns for p in kept] == stamps and np.array_equal(
        again[0].frames.face, samples[0].frames.face
    )
    kept[0].write_bytes(b"cut off")
    mended, _ = gather(clips, tmp_path / "rows")
    assert len(mended) == 2


def test_the_command_trains_and_the_result_reads(filmed: tuple[Path, Path], tmp_path: Path, capsys) -> None:
    from genstudio.cli import run
    from genstudio.evaluators.pretrained import load_recogniser

    folder, cache = filmed
    out = tmp_path / "reader"
    options = ["--data", str(folder), "--out", str(out), "--cache", str(cache), "--epochs", "8", "--pretrain", "1"]
    assert train.main(options) == 0
    shown = capsys.readouterr()
    assert "held-out clips" in shown.out and "s left)" in shown.err
    facts = json.loads((out / "fusion.json").read_text())
    assert facts["finished"] and facts["parameters"] < 1_000_000 and len(facts["figures"]["speakers"]) == 1
    assert facts["figures"]["interval_over"] == "clips of one speaker" and facts["figures"]["late_fusion"]["clips"] == 2
    assert "Measured on held-out speakers" in (out / "card.md").read_text()
    assert train.main(options) == 1 and "--resume" in capsys.readouterr().err
    assert train.main([*options, "--resume"]) == 0  # nothing left to do

    judge = FusionEvaluator.load(out)
    path = next(folder.rglob("01-*-05-*.mp4"))
    reading = judge.read_file(path)
    assert set(reading.categories) == {"anger", "sadness"} and sum(reading.categories.values()) == pytest.approx(1)
    assert reading.details["streams"] == ["face", "voice"] and reading.ceiling.value == facts["figures"]["both"]["uar"]
    alone = judge(path.with_name(path.name.replace("01-", "03-", 1)).with_suffix(".wav"))
    assert alone.details["attention"] == {"face": 0.0, "voice": 1.0} and "voice alone" in alone.ceiling.data
    still = judge.read_video([portrait(1)] * 10, 10)
    assert still.details["streams"] == ["face"] and "face alone" in still.ceiling.data

    assert load_recogniser(f"fusion:{out}").name == judge.name
    with pytest.raises(InputError, match="leave out"):
        load_recogniser(f"fusion:{out}#face")
    with pytest.raises(MissingWeightsError, match="train one"):
        load_recogniser(f"fusion:{tmp_path}")
    capsys.readouterr()
    assert run(["evaluate", str(path), "--recogniser", f"fusion:{out}", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said[0]["recogniser"] == judge.name and said[0]["modality"] == "face and voice"
    other = dict(facts, rows="other")
    (out / "fusion.json").write_text(json.dumps(other))
    with pytest.raises(MissingWeightsError, match="train it again"):
        FusionEvaluator.load(out)


@pytest.mark.slow
def test_moved_faces_with_voices_apart_are_learnt(tmp_path: Path) -> None:
    """MEAD's layout; sad and happy people speak alike, so that the face must tell them apart, angry ones by the voice too."""
    words = {"angry": "anger", "sad": "sadness", "happy": "joy"}
    folder = mead(tmp_path / "set", 5, words)
    out = tmp_path / "reader"
    assert (
        train.main(["--data", str(folder), "--layout", "mead", "--out", str(out), "--cache", str(tmp_path / "rows")])
        == 0
    )
    figures = json.loads((out / "fusion.json").read_text())["figures"]
    assert figures["both"]["uar"] >= 2 / 3 > figures["chance"] and figures["both"]["clips"] == 3
    assert figures["face"]["recall"]["joy"] == 1


def test_the_command_refuses_in_one_line(filmed: tuple[Path, Path], tmp_path: Path, capsys) -> None:
    common = ["--out", str(tmp_path / "o"), "--cache", str(filmed[1])]
    assert train.main(["--data", str(tmp_path / "none"), *common]) == 1
    one = tmp_path / "one"
    shutil.copytree(filmed[0] / "Actor_01", one / "Actor_01")
    assert train.main(["--data", str(one), *common]) == 2
    error = capsys.readouterr().err.strip().splitlines()
    assert "no folder" in error[0] and "at least 2 speakers" in error[-1] and not (tmp_path / "o").exists()


def test_help_teaches(capsys) -> None:
    with pytest.raises(SystemExit):
        train.main(["--help"])
    shown = capsys.readouterr().out
    for word in ("RAVDESS", "--pretrain", "--resume", "--minutes", "held out", "fusion:"):
        assert word in shown
