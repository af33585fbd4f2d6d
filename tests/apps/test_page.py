"""One path through each tab, in a real headless Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from genstudio.media.image import write_image

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--no-first-run"]  # fmt: skip
SHOTS = os.environ.get("GENSTUDIO_SCREENSHOTS")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The page on a free port, its history in a temporary folder."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    history = tmp_path_factory.mktemp("history")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "genstudio", "studio", "--port", str(port)],
        env={**os.environ, "GENSTUDIO_HISTORY": str(history), "no_proxy": "*"},
    )
    address = f"http://127.0.0.1:{port}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(240):
        try:
            opener.open(address, timeout=2)
            break
        except OSError:
            if process.poll() is not None:
                raise AssertionError("the page ended at once") from None
            time.sleep(0.5)
    else:
        process.kill()
        raise AssertionError("the page did not open within 120 s")
    yield address, history
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="module")
def page(server):
    """A browser page on it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 1500})
        page.goto(server[0])
        page.wait_for_selector("#emotion textarea")
        yield page
        browser.close()


def _shot(page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(700)
        page.screenshot(path=f"{SHOTS}/{name}.png")


def _tab(page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def _readings(page, name: str) -> str:
    table = page.locator(f"#{name}-readings table")
    table.wait_for(timeout=120_000)
    return table.inner_text()


def _wait_for(history: Path, name: str, kind: str) -> dict:
    """The sidecar of this kind, once it is there."""
    for _ in range(240):
        for file in history.rglob(name):
            content = json.loads(file.read_text(encoding="utf-8"))
            if content["kind"] == kind:
                return content
        time.sleep(0.5)
    raise AssertionError(f"no {kind} within 120 s")


def test_a_port_that_is_none_is_said_in_one_line():
    from genstudio.apps.studio import serve
    from genstudio.errors import InputError

    with pytest.raises(InputError, match="within 1 to 65535; got 99999"):
        serve(port=99_999)


def test_the_page_offers_the_painters_styles():
    from genstudio.apps.studio.image_tab import STYLES
    from genstudio.models.image.painter import styles

    assert set(STYLES) == set(styles.STYLES)


def test_the_emotion_control_says_one_expression(page):
    page.locator("#pad img").click(position={"x": 60, "y": 60})
    page.wait_for_function("document.querySelector('#emotion textarea').value.startsWith('valence=-')")
    page.get_by_label("sadness", exact=True).click()
    page.wait_for_function("document.querySelector('#emotion textarea').value === 'sadness'")
    page.locator("#emotion textarea").fill("jpy")
    page.get_by_text("did you mean 'joy'").wait_for()
    page.locator("#emotion textarea").fill("joy:0.7+surprise:0.3")
    page.locator("#understood").get_by_text("joy 0.70").wait_for()
    _shot(page, "emotion")


def test_speak(page, server):
    _tab(page, "Speak")
    page.locator("#speak-text textarea").fill("Good morning.")
    page.locator("#speak-seed input").fill("3")
    page.locator("#speak-go").click()
    text = _readings(page, "speak")
    assert "requested" in text and "speech" in text
    files = [p.name for p in server[1].rglob("speech.wav*")]
    assert sorted(files) == ["speech.wav", "speech.wav.json"]
    _shot(page, "speak")


def test_paint(page, server):
    _tab(page, "Paint")
    page.locator("#paint-prompt textarea").fill("a quiet lake")
    page.locator("#paint-go").click()
    assert "image" in _readings(page, "paint")
    assert list(server[1].rglob("image.png.json"))
    _shot(page, "paint")


def test_an_error_is_a_message_not_a_traceback(page):
    _tab(page, "Paint")
    page.locator("#paint-prompt textarea").fill("   ")
    page.locator("#paint-go").click()
    page.get_by_text("a prompt is needed").wait_for(timeout=30_000)


def test_a_message_shows_what_was_typed_and_enter_begins(page):
    _tab(page, "Animate")
    page.locator("#head-text textarea").fill("Wait <break")
    page.locator("#head-text textarea").press("Enter")
    page.get_by_text("'<break' is no whole tag").wait_for(timeout=30_000)


def test_a_file_that_is_no_picture_gets_one_line(page, tmp_path):
    _tab(page, "Animate")
    (tmp_path / "photo.heic").write_bytes(b"no picture")
    page.locator("#head-own input[type=file]").set_input_files(str(tmp_path / "photo.heic"))
    page.get_by_text("this is no picture that can be read").wait_for(timeout=30_000)
    page.locator("#head-own").get_by_role("button", name="Remove Image").click()


def test_stop_ends_what_was_begun(page, server):
    _tab(page, "Speak")
    before = set(server[1].rglob("speech.wav"))
    page.locator("#speak-text textarea").fill("The wind blows over the hill and the sea. " * 2000)
    page.locator("#speak-go").click()
    page.locator("#speak-audio .progress-text, #speak-audio .wrap:not(.hide)").first.wait_for()
    page.wait_for_timeout(3000)
    page.locator("#speak-stop").click()
    page.locator("#speak-text textarea").fill("Good evening.")
    page.locator("#speak-go").click()
    for _ in range(60):
        if made := set(server[1].rglob("speech.wav.json")) - {p.with_name("speech.wav.json") for p in before}:
            break
        time.sleep(0.5)
    assert json.loads(made.pop().read_text())["request"]["text"] == "Good evening." and not made


def test_paint_a_strip_and_a_photograph(page, server, tmp_path):
    _tab(page, "Paint")
    page.locator("#paint-prompt textarea").fill("a quiet lake")
    page.get_by_label("Make", exact=True).click()
    page.get_by_role("option", name="a strip into the second emotion").click()
    page.locator("#paint-to textarea, #paint-to input").first.fill("sadness")
    page.locator("#paint-go").click()
    _wait_for(server[1], "image.png.json", "sheet")
    page.locator("#paint-more > button").click()
    file = tmp_path / "photo.png"
    write_image(file, np.linspace(0, 255, 128 * 160 * 3).reshape(128, 160, 3).astype(np.uint8))
    page.locator("#paint-photo input[type=file]").set_input_files(str(file))
    page.locator("#paint-photo img").wait_for()
    page.locator("#paint-go").click()
    _wait_for(server[1], "image.png.json", "retouch")
    _shot(page, "paint-photo")


def test_a_recording_takes_the_emotion_when_people_agreed(page, server, tmp_path):
    _tab(page, "Speak")
    said = next(server[1].rglob("speech.wav"))
    page.locator("#speak-from > button").click()
    page.locator("#speak-audio-in input[type=file]").set_input_files(str(said))
    page.locator("#speak-audio-in").get_by_text("speech.wav").or_(
        page.locator("#speak-audio-in canvas")
    ).first.wait_for()
    page.locator("#speak-go").click()
    page.get_by_text("agreed to it' first").wait_for(timeout=30_000)
    page.locator("#speak-consent input").check()
    page.locator("#speak-go").click()
    assert _wait_for(server[1], "speech.wav.json", "convert")["made"]["info"]["consent"] == "given"
    _shot(page, "speak-from")


def test_animate(page, server):
    _tab(page, "Animate")
    page.locator("#head-portraits button.thumbnail-item, #head-portraits .thumbnail-lg").nth(1).click()
    page.locator("#head-text textarea").fill("Good morning.")
    page.locator("#head-go").click()
    assert "face" in _readings(page, "head")
    assert list(server[1].rglob("head.mp4"))
    _shot(page, "animate")


def test_ones_own_portrait_is_used_while_it_is_there(page, server, tmp_path):
    _tab(page, "Animate")
    file = tmp_path / "nobody.png"
    write_image(file, np.full((128, 128, 3), 90, np.uint8))
    page.locator("#head-own input[type=file]").set_input_files(str(file))
    page.locator("#head-own img").wait_for()
    page.wait_for_function("!document.querySelector('#head-portraits .selected')")
    page.locator("#head-go").click()
    page.get_by_text("agreed to it' first").last.wait_for(timeout=30_000)
    before = set(server[1].rglob("head.mp4.json"))
    page.locator("#head-own").get_by_role("button", name="Remove Image").click()
    page.locator("#head-portraits .selected").wait_for()
    page.locator("#head-go").click()
    for _ in range(240):
        made = set(server[1].rglob("head.mp4.json")) - before
        if made:
            break
        time.sleep(0.5)
    assert json.loads(made.pop().read_text())["made"]["info"]["consent"] == "nobody's portrait"


def test_every_portrait_tab_and_reading_shows_on_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    page.wait_for_selector("#emotion textarea")
    page.locator("#create-portraits img").nth(5).wait_for()
    for name in ("Create", "Speak", "Animate", "Paint", "Evaluate"):
        assert page.get_by_role("tab", name=name, exact=True).is_visible(), name
    boxes = [page.locator("#create-portraits img").nth(i).bounding_box() for i in range(6)]
    assert all(b and b["x"] >= 0 and b["x"] + b["width"] <= 390 for b in boxes)
    _tab(page, "Animate")
    label = page.locator("#head-consent label")
    assert label.evaluate("e => e.scrollWidth <= e.clientWidth + 1") and label.bounding_box()["width"] > 150
    page.set_viewport_size({"width": 1440, "height": 1500})


def test_create(page, server):
    _tab(page, "Create")
    page.locator("#create-text textarea").fill("It was you!")
    page.locator("#create-go").click()
    text = _readings(page, "create")
    assert all(word in text for word in ("speech", "face", "image"))
    assert list(server[1].rglob("report.html"))
    _shot(page, "create")


def test_evaluate(page, tmp_path):
    _tab(page, "Evaluate")
    file = tmp_path / "sky.png"
    write_image(file, np.linspace(0, 255, 96 * 96 * 3).reshape(96, 96, 3).astype(np.uint8))
    page.locator("#evaluate-file input[type=file]").set_input_files(str(file))
    page.get_by_text("sky.png").first.wait_for()
    page.locator("#evaluate-go").click()
    assert "image" in _readings(page, "evaluate")
    _shot(page, "evaluate")
