"""The acoustic model: alignment, units, flows, export and synthesis with a tiny network of the real class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from genstudio.emotion import Emotion
from genstudio.emotion.encoder import EmotionEncoder
from genstudio.models.speech.acoustic import normal as n
from genstudio.models.speech.acoustic.align import Utterance, durations, lattice, train
from genstudio.models.speech.acoustic.data import frame_table
from genstudio.models.speech.acoustic.network import FRAME, PROSODY, Acoustic, Config
from genstudio.models.speech.acoustic.shifts import READERS_GET, SOFT, reader_shifts
from genstudio.models.speech.acoustic.synth import Manner, Synthesiser
from genstudio.models.speech.acoustic.unsteady import UNSTEADY, shaken
from genstudio.models.speech.analysis import Features
from genstudio.models.speech.engine import WEIGHTS
from genstudio.models.speech.frontend.inventory import IDS, SYMBOLS
from genstudio.models.speech.frontend.text import Sentence, Word

SPEAKERS = ("kathleen", "kerstin", "emodb03", "emodb08", "emodb09", "emodb11", "emodb14", "emodb15")


def tiny_weights(path: Path, seed: int = 0) -> Path:
    """An untrained network of the real classes with plausible normalisation, in the shipped format."""
    import json

    from safetensors.numpy import save_file

    torch.manual_seed(seed)
    config = Config(SPEAKERS, text=16, text_blocks=1, prosody=16, prosody_blocks=1, mean=16, mean_blocks=1, detail=16,
                    detail_blocks=1, cond=8)  # fmt: skip
    net = Acoustic(config)
    rng = np.random.default_rng(seed)
    arrays = {k: v.numpy().astype(np.float16) for k, v in net.state_dict().items()}
    normal = n.Normal(
        SPEAKERS, np.full(8, 5.2), np.tile(np.linspace(-4, -9, 80), (8, 1)), np.full((8, 7), 0.6), np.ones(80),
        np.full(7, 0.2), np.full(len(SYMBOLS), 2.0),
    )  # fmt: skip
    arrays |= normal.arrays()
    for name, size in (
        ("women", (n.SHIFT, 64)),
        ("men", (n.SHIFT, 64)),
        ("reader_shares", (2, 64)),
        ("reader", (2, n.SHIFT)),
        ("unsteady", (2, 64)),
    ):
        arrays[f"shift.{name}"] = (rng.standard_normal(size) * 0.01).astype(np.float32)
    arrays["shift.zero"] = np.zeros(64, np.float32)
    meta = {"config": json.dumps(config.to_dict()), "note": "{}", "emotions": "[]"}
    save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, str(path), meta)
    return path


def sentence() -> Sentence:
    symbols = ["_", "h", "ɛ", "l", "oʊ", ",", "j", "u", "."]
    ids = tuple(IDS[s] for s in symbols)
    words = (Word("hello", 0, 5, 1, 5), Word("you", 7, 10, 6, 8))
    return Sentence(
        ids, (0, 0, 2, 0, 0, 0, 0, 0, 0), (4, 0, 1, 1, 2, 4, 0, 2, 4), (-1, 0, 0, 0, 0, -1, 1, 1, -1), 0, words, "en"
    )


@pytest.fixture(scope="module")
def synthesiser(tmp_path_factory: pytest.TempPathFactory) -> Synthesiser:
    return Synthesiser(tiny_weights(tmp_path_factory.mktemp("weights") / "acoustic.safetensors"))


def test_alignment_finds_made_boundaries() -> None:
    """Recordings put together from three kinds of noise round three points: the boundaries are found again."""
    rng = np.random.default_rng(0)
    centres = {IDS["m"]: -2.0, IDS["s"]: 2.0, IDS["_"]: 0.0}
    us, truth = [], []
    for k in range(12):
        phones = (
            [IDS["_"], IDS["m"], IDS["s"], IDS["m"], IDS["_"]] if k % 2 else [IDS["_"], IDS["s"], IDS["m"], IDS["_"]]
        )
        length = rng.integers(6, 20, len(phones))
        x = np.concatenate([rng.normal(centres[p], 0.3, (d, 4)) for p, d in zip(phones, length, strict=True)])
        energy = np.concatenate(
            [np.full(d, 0.0 if p == IDS["_"] else 5.0) for p, d in zip(phones, length, strict=True)]
        )
        us.append(
            Utterance(
                str(k), np.array(phones, np.int32), np.array([p < 3 for p in phones]), x.astype(np.float32), energy
            )
        )
        truth.append(length)
    _, paths = train(us, rounds=(6,), log=lambda text: None)
    found = [durations(u, p) for u, p in zip(us, paths, strict=True)]
    assert np.mean([np.abs(np.cumsum(f) - np.cumsum(t)).max() <= 2 for f, t in zip(found, truth, strict=True)]) > 0.7


def test_lattice_offers_silence_between_words() -> None:
    s = sentence()
    _, optional, source = lattice(s.ids, s.word)
    assert optional.sum() == 3 and list(source) == list(range(9))
    _, optional, source = lattice((IDS["_"], IDS["m"], IDS["s"], IDS["."]), (-1, 0, 1, -1))
    assert list(source) == [0, 1, -1, 2, 3] and optional[2]


def test_normalise_and_restore_are_inverse() -> None:
    rng = np.random.default_rng(0)
    normal = n.Normal(
        ("a",),
        np.array([5.0]),
        rng.normal(-6, 1, (1, 80)),
        np.full((1, 7), 0.5),
        np.ones(80),
        np.full(7, 0.3),
        np.full(len(SYMBOLS), 2.0),
    )
    t = 60
    phones = np.repeat([IDS["_"], IDS["m"], IDS["s"]], 20)
    f0 = np.where(phones == IDS["m"], 150.0, 0.0)
    feats = np.concatenate([rng.normal(-6, 1, (t, 80)), np.zeros((t, 2)), np.full((t, 7), 0.6)], 1).astype(np.float32)
    shift = np.zeros(n.SHIFT, np.float32)
    shift[n.LEVEL], shift[n.RANGE], shift[n.SONORANT] = 0.2, 0.1, 0.5
    y = n.normalise(feats, f0, phones, normal, 0, shift)
    back = n.restore(y, phones, normal, 0, shift)
    inside = np.abs(y[:, :80]).max(1) < 5
    assert np.allclose(back[inside, :80], feats[inside, :80], atol=1e-3)
    assert np.allclose(np.exp(back[f0 > 0, 80]), 150, rtol=1e-3)


def test_frame_table_follows_durations() -> None:
    prosody = np.zeros((3, PROSODY), np.float32)
    prosody[:, 1:4] = [[0, 0, 0], [1, 1, 1], [2, 2, 2]]
    table = frame_table(np.array([4, 0, 6]), prosody)
    assert list(table.phone) == [0] * 4 + [2] * 6
    assert table.inside.shape == (10, 4)
    assert table.inside[0, 3] == pytest.approx(0) and table.inside[-1, 3] == pytest.approx(2)


def test_flows_keep_shapes_and_have_gradients() -> None:
    from genstudio.models.speech.acoustic.data import Batch
    from genstudio.models.speech.acoustic.train import losses

    torch.manual_seed(0)
    net = Acoustic(Config(SPEAKERS, text=16, text_blocks=1, prosody=16, prosody_blocks=1, mean=16, mean_blocks=1, detail=16,
                          detail_blocks=1, cond=8))  # fmt: skip
    b, p, pairs = 2, 7, 10
    ints = torch.zeros(b, p, dtype=torch.long)
    batch = Batch(
        ints + 5, ints, ints, torch.zeros(b, dtype=torch.long), torch.zeros(b, dtype=torch.long), torch.tensor([0, 2]),
        torch.randn(b, 64), torch.tensor([False, True]), torch.randn(b, p, PROSODY), torch.ones(b, p, 1), torch.ones(b, p),
        torch.randint(0, p, (b, pairs)), torch.randint(0, p, (b, pairs)), torch.randn(b, pairs, 5),
        torch.randn(b, pairs, 2 * FRAME), torch.ones(b, pairs, 1),
    )  # fmt: skip
    out = losses(net, batch, True)
    (out["prosody"] + out["mean"] + out["detail"]).backward()
    assert all(torch.isfinite(out[k]) for k in ("prosody", "mean", "detail"))
    assert net.text.phone.weight.grad is not None and out["square"].shape == (FRAME,)


def test_synthesis_is_reproducible_and_seeds_differ(synthesiser: Synthesiser) -> None:
    pooled = np.zeros((9, 64), np.float32)
    one, same, other = (synthesiser(sentence(), "kathleen", pooled, s, Manner()) for s in (1, 1, 2))
    assert np.array_equal(one.features.envelope, same.features.envelope)
    assert len(one.features) == one.durations.sum()
    assert len(one.features) != len(other.features) or not np.array_equal(
        one.features.envelope, other.features.envelope
    )


def test_rate_and_pitch_do_what_they_say(synthesiser: Synthesiser) -> None:
    pooled = np.zeros((9, 64), np.float32)
    plain = synthesiser(sentence(), "kathleen", pooled, 1, Manner())
    quick = synthesiser(sentence(), "kathleen", pooled, 1, Manner(rate=2.0))
    assert quick.durations.sum() < 0.75 * plain.durations.sum()
    high = synthesiser(sentence(), "kathleen", pooled, 1, Manner(pitch=1.5))
    both = plain.features.voiced & high.features.voiced
    assert np.allclose(high.features.f0[both], plain.features.f0[both] * 1.5, rtol=1e-4)


def test_readers_are_livelier_than_the_women_they_follow(synthesiser: Synthesiser) -> None:
    code = np.random.default_rng(1).standard_normal((3, 64)).astype(np.float32)
    women, reader = synthesiser.shift_of(code, "emodb08"), synthesiser.shift_of(code, "kathleen")
    assert np.array_equal(women, synthesiser.shift_of(code)) and not np.allclose(
        women, synthesiser.shift_of(code, "emodb03")
    )
    assert np.linalg.matrix_rank(reader - women, tol=1e-4) == 2  # a share of what each of two emotions adds
    measured = {e: np.full(n.SHIFT, 2.0, np.float32) for e in READERS_GET}
    joy = reader_shifts(measured)[list(READERS_GET).index("joy")]
    assert joy[n.ARTICULATION] > 0 and np.allclose(joy[n.TEMPO], READERS_GET["joy"][5]) and joy[n.LEVEL] == 0
    assert np.allclose(joy[n.SONORANT] - READERS_GET["joy"][4] * SOFT, 2.0 * READERS_GET["joy"][2], atol=1e-5)
    assert SOFT[2] > 1 and (SOFT[50:] < 0).all()  # a strong first harmonic, little above 5 kHz


def test_shift_is_linear_in_the_code(synthesiser: Synthesiser) -> None:
    code = np.random.default_rng(0).standard_normal(64).astype(np.float32)
    assert np.allclose(synthesiser.shift_of(code * 0.5), synthesiser.shift_of(code) * 0.5, atol=1e-5)


def test_a_loss_of_periodicity_is_asked_for_twice_where_the_vocoder_makes_half_the_noise():
    shift = np.random.default_rng(0).normal(size=(5, n.SHIFT)).astype(np.float32)
    made = n.rougher(shift)
    apart = (made - shift)[:, n.PERIODIC]
    asked = shift[:, n.PERIODIC]
    assert (apart[asked > 0] == 0).all() and (apart[:, :2] == np.minimum(asked[:, :2], 0)).all()
    assert (apart[:, 4:] == 0).all()
    rest = np.ones(n.SHIFT, bool)
    rest[n.PERIODIC] = False
    assert np.array_equal(made[:, rest], shift[:, rest]) and made is not shift


def test_a_hiss_never_drowns_the_vowels() -> None:
    voiced = np.repeat([True, False, True], 20)
    envelope = np.full((60, 80), -6.0, np.float32)
    envelope[20:40] = -3.0
    made = n.hushed(envelope, voiced)
    assert np.allclose(made[24:36], -6.0, atol=0.05) and np.allclose(made[:15], -6.0)
    soft = np.where(envelope > -4, -8.0, envelope).astype(np.float32)
    assert np.array_equal(n.hushed(soft, voiced), soft)
    assert np.array_equal(n.hushed(envelope, np.zeros(60, bool)), envelope)  # nothing to measure by


def steady(frames: int = 400) -> Features:
    voiced = np.arange(frames) % 50 < 40
    return Features(
        np.full((frames, 80), -6.0, np.float32), np.where(voiced, 200, 0).astype(np.float32),
        np.full((frames, 7), 0.8, np.float32) * voiced[:, None],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "jitter", "shimmer"), [((0.04, 0.0), 0.04, 0.0), ((0.0, 0.3), 0.0, 0.3), ((9.0, 9.0), 0.0675, 0.75)]
)
def test_jitter_and_shimmer_are_as_large_as_asked(amount: tuple[float, float], jitter: float, shimmer: float) -> None:
    before = steady()
    after = shaken(before, np.tile(amount, (400, 1)), torch.Generator().manual_seed(3))
    voiced = before.voiced
    assert np.array_equal(after.voiced, voiced) and np.array_equal(after.periodicity, before.periodicity)
    assert np.log(after.f0[voiced] / 200).std() == pytest.approx(jitter, rel=0.15, abs=1e-6)
    assert (after.envelope[voiced, 0] + 6).std() == pytest.approx(shimmer, rel=0.15, abs=1e-6)
    assert np.array_equal(after.envelope[~voiced], before.envelope[~voiced])


def test_a_calm_voice_stays_steady() -> None:
    before = steady()
    for amount in ((0.0, 0.0), (-0.04, -0.3), (0.003, 0.02)):  # nothing, the opposite, the rounding of the linear map
        assert shaken(before, np.tile(amount, (400, 1)), torch.Generator()) is before


@pytest.mark.skipif(not WEIGHTS.exists(), reason="the shipped weights are absent")
def test_the_shipped_voice_shakes_in_fear_and_sadness_alone() -> None:
    synthesiser = Synthesiser(WEIGHTS)
    names = ("neutral", "anger", "disgust", "joy", "surprise", "fear", "sadness")
    codes = EmotionEncoder.load()([Emotion.parse(name) for name in names]).pooled.numpy()
    amount = dict(zip(names, synthesiser.unsteadiness(codes), strict=True))
    assert all(shaken(steady(9), np.tile(amount[k], (9, 1)), torch.Generator()).f0[0] == 200 for k in names[:5])
    for name in ("fear", "sadness"):
        assert np.allclose(amount[name], UNSTEADY[name], rtol=0.1, atol=0.01)
