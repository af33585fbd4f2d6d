"""Results as a table: `results.parquet`, a row a job, columns as in docs/formats.md."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from genstudio.emotion import Emotion
from genstudio.media.files import writing
from genstudio.protocols import Reading
from genstudio.sidecar import reading_dict

_TEXT = ("path", "kind", "hash", "modality", "target", "emotion", "text", "prompt", "voice", "categories", "recogniser",
         "ceiling", "vad_source", "readings", "error")  # fmt: skip
_NUMBERS = ("valence", "arousal", "dominance", "distance", "target_valence", "target_arousal", "target_dominance")


def target_columns(target: Emotion) -> dict[str, Any]:
    """What was asked for, as a point."""
    return {"target_valence": target.valence, "target_arousal": target.arousal, "target_dominance": target.dominance}


def reading_columns(reading: Reading | None) -> dict[str, Any]:
    """What was read."""
    if reading is None:
        return {}
    return {
        "modality": reading.modality, "valence": reading.valence, "arousal": reading.arousal,
        "dominance": reading.dominance, "categories": json.dumps(dict(reading.categories)), "distance": reading.distance,
        "recogniser": reading.recogniser, "vad_source": reading.vad_source,
        "ceiling": str(reading.ceiling).removeprefix("ceiling "),
    }  # fmt: skip


def all_columns(readings: Sequence[Reading]) -> dict[str, Any]:
    """The first reading's columns, and all of them in `readings` where a file has several: a video's face and voice."""
    columns = reading_columns(readings[0])
    if len(readings) > 1:
        columns["readings"] = json.dumps([reading_dict(r) for r in readings], ensure_ascii=False)
    return columns


def mean_columns(readings: Sequence[Reading]) -> dict[str, Any]:
    """Several readings of one creation: the mean distance."""
    known = [r.distance for r in readings if r.distance is not None]
    return {"modality": "+".join(r.modality for r in readings), "distance": sum(known) / len(known) if known else None}


def write_results(rows: Sequence[Mapping[str, Any]], path: Path) -> Path:
    """Write rows as Parquet, whole or not at all; columns are the same whatever the rows hold."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [
        *(pa.field(n, pa.string()) for n in _TEXT), *(pa.field(n, pa.float64()) for n in _NUMBERS), pa.field("seed", pa.int64())
    ]  # fmt: skip
    schema = pa.schema(fields)
    table = pa.Table.from_pylist([{n: r.get(n) for n in schema.names} for r in rows], schema=schema)
    with writing(path) as temporary:
        pq.write_table(table, temporary)
    return path
