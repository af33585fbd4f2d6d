"""Every rate and size of a modality, in one place. Nothing else spells these numbers."""

from __future__ import annotations

SAMPLE_RATE = 24_000  # Hz, embedded voices and everything the speech models see
FRAME_RATE = 100  # acoustic frames per second
HOP = SAMPLE_RATE // FRAME_RATE  # 240 samples, 10 ms
MEL_BANDS = 80  # points of the spectral envelope
VIDEO_FPS = 25  # frames per second of motion and video
HOPS_PER_VIDEO_FRAME = FRAME_RATE // VIDEO_FPS  # 4 acoustic frames per video frame
FACE_SIZE = 48  # pixels, aligned grey face the FER-2013 recogniser sees

MAX_AUDIO_SECONDS = 4 * 3600.0
MIN_AUDIO_SECONDS = 0.1
MAX_IMAGE_SIDE = 12_000  # pixels
MIN_IMAGE_SIDE = 16  # pixels
MAX_TEXT = 100_000  # characters
