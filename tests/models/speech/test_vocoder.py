"""Vocoder: what holds by construction (before any training), its losses, its pack and a few steps of training."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genstudio.errors import InputError, MissingDataError, MissingWeightsError
from genstudio.media.rates import HOP, SAMPLE_RATE

torch = pytest.importorskip("torch")

from genstudio.models.speech.analysis.features import PERIODICITY_BANDS, Features  # noqa: E402
from genstudio.models.speech.vocoder import Vocoder  # noqa: E402
from genstudio.models.speech.vocoder import vocoder as module  # noqa: E402
from genstudio.models.speech.vocoder.losses import band_periodicity, energy_distance  # noqa: E402
from genstudio.models.speech.vocoder.metrics import Measures, differences  # noqa: E402
from genstudio.models.speech.vocoder.network import SourceFilter, VocoderConfig  # noqa: E402
from genstudio.models.speech.vocoder.source import counter_turn, gate, phase_of, pulses, to_samples  # noqa: E402


@pytest.fixture(scope="module")
def vocoder() -> Vocoder:
    torch.manual_seed(0)
    return Vocoder(SourceFilter(VocoderConfig(width=32, blocks=2, level=1.5)))


def features(frames: int = 120, f0: float = 200.0) -> Features:
    envelope = np.tile(np.linspace(-4, -10, 80, dtype=np.float32), (frames, 1))
    pitch = np.where(np.abs(np.arange(frames) - frames / 2) < frames / 3, f0, 0.0).astype(np.float32)
    periodicity = np.full((frames, PERIODICITY_BANDS), 0.8, dtype=np.float32) * (pitch > 0)[:, None]
    return Features(envelope, pitch, periodicity)


def test_length_seed_and_range(vocoder: Vocoder) -> None:
    given = features()
    first, again, other = vocoder(given), vocoder(given.as_array()), vocoder(given, seed=1)
    assert first.shape == (len(given) * HOP,)
    assert first.dtype == np.float32
    assert np.allclose(first, again, atol=1e-5)
    assert not np.allclose(first, other, atol=1e-3)
    assert np.abs(first).max() <= 1.0


def test_blocks_do_not_show(vocoder: Vocoder, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = vocoder(features(300))
    monkeypatch.setattr(module, "_BLOCK", 37)
    assert np.abs(vocoder(features(300)) - whole).max() < 1e-5


def test_stream_is_the_whole_in_pieces(vocoder: Vocoder) -> None:
    given = features(900)
    pieces = list(vocoder.stream(given, first=25))
    assert len(pieces) > 2
    assert len(pieces[0]) < 25 * HOP
    assert np.abs(np.concatenate(pieces) - vocoder(given)).max() < 1e-5


@pytest.mark.parametrize("factor", [0.75, 1.0, 1.5])
def test_harmonics_follow_f0(vocoder: Vocoder, factor: float) -> None:
    given = features().shifted(factor)
    samples = torch.from_numpy(vocoder(given))[40 * HOP : 80 * HOP]
    power = torch.fft.rfft(samples * torch.hann_window(len(samples))).abs().square()
    per_hz = len(samples) / SAMPLE_RATE
    for harmonic in (1, 2, 5):
        at = 200 * factor * harmonic
        on = power[round((at - 10) * per_hz) : round((at + 10) * per_hz)].mean()
        off = power[round((at + 80 * factor) * per_hz) : round((at + 120 * factor) * per_hz)].mean()
        assert on > 10 * off


def test_refuses_bad_features(vocoder: Vocoder) -> None:
    with pytest.raises(InputError):
        vocoder(np.zeros((0, 89)))
    with pytest.raises(InputError, match="finite"):
        vocoder(np.full((9, 89), np.nan))
    with pytest.raises(MissingWeightsError, match="train"):
        Vocoder.load(Path("nowhere.safetensors"))


def test_weights_round_trip(vocoder: Vocoder, tmp_path: Path) -> None:
    module.save_network(vocoder.network, tmp_path / "v.safetensors")
    again = Vocoder.load(tmp_path / "v.safetensors")
    assert again.network.config == vocoder.network.config
    assert np.abs(again(features()) - vocoder(features())).max() < 0.01


@pytest.mark.parametrize("f0", [70.0, 200.0, 550.0])
def test_pulses_have_unit_power(f0: float) -> None:
    track = torch.full((1, 24000), f0)
    power = pulses(phase_of(track), track).square().mean().item()
    assert power == pytest.approx(1.0, rel=0.05)


def test_gate_is_widened_and_continuous() -> None:
    voiced = torch.zeros(1, 20)
    voiced[0, 8:12] = 1
    opening = gate(voiced)[0]
    assert opening[7 * HOP] == 1
    assert opening[5 * HOP] == 0
    assert opening.diff().abs().max() <= 1 / HOP + 1e-6
    assert to_samples(torch.tensor([[0.0, 1.0]])).shape == (1, 2 * HOP)


def test_a_filter_that_drifts_in_time_is_countered() -> None:
    later = torch.arange(9.0)[None, :, None] * 2.0  # samples: each filter answers two later than the one before
    turn = torch.linspace(0, np.pi, 513)
    f0 = torch.full((1, 9), 220.0)
    asked = counter_turn(torch.polar(torch.ones(1, 9, 513), -later * turn), f0)
    assert torch.allclose(asked, torch.full((1, 8), 2 * np.pi * 220 * 2.0 / SAMPLE_RATE), atol=1e-3)
    still = counter_turn(torch.polar((torch.rand(1, 9, 1) + 0.1).expand(1, 9, 513), (-20 * turn).expand(1, 9, 513)), f0)
    assert still.abs().max() < 1e-3


def test_moving_formants_leave_the_pitch_alone(vocoder: Vocoder) -> None:
    pytest.importorskip("pyworld")
    from genstudio.models.speech.analysis.pitch import track_f0

    given = features(200)
    place = 12 + 6 * np.sin(np.arange(200) / 4)[:, None]  # a formant around 450 Hz, up and down four times a second
    envelope = given.envelope + 4 * np.exp(-(((np.arange(80) - place) / 3) ** 2)).astype(np.float32)
    moving = replace(given, envelope=envelope)
    summed = phase_of(torch.full((1, 200 * HOP), 200.0))[0].numpy()
    inside = slice(60, 140)

    def off(samples: np.ndarray) -> float:
        return float(np.median(np.abs(1200 * np.log2(track_f0(samples.astype(np.float64))[inside] / 200))))

    assert off(vocoder(moving)) < 0.6 * off(vocoder(moving, phase=summed))


def test_steadied_filters_keep_their_power(vocoder: Vocoder) -> None:
    torch.manual_seed(1)
    h = torch.polar(torch.rand(1, 8, 513), torch.rand(1, 8, 513))
    g0, g1 = torch.rand(2, 1, 8, 513)
    voiced = torch.tensor([[True, True, False, False]])
    a, b, c = vocoder.network.steadied(h, g0, g1, voiced)
    assert torch.allclose(a.abs() ** 2 + b**2 + c**2, h.abs() ** 2 + g0**2 + g1**2, atol=1e-5)
    assert torch.allclose(a.angle(), h.angle(), atol=1e-5)
    assert torch.equal(b[:, 4:], g0[:, 4:]) and torch.allclose(b[:, :4, :40], 0.5 * g0[:, :4, :40], atol=2e-3)
    assert torch.equal(b[..., 200:], g0[..., 200:]) and torch.equal(c[..., 200:], g1[..., 200:])


def test_energy_distance_prefers_the_right_noise() -> None:
    torch.manual_seed(0)
    noise = torch.randn(3, 2, 12000)
    tone = torch.sin(torch.arange(12000) * 0.3).expand(2, 12000) * 2**0.5
    right = energy_distance(noise[:2], noise[2])
    buzz = energy_distance(torch.stack([tone, tone]), noise[2])
    weak = energy_distance(0.3 * noise[:2], noise[2])
    assert right < buzz
    assert right < weak


def test_periodicity_is_the_analysis_one() -> None:
    pytest.importorskip("pyworld")
    from genstudio.models.speech.analysis.extract import periodicity_of

    rng = np.random.default_rng(0)
    t = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    x = sum(np.cos(2 * np.pi * 190 * k * t) for k in range(1, 60)) * 0.02 + 0.05 * rng.standard_normal(len(t))
    f0 = np.full(90, 190.0)
    wanted = periodicity_of(x, f0)
    padded = torch.tensor(np.pad(x, (540, 1080)), dtype=torch.float32)[None]
    found = band_periodicity(padded, torch.tensor(f0, dtype=torch.float32)[None])[0].clamp(0, 1).numpy()
    assert np.abs(found - wanted).max() < 0.01


def test_pack_and_a_few_steps_of_training(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    pytest.importorskip("pyworld")
    from genstudio.models.speech.analysis import analyse
    from genstudio.models.speech.vocoder.data import Pack
    from genstudio.models.speech.vocoder.pack import Entry, tracks, write_pack
    from genstudio.models.speech.vocoder.train import CPU, Trainer, main

    rng = np.random.default_rng(0)
    t = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    x = sum(np.cos(2 * np.pi * 150 * k * t) / k for k in range(1, 60)) * 0.05 + 0.003 * rng.standard_normal(len(t))
    found = analyse(x)
    frames = len(x) // HOP
    cut = {k: v[:frames] for k, v in tracks(x, found.as_array(), found.f0).items()}
    buffer = io.BytesIO()
    soundfile.write(buffer, x, SAMPLE_RATE, format="FLAC")
    entries = [Entry("a", "kathleen", frames, 0, 1.0), Entry("b", "kathleen", frames, 0, 1.0, held=True)]
    columns = {k: [v, v] for k, v in cut.items()}
    write_pack(tmp_path, entries, columns, [buffer.getvalue()], 1.0)

    pack = Pack(tmp_path, torch.device("cpu"))
    batch = pack.cut(torch.tensor([20]), 30)
    assert np.abs(batch.audio[0].numpy() - x[20 * HOP : 50 * HOP]).max() < 1e-3
    assert np.abs(batch.feats[0, :, :80].numpy() - found.envelope[20:50]).max() < 0.09
    assert np.abs(batch.f0.numpy() - 150).max() < 1.0
    closures = np.cos(batch.phase[0].numpy())
    assert np.corrcoef(closures, np.cos(2 * np.pi * 150 * t[20 * HOP : 50 * HOP]))[0, 1] > 0.9

    plan = replace(CPU, batch=2, frames=32, critic=0.3, critic_from=0.0, critic_batch=1)
    trainer = Trainer(pack, plan, 1.0, tmp_path / "out", 0, 16)
    before = trainer.net.trunk.exit.weight.clone()
    parts = trainer.step(0.5)
    assert all(torch.isfinite(v).all() for v in parts.values())
    assert not torch.equal(before, trainer.net.trunk.exit.weight)

    quick = ["--pack", str(tmp_path), "--out", str(tmp_path / "out"), "--device", "cpu", "--width", "16"]
    quick += ["--frames", "32", "--batch", "2"]
    assert main([*quick, "--minutes", "0.03"]) == 0
    assert main([*quick, "--minutes", "0.05", "--resume"]) == 0
    assert Vocoder.load(tmp_path / "out" / "vocoder.safetensors")(features()).shape == (120 * HOP,)


def test_differences_are_paired_and_biases_are_distances() -> None:
    rng = np.random.default_rng(0)
    level = rng.normal(5, 3, 12)  # utterances differ by far more than the two copies do
    base = Measures(*[0.0] * 10)
    theirs = [replace(base, mel=x, aperiodicity_bias=-0.8, cents=np.nan) for x in level]
    ours = [replace(base, mel=x - 0.1 + 0.01 * rng.normal(), aperiodicity_bias=0.3, cents=np.nan) for x in level]
    apart = differences(ours, theirs)
    assert apart["mel"][0] == pytest.approx(-0.1, abs=0.02) and apart["mel"][1] < apart["mel"][2] < 0
    assert apart["aperiodicity_bias"][0] == pytest.approx(-0.5) and "cents" not in apart


def test_missing_pack_is_named(tmp_path: Path) -> None:
    from genstudio.models.speech.vocoder.data import read_pack

    with pytest.raises(MissingDataError, match="pack"):
        read_pack(tmp_path)


@pytest.mark.skipif(not module.WEIGHTS.exists(), reason="no shipped weights")
def test_shipped_weights_speak_at_the_features_level() -> None:
    samples = Vocoder.load()(features(200))
    voiced, silent = samples[80 * HOP : 120 * HOP], samples[: 20 * HOP]
    assert np.isfinite(samples).all()
    assert 0.001 < np.sqrt((voiced**2).mean()) < 0.5
    assert np.abs(silent).max() < 0.9


def test_plots_say_what_they_need_before_the_work(monkeypatch, capsys, tmp_path: Path) -> None:
    from genstudio.models.speech.vocoder import evaluate

    monkeypatch.setattr(evaluate, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as stopped:
        evaluate.main(["--plots", str(tmp_path), "--data", str(tmp_path)])
    assert stopped.value.code == 2 and "pip install matplotlib" in capsys.readouterr().err
