from __future__ import annotations

import pytest

from genstudio.batch.manifest import parse_manifest, read_manifest
from genstudio.errors import ManifestError


def test_sweeps_multiply():
    jobs = parse_manifest(
        {
            "jobs": [
                {
                    "kind": "paint",
                    "prompt": "a lake",
                    "sweep": {"emotion": ["joy", "sadness"], "seed": {"range": [0, 15]}},
                }
            ]
        }
    )
    assert len(jobs) == 30 and len({j.hash for j in jobs}) == 30
    assert jobs[0].output.startswith("paint/000000_") and jobs[0].output.endswith(".png")
    assert jobs[-1].fields == {"prompt": "a lake", "emotion": "sadness", "seed": 14}


def test_grids_span_the_plane():
    jobs = parse_manifest({"jobs": [{"kind": "paint", "prompt": "x", "sweep": {"emotion": {"grid": 5}}}]})
    assert len(jobs) == 25 and jobs[0].fields["emotion"] == "valence=-1,arousal=-1"
    named = {"grid": {"valence": [-0.5, 0.5], "arousal": [0]}}
    jobs = parse_manifest({"jobs": [{"kind": "paint", "prompt": "x", "sweep": {"emotion": named}}]})
    assert [j.fields["emotion"] for j in jobs] == ["valence=-0.5,arousal=0", "valence=0.5,arousal=0"]


def test_the_same_job_has_the_same_hash_and_is_done_once():
    job = {"kind": "speak", "text": "Hello"}
    assert len(parse_manifest({"jobs": [job, dict(job), {**job, "seed": 2}]})) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "list 'jobs'"), ({"jobs": []}, "list 'jobs'"), ({"jobs": [1]}, "no mapping"), ({"jobs": [{}]}, "unknown kind"),
        ({"jobs": [{"kind": "pant", "prompt": "x"}]}, "did you mean 'paint'"), ({"jobs": [{"kind": "paint"}]}, "needs 'prompt'"),
        ({"jobs": [{"kind": "paint", "prompt": "x", "promt": 1}]}, "unknown field 'promt'"),
        ({"jobs": [{"kind": "paint", "prompt": "x", "emotion": "jpy"}]}, "did you mean 'joy'"),
        ({"jobs": [{"kind": "paint", "prompt": "x", "sweep": {"seed": {"range": "ab"}}}]}, "range"),
        ({"jobs": [{"kind": "paint", "prompt": "x", "sweep": {"emotion": {"grid": 1}}}]}, "grid is"),
        ({"jobs": [{"kind": "paint", "prompt": "x", "seed": "a"}]}, "whole number"),
        ({"jobs": [{"kind": "animate", "portrait": "p.jpg"}]}, "either 'audio' or 'text'"),
        ({"jobs": [{"kind": "paint", "prompt": "x"}], "more": 1}, "unknown field 'more'"),
    ],
)  # fmt: skip
def test_bad_manifests_get_one_clear_line(content, message):
    with pytest.raises(ManifestError, match=message) as caught:
        parse_manifest(content)
    assert "\n" not in str(caught.value)


def test_files_are_relative_to_the_manifest(tmp_path):
    (tmp_path / "m.yaml").write_text(
        "jobs: [{kind: animate, portrait: me.jpg, audio: a.wav}, {kind: animate, portrait: portrait_1, text: Hi}]"
    )
    a, b = read_manifest(tmp_path / "m.yaml")
    assert a.fields["portrait"] == str(tmp_path / "me.jpg") and b.fields["portrait"] == "portrait_1"
    (tmp_path / "bad.yaml").write_text("jobs: [")
    with pytest.raises(ManifestError, match="not YAML"):
        read_manifest(tmp_path / "bad.yaml")
