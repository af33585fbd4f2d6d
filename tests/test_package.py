"""The surface of the package, and what importing it costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import genstudio

ROOT = Path(__file__).resolve().parent.parent


def test_exported_names():
    assert genstudio.__all__ == ["Emotion", "EmotionCurve", "GenstudioError", "Studio", "__version__"]
    for name in genstudio.__all__:
        assert getattr(genstudio, name) is not None
    assert len((ROOT / "genstudio" / "__init__.py").read_text().splitlines()) < 30


def test_import_is_light_and_fast():
    code = (
        "import sys, time; t = time.perf_counter(); import genstudio; d = time.perf_counter() - t;"
        "heavy = {'torch', 'numpy', 'diffusers', 'transformers', 'gradio', 'numba', 'cv2', 'typer'} & set(sys.modules);"
        "assert not heavy, heavy; print(d)"
    )
    best = min(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(3))
    assert best < 0.2


def test_help_loads_nothing_heavy():
    """--help is quick because it stays without numpy and all that needs it."""
    code = (
        "import runpy, sys; sys.argv = ['genstudio', '--help']\n"
        "try: runpy.run_module('genstudio', run_name='__main__')\n"
        "except SystemExit: print(*{m.split('.')[0] for m in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(done.stderr.split())
    assert "genstudio" in loaded and "Usage" in done.stdout
    assert not loaded & {"numpy", "scipy", "torch", "cv2", "numba", "diffusers", "transformers", "gradio", "av"}


def test_imports_across_folders_go_to_the_core_alone():
    """models/, evaluators/ and apps/ import the core; the core imports none of them (see CONTRIBUTING)."""
    folders = {"models", "evaluators", "apps"}
    wrong: list[str] = []
    for folder in (*folders, "genstudio"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                    names = [node.module]
                elif isinstance(node, ast.Import):
                    names = [a.name for a in node.names]
                else:
                    continue
                for name in names:
                    parts = name.split(".")
                    if parts[0] == "genstudio" and len(parts) > 1 and parts[1] in folders:
                        wrong.append(f"{file.relative_to(ROOT)}: {name}")
    assert not wrong, "\n".join(wrong)


def test_no_emotion_list_is_spelled_twice():
    """Only the norms spell the canonical seven in a row."""
    for folder in ("genstudio", "models", "evaluators", "apps"):
        for file in (ROOT / folder).rglob("*.py"):
            if file.name == "norms.py":
                continue
            flat = "".join(file.read_text(encoding="utf-8").split())
            assert '"anger","disgust","fear","joy","sadness"' not in flat, file


def test_weights_stay_small_and_are_safetensors():
    sizes = [f.stat().st_size for d in ("genstudio", "models", "evaluators") for f in (ROOT / d).rglob("*.safetensors")]
    assert sizes and max(sizes) <= 15 * 2**20 and sum(sizes) <= 50 * 2**20
    for folder in ("genstudio", "models", "evaluators"):
        for weights in (ROOT / folder).rglob("*.safetensors"):
            near = list(weights.parents)[:3]
            assert any((p / "card.md").is_file() for p in near), f"{weights} has no card"
    assert not [f for d in ("genstudio", "models", "evaluators") for f in (ROOT / d).rglob("*.pt")]
