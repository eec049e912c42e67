"""The engine is warm when it is handed over, and the warming up leaves nothing behind."""

from __future__ import annotations

import pytest

from cli.service import Service, load_engine


@pytest.mark.usefixtures("service")
def test_a_new_engine_answers_and_holds_no_conversation_of_its_own(service: Service) -> None:
    engine = load_engine(service.settings)
    try:
        assert not engine.trackers._held
        turn = engine.respond("somebody", "how do i get physio").result(timeout=30)
        assert turn.replies and list(engine.trackers._held) == ["somebody"]
    finally:
        engine.close()
