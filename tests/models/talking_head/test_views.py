"""Ways a head is shown and written: whole portrait, cut out, other frame rates, glTF, PNG frames."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genstudio import Emotion, Studio
from genstudio.cli import run
from genstudio.errors import InputError, MediaError, OutputError
from genstudio.media import sequence, video
from genstudio.media.image import read_image
from genstudio.models.talking_head.animator import Animator
from genstudio.models.talking_head.motion.gltf import export_glb
from genstudio.models.talking_head.portraits import portraits
from genstudio.protocols import Motion, Speech
from genstudio.signals.arkit import BLENDSHAPES, CHANNELS

AT = {name: i for i, name in enumerate(CHANNELS)}


@pytest.fixture(scope="module")
def speech() -> Speech:
    t = np.arange(9600) / 24000
    return Speech((0.2 * np.sin(2 * np.pi * 200 * t)).astype(np.float32), 24000)


def test_cut_out_follows_the_head() -> None:
    animator = Animator(read_image(portraits()["portrait_4"]), size=128)
    rest = np.zeros(len(CHANNELS), np.float32)
    turned = rest.copy()
    turned[AT["headRoll"]] = 0.3
    still, moved = animator.cut_out(rest), animator.cut_out(turned)
    assert (still[..., :3] == animator.frame(rest)).all()
    assert still[64, 64, 3] == 255 and still[4, 4, 3] == 0 and still[4, -5, 3] == 0
    assert 0.25 < (still[..., 3] > 127).mean() < 0.8
    changed = np.abs(still[..., 3].astype(int) - moved[..., 3])
    assert changed[:64].mean() > 4 * changed[-16:].mean() + 1  # the head, not the shoulders


def test_original_framing_moves_the_face_alone(speech: Speech) -> None:
    portrait = np.pad(read_image(portraits()["portrait_2"]), ((0, 0), (150, 250), (0, 0)), mode="edge")
    head = Studio().engine("head")(portrait, speech, Emotion.parse("joy"), size=240, seed=1, framing="original")
    assert max(head.size) == 240 and head.size[0] > head.size[1]
    frames = list(head.frames())
    spread = np.ptp(np.stack(frames), axis=0).max(-1)
    assert spread[:, -10:].max() == 0 and spread.max() > 20


def test_frame_rate(speech: Speech) -> None:
    engine = Studio().engine("head")
    portrait = read_image(portraits()["portrait_2"])
    slow, fast = (engine(portrait, speech, Emotion.neutral(), size=64, seed=1, fps=f) for f in (25, 50))
    assert fast.count == 2 * slow.count and fast.motion.fps == 50
    assert np.allclose(fast.motion.values[::2][: slow.count], slow.motion.values, atol=1e-5)


def test_glb_is_a_valid_container_with_every_shape(tmp_path: Path) -> None:
    values = np.zeros((5, len(CHANNELS)), np.float32)
    values[2, AT["jawOpen"]] = 1.4
    values[:, AT["headYaw"]] = 0.3
    assert export_glb(Motion(values, CHANNELS), tmp_path / "m.glb") == 1
    data = (tmp_path / "m.glb").read_bytes()
    magic, version, length = struct.unpack("<4sII", data[:12])
    assert (magic, version, length) == (b"glTF", 2, len(data))
    size = struct.unpack("<I", data[12:16])[0]
    content = json.loads(data[20 : 20 + size])
    body = data[20 + size + 8 :]
    assert content["buffers"][0]["byteLength"] == len(body)
    mesh = content["meshes"][0]
    assert mesh["extras"]["targetNames"] == list(BLENDSHAPES) and len(mesh["primitives"][0]["targets"]) == 52

    def read(accessor: int) -> np.ndarray:
        a = content["accessors"][accessor]
        view = content["bufferViews"][a["bufferView"]]
        return np.frombuffer(body[view["byteOffset"] : view["byteOffset"] + view["byteLength"]], "<f4")

    weights, turn = (read(s["output"]) for s in content["animations"][0]["samplers"])
    assert weights.reshape(5, 52)[2, BLENDSHAPES.index("jawOpen")] == 1
    quaternions = turn.reshape(5, 4)
    assert np.allclose(np.linalg.norm(quaternions, axis=1), 1) and quaternions[0, 1] < -0.1  # to the viewer's left


def test_sequence_is_whole_or_not_there(tmp_path: Path) -> None:
    frames = [np.full((8, 8, 4), i, np.uint8) for i in range(3)]
    assert sequence.write_sequence(tmp_path / "s", frames, np.zeros(2400, np.float32), 24000) == 3
    assert sorted(p.name for p in (tmp_path / "s").iterdir()) == ["000001.png", "000002.png", "000003.png", "sound.wav"]
    assert Image.open(tmp_path / "s" / "000002.png").info["Comment"].startswith("synthetic")
    with pytest.raises(OutputError, match="exists already"):
        sequence.write_sequence(tmp_path / "s", frames)

    def failing():
        yield frames[0]
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        sequence.write_sequence(tmp_path / "t", failing())
    assert [p.name for p in tmp_path.iterdir()] == ["s"]


def test_webm_keeps_alpha_and_mp4_refuses_it(tmp_path: Path) -> None:
    import av

    frame = np.full((64, 64, 4), 200, np.uint8)
    frame[:32, :, 3], frame[32:, :, 3] = 0, 255
    video.write_video(tmp_path / "x.webm", [frame] * 3, (64, 64), audio=np.zeros(2400, np.float32), rate=24000)
    with av.open(str(tmp_path / "x.webm")) as container:
        stream = container.streams.video[0]
        assert stream.metadata["alpha_mode"] == "1" and container.streams.audio
        decoder = av.CodecContext.create("libvpx-vp9", "r")
        shown = next(f for p in container.demux(stream) for f in decoder.decode(p)).to_ndarray(format="rgba")
    assert shown[:28, :, 3].max() < 20 and shown[36:, :, 3].min() > 235
    with pytest.raises(MediaError, match="webm"):
        video.write_video(tmp_path / "x.mp4", [frame], (64, 64))


def test_command_frames_motion_and_replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def animate(*arguments: str) -> int:
        return run(["animate", "portrait_1", "--text", "Hi.", "--size", "64", "--seed", "1", *arguments])

    out = str(tmp_path / "frames")
    assert (
        animate("--transparent", "-o", out, "--motion", str(tmp_path / "m.npz"), "--motion", str(tmp_path / "m.glb"))
        == 0
    )
    assert np.asarray(Image.open(tmp_path / "frames" / "000001.png")).shape == (64, 64, 4)
    assert run(["replay", out + ".json"]) == 0
    assert "identical" in capsys.readouterr().err
    driven = ("--drive", str(tmp_path / "m.npz"), "--drive-parts", "head")
    assert animate(*driven, "-e", "joy", "-o", str(tmp_path / "d.mp4")) == 0
    for wrong, says in (
        (("--transparent", "-o", str(tmp_path / "x.mp4")), "webm"),
        (("--fps", "5", "-o", str(tmp_path / "x.mp4")), "fps"),
        (("--framing", "wide", "-o", str(tmp_path / "x.mp4")), "square, original"),
        (("--motion", str(tmp_path / "m.fbx"), "-o", str(tmp_path / "x.mp4")), ".glb"),
        (("--drive-parts", "head", "-o", str(tmp_path / "x.mp4")), "driver"),
    ):
        assert animate(*wrong) == 2
        assert says in capsys.readouterr().err


def test_bad_view_options() -> None:
    with pytest.raises(InputError, match="square framing"):
        Studio().engine("head")(
            read_image(portraits()["portrait_2"]), Speech(np.zeros(2400, np.float32), 24000), Emotion.neutral(),
            framing="original", transparent=True,
        )  # fmt: skip
