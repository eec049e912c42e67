"""Integer discrete Laplace noise, exact: whole numbers only, from the operating system's randomness.

Method: Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy" (2020), algorithms 1 and 2. Floating point is
not used, since its gaps have been used to undo noise (Mironov, 2012).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from fractions import Fraction

Bits = Callable[[int], int]
"""Gives a whole number made of that many random bits."""


def discrete_laplace(epsilon: Fraction, bits: Bits = secrets.randbits) -> int:
    """A whole number x with chance proportional to exp(-epsilon * |x|). Raises ValueError unless epsilon is above 0."""
    if epsilon <= 0:
        raise ValueError("epsilon must be above 0")
    scale, step = epsilon.denominator, epsilon.numerator
    while True:
        remainder = _below(scale, bits)
        if not _happens_exp(remainder, scale, bits):
            continue
        whole = 0
        while _happens_exp(1, 1, bits):
            whole += 1
        size = (remainder + scale * whole) // step
        negative = bits(1) == 1
        if size or not negative:
            return -size if negative else size


def _below(limit: int, bits: Bits) -> int:
    """A whole number from 0 to `limit` - 1, each as likely."""
    length = (limit - 1).bit_length()
    while True:
        found = bits(length) if length else 0
        if found < limit:
            return found


def _happens_exp(numerator: int, denominator: int, bits: Bits) -> bool:
    """True with chance exp(-numerator / denominator), which must be from 0 to 1 inside the exponent."""
    trial = 1
    while _below(denominator * trial, bits) < numerator:
        trial += 1
    return trial % 2 == 1
