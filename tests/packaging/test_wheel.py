"""The wheel, installed into a fresh environment away from the checkout: weights and portraits come along, and it works."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The bin folder of an environment that has the wheel; dependencies come from this environment, genstudio does not."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)],
        check=True,
    )
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    site = Path(
        subprocess.check_output(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
        ).strip()
    )
    # a folder named in a .pth file does not have its own .pth files read: the editable install stays out
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    wheel = next(folder.glob("genstudio-*.whl"))
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", str(wheel)], check=True)
    return folder / "env" / "bin"


def _run(installed: Path, cwd: Path, *arguments: str) -> str:
    done = subprocess.run([installed / "genstudio", *arguments], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_comes_from_the_wheel(installed, tmp_path):
    code = "import genstudio, genstudio.models, genstudio.apps; print(genstudio.__file__, genstudio.models.__file__)"
    out = subprocess.check_output([installed / "python", "-c", code], cwd=tmp_path, text=True)
    assert all("site-packages" in p and str(ROOT) not in p for p in out.split())
    code = "import importlib.util as u; print(u.find_spec('models'), u.find_spec('apps'))"
    top = subprocess.check_output([installed / "python", "-c", code], cwd=tmp_path, text=True)
    assert top.strip() == "None None"  # nothing called models or apps lands in anyone's environment


def test_it_speaks_animates_and_paints(installed, tmp_path):
    _run(installed, tmp_path, "speak", "Good morning.", "-e", "joy", "--seed", "1", "-o", "a.wav")
    _run(installed, tmp_path, "animate", "portrait_2", "--audio", "a.wav", "-e", "joy", "--seed", "1", "-o", "a.mp4")
    _run(installed, tmp_path, "paint", "a lake", "-e", "joy", "--seed", "1", "--size", "128", "-o", "a.png")
    rows = json.loads(_run(installed, tmp_path, "evaluate", "a.wav", "a.png", "a.mp4", "--json"))
    assert {r["modality"] for r in rows} == {"speech", "image", "face"}
    for name in ("a.wav", "a.mp4", "a.png"):
        assert (tmp_path / name).stat().st_size > 1000 and (tmp_path / f"{name}.json").is_file()
