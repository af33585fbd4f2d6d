from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

from genstudio.batch import runner
from genstudio.batch.ledger import Ledger
from genstudio.batch.manifest import Job
from genstudio.errors import InputError, OutputError
from genstudio.protocols import Ceiling, Reading
from genstudio.studio import Studio
from tests.small import use_small_engines

MANIFEST = """
jobs:
  - {kind: paint, prompt: a lake, size: 64, sweep: {emotion: [joy, sadness], seed: {range: [0, 3]}}}
  - {kind: speak, text: Hello, emotion: anger}
"""


@pytest.fixture
def manifest(tmp_path, monkeypatch):
    use_small_engines(monkeypatch)
    path = tmp_path / "m.yaml"
    path.write_text(MANIFEST)
    return path


def test_a_row_and_a_file_with_sidecar_a_job(tmp_path, manifest):
    summary = runner.run(manifest, tmp_path / "out")
    assert (summary.done, summary.failed, summary.already) == (7, 0, 0)
    rows = pq.read_table(summary.results).to_pylist()
    assert len(rows) == 7 and {r["kind"] for r in rows} == {"paint", "speak"}
    for row in rows:
        file = tmp_path / "out" / row["path"]
        assert file.is_file() and file.with_name(file.name + ".json").is_file()
        assert row["distance"] is not None and row["error"] is None
    joy, sad = (next(r for r in rows if r["emotion"] == e)["valence"] for e in ("joy", "sadness"))
    assert joy > sad


def test_a_killed_run_goes_on_and_does_nothing_twice(tmp_path, manifest, monkeypatch):
    made: list[str] = []
    perform = runner.perform

    def watched(job, path, studio):
        if len(made) == 3:
            raise KeyboardInterrupt
        made.append(job.hash)
        return perform(job, path, studio)

    monkeypatch.setattr(runner, "perform", watched)
    with pytest.raises(KeyboardInterrupt):
        runner.run(manifest, tmp_path / "out")
    with pytest.raises(InputError, match="--resume"):
        runner.run(manifest, tmp_path / "out")
    monkeypatch.setattr(runner, "perform", lambda *a: made.append(a[0].hash) or perform(*a))
    summary = runner.run(manifest, tmp_path / "out", resume=True)
    assert (summary.done, summary.already) == (4, 3)
    assert len(made) == len(set(made)) == 7
    assert not list((tmp_path / "out").rglob("*.part*"))
    assert runner.run(manifest, tmp_path / "out", resume=True).done == 0


def test_a_failing_job_is_recorded_and_the_others_go_on(tmp_path, monkeypatch):
    use_small_engines(monkeypatch)
    path = tmp_path / "m.yaml"
    path.write_text(
        "jobs: [{kind: paint, prompt: x, size: 4}, {kind: paint, prompt: y, size: 64}, {kind: evaluate, file: no.wav}]"
    )
    studio = Studio()
    evaluate = studio.evaluate
    monkeypatch.setattr(studio, "evaluate", lambda file, *more: evaluate(file, *more) if "no.wav" in file else 1 / 0)
    path.write_text(path.read_text().replace("]", ", {kind: evaluate, file: odd.wav}]"))
    summary = runner.run(path, tmp_path / "out", studio=studio)
    assert (summary.done, summary.failed) == (1, 3)
    assert summary.errors[-1] == "000003 (evaluate): unexpected ZeroDivisionError: division by zero"
    errors = [r["error"] for r in pq.read_table(summary.results).to_pylist()]
    assert "64 to 2048" in errors[0] and errors[1] is None and "no file" in errors[2]


def test_a_full_disk_is_said_of_the_ledger_too(tmp_path):
    ledger = Ledger(tmp_path / "out")
    ledger._db.execute("PRAGMA max_page_count=4")
    with pytest.raises(OutputError, match="the disk is full"):
        ledger.add(Job(i, "paint", {"prompt": "a lake " * 100, "seed": i}) for i in range(100))
    ledger.close()


def test_a_videos_face_and_voice_are_both_kept(tmp_path, monkeypatch):
    def reading(modality: str) -> Reading:
        return Reading(modality, "r", 0.1, 0.2, None, {"joy": 1.0}, "mapped", Ceiling.unmeasured(("joy",)))

    studio = Studio()
    monkeypatch.setattr(studio, "evaluate", lambda *a: [reading("face"), reading("speech")])
    path = tmp_path / "m.yaml"
    path.write_text("jobs: [{kind: evaluate, file: a.mp4}]")
    (row,) = pq.read_table(runner.run(path, tmp_path / "out", studio=studio).results).to_pylist()
    assert row["modality"] == "face" and [r["modality"] for r in json.loads(row["readings"])] == ["face", "speech"]
