"""The sampler against theory and against OpenDP, from a seed so that a failure can be looked at, and from the system's randomness."""

from __future__ import annotations

import ast
import math
import os
import random
import secrets
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from scipy.stats import chi2_contingency, chisquare

from api.usage import noise
from api.usage.noise import Bits, discrete_laplace

MANY = 40_000
ONE_IN_A_MILLION = 1e-6


def chance(x: int, epsilon: Fraction) -> float:
    """What theory says: (1 - r) / (1 + r) * r ** |x| with r = exp(-epsilon)."""
    ratio = math.exp(-float(epsilon))
    return (1 - ratio) / (1 + ratio) * ratio ** abs(x)


def binned(samples: Counter[int], reach: int) -> list[int]:
    """Counts of -reach..reach, and of what lies beyond on either side."""
    beyond = [sum(n for x, n in samples.items() if x < -reach), sum(n for x, n in samples.items() if x > reach)]
    return [*(samples[x] for x in range(-reach, reach + 1)), *beyond]


@pytest.mark.parametrize("epsilon", [Fraction(1, 2), Fraction(1, 20), Fraction(3, 10), Fraction(1), Fraction(7, 3)])
@pytest.mark.parametrize("bits", [random.Random(1).getrandbits, secrets.randbits], ids=["seeded", "system"])
def test_it_follows_the_discrete_laplace_distribution(epsilon: Fraction, bits: Bits) -> None:
    samples = Counter(discrete_laplace(epsilon, bits) for _ in range(MANY))
    reach = next(x for x in range(1, 1000) if MANY * chance(x + 1, epsilon) < 10)
    tail = 1 - sum(chance(x, epsilon) for x in range(-reach, reach + 1))
    expected = [*(MANY * chance(x, epsilon) for x in range(-reach, reach + 1)), MANY * tail / 2, MANY * tail / 2]
    assert chisquare(binned(samples, reach), expected).pvalue > ONE_IN_A_MILLION


def test_the_chi_square_sees_noise_that_is_a_little_wrong() -> None:
    samples = Counter(discrete_laplace(Fraction(13, 25), random.Random(1).getrandbits) for _ in range(MANY))
    epsilon = Fraction(1, 2)
    expected = [MANY * chance(x, epsilon) for x in range(-12, 13)]
    tail = (MANY - sum(expected)) / 2
    assert chisquare(binned(samples, 12), [*expected, tail, tail]).pvalue < ONE_IN_A_MILLION


def test_it_agrees_with_opendp() -> None:
    if os.environ.get("HANDRAIL_TEST_OPENDP") == "required":
        import opendp  # noqa: F401
    dp = pytest.importorskip("opendp.prelude")
    dp.enable_features("contrib")
    theirs_of = dp.m.make_laplace(dp.atom_domain(T=int), dp.absolute_distance(T=int), scale=2.0)
    theirs = Counter(theirs_of(0) for _ in range(MANY))
    ours = Counter(discrete_laplace(Fraction(1, 2)) for _ in range(MANY))
    assert chi2_contingency([binned(theirs, 12), binned(ours, 12)]).pvalue > ONE_IN_A_MILLION


def test_it_is_made_of_whole_numbers_from_the_systems_randomness_only() -> None:
    tree = ast.parse(Path(noise.__file__).read_text())
    nodes = list(ast.walk(tree))
    assert not any(isinstance(node, ast.Div) for node in nodes)
    assert not any(isinstance(node, ast.Constant) and isinstance(node.value, float) for node in nodes)
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    assert imported == {"__future__", "collections.abc", "fractions", "secrets"}
    assert discrete_laplace.__defaults__ == (secrets.randbits,)


@pytest.mark.parametrize("epsilon", [Fraction(0), Fraction(-1, 2)])
def test_no_noise_at_all_is_refused(epsilon: Fraction) -> None:
    with pytest.raises(ValueError, match="above 0"):
        discrete_laplace(epsilon)
