"""The studio page: one emotion control beside one tab for each thing that can be made or read."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

from genstudio.errors import InputError


def serve(
    host: str = "127.0.0.1", port: int = 7860, open_browser: bool = False, ready: Callable[[str], None] | None = None
) -> None:  # fmt: skip
    """Serve the page until interrupted. ready: told the address once it can be served. Raises InputError when the port is taken."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    if not 0 < port < 65536:
        raise InputError(f"a port lies within 1 to 65535; got {port}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InputError(
                f"port {port} of {host} cannot be used ({error.strerror}); give another with --port"
            ) from None
    from .page import CSS, build, theme

    history = history_folder()
    page = build(history).queue(default_concurrency_limit=1)
    if ready is not None:
        ready(f"http://{host}:{port}")
    page.launch(
        server_name=host, server_port=port, inbrowser=open_browser, allowed_paths=[str(history), str(_portraits())],
        quiet=True, show_error=True, theme=theme(), css=CSS, footer_links=[],
    )  # fmt: skip


def history_folder() -> Path:
    """Where the page keeps what it made: `$GENSTUDIO_HISTORY`, else a folder of the user's data. Never overwritten."""
    import platformdirs

    folder = Path(os.environ.get("GENSTUDIO_HISTORY") or Path(platformdirs.user_data_dir("genstudio")) / "studio")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot write '{folder}': {error.strerror}; set GENSTUDIO_HISTORY to another folder"
        ) from None
    return folder.resolve()


def _portraits() -> Path:
    from genstudio.studio import Studio

    return next(iter(Studio().portraits().values())).parent
