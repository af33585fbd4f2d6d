"""The manifest: which jobs, with which values swept. `docs/formats.md` describes it for users.

    jobs:
      - kind: paint
        prompt: a quiet lake
        sweep: {emotion: [joy, sadness], seed: {range: [0, 15]}}

A list is taken one by one, `range` is Python's, `emotion: {grid: 5}` spans the valence-arousal plane with 5 x 5 points,
`{grid: {valence: [...], arousal: [...]}}` names the points; several keys multiply.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genstudio.errors import ManifestError, suggest
from genstudio.media.text import read_text

_COMMON = ("kind", "emotion", "intensity", "seed", "takes", "sweep", "options")
FIELDS: dict[str, tuple[str, ...]] = {
    "speak": ("text", "voice", *_COMMON),
    "animate": ("portrait", "audio", "text", "voice", "size", *_COMMON),
    "paint": ("prompt", "size", *_COMMON),
    "create": ("text", "portrait", "prompt", "voice", "size", *_COMMON),
    "evaluate": ("file", "target", "modality", "kind", "sweep"),
}
"""What a job of each kind may have."""

REQUIRED = {
    "speak": ("text",),
    "animate": ("portrait",),
    "paint": ("prompt",),
    "create": ("text",),
    "evaluate": ("file",),
}
EXTENSION = {"speak": ".wav", "animate": ".mp4", "paint": ".png", "create": "", "evaluate": ""}
_MAX_JOBS = 1_000_000


@dataclass(frozen=True)
class Job:
    """One thing to make. number: position in the manifest, from 0; fields: everything but kind and sweep."""

    number: int
    kind: str
    fields: Mapping[str, Any]

    @property
    def hash(self) -> str:
        """Of the content: the same job anywhere in any manifest has the same hash."""
        text = json.dumps([self.kind, self.fields], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def output(self) -> str:
        """Where it goes inside the batch's folder: KIND/NNNNNN_<short hash>.EXT; '' when it makes no file."""
        if self.kind == "evaluate":
            return ""
        return f"{self.kind}/{self.number:06d}_{self.hash[:8]}{EXTENSION[self.kind]}"


def read_manifest(path: Path | str) -> list[Job]:
    """All jobs of a YAML manifest, sweeps unfolded. Raises ManifestError in one line; paths are relative to the manifest."""
    import yaml

    path = Path(path)
    if not path.is_file():
        raise ManifestError(f"there is no manifest '{path}'")
    try:
        content = yaml.safe_load(read_text(path))
    except (yaml.YAMLError, ValueError) as error:
        raise ManifestError(f"'{path.name}' is not YAML: {' '.join(str(error).split())}") from None
    return parse_manifest(content, path.parent)


def parse_manifest(content: Any, folder: Path = Path(".")) -> list[Job]:
    """Jobs of a parsed manifest."""
    if not isinstance(content, Mapping) or not isinstance(content.get("jobs"), list) or not content["jobs"]:
        raise ManifestError("a manifest is a mapping with a list 'jobs', such as jobs: [{kind: paint, prompt: a lake}]")
    unknown = [k for k in content if k != "jobs"]
    if unknown:
        raise ManifestError(f"unknown field '{unknown[0]}' in the manifest; valid: jobs")
    jobs: list[Job] = []
    seen: set[str] = set()
    for position, raw in enumerate(content["jobs"], 1):
        for fields in _unfold(raw, f"job {position}"):
            job = Job(len(jobs), str(raw["kind"]), _resolved(fields, folder))
            if job.hash in seen:
                continue  # the same job twice is done once
            seen.add(job.hash)
            jobs.append(job)
            if len(jobs) > _MAX_JOBS:
                raise ManifestError(f"the manifest unfolds to more than {_MAX_JOBS} jobs")
    return jobs


