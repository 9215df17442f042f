"""A random order over a whole space that takes no memory, as zmap's.

The positions of a space of n are the elements of the multiplicative group modulo a prime above n
(Durumeric, Wustrow and Halderman, USENIX Security 2013, section 4.1): a generator's powers pass
through each of them exactly once. Neighbours of the space lie far apart in the order, so no network
gets many probes in a row. Where the order stands is one number.
"""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from zicht.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

LARGEST = 4_294_967_290
"""Positions: below the largest prime under 2^32, so that a product fits into 64 bits. All of the
public IPv4 internet is 3.7 thousand million addresses."""

# Miller and Rabin’s test is exact with these for all numbers below 341,550,071,728,321
# (Jaeschke, Mathematics of Computation 61, 1993).
_WITNESSES = (2, 3, 5, 7, 11, 13, 17)


class Order(msgspec.Struct, frozen=True):
    """An order over the positions 0 to size - 1. It can be written down and gone on with.

    Attributes:
        size: how many positions there are.
        prime: the smallest prime above ``size``, at least 3.
        generator: a primitive root modulo the prime.
        first: the element that the order begins with.
    """

    size: int
    prime: int
    generator: int
    first: int

    @property
    def steps(self) -> int:
        """How many steps the whole order takes; a few of them give no position."""
        return self.prime - 1


def draw_order(size: int, draw: Callable[[int], int]) -> Order:
    """Draw an order over ``size`` positions.

    Args:
        size: how many.
        draw: gives a number below another, all equally likely.

    Raises:
        UsageError: there are none, or more than ``LARGEST``.
    """
    if not 1 <= size <= LARGEST:
        raise UsageError(f"An order over {size:,} addresses cannot be drawn; 1 to {LARGEST:,} can.")
    prime = next(n for n in range(max(size + 1, 3), 2**32) if _is_prime(n))
    factors = _prime_factors(prime - 1)
    while True:
        generator = 1 + draw(prime - 1)
        if all(pow(generator, (prime - 1) // factor, prime) != 1 for factor in factors):
            return Order(size, prime, generator, 1 + draw(prime - 1))


def positions(order: Order, step: int, count: int) -> NDArray[np.uint64]:
    """The positions that ``count`` steps from ``step`` on give, fewer where steps give none."""
    count = min(count, order.steps - step)
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    elements = np.empty(count, dtype=np.uint64)
    elements[0] = order.first * pow(order.generator, step, order.prime) % order.prime
    filled = 1
    while filled < count:  # each pass doubles what there is
        more = min(filled, count - filled)
        ahead = np.uint64(pow(order.generator, filled, order.prime))
        elements[filled : filled + more] = elements[:more] * ahead % np.uint64(order.prime)
        filled += more
    return elements[elements <= order.size] - np.uint64(1)


def _is_prime(n: int) -> bool:
    if n in _WITNESSES:
        return True
    if any(n % witness == 0 for witness in _WITNESSES):
        return False
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(n, witness, odd, twos) for witness in _WITNESSES)


def _passes(n: int, witness: int, odd: int, twos: int) -> bool:
    x = pow(witness, odd, n)
    if x in {1, n - 1}:
        return True
    for _ in range(twos - 1):
        x = x * x % n
        if x == n - 1:
            return True
    return False


def _prime_factors(n: int) -> list[int]:
    factors = []
    divisor = 2
    while divisor <= isqrt(n):
        if n % divisor == 0:
            factors.append(divisor)
            while n % divisor == 0:
                n //= divisor
        divisor += 1
    return [*factors, n] if n > 1 else factors
