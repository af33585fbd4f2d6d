"""From a spec to a folder: what is whole, what is refused, and what happens without a network. The cache is a real layout."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save, save_file

from genstudio import hub
from genstudio.errors import GenstudioError, InputError, MissingError, MissingWeightsError


def model(folder: Path, value: float = 1.0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text('{"model_type": "vit"}')
    save_file({"w": torch.full((8, 8), value)}, folder / "model.safetensors")
    return folder


def in_cache(root: Path, name: str = "owner/net", commit: str = "a" * 40) -> Path:
    """A model as huggingface_hub stores it: blobs named by hash, a snapshot of links, a ref."""
    top = root / ("models--" + name.replace("/", "--"))
    blob = save({"w": torch.ones(4, 4)})
    snapshot = top / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (top / "blobs").mkdir()
    (top / "refs").mkdir()
    (top / "refs" / "main").write_text(commit)
    digest = hashlib.sha256(blob).hexdigest()
    (top / "blobs" / digest).write_bytes(blob)
    (snapshot / "config.json").write_text("{}")
    (snapshot / "model.safetensors").symlink_to(Path("../../blobs") / digest)
    return snapshot


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("GENSTUDIO_OFFLINE", "1")
    return tmp_path / "hub"


def test_a_folder_is_itself(tmp_path: Path) -> None:
    folder = model(tmp_path / "m")
    assert hub.resolve(str(folder)) == folder == hub.resolve(folder)
    assert hub.weight_bytes(folder) == (folder / "model.safetensors").stat().st_size


def test_the_cache_is_used_offline_and_a_revision_is_respected(cache: Path) -> None:
    snapshot = in_cache(cache)
    assert hub.resolve("owner/net") == snapshot == hub.resolve("owner/net@main")
    with pytest.raises(MissingWeightsError, match="downloads are off"):
        hub.resolve("owner/net@v2")
    with pytest.raises(MissingWeightsError, match="hf download owner/other"):
        hub.resolve("owner/other")


def test_a_missing_hub_is_one_line(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.delenv("GENSTUDIO_OFFLINE")
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(MissingWeightsError, match="hub cannot be reached") as caught:
        hub.resolve("owner/absent")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value,expected", [("1", True), ("true", True), ("0", False), ("", False)])
def test_offline_switch(value: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("GENSTUDIO_OFFLINE", value)
    assert hub.offline() is expected


@pytest.mark.parametrize("spec,line", [("", "empty"), ("/no/such/folder", "no folder"), ("not a name!", "hub id")])
def test_wrong_specs(spec: str, line: str) -> None:
    with pytest.raises(InputError, match=line):
        hub.resolve(spec)


def test_pickles_are_refused_unless_allowed(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    torch.save({"w": torch.ones(2)}, folder / "pytorch_model.bin")
    with pytest.raises(InputError, match="--allow-pickle"):
        hub.resolve(folder)
    assert hub.resolve(folder, allow_pickle=True) == folder
    save_file({"w": torch.ones(2)}, folder / "model.safetensors")
    assert hub.resolve(folder) == folder
    assert [f.name for f in hub.weight_files(folder, allow_pickle=True)] == ["model.safetensors"]


def cut(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-40])


def shard(folder: Path) -> None:
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"w": "model-00002.safetensors"}}))


DAMAGE = {
    "bytes": cut,
    "shard 'model-00002": shard,
    "no weights": lambda f: (f / "model.safetensors").unlink(),
    "is empty": lambda f: (f / "model.safetensors").write_bytes(b""),
    "LFS pointer": lambda f: (f / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\n"),
    "unfinished download": lambda f: (f / "model.safetensors.incomplete").write_text("x"),
    "not a safetensors": lambda f: (f / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"xx" * 30),
}


@pytest.mark.parametrize("line", DAMAGE)
def test_half_downloaded_folders(line: str, tmp_path: Path) -> None:
    folder = model(tmp_path / "m")
    DAMAGE[line](folder)
    with pytest.raises(MissingWeightsError, match=line):
        hub.resolve(folder)


def test_a_pipeline_needs_all_its_parts(tmp_path: Path) -> None:
    folder = tmp_path / "pipe"
    model(folder / "unet")
    (folder / "unet" / "model.safetensors").rename(folder / "unet" / "diffusion_pytorch_model.safetensors")
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text("{}")
    index = {
        "_class_name": "P", "unet": ["diffusers", "UNet2DConditionModel"], "scheduler": ["diffusers", "DDIMScheduler"],
        "safety_checker": [None, None],
    }  # fmt: skip
    (folder / "model_index.json").write_text(json.dumps(index))
    assert hub.resolve(folder) == folder
    (folder / "model_index.json").write_text(json.dumps(index | {"vae": ["diffusers", "AutoencoderKL"]}))
    with pytest.raises(MissingWeightsError, match="part 'vae' is missing"):
        hub.resolve(folder)


def test_fingerprint_follows_the_weights(tmp_path: Path, cache: Path) -> None:
    a, same, other = model(tmp_path / "a"), model(tmp_path / "b"), model(tmp_path / "c", 2.0)
    assert hub.fingerprint(a) == hub.fingerprint(same) != hub.fingerprint(other)
    assert hub.resolve(a, sha256=hub.fingerprint(a)) == a
    with pytest.raises(MissingWeightsError, match="other weights than expected"):
        hub.resolve(a, sha256=hub.fingerprint(other))


def test_verify_finds_a_changed_blob(cache: Path) -> None:
    snapshot = in_cache(cache)
    assert hub.verify(snapshot) == 1
    blob = (snapshot / "model.safetensors").resolve()
    blob.write_bytes(blob.read_bytes()[:-1] + b"!")
    with pytest.raises(MissingWeightsError, match="is damaged"):
        hub.verify(snapshot)


def test_wanted_files_of_a_pipeline() -> None:
    files = ["model_index.json", "v1.safetensors", "unet/config.json", "unet/a.safetensors", "unet/a.bin", "x.png"]
    assert hub.wanted_files(files) == ["model_index.json", "unet/config.json", "unet/a.safetensors"]
    with pytest.raises(InputError, match="pickles only"):
        hub.wanted_files(["config.json", "pytorch_model.bin"])
    assert "pytorch_model.bin" in hub.wanted_files(["config.json", "pytorch_model.bin"], allow_pickle=True)


def test_library_errors_become_one_line(tmp_path: Path) -> None:
    for error, kind, line in (
        (RuntimeError("CUDA out of memory. Tried to allocate\n2 GiB"), MissingError, "does not fit into the memory"),
        (ValueError("Unrecognized model\nin folder"), InputError, "cannot be used: Unrecognized model"),
        (ImportError("no scipy"), MissingError, "not installed"),
    ):
        with pytest.raises(kind, match=line) as caught, hub.explained("m", model(tmp_path / "m"), "cuda"):
            raise error
        assert "\n" not in str(caught.value)
    with pytest.raises(GenstudioError, match=r"^mine$"), hub.explained("m"):
        raise InputError("mine")


def test_what_would_fit_follows_the_parts_and_the_room(tmp_path: Path) -> None:
    model(tmp_path / "m" / "unet")
    save_file({"w": torch.zeros(3, 5, dtype=torch.float16), "b": torch.zeros(())}, tmp_path / "m" / "x.safetensors")
    assert hub.weight_counts(tmp_path / "m") == {"unet": 64, "": 16}
    torch.save({"w": torch.zeros(1000)}, tmp_path / "m" / "unet" / "old.bin")  # beside safetensors it does not count
    assert hub.weight_counts(tmp_path / "m")["unet"] == 64
    parts = {"unet": 6_000_000_000, "text_encoder": 4_000_000_000}
    for room, said in (
        (80e9, "here dtype=bfloat16 fits"),
        (16e9, "12.0 GB of those at a time with offload=true: here dtype=bfloat16 with offload=true fits"),
        (8e9, "nothing of this fits into 8.0 GB"),
    ):
        assert hub.what_fits(parts, room).endswith(said)
    assert "offload" not in hub.what_fits(parts, 80e9, offload=False)