def _unfold(raw: Any, where: str) -> Iterator[dict[str, Any]]:
    if not isinstance(raw, Mapping):
        raise ManifestError(f"{where} is no mapping; write {{kind: paint, prompt: a lake}}")
    kind = raw.get("kind")
    if kind not in FIELDS:
        raise ManifestError(
            f"{where}: unknown kind '{kind}'; valid: {', '.join(FIELDS)}" + suggest(str(kind), tuple(FIELDS))
        )
    sweep = raw.get("sweep") or {}
    if not isinstance(sweep, Mapping):
        raise ManifestError(f"{where}: sweep is a mapping of a field to its values")
    for name in (*raw, *sweep):
        if name not in FIELDS[kind]:
            valid = tuple(f for f in FIELDS[kind] if f != "kind")
            raise ManifestError(
                f"{where}: unknown field '{name}'; valid: {', '.join(valid)}" + suggest(str(name), valid)
            )
    for name in REQUIRED[kind]:
        if name not in raw and name not in sweep:
            raise ManifestError(f"{where}: a {kind} job needs '{name}'")
    if kind == "animate" and ("audio" in raw or "audio" in sweep) == ("text" in raw or "text" in sweep):
        raise ManifestError(f"{where}: an animate job needs either 'audio' or 'text'")
    fixed = {k: v for k, v in raw.items() if k not in ("kind", "sweep")}
    names = list(sweep)
    for values in itertools.product(*(_values(sweep[n], f"{where}: sweep.{n}") for n in names)):
        fields = {**fixed, **dict(zip(names, values, strict=True))}
        _check(fields, where)
        yield fields


def _values(spec: Any, where: str) -> list[Any]:
    if isinstance(spec, list):
        return spec
    if isinstance(spec, Mapping) and set(spec) == {"range"}:
        try:
            return list(range(*[int(x) for x in spec["range"]]))
        except (TypeError, ValueError):
            raise ManifestError(f"{where}: range takes Python's arguments, such as {{range: [0, 15]}}") from None
    if isinstance(spec, Mapping) and set(spec) == {"grid"}:
        return _grid(spec["grid"], where)
    raise ManifestError(f"{where}: give a list, {{range: [start, stop]}} or, for emotion, {{grid: 5}}")


def _grid(grid: Any, where: str) -> list[str]:
    if isinstance(grid, int) and not isinstance(grid, bool) and 2 <= grid <= 101:
        axis = [round(-1 + 2 * i / (grid - 1), 6) for i in range(grid)]
        points: Mapping[str, list[float]] = {"valence": axis, "arousal": axis}
    elif isinstance(grid, Mapping) and set(grid) <= {"valence", "arousal", "dominance"} and len(grid) >= 2:
        points = {k: list(v) for k, v in grid.items()}
    else:
        raise ManifestError(f"{where}: grid is a number from 2 to 101, or {{valence: [...], arousal: [...]}}")
    names = list(points)
    return [
        ",".join(f"{n}={v:g}" for n, v in zip(names, values, strict=True))
        for values in itertools.product(*(points[n] for n in names))
    ]


def _check(fields: Mapping[str, Any], where: str) -> None:
    from genstudio.emotion import Emotion
    from genstudio.errors import EmotionError

    for name in ("emotion", "target"):
        value = fields.get(name)
        if isinstance(value, str) and value.strip().lower() != "auto" and not _free(value):
            try:
                Emotion.parse(value)
            except EmotionError as error:
                raise ManifestError(f"{where}: {error}") from None
        elif value is not None and not isinstance(value, str):
            raise ManifestError(f"{where}: {name} is an expression such as joy:0.7; got {value!r}")
    for name, kind in (("seed", int), ("takes", int), ("text", str), ("prompt", str), ("portrait", str), ("file", str)):
        value = fields.get(name)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise ManifestError(f"{where}: {name} must be a {'whole number' if kind is int else 'text'}; got {value!r}")


def _free(expression: str) -> bool:
    """Free text is only understood when the text recogniser is loaded: checked when the job runs."""
    return " " in expression.strip() and "+" not in expression and "=" not in expression


def _resolved(fields: dict[str, Any], folder: Path) -> dict[str, Any]:
    out = dict(fields)
    for name in ("portrait", "audio", "file"):
        value = out.get(name)
        if isinstance(value, str) and Path(value).suffix and not Path(value).is_absolute():
            out[name] = str((folder / value).resolve())
    return out
