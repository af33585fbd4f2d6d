"""Suites: a folder scored, resumed, compared; every layout on a tiny tree."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
from PIL import Image

from genstudio.cli import run
from genstudio.errors import InputError
from genstudio.evaluators import evaluate_folder
from genstudio.evaluators.suites import DATASETS, LAYOUTS, compare, find
from genstudio.evaluators.suites import run as runner
from genstudio.evaluators.suites.page import page
from genstudio.evaluators.suites.summary import summarise


def sound(path: Path, hz: float = 180.0, seconds: float = 1.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    t = np.arange(int(16_000 * seconds)) / 16_000
    buzz = sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, 9)) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t))
    soundfile.write(path, (0.2 * buzz).astype(np.float32), 16_000)


def picture(path: Path, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (48, 64, 3), dtype=np.uint8)).save(path)


def table(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _touch(*names: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(b"x")

    return make


TREES: dict[str, tuple[Callable[[Path], None], dict[str, str], str]] = {
    # layout: (make the tree, labels found by name, the cluster of the first)
    "ravdess": (_touch("Actor_12/03-01-06-01-02-01-12.wav", "Actor_02/01-01-03-02-01-01-02.mp4"),
                {"Actor_12/03-01-06-01-02-01-12.wav": "fearful", "Actor_02/01-01-03-02-01-01-02.mp4": "happy"}, "02"),
    "crema-d": (_touch("AudioWAV/1001_DFA_ANG_XX.wav", "AudioWAV/1002_IEO_SAD_HI.wav"),
                {"AudioWAV/1001_DFA_ANG_XX.wav": "anger", "AudioWAV/1002_IEO_SAD_HI.wav": "sadness"}, "1001"),
    "emodb": (_touch("wav/03a01Fa.wav", "wav/16b10Wb.wav"), {"wav/03a01Fa.wav": "joy", "wav/16b10Wb.wav": "anger"}, "03"),
    "esd": (_touch("0011/Angry/0011_000351.wav", "0011/Surprise/train/0011_001401.wav"),
            {"0011/Angry/0011_000351.wav": "Angry", "0011/Surprise/train/0011_001401.wav": "Surprise"}, "0011"),
    "mead": (_touch("M003/video/front/angry/level_1/001.mp4", "W009/audio/sad/level_3/002.m4a"),
             {"M003/video/front/angry/level_1/001.mp4": "angry", "W009/audio/sad/level_3/002.m4a": "sad"}, "M003"),
    "meld": (lambda f: (table(f / "train_sent_emo.csv",
                              "Sr No.,Utterance,Speaker,Emotion,Dialogue_ID,Utterance_ID\n1,Hi!,Ann,joy,0,0\n2,No.,Bo,anger,0,1\n"),
                        _touch("train/dia0_utt0.mp4")(f))[0],
             {"train/dia0_utt0.mp4": "joy", "train_sent_emo.csv#1": "anger"}, "Ann"),
    "fer2013": (lambda f: table(f / "fer2013.csv", "emotion,pixels,Usage\n3," + " ".join(["7"] * 2304) + ",PublicTest\n"),
                {"fer2013.csv#0": "joy"}, ""),
    "affectnet": (lambda f: table(f / "validation.csv",
                                  "subDirectory_filePath,expression,valence,arousal\n1/a.jpg,1,0.8,0.2\n2/b.jpg,2,-0.6,-0.3\n"),
                  {"1/a.jpg": "happy", "2/b.jpg": "sad"}, ""),
    "oasis": (lambda f: table(f / "OASIS.csv", ",Theme,Category,Valence_mean,Arousal_mean\nI1,Lake 1,Scene,5.5,2.5\n"),
              {"images/Lake 1.jpg": ""}, "Lake"),
    "emoset": (_touch("image/awe/awe_00001.jpg", "image/fear/fear_00002.jpg"),
               {"image/awe/awe_00001.jpg": "awe", "image/fear/fear_00002.jpg": "fear"}, ""),
    "findingemo": (lambda f: table(f / "annotations_single.ann",
                                     "user,image_path,valence,arousal,emotion\nu1,/run/a.jpg,3,6,Ecstasy\n"),
                   {"run/a.jpg": "ecstasy"}, "u1"),
    "emonet-face": (lambda f: table(f / "metadata.csv", "file_name,emotion\na.jpg,Amusement\n"), {"a.jpg": "Amusement"}, ""),
    "emonet-voice": (lambda f: table(f / "metadata.csv", "file_name,emotion,speaker\na.mp3,Anger,s1\n"), {"a.mp3": "Anger"}, "s1"),
    "cameo": (lambda f: table(f / "data.jsonl", json.dumps(
        {"path": "a.wav", "emotion": "sadness", "speaker_id": "7", "dataset": "x", "transcription": "hello"}) + "\n"),
        {"a.wav": "sadness"}, "x7"),
    "goemotions": (lambda f: (table(f / "labels.txt", "admiration\njoy\nneutral\n"), table(f / "test.tsv", "Nice!\t0,1\tid1\n"))[0],
                   {"test.tsv#0": "admiration+joy"}, "id1"),
    "emobank": (lambda f: table(f / "emobank.csv", "id,split,V,A,D,text\na,test,4.0,3.0,3.0,Good.\n"), {"emobank.csv#0": ""}, "a"),
    "semeval2025-11": (lambda f: table(f / "eng.csv", "id,text,anger,fear,joy,sadness,surprise\nx,Oh no,0,1,0,0,1\n"),
                       {"eng.csv#0": "fear+surprise"}, "x"),
}  # fmt: skip


def test_every_layout_has_a_tree_and_an_entry() -> None:
    assert set(TREES) == set(LAYOUTS) == {d.name for d in DATASETS}
    assert all(d.terms and d.get and d.good_for for d in DATASETS)


@pytest.mark.parametrize("name", list(TREES))
def test_layout_is_found_and_read(name: str, tmp_path: Path) -> None:
    make, labels, cluster = TREES[name]
    make(tmp_path)
    found, items = find(tmp_path)
    if name not in ("emonet-face", "emonet-voice"):
        assert found == name
    items = find(tmp_path, name)[1]
    assert {i.name: i.label for i in items} == labels
    assert items[0].cluster == cluster
    assert all(i.target is not None or i.problem for i in items)


def test_files_that_look_like_a_data_set_and_are_none(tmp_path: Path) -> None:
    sound(tmp_path / "a.wav")
    table(tmp_path / "log.jsonl", "started\n[1, 2]\n")
    table(tmp_path / "scores.csv", "V,A,D,text\n,,,hello\n")
    table(tmp_path / "labels.txt", "joy")
    (tmp_path / "arrays.npz").write_bytes(b"no archive")
    (tmp_path / "old.tsv").write_bytes(b"Gr\xfc\xdfe\t0\t1\n")
    assert find(tmp_path) == ("", [])
    with pytest.raises(InputError, match="is not laid out as emobank: could not convert"):
        find(tmp_path, "emobank")


def test_layouts_on_real_data(data: Path) -> None:
    for folder, name, count in (("emodb", "emodb", 535), ("text", "goemotions", 54_263)):
        items = find(data / folder, name)[1]
        assert len(items) == count and not [i for i in items if i.problem]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "clips"
    for k, hz in enumerate((140, 180, 240, 300)):
        sound(place / f"{k}.wav", hz)
    (place / "empty.wav").write_bytes(b"")
    (place / "liar.wav").write_text("this is text")
    lines = [
        "file,emotion,reference",
        "0.wav,joy,",
        "1.wav,sadness,",
        "2.wav,jpy,",
        "3.wav,anger,",
        "empty.wav,joy,",
        "liar.wav,joy,",
        "gone.wav,fear,",
    ]
    table(tmp_path / "targets.csv", "\n".join(lines) + "\n")
    return place


def test_bad_files_become_rows_and_the_run_goes_on(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results"
    code = run(
        [
            "evaluate",
            str(folder),
            "--suite",
            "speech",
            "--targets",
            str(tmp_path / "targets.csv"),
            "-o",
            str(out),
            "--json",
        ]
    )
    captured = capsys.readouterr()
    assert code == 1
    summary = json.loads(captured.out)
    assert (summary["read"], summary["failed"]) == (3, 4)
    table_ = pq.read_table(out / "results.parquet").to_pylist()
    rows = {r["path"]: r for r in table_}
    need = [
        "path",
        "modality",
        "kind",
        "target",
        "valence",
        "arousal",
        "dominance",
        "categories",
        "distance",
        "recogniser",
        "ceiling",
        "vad_source",
        "error",
    ]
    assert set(need) <= set(table_[0])
    assert rows["0.wav"]["error"] is None and 0 <= rows["0.wav"]["distance"] <= 1
    for name, says in (
        ("2.wav", "unknown label 'jpy'"),
        ("empty.wav", "empty"),
        ("liar.wav", "cannot be read"),
        ("gone.wav", "no file"),
    ):
        assert says in rows[name]["error"] and rows[name]["valence"] is None
    page = (out / "report.html").read_text()
    assert "gone.wav" in page and "ceiling" not in page.split("<style>")[0] and "<svg" in page
    assert "does not tell what a real person feels" in captured.err
    result = summary["results"][0]["categories"]
    assert result["counts"] == {"anger": 1, "joy": 1, "sadness": 1} and 0 < result["chance"] < 1


def test_one_target_for_a_folder_and_a_word_about_what_was_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound(tmp_path / "a.wav")
    (tmp_path / "b.heic").write_bytes(b"x")
    (tmp_path / "targets.csv").write_text("")
    assert run(["evaluate", str(tmp_path), "--target", "fear", "--json"]) == 0
    captured = capsys.readouterr()
    summary = json.loads(captured.out)
    assert summary["results"][0]["categories"]["counts"] == {"fear": 1}
    assert summary["left_out"] == ["b.heic"] and "1 files of no known kind were left out: b.heic" in captured.err


def test_a_second_run_reads_only_what_changed(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    true = runner._read

    def counted(item, recogniser):  # type: ignore[no-untyped-def]
        read.append(item.name)
        return true(item, recogniser)

    monkeypatch.setattr(runner, "_read", counted)
    evaluate_folder(folder, tmp_path / "r", suite="speech")
    assert {"0.wav", "1.wav", "2.wav", "3.wav"} <= set(read)
    ledger = tmp_path / "r" / "readings.jsonl"
    lines = ledger.read_text().splitlines()
    ledger.write_text("\n".join(lines[:2]) + "\n" + lines[2][:40])  # stopped in the middle of a line
    read.clear()
    evaluate_folder(folder, tmp_path / "r", suite="speech")
    assert len([n for n in read if n[0].isdigit()]) == 2
    sound(folder / "0.wav", 210)
    read.clear()
    evaluate_folder(folder, tmp_path / "r", suite="speech")
    assert [n for n in read if n[0].isdigit()] == ["0.wav"]


def test_long_recordings_are_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound(tmp_path / "clips" / "long.wav", 170, 9.0)
    monkeypatch.setattr(runner, "PIECE_SECONDS", 2.0)
    row = evaluate_folder(tmp_path / "clips", suite="speech")["rows"][0]
    assert row["error"] is None and row["top"]
    monkeypatch.setattr(runner, "PIECE_SECONDS", 600.0)
    whole = evaluate_folder(tmp_path / "clips", suite="speech")["rows"][0]
    a, b = (json.loads(r["categories"]) for r in (row, whole))
    assert sum(min(a[k], b[k]) for k in a) > 0.6


def test_text_corpus_and_limit(tmp_path: Path) -> None:
    rows = "\n".join(
        f"{i},test,{1 + i % 4},3.0,3.0,{t}"
        for i, t in enumerate(["I hate this.", "It is fine.", "Good day.", "Wonderful!"])
    )
    table(tmp_path / "c" / "emobank.csv", "id,split,V,A,D,text\n" + rows + "\n")
    found = evaluate_folder(tmp_path / "c", suite="text")
    assert found["layout"] == "emobank" and found["results"][0]["axes"]["valence"]["spearman"]["value"] > 0.5
    assert len(evaluate_folder(tmp_path / "c", suite="text", limit=2)["rows"]) == 2
    with pytest.raises(InputError, match="split"):
        evaluate_folder(tmp_path / "c", suite="text", split="train")
    with pytest.raises(InputError, match="from 1 up; got 0"):
        evaluate_folder(tmp_path / "c", suite="text", limit=0)


def test_a_category_counts_as_itself_or_not_at_all() -> None:
    def row(asked: str, **read: float) -> dict[str, object]:
        return {
            "modality": "speech",
            "recogniser": "r",
            "path": asked,
            "target_category": asked,
            "categories": json.dumps(read),
        }

    names = {"anger": 0.0, "joy": 0.0, "neutral": 0.1, "boredom": 0.0}
    rows = [
        row("boredom", **names | {"boredom": 0.9}), row("neutral", **names | {"boredom": 0.9}), row("joy", **names | {"joy": 0.9}),
        row("contempt", **names | {"anger": 0.9}),
    ]  # fmt: skip
    c = summarise(rows)["results"][0]["categories"]
    assert c["counts"] == {"joy": 1, "neutral": 1, "boredom": 1} and c["beyond"] == {"contempt": 1}
    assert c["recall"] == {"boredom": 1.0, "joy": 1.0, "neutral": 0.0}
    summary = summarise(rows) | {"folder": "f", "suite": "speech", "items": 4, "layout": ""}
    assert "contempt, no class of this reader" in page(summary, rows, Path())
    seven = summarise(rows[2:])["results"][0]["categories"]  # nobody asked for boredom: it is not in question
    assert seven["counts"] == {"joy": 1}


def test_compare_finds_a_real_difference_and_none(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("empty.wav", "liar.wav"):
        (folder / name).unlink()
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    same = compare(folder, other, suite="speech")
    assert same["pairs"] == 4 and all(d["difference"] == 0 and d["better"] == "" for d in same["differences"])
    for k, hz in enumerate((340, 360, 390, 420)):
        sound(other / f"{k}.wav", hz)
    found = {d["figure"]: d for d in compare(folder, other, suite="speech")["differences"]}
    assert found["arousal"]["difference"] != 0
    assert run(["compare", str(folder), str(other), "--suite", "speech", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pairs"] == 4
    picture(tmp_path / "third" / "x.png")
    with pytest.raises(InputError, match="partner"):
        compare(folder, tmp_path / "third")


def test_commands_and_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "list", "--json"]) == 0
    assert {d["name"] for d in json.loads(capsys.readouterr().out)} == set(LAYOUTS)
    TREES["emodb"][0](tmp_path / "e")
    assert run(["data", "check", str(tmp_path / "e")]) == 0
    assert "laid out as emodb: 2 items of 2 people" in capsys.readouterr().out
    (tmp_path / "nothing").mkdir()
    for arguments, says in (
        (["data", "check", str(tmp_path / "nothing")], "none of the data sets"),
        (["evaluate", str(tmp_path / "nothing")], "holds nothing to read"),
        (["evaluate", str(tmp_path / "e"), "--suite", "speach"], "valid: talking-head"),
        (["evaluate", str(tmp_path / "e"), "--layout", "emodbb"], "unknown layout"),
        (["evaluate", "a.wav", "--suite", "speech"], "go with one folder"),
        (["evaluate", "a.wav", "--layout", "emodb"], "go with one folder"),
        (["evaluate", "a.wav", str(tmp_path)], "a folder is evaluated alone"),
        (["evaluate", str(tmp_path / "e"), "--as", "speech"], "--suite says how it is read"),
    ):
        assert run(arguments) == 2
        assert says in capsys.readouterr().err


def test_an_entry_point_adds_a_recogniser(monkeypatch: pytest.MonkeyPatch) -> None:
    from genstudio import registry

    class Point:
        name, value, dist = "mine", "tests.evaluators.plugin:load", None

    monkeypatch.setattr(registry, "entry_points", lambda group: [Point()] if group == "genstudio.evaluators" else [])
    registry.entries.cache_clear()
    try:
        assert registry.find("evaluator:mine").target == "tests.evaluators.plugin:load"
    finally:
        registry.entries.cache_clear()
