"""Rasa's own command line and action server, with the stand-ins in place and telemetry off."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from bot.runtime import quiet
from bot.runtime.components import check_components, missing


def run_rasa(arguments: list[str]) -> None:
    """Run `rasa ARGUMENTS` in this process. Raises DataFileError when config.yml names what is not installed."""
    quiet.prepare(show_rasa_logs=True)
    config = Path(arguments[arguments.index("--config") + 1]) if "--config" in arguments[:-1] else Path("config.yml")
    if arguments and arguments[0] in ("train", "data", "test", "visualize", "shell", "run") and config.is_file():
        check_components(config)
    sys.path.insert(0, str(Path.cwd()))
    if arguments[:1] == ["test"] and "--no-plot" not in arguments and missing("matplotlib"):
        arguments = [*arguments, "--no-plot"]
    if arguments[:1] == ["train"] and "--fixed-model-name" not in arguments and missing("randomname"):
        arguments = [*arguments, "--fixed-model-name", f"rasa-{datetime.now():%Y%m%d-%H%M%S}"]
    sys.argv = ["rasa", *arguments]
    from rasa.__main__ import main

    main()


def run_action_server(port: int) -> None:
    """Serve the custom actions on `port`, in Rasa's action-server protocol."""
    quiet.prepare()
    sys.path.insert(0, str(Path.cwd()))
    from rasa_sdk.endpoint import create_app

    app = create_app("actions")
    app.run(host="127.0.0.1", port=port, access_log=False)
