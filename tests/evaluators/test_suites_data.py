"""Suites on the real data: what a recogniser's own figures say is what scoring the same people as a folder gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genstudio import registry
from genstudio.evaluators import evaluate_folder
from genstudio.splits import EMODB_SCORE, EMODB_VOICE

pytestmark = pytest.mark.slow


def results(summary: dict[str, Any], modality: str) -> dict[str, Any]:
    return next(r for r in summary["results"] if r["modality"] == modality)


def part(data: Path, place: Path, speakers: tuple[str, ...]) -> Path:
    """EmoDB's layout with these speakers alone."""
    (place / "wav").mkdir(parents=True)
    found = [p for p in sorted((data / "emodb" / "wav").glob("*.flac")) if p.stem[:2] in speakers]
    if not found:
        pytest.skip("needs emodb/wav in the real data (see docs/data.md)")
    for path in found:
        (place / "wav" / path.name).symlink_to(path.resolve())
    return place


def test_unheard_speakers_of_emodb_lie_within_the_stored_interval(data: Path, tmp_path: Path) -> None:
    """The six whom the scoring recogniser never heard; the four it learned from are read better, and are no fair figure."""
    fair = evaluate_folder(part(data, tmp_path / "fair", EMODB_VOICE), suite="speech", layout="emodb")
    r = results(fair, "speech")
    stored = registry.load("evaluator:speech").ceiling
    found = r["categories"]["uar"]
    assert fair["failed"] == 0 and r["clusters"] == len(EMODB_VOICE)
    assert stored.interval[0] <= found["value"] <= stored.interval[1]
    assert set(r["categories"]["counts"]) == set(stored.classes)  # boredom is a class of its own, as it was when stored
    assert found["value"] == pytest.approx(stored.value, abs=0.01)
    assert found["interval"][0] > r["categories"]["chance"]
    heard = evaluate_folder(part(data, tmp_path / "heard", EMODB_SCORE), suite="speech", layout="emodb", limit=60)
    assert results(heard, "speech")["categories"]["uar"]["value"] > found["value"]


def test_faces_of_public_test_lie_about_the_stored_figure(data: Path) -> None:
    """400 of 3,589 photographs: the figure of all lies within the interval of these."""
    if not (data / "fer2013" / "public_test.npz").is_file():
        pytest.skip("needs fer2013/public_test.npz in the real data (see docs/data.md)")
    found = evaluate_folder(data / "fer2013", suite="face", layout="fer2013", split="test", limit=400)
    r = results(found, "face")["categories"]
    from genstudio.evaluators.face.evaluator import WEIGHTS

    stored = json.loads((WEIGHTS / "score.json").read_text())
    recall = [row[k] / sum(row) for k, row in enumerate(stored["confusion"])]
    low, high = r["uar"]["interval"]
    assert low <= sum(recall) / len(recall) <= high and low > 2 * r["chance"]
