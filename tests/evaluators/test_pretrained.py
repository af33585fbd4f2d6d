"""Pretrained recognisers by the way a user takes: real classes, saved, loaded from a folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from genstudio import hub
from genstudio.errors import InputError, MediaError, MissingError, TextError
from genstudio.evaluators.pretrained import load_recogniser
from genstudio.evaluators.pretrained.__main__ import main
from genstudio.evaluators.pretrained.ceilings import measure_ceiling, rows_of, store_ceiling
from genstudio.evaluators.pretrained.direction import Direction
from genstudio.evaluators.pretrained.labels import canonical, map_labels
from genstudio.protocols import Evaluator, Reading, Speech
from genstudio.sidecar import reading_dict

from . import tiny


def noise(seconds: float, seed: int = 0, rate: int = 16_000) -> Speech:
    x = 0.1 * np.random.default_rng(seed).standard_normal(int(seconds * rate))
    return Speech(x.astype(np.float32), rate)


def picture(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (40, 60, 3), np.uint8)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("models")
    for kind in ("Wav2Vec2", "Hubert", "WavLM"):
        tiny.speech(top / kind, kind)
    tiny.dimensional(top / "dimensional")
    tiny.pictures(top / "vit")
    tiny.text(top / "bert", ("joy", "anger", "neutral"))
    tiny.text(top / "roberta", ("admiration", "remorse", "neutral"), "Roberta", several=True)
    tiny.clip(top / "clip")
    tiny.siglip(top / "siglip")
    return top


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENSTUDIO_CACHE", str(tmp_path / "cache"))


MEDIA = {
    "Wav2Vec2": [noise(1), noise(2.3, 1), noise(1, 2)], "Hubert": [noise(1.5), noise(0.6, 1), noise(1.5, 2)],
    "WavLM": [noise(1), noise(1, 1), noise(2, 2)], "dimensional": [noise(1), noise(2, 1), noise(1, 2)],
    "vit": [picture(i) for i in range(3)], "bert": ["i am so happy today .", "sad", "the train is late"],
    "roberta": ["i am happy", "late", "so so sad today"], "clip": [picture(i) for i in range(3)],
    "siglip": [picture(i) for i in range(3)],
}  # fmt: skip


def near(a: Reading, b: Reading) -> None:
    assert a.categories == pytest.approx(b.categories, abs=1e-5)
    assert [a.valence, a.arousal] == pytest.approx([b.valence, b.arousal], abs=1e-5)


@pytest.mark.parametrize("name", MEDIA)
def test_a_batch_reads_as_each_alone_and_readings_are_whole(name: str, models: Path) -> None:
    r = load_recogniser(("clip:" if "lip" in name else "transformers:") + str(models / name))
    assert isinstance(r, Evaluator) and r.role == "score"
    together = r.read(MEDIA[name])
    for one, media in zip(together, MEDIA[name], strict=True):
        near(one, r(media))
    assert together[0].categories != together[1].categories or name == "dimensional"
    first = together[0]
    assert first.categories == {} if name == "dimensional" else sum(first.categories.values()) == pytest.approx(1)
    assert first.ceiling.value is None and "not measured" in str(first.ceiling)
    json.loads(json.dumps(reading_dict(first), allow_nan=False))


def test_the_outputs_are_the_models_own(models: Path) -> None:
    """Independent path: transformers' pipeline-like use of the same folder."""
    from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

    folder = models / "WavLM"
    speech = noise(1)
    inputs = AutoFeatureExtractor.from_pretrained(folder)(speech.samples, sampling_rate=16_000, return_tensors="pt")
    with torch.inference_mode():
        p = AutoModelForAudioClassification.from_pretrained(folder).eval()(**inputs).logits.softmax(-1)[0]
    read = load_recogniser(f"transformers:{folder}")(speech).categories
    assert read == pytest.approx(dict(zip(("anger", "joy", "neutral", "sadness"), p.tolist(), strict=True)), abs=1e-6)


