"""An exact solver is put to every answer there is. No small count may be pinned; in usual schemes the same solver pins them all."""

from __future__ import annotations

import pytest

from api.usage.published import By
from api.usage.tables import TableId
from cli.usage_attack import USUAL, attack_handrail, attack_usual

WORLDS = range(20)


def test_no_small_count_is_pinned_in_twenty_random_worlds() -> None:
    for seed in WORLDS:
        manager, insider = attack_handrail(seed)
        assert manager.small > 15 and manager.questions > 60
        assert (manager.pinned, insider.pinned) == (0, 0), f"world {seed}"
        assert min(manager.widths) >= 9, f"world {seed}: a small count is known to within less than ten"


@pytest.mark.parametrize("scheme", USUAL)
def test_the_attack_breaks_usual_schemes(scheme: str) -> None:
    for seed in WORLDS:
        found = attack_usual(seed, USUAL[scheme])
        assert found.pinned >= 0.9 * found.small > 0


def test_without_noise_one_who_knows_the_other_counts_finds_the_last() -> None:
    found = [attack_handrail(seed, with_noise=False)[1] for seed in range(3)]
    assert sum(one.pinned for one in found) > 0.1 * sum(one.small for one in found)


def test_only_these_questions_exist() -> None:
    """Add a way to ask only together with the attack on it: `PublishedTables.accepted_queries` lists what the attack asks."""
    assert set(By) == {
        "cell", "period", "group", "item", "period-and-group", "period-and-item", "group-and-item", "all",
    }  # fmt: skip
    assert {table for table in TableId if table.adds_up} == {TableId.SESSIONS_BY_SITE, TableId.CHANNELS}
