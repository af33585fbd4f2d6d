"""What a real smile does to the light on a face: learned from people photographed neutral and smiling. Only used at build time."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from genstudio.errors import MissingDataError
from genstudio.splits import london_holdout

from . import raster
from .face_model import WRINKLE_FRAME, FaceModel
from .fit import fit

F32 = NDArray[np.float32]

FADE = 0.3  # model units over which the map ends at lips, eyes and brows


def brightness(model: FaceModel, portrait: NDArray[np.uint8], landmarks: F32, size: tuple[int, int]) -> F32:
    """Log brightness [h, w] of a portrait over WRINKLE_FRAME; NaN where the face is not seen."""
    placed = fit(model, landmarks)
    w, h = size
    x0, y0, x1, y1 = WRINKLE_FRAME
    n = model.faces
    at = np.c_[
        (model.neutral[:n, 0] - x0) / (x1 - x0) * (w - 1),
        (y1 - model.neutral[:n, 1]) / (y1 - y0) * (h - 1),
        model.neutral[:n, 2],
    ]
    triangles = np.ascontiguousarray(model.triangles[model.part == 0])
    where, depth = raster.interpolate(
        np.ascontiguousarray(at, np.float32), triangles, np.ascontiguousarray(placed.points[:n, :2]), w, h
    )
    grey = cv2.GaussianBlur(portrait, (0, 0), 0.06 * placed.scale).astype(np.float32) @ np.array(
        [0.3, 0.59, 0.11], np.float32
    )
    seen = cv2.remap(grey, where[..., 0], where[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.where(depth > -1e8, np.log(np.maximum(seen, 4)), np.nan).astype(np.float32)


def smile(model: FaceModel, data: Path, size: tuple[int, int]) -> F32:
    """Median change of log brightness [h, w] from neutral to smiling over the training identities, both sides averaged."""
    from genstudio.media.image import read_image
    from genstudio.signals.faces import find_faces

    folder = data / "london"
    if not (folder / "smiling").is_dir():
        raise MissingDataError(
            f"the London set is not in {folder}; get it from https://doi.org/10.6084/m9.figshare.5047666"
        )
    changes = []
    for path in sorted((folder / "smiling").glob("*.jpg")):
        other = folder / "neutral" / path.name
        if london_holdout(path.stem) or not other.is_file():
            continue
        pair = []
        for picture in (read_image(other), read_image(path)):
            faces = [f for f in find_faces(picture) if f.score > 0.85]
            if faces:
                pair.append(brightness(model, picture, faces[0].landmarks, size))
        if len(pair) == 2:
            change = pair[1] - pair[0]
            changes.append(change - np.nanmedian(change))
    middle = np.nan_to_num(np.nanmedian(np.stack(changes), 0))
    middle = 0.5 * (middle + middle[:, ::-1])
    return np.asarray(middle * skin_mask(model, size), np.float32)


def skin_mask(model: FaceModel, size: tuple[int, int]) -> F32:
    """1 on plain skin, 0 on lips, nostrils, eyes, brows and beyond the face's outline."""
    w, h = size
    x0, y0, x1, y1 = WRINKLE_FRAME
    scale = np.array([(w - 1) / (x1 - x0), (h - 1) / (y1 - y0)])
    marks = (np.c_[model.neutral[model.landmarks, 0] - x0, y1 - model.neutral[model.landmarks, 1]] * scale).astype(
        np.float32
    )
    mask = np.zeros((h, w), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.round(marks[[*range(17), 19, 24]]).astype(np.int32)), 1)
    unit = float(scale[0])
    mask = cv2.erode(mask, np.ones((round(1.2 * unit), round(1.2 * unit)), np.uint8))  # type: ignore[assignment]
    holes = np.zeros((h, w), np.uint8)
    for part, grow in ((range(48, 60), 0.35), (range(36, 42), 0.45), (range(42, 48), 0.45), (range(31, 36), 0.5)):
        one = np.zeros((h, w), np.uint8)
        cv2.fillConvexPoly(one, cv2.convexHull(np.round(marks[list(part)]).astype(np.int32)), 1)
        holes |= np.asarray(cv2.dilate(one, np.ones((round(2 * grow * unit) | 1,) * 2, np.uint8)), np.uint8)
    for brow in (range(17, 22), range(22, 27)):
        cv2.polylines(holes, [np.round(marks[list(brow)]).astype(np.int32)], False, 1, round(1.2 * unit))
    open_skin = ((mask > 0) & (holes == 0)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(open_skin, (0, 0), FADE * unit), np.float32)
