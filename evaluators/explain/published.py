"""Which way a cue is published to move with an emotion: 1 up, -1 down. Only what the sources agree on stands here.

Voice: Juslin & Laukka (2003), Psychological Bulletin 129, table 7; Scherer (2003), Speech Communication 40, table 1; Banse &
Scherer (1996) for disgust. Face: the prototypes of Ekman, Friesen & Hager (2002), FACS Investigator's Guide, put into distances
between landmarks (AU1, 2: brows up; 4: down and together; 5: lids up; 6, 7: lids together; 9, 10: upper lip up; 12: lip corners
up; 15: down; 20: mouth stretched; 23, 24: lips thin; 25, 26: mouth open).
"""

from __future__ import annotations

from collections.abc import Mapping

VOICE: Mapping[str, Mapping[str, int]] = {
    "anger": {"pitch": 1, "pitch range": 1, "tempo": 1, "level range": 1, "brightness": 1, "pauses": -1},
    "fear": {"pitch": 1, "tempo": 1, "pauses": -1},
    "joy": {"pitch": 1, "pitch range": 1, "tempo": 1, "level range": 1, "brightness": 1},
    "sadness": {"pitch": -1, "pitch range": -1, "tempo": -1, "level range": -1, "brightness": -1, "pauses": 1},
    "disgust": {"pitch": -1, "tempo": -1},
    "surprise": {"pitch": 1, "pitch range": 1},
    "boredom": {"pitch": -1, "pitch range": -1, "tempo": -1},
}

FACE: Mapping[str, Mapping[str, int]] = {
    "anger": {"inner brows": -1, "outer brows": -1, "brow distance": -1, "lip thickness": -1},
    "disgust": {"inner brows": -1, "eye opening": -1, "upper lip": 1},
    "fear": {"inner brows": 1, "brow distance": -1, "eye opening": 1, "mouth width": 1, "mouth opening": 1},
    "joy": {"lip corners": 1, "mouth width": 1, "eye opening": -1},
    "sadness": {"inner brows": 1, "lip corners": -1},
    "surprise": {"inner brows": 1, "outer brows": 1, "eye opening": 1, "mouth opening": 1},
}


def typical(table: Mapping[str, Mapping[str, int]], cue: str, z: float) -> tuple[str, ...]:
    """Emotions whose published direction a cue moves in."""
    return tuple(e for e, moves in table.items() if moves.get(cue, 0) * z > 0)
