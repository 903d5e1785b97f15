"""Random samples that anybody can draw again from what was recorded."""

from hashlib import sha256
from math import ceil


def population_digest(ids):
    """Return a SHA-256 fingerprint of a population; the order of the ids does not matter."""
    return sha256(",".join(str(number) for number in sorted(set(ids))).encode()).hexdigest()


def sample_size(population, count=0, percent=0.0):
    """Return how many to draw: ``count``, or ``percent`` of the population rounded up.

    Never more than there are, and at least one of a population that is not empty.
    """
    wanted = ceil(round(population * percent / 100, 6)) if percent else count
    return min(population, max(wanted, 1))


def draw_sample(ids, size, seed):
    """Draw ``size`` ids at random; the same ids and seed give the same sample everywhere.

    The sample are the ids whose SHA-256 of ``"<seed>:<id>"`` is smallest, so that no
    generator of random numbers of any language or version is needed to check it.
    """
    ranked = sorted(set(ids), key=lambda number: sha256(f"{seed}:{number}".encode()).digest())
    return ranked[:size]
