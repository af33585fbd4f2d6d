"""Running a batch: one job after the other, each file whole or absent, everything in the ledger."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from genstudio.batch import report
from genstudio.batch.ahead import WINDOW, Ahead
from genstudio.batch.ledger import NAME, Ledger
from genstudio.batch.manifest import Job, read_manifest
from genstudio.errors import GenstudioError, InputError
from genstudio.protocols import Reading
from genstudio.studio import Studio

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Summary:
    """How a run ended. results: the Parquet file, a row a job. errors: a line for each job that failed in this run."""

    done: int
    failed: int
    already: int
    results: Path
    errors: tuple[str, ...] = ()


def run(
    manifest: Path | str, folder: Path | str, *, resume: bool = False, studio: Studio | None = None,
    progress: Progress | None = None,
) -> Summary:  # fmt: skip
    """Do every job of a manifest into a folder. Raises ManifestError, or InputError when the folder has a ledger already.

    A failing job is recorded and the next one runs. Interrupt it at any time: run again with resume=True.
    """
    folder = Path(folder)
    jobs = read_manifest(manifest)
    if (folder / NAME).exists() and not resume:
        raise InputError(f"'{folder}' already holds a batch; add --resume to go on with it, or give another folder")
    ledger = Ledger(folder)
    try:
        ledger.add(jobs)
        todo = ledger.waiting()
        total = sum(ledger.counts().values())
        already = total - len(todo)
        studio, ahead = _looking_ahead(studio or Studio(), todo)
        done = 0
        errors: list[str] = []
        for place, (job, output) in enumerate(todo):
            if ahead is not None and place % WINDOW == 0:
                _prepare(ahead, todo[place : place + WINDOW], studio)
            if progress is not None:
                progress(already + done + len(errors), total, f"{job.kind} {job.number}")
            start = time.perf_counter()
            try:
                row = perform(job, folder / output if output else None, studio)
                ledger.done(job, _row(job, output, row), time.perf_counter() - start)
                done += 1
            except Exception as error:  # one bad job never stops a run; what cannot be noted does
                said = _said(error)
                ledger.failed(job, said, _row(job, output, {"error": said}), time.perf_counter() - start)
                errors.append(f"{job.number:06d} ({job.kind}): {said}")
        if progress is not None:
            progress(total, total, "done")
        results = report.write_results(ledger.rows(), folder / "results.parquet")
        return Summary(done, len(errors), already, results, tuple(errors))
    finally:
        ledger.close()


def _said(error: Exception) -> str:
    if isinstance(error, GenstudioError):
        return str(error)
    return f"unexpected {type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _looking_ahead(studio: Studio, todo: Sequence[tuple[Job, str]]) -> tuple[Studio, Ahead | None]:
    """The studio with a voice that speaks several jobs' texts at once, where its own can and there are several."""
    if sum(job.kind == "speak" for job, _ in todo) < 2:
        return studio, None
    try:
        engine = studio.engine("speech")
    except GenstudioError:  # each job will say so
        return studio, None
    if not hasattr(engine, "many"):
        return studio, None
    ahead = Ahead(engine)
    return studio.speaking_by(ahead), ahead


def _prepare(ahead: Ahead, todo: Sequence[tuple[Job, str]], studio: Studio) -> None:
    one = [job for job, _ in todo if job.kind == "speak" and job.fields.get("takes") in (None, 1)]
    ahead.prepare([partial(perform, job, Path("."), studio) for job in one])


def perform(job: Job, path: Path | None, studio: Studio) -> dict[str, Any]:
    """Do one job; returns the columns of its result row."""
    fields = dict(job.fields)
    options = dict(fields.pop("options", {}) or {})
    if job.kind == "evaluate":
        readings = studio.evaluate(fields["file"], fields.get("target"), fields.get("modality"))
        return report.all_columns(readings)
    if job.kind == "create":
        return _create(fields, path, studio)
    assert path is not None
    seed = fields.pop("seed", None)
    common: dict[str, Any] = {"seed": seed if seed is not None else int(job.hash[:7], 16), **options}
    for name in ("intensity", "takes", "voice", "size"):
        if fields.get(name) is not None:
            common[name] = fields[name]
    emotion = fields.get("emotion")
    if job.kind == "speak":
        take = studio.speak(fields["text"], emotion, **common)
    elif job.kind == "paint":
        size = common.pop("size", 256)
        take = studio.paint(fields["prompt"], emotion, size=tuple(size) if isinstance(size, list) else size, **common)
    else:
        take = studio.animate(fields["portrait"], fields.get("audio"), emotion, text=fields.get("text"), **common)
    take.save(path, force=True)  # the ledger says it is not done: what lies there is of a killed run
    return {"seed": common["seed"], **report.target_columns(take.emotion), **report.reading_columns(take.reading)}


def _create(fields: Mapping[str, Any], path: Path | None, studio: Studio) -> dict[str, Any]:
    from genstudio.create import create

    assert path is not None
    shutil.rmtree(path, ignore_errors=True)
    given = {
        k: fields[k] for k in ("portrait", "prompt", "voice", "size", "seed", "intensity") if fields.get(k) is not None
    }
    made = create(fields["text"], fields.get("emotion"), path, studio=studio, **given)
    distances: list[Reading] = [t.reading for t in made.takes if t.reading is not None]
    return {
        "seed": made.scores["seed"],
        **report.target_columns(made.takes[0].emotion),
        **report.mean_columns(distances),
    }


def _row(job: Job, output: str, columns: Mapping[str, Any]) -> dict[str, Any]:
    asked = {k: v for k, v in job.fields.items() if k in ("text", "prompt", "emotion", "voice", "target")}
    return {"path": output or job.fields.get("file"), "kind": job.kind, "hash": job.hash, **asked, **columns}