def test_dimensions_go_from_0_1_to_the_axes(models: Path, tmp_path: Path) -> None:
    r = load_recogniser(f"transformers:{models / 'dimensional'}")(noise(1))
    assert (r.arousal, r.dominance, r.valence) == pytest.approx((0.8, 0.0, -0.8), abs=0.05)
    assert r.vad_source == "regression" and r.ceiling.classes == ()
    scale = {"arousal": ["arousal", 0.0, 2.0], "dominance": None}
    other = load_recogniser(f"transformers:{models / 'dimensional'}", labels=scale)(noise(1))
    assert other.arousal == pytest.approx(-0.1, abs=0.05) and other.dominance is None


def test_the_published_head_is_not_left_out(models: Path) -> None:
    """Its keys are those of the published checkpoint, and another class may not fill the gap with random weights."""
    from genstudio.evaluators.pretrained.recogniser import tensor_names

    names = tensor_names(models / "dimensional")
    assert {
        "classifier.dense.weight",
        "classifier.out_proj.bias",
        "wav2vec2.feature_projection.projection.weight",
    } <= names
    assert all(n.startswith(("wav2vec2.", "classifier.")) for n in names)


def test_missing_weights_are_refused(models: Path, tmp_path: Path) -> None:
    import shutil

    from safetensors.torch import load_file, save_file

    folder = tmp_path / "m"
    shutil.copytree(models / "Hubert", folder)
    tensors = load_file(folder / "model.safetensors")
    save_file(
        {k: v for k, v in tensors.items() if not k.startswith("classifier")},
        folder / "model.safetensors",
        {"format": "pt"},
    )
    with pytest.raises(InputError, match="would be random"):
        load_recogniser(f"transformers:{folder}")


def test_long_audio_is_read_in_chunks(models: Path) -> None:
    r = load_recogniser(f"transformers:{models / 'Hubert'}")
    long = noise(25)
    whole = r(long)
    assert whole.details["chunks"] == 3
    parts = [r(Speech(long.samples[a : a + 160_000], 16_000)) for a in range(0, 400_000, 160_000)]
    logs = [np.log([p.categories[c] for c in r.labels.classes]) for p in parts]
    mean = np.average(logs, 0, [10, 10, 5])
    expected = np.exp(mean) / np.exp(mean).sum()
    assert list(whole.categories.values()) == pytest.approx(expected, abs=1e-5)


def test_another_rate_is_resampled(models: Path) -> None:
    r = load_recogniser(f"transformers:{models / 'Wav2Vec2'}")
    t = np.arange(48_000) / 24_000
    x = (0.3 * np.sin(2 * np.pi * 200 * t)).astype(np.float32)
    near_rate = r(Speech(x, 24_000)).categories
    t = np.arange(32_000) / 16_000
    assert near_rate == pytest.approx(
        r(Speech((0.3 * np.sin(2 * np.pi * 200 * t)).astype(np.float32), 16_000)).categories, abs=2e-3
    )


def test_multi_label_scores_are_kept(models: Path) -> None:
    r = load_recogniser(f"transformers:{models / 'roberta'}")
    read = r("i am happy")
    assert r.multi_label and sum(read.details["scores"].values()) > 1.2  # three sigmoids near a half, not a softmax
    single = load_recogniser(f"transformers:{models / 'roberta'}", multi_label=False)("i am happy")
    assert "scores" not in single.details


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_low_precision_reads_about_the_same(dtype: str, models: Path) -> None:
    full, low = (load_recogniser(f"transformers:{models / 'vit'}", dtype=d)(picture()) for d in ("float32", dtype))
    assert low.categories == pytest.approx(full.categories, abs=0.02) and low.categories != full.categories


