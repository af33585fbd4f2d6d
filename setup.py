"""Four folders, one import package: models/ is genstudio.models, and so on. Everything else is in pyproject.toml."""

from setuptools import find_packages, setup

ROOTS = {
    "genstudio": "genstudio",
    "genstudio.models": "models",
    "genstudio.evaluators": "evaluators",
    "genstudio.apps": "apps",
}

setup(
    package_dir=ROOTS,
    packages=[p for name, folder in ROOTS.items() for p in [name, *(f"{name}.{s}" for s in find_packages(folder))]],
)
