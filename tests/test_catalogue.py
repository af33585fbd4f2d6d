"""The catalogue of pretrained models, and the commands that use it."""

from __future__ import annotations

import json
import re

import pytest

from genstudio.catalogue import FACTS, find, models
from genstudio.cli import run
from genstudio.errors import InputError


def test_every_model_is_complete_and_its_name_unique() -> None:
    assert len({m.name for m in models()}) == len(models()) >= 25
    for m in models():
        assert m.kind in ("speech", "head", "image", "evaluator") and m.hub_id.count("/") == 1, m.name
        assert m.size > 0 and m.memory > 0 and m.licence and m.lever and m.about
        assert set(m.sources) == set(FACTS) and m.sources["licence"], m.name
        for fact in ("size", "memory"):
            assert re.split("[:; ]", m.sources[fact])[0] in ("computed", "stated", "measured", "estimate")
        if "estimate" not in m.sources.values():
            assert m.parameters is not None and m.parameters > 0 and m.offload is not None, m.name
        assert m.commercial is not True or ("NC" not in m.licence and "non-commercial" not in m.licence.lower())


def test_names_and_hub_ids_are_found() -> None:
    assert find("sdxl") is find("stabilityai/stable-diffusion-xl-base-1.0")
    with pytest.raises(InputError, match="did you mean 'sdxl'"):
        find("sdxll")


def test_state_says_what_is_missing(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert find("sd15").state() == "not fetched"
    (tmp_path / "models--stable-diffusion-v1-5--stable-diffusion-v1-5" / "snapshots" / "abc").mkdir(parents=True)
    assert find("sd15").state() == "cached"
    monkeypatch.setattr("genstudio.catalogue.find_spec", lambda name: None)
    assert "needs the package 'diffusers'" in find("sd15").state()


def test_engines_lists_licence_size_and_how_to_get_it(capsys, monkeypatch) -> None:
    monkeypatch.setattr("genstudio.cli.system.find_spec", lambda name: None)
    assert run(["engines", "--json"]) == 0
    rows = {r["key"]: r for r in json.loads(capsys.readouterr().out)}
    assert rows["speech:embedded"]["state"] == "ready" and rows["speech:embedded"]["weights"]
    assert rows["faces:face-alignment"]["state"] == "needs the package 'face_alignment'"
    xtts = rows["speech:coqui:coqui/XTTS-v2"]
    assert (
        xtts["commercial"] is False
        and xtts["get"] == "genstudio engines fetch xtts --allow-pickle"
        and xtts["size_gb"] > 1
    )
    assert run(["engines", "--pretrained"]) == 0
    out = capsys.readouterr().out
    assert "NON-COMMERCIAL" in out and "speech:embedded" not in out
    sdxl = next(r for r in rows.values() if r.get("name") == "sdxl")
    assert sdxl["unverified"] == [] and sdxl["sources"]["memory"].startswith("measured: benchmarks/")
    assert "size: computed; memory: measured" in out and "name: not verified" in out
    wan = next(r for r in rows.values() if r.get("name") == "wan-animate")
    assert wan["unverified"] == [] and wan["sources"]["name"].startswith("huggingface.co/Wan-AI/")
    assert f"({wan['offload_gb']:g} with offload=true)" in out and wan["parameters_billion"] > 20


def test_fetch_without_a_network_is_one_line(monkeypatch, capsys, tmp_path) -> None:
    monkeypatch.setenv("GENSTUDIO_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert run(["engines", "fetch", "sdxl"]) != 0
    err = capsys.readouterr().err
    assert "not in the cache" in err and "non-commercial" not in err
    assert run(["engines", "fetch", "sdxll"]) == 2