def test_face_models_see_the_face(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from genstudio.errors import FaceError
    from genstudio.protocols import Face
    from genstudio.signals import faces

    big = np.zeros((200, 200, 3), np.uint8)
    big[60:121, 60:121] = picture(3)[:1, :1]
    face = Face((70, 70, 110, 110), np.zeros((68, 2), np.float32), 1.0)
    monkeypatch.setattr(faces, "find_faces", lambda image: [face] if image.any() else [])
    r = load_recogniser(f"transformers:{models / 'vit'}#face")
    assert r.modality == "face"
    near(r(big), load_recogniser(f"transformers:{models / 'vit'}")(np.ascontiguousarray(big[62:119, 62:119])))
    with pytest.raises(FaceError, match="no face"):
        r(np.zeros_like(big))
    assert r.read_video([np.zeros_like(big), big]).details == {"frames": 2, "frames_read": 1}


def test_labels() -> None:
    assert [canonical(x) for x in ("Happy", "ang", "NEUTRAL", "sad", "Disgusted", "calm", "fearful")] == [
        "joy", "anger", "neutral", "sadness", "disgust", "serenity", "fear",
    ]  # fmt: skip
    mapped = map_labels({0: "happy", 1: "joy", 2: "other"}, {"other": None})
    assert mapped.classes == ("joy",) and mapped.categories(np.array([0.2, 0.3, 0.5])) == {"joy": 1.0}
    with pytest.raises(InputError, match=r"LABEL_0, LABEL_1.*--labels"):
        map_labels({0: "LABEL_0", 1: "LABEL_1", 2: "joy"})
    with pytest.raises(InputError, match="names nothing, which"):
        map_labels({0: "joy"}, {"nothing": "joy"})
    with pytest.raises(InputError, match="mixes axes"):
        map_labels({0: "joy", 1: "valence"})


def test_a_label_map_file(models: Path, tmp_path: Path) -> None:
    tiny.pictures(tmp_path / "m", ("LABEL_0", "LABEL_1", "LABEL_2"))
    with pytest.raises(InputError, match="LABEL_2"):
        load_recogniser(f"transformers:{tmp_path / 'm'}")
    (tmp_path / "map.json").write_text('{"LABEL_0": "awe", "LABEL_1": "fear", "LABEL_2": null}')
    assert set(
        load_recogniser(f"transformers:{tmp_path / 'm'}", labels=tmp_path / "map.json")(picture()).categories
    ) == {"awe", "fear"}
    (tmp_path / "map.json").write_text("[]")
    with pytest.raises(InputError, match="must be an object"):
        load_recogniser(f"transformers:{tmp_path / 'm'}", labels=tmp_path / "map.json")


@pytest.mark.parametrize(
    "spec,options,line",
    [
        ("transformers:{m}/vit", {"modality": "speech"}, "reads image, not speech"),
        ("transformers:{m}/vit", {"dtype": "int8"}, "unknown dtype"),
        ("transformers:{m}/vit", {"device": "tpu"}, "is not there"),
        ("transformers:{m}/clip", {}, "write clip:"),
        ("clip:{m}/vit", {}, "such as CLIP"),
        ("clip:{m}/clip", {"taxonomy": "mikel"}, "mikels"),
        ("transformer:{m}/vit", {}, "did you mean 'transformers'"),
        ("transformers:{m}/none", {}, "no folder"),
        ("transformers:{m}/vit#face", {"modality": "image"}, "says #face"),
    ],
)
def test_wrong_use_is_one_line(spec: str, options: dict, line: str, models: Path) -> None:
    with pytest.raises(InputError, match=line) as caught:
        load_recogniser(spec.format(m=models), **options)
    assert "\n" not in str(caught.value)


def test_bad_media(models: Path) -> None:
    speech, image, text = (load_recogniser(f"transformers:{models / n}") for n in ("Hubert", "vit", "bert"))
    for media, line in ((Speech(np.zeros(16_000, np.float32), 16_000), "silent"), (noise(0.01), "too short")):
        with pytest.raises(MediaError, match=line):
            speech(media)
    with pytest.raises(MediaError, match="uint8"):
        image(np.zeros((4, 4)))
    with pytest.raises(TextError, match="no text"):
        text("  ")
    assert text("the train is late " * 30).details["cut"]


def test_out_of_memory_says_what_would_fit(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    r = load_recogniser(f"transformers:{models / 'vit'}")
    monkeypatch.setattr(r.backend, "run", lambda _: (_ for _ in ()).throw(RuntimeError("CUDA out of memory. Tried")))
    with pytest.raises(MissingError, match="does not fit into the memory"):
        r(picture())


def test_a_ceiling_is_measured_and_remembered(models: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    from genstudio.media.image import write_image

    r = load_recogniser(f"transformers:{models / 'vit'}")
    labelled = [(picture(i), r(picture(i)).top, str(i)) for i in range(30)]
    top = {label for _, label, _ in labelled}
    wrong = [(p, sorted(top - {label})[0] if i % 3 == 0 else label, s) for i, (p, label, s) in enumerate(labelled)]
    found, problems = measure_ceiling(r, [*wrong, (np.zeros((2, 2)), labelled[0][1], "x")], "made up", repeats=50)
    assert found.metric == "UAR" and 0.4 < found.value < 1 and len(problems) == 1
    assert found.interval[0] <= found.value <= found.interval[1] and "30 files" in found.data
    store_ceiling(r.key, found)
    assert load_recogniser(f"transformers:{models / 'vit'}").ceiling == found
    assert load_recogniser(f"transformers:{models / 'vit'}#face").ceiling.value is None
    for k, (pixels, label, _) in enumerate(labelled):
        write_image(tmp_path / "set" / label / f"{k}.png", pixels)
    assert len(rows_of(tmp_path / "set")) == 30
    assert main([f"transformers:{models / 'vit'}", "--measure", str(tmp_path / "set")]) == 0
    assert "ceiling UAR 1.00 on set (30 files)" in capsys.readouterr().out
    with pytest.raises(InputError, match="neither"):
        rows_of(tmp_path / "nothing")


def test_a_planted_direction_is_found() -> None:
    random = np.random.default_rng(0)
    planted = np.linalg.qr(random.standard_normal((48, 2)))[0].T
    ratings = random.uniform(-1, 1, (141, 2)).astype(np.float32)
    x = ratings @ planted + 0.15 * random.standard_normal((141, 48)) + random.standard_normal(48)
    found = Direction.fit(x, ratings, "planted")
    w = found.weights.T / np.linalg.norm(found.weights.T, axis=1, keepdims=True)
    assert (w * planted).sum(1).min() > 0.9 and abs(w[0] @ planted[1]) < 0.35
    fresh = random.uniform(-1, 1, (200, 2))
    said = found(fresh @ planted + x.mean(0) - ratings.mean(0) @ planted)
    assert np.corrcoef(said[:, 0], fresh[:, 0])[0, 1] > 0.95 < np.corrcoef(said[:, 1], fresh[:, 1])[0, 1]


def test_clip_reads_what_was_planted_in_its_words(models: Path, tmp_path: Path) -> None:
    """A CLIP whose text side is made to carry valence along one axis of the shared space: pictures along it read pleasant."""
    r = load_recogniser(f"clip:{models / 'clip'}")
    axis = np.eye(16, dtype=np.float32)[0]
    from genstudio.emotion.norms import words

    rated = {w: v[0] for w, v in words().items()}

    def planted(texts):
        x = np.ones((len(texts), 16), np.float32)
        for row, text in zip(x, texts, strict=True):
            row[0] = next((2 * v for w, v in rated.items() if text.endswith(w)), 0.0)
        return x / np.linalg.norm(x, axis=1, keepdims=True)

    r.embed_text = planted
    direction = r._from_words()
    x = r.embed_pictures([picture(1)])
    read = [float(direction(x + s * axis)[0, 0]) for s in (-0.3, 0.0, 0.3)]
    assert read[0] < read[1] < read[2] and read[2] - read[0] > 0.2
    assert abs(direction(r.embed_pictures(_grey()).mean(0, keepdims=True))[0, 0]) < 0.2


def _grey() -> list:
    from genstudio.evaluators.pretrained.clip import _plain_fields

    return _plain_fields()


def test_clip_learns_from_rated_pictures(models: Path, tmp_path: Path) -> None:
    from genstudio.media.image import write_image

    random = np.random.default_rng(1)
    rows = ["Theme,Category,Valence_mean,Valence_SD,Valence_N,Arousal_mean,Arousal_SD,Arousal_N"]
    for i in range(60):
        v, a = random.uniform(1, 7, 2)
        name = f"{'abcdefghijklmnopqrst'[i % 20]}thing {i}"
        pixels = np.full((32, 32, 3), int(30 * v), np.uint8)
        pixels[:, :16] = int(30 * a)
        write_image(tmp_path / "oasis" / "images" / f"{name}.jpg", pixels)
        rows.append(f"{name},Object,{v},1,100,{a},1,100")
    (tmp_path / "oasis" / "OASIS.csv").write_text("\n".join(rows) + "\n")
    r = load_recogniser(f"clip:{models / 'clip'}")
    found = r.fit(tmp_path)
    assert found.metric == "pearson" and found.value > 0.5
    again = load_recogniser(f"clip:{models / 'clip'}")
    assert again.ceiling == found and again(picture()).details["direction"] == "rated pictures"


def test_the_command_takes_a_recogniser(models: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    from typer.testing import CliRunner

    from genstudio import registry
    from genstudio.cli.app import app
    from genstudio.media.audio import write_audio

    registry.unload()
    write_audio(tmp_path / "a.wav", noise(1).samples, 16_000)
    spec = f"transformers:{models / 'Hubert'}"
    done = CliRunner().invoke(app, ["evaluate", str(tmp_path / "a.wav"), "--recogniser", spec, "--json", "-t", "joy"])
    assert done.exit_code == 0, done.output
    row = json.loads(done.stdout)[0]
    assert row["recogniser"] == "transformers:Hubert" and row["ceiling"]["value"] is None and row["distance"] > 0
    assert hub.fingerprint(models / "Hubert")


def test_a_recogniser_reads_files_of_its_own_kind(models: Path, tmp_path: Path) -> None:
    from genstudio.media.image import write_image
    from genstudio.scoring import evaluate_file

    write_image(tmp_path / "a.png", picture())
    (tmp_path / "a.txt").write_text("i am so happy", encoding="utf-8")
    vit, bert = (load_recogniser(f"transformers:{models / n}") for n in ("vit", "bert"))
    near(evaluate_file(tmp_path / "a.png", recogniser=vit)[0], vit(picture()))
    near(evaluate_file(tmp_path / "a.txt", recogniser=bert)[0], bert("i am so happy"))
    with pytest.raises(InputError, match=r"reads image; 'a\.txt' is a file of text"):
        evaluate_file(tmp_path / "a.txt", recogniser=vit)


def test_older_names_of_the_published_checkpoint_load(models: Path, tmp_path: Path) -> None:
    """Checkpoints saved before torch's parametrizations name the positional convolution weight_g and weight_v."""
    import shutil

    from safetensors.torch import load_file, save_file

    folder = tmp_path / "m"
    shutil.copytree(models / "dimensional", folder)
    conv = "wav2vec2.encoder.pos_conv_embed.conv."
    names = {f"{conv}parametrizations.weight.original{i}": f"{conv}weight_{k}" for i, k in enumerate("gv")}
    tensors = load_file(folder / "model.safetensors")
    assert names.keys() <= tensors.keys()
    save_file({names.get(k, k): v for k, v in tensors.items()}, folder / "model.safetensors", {"format": "pt"})
    near(
        load_recogniser(f"transformers:{folder}")(noise(1)),
        load_recogniser(f"transformers:{models / 'dimensional'}")(noise(1)),
    )


def test_a_pickle_needs_a_word(models: Path, tmp_path: Path) -> None:
    import shutil

    from safetensors.torch import load_file

    for name, media in (("vit", picture()), ("dimensional", noise(1))):
        folder = tmp_path / name
        shutil.copytree(models / name, folder)
        torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
        (folder / "model.safetensors").unlink()
        with pytest.raises(InputError, match="--allow-pickle"):
            load_recogniser(f"transformers:{folder}")
        loaded = load_recogniser(f"transformers:{folder}", allow_pickle=True)
        near(loaded(media), load_recogniser(f"transformers:{models / name}")(media))


def test_the_ceiling_of_axes_is_a_correlation_with_the_norms(models: Path) -> None:
    from genstudio.emotion.norms import coordinates
    from genstudio.evaluators.measures import pearson

    r = load_recogniser(f"transformers:{models / 'dimensional'}")
    labels = ["joy", "sadness", "anger", "fear"] * 6
    rows = [(noise(0.5, i), label, f"s{i % 5}") for i, label in enumerate(labels)]
    found, problems = measure_ceiling(r, rows, "noise", repeats=50)
    read = r.read([m for m, _, _ in rows])
    axes = ("valence", "arousal", "dominance")
    by_hand = [
        pearson([coordinates()[x][i] for x in labels], [getattr(k, a) for k in read]) for i, a in enumerate(axes)
    ]
    assert found.value == pytest.approx(np.mean(by_hand), abs=1e-3) and not problems
    assert found.metric.startswith("pearson") and found.chance == 0 and found.interval[0] < found.interval[1]
    with pytest.raises(InputError, match="two categories in common"):
        measure_ceiling(r, rows[:1], "noise")
