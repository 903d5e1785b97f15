"""Acceptance sampling by attributes: GB/T 2828.1 plans, the draw, and switching of severity.

The figures of the standard are not in here: they come in as a :class:`SamplingTable`.
"""

import hashlib
import heapq
from typing import NamedTuple

LEVELS = ("S-1", "S-2", "S-3", "S-4", "I", "II", "III")
AQLS = ("0.65", "1.0", "1.5", "2.5", "4.0", "6.5")
DOWN, UP = "↓", "↑"


class SamplingPlan(NamedTuple):
    """A single sampling plan for one lot.

    ``letter`` is the code letter of the lot, ``plan_letter`` that of the plan whose sample
    size and numbers are used after following arrows. ``size`` units are inspected; the lot
    is accepted with at most ``accept`` nonconforming ones and not with ``reject`` or more.
    """

    letter: str
    plan_letter: str
    size: int
    accept: int
    reject: int
    is_full: bool


class SamplingTable:
    """Code letters and plans of one severity, as the standard prints them.

    :param letters: ``(first lot size, last one or None, {level: letter})`` for each row
    :param plans: ``(letter, sample size, {AQL: cell})`` from the first letter to the last; a
        cell is ``"Ac/Re"``, ``"↓"`` for the plan below or ``"↑"`` for the plan above
    :raise ValueError: gaps or overlaps of lot sizes, letters without a plan, cells that are
        neither, arrows that lead out of the table
    """

    def __init__(self, letters, plans):
        self._letters = sorted(letters, key=lambda row: row[0])
        self._plans = list(plans)
        self._position = {row[0]: index for index, row in enumerate(self._plans)}
        self._check()

    def _check(self):
        if not self._letters or not self._plans:
            raise ValueError("A table needs code letters and plans.")
        for (_first, last, _row), (first, *_rest) in zip(
            self._letters, self._letters[1:], strict=False
        ):
            if last is None or first != last + 1:
                raise ValueError(f"Lot sizes do not follow each other before {first}.")
        if self._letters[-1][1] is not None:
            raise ValueError("The last row of lot sizes is open: it has no last size.")
        for first, _last, row in self._letters:
            for level in LEVELS:
                if row.get(level) not in self._position:
                    raise ValueError(f"No plan for the letter at lot size {first}, level {level}.")
        for letter, _size, _cells in self._plans:
            for aql in AQLS:
                self._follow(letter, aql)

    def find_letter(self, lot_size, level):
        """Return the code letter of a lot.

        :raise ValueError: the lot is smaller than the smallest of the table
        """
        if lot_size < self._letters[0][0]:
            raise ValueError(
                f"Lots of fewer than {self._letters[0][0]} units are not sampled: inspect all."
            )
        for _first, last, row in self._letters:
            if last is None or lot_size <= last:
                return row[level]
        raise AssertionError("the last row is open")

    def _follow(self, letter, aql):
        """Return the plan of a letter after its arrows: (letter, sample size, Ac, Re)."""
        index = self._position[letter]
        direction = None
        while 0 <= index < len(self._plans):
            found, size, cells = self._plans[index]
            cell = cells[aql]
            if cell in (DOWN, UP):
                if direction and cell != direction:
                    raise ValueError(f"Arrows at {found}, AQL {aql}, lead back and forth.")
                direction = cell
                index += 1 if cell == DOWN else -1
                continue
            accept, _slash, reject = cell.partition("/")
            if not (accept.isdigit() and reject.isdigit() and int(reject) > int(accept)):
                raise ValueError(f"“{cell}” at {found}, AQL {aql}, is neither Ac/Re nor an arrow.")
            return found, size, int(accept), int(reject)
        raise ValueError(f"The arrow at {letter}, AQL {aql}, leads out of the table.")

    def find_plan(self, lot_size, level, aql):
        """Return the :class:`SamplingPlan` of a lot.

        Behind an arrow stands another plan, whose sample size is taken as well. Where that
        reaches the lot every unit is inspected.

        :param int lot_size: units in the lot
        :raise ValueError: the lot is smaller than the smallest of the table
        """
        letter = self.find_letter(lot_size, level)
        plan_letter, size, accept, reject = self._follow(letter, aql)
        is_full = size >= lot_size
        return SamplingPlan(letter, plan_letter, min(size, lot_size), accept, reject, is_full)


def tighten(level, aql):
    """Return level and AQL one step stricter, or ``None`` where there is none.

    A house rule, not the tightened table of the standard: the next stricter AQL column, and
    in the strictest column the next higher inspection level.
    """
    if aql != AQLS[0]:
        return level, AQLS[AQLS.index(aql) - 1]
    if level != LEVELS[-1]:
        return LEVELS[LEVELS.index(level) + 1], aql
    return None


def draw(seed, lot_size, sample_size):
    """Draw units out of 1 … ``lot_size``; the same seed always draws the same ones.

    Every unit has a rank of its own that only depends on the seed, and the lowest ranks are
    drawn: a larger sample contains the smaller one, and a lot that grew by some units keeps
    all drawn ones but those that a new unit displaces. So neither asking again nor changing
    the quantity draws anew.

    :param bytes seed: up to 64 bytes
    :return: numbers in ascending order
    """
    if sample_size >= lot_size:
        return list(range(1, lot_size + 1))

    def rank(number):
        return hashlib.blake2b(number.to_bytes(8), key=seed, digest_size=16).digest()

    return sorted(heapq.nsmallest(sample_size, range(1, lot_size + 1), key=rank))


# ------------------------------------------------------------------
# Switching of severity
# ------------------------------------------------------------------
class SwitchingRules(NamedTuple):
    """When the severity changes, in lots; 0 switches a step off.

    ``tighten_rejects`` of at most ``tighten_window`` lots in a row rejected tightens,
    ``relax_accepts`` accepted in a row bring back to normal, ``stop_rejects`` rejected in
    all while tightened stop. ``skip_after`` accepted in a row let lots be skipped.
    """

    tighten_rejects: int
    tighten_window: int
    relax_accepts: int
    stop_rejects: int
    skip_after: int


class Standing(NamedTuple):
    """Where a supplier's product stands.

    ``state`` is ``normal``, ``tightened``, ``stopped`` or ``skip``; ``recent`` the outcomes
    that count (``A`` accepted, ``R`` rejected, the oldest first), ``run`` the lots accepted in
    a row, ``rejections`` those rejected since inspection was tightened.
    """

    state: str = "normal"
    recent: str = ""
    run: int = 0
    rejections: int = 0


def advance(rules, standing, accepted):
    """Return the standing after one more lot was decided on."""
    state, recent, run, rejections = standing
    run = run + 1 if accepted else 0
    if state == "stopped":
        return Standing(state, "", run, rejections)
    if state == "tightened":
        rejections += not accepted
        if rules.stop_rejects and rejections >= rules.stop_rejects:
            return Standing("stopped", "", 0, rejections)
        if run >= rules.relax_accepts:
            return Standing("normal")
        return Standing(state, "", run, rejections)
    recent = (recent + ("A" if accepted else "R"))[-rules.tighten_window :]
    if recent.count("R") >= rules.tighten_rejects:
        return Standing("tightened")
    skips = accepted and rules.skip_after and run >= rules.skip_after
    return Standing("skip" if skips else "normal", recent, run)


def resume():
    """Return the standing after inspection was stopped and the supplier mended the cause."""
    return Standing("tightened")


def is_skipped(seed, every):
    """Whether a lot that may be skipped is: one of ``every`` lots is inspected all the same.

    :param bytes seed: that of the lot's draw, so that asking again changes nothing
    """
    return int.from_bytes(hashlib.blake2b(b"skip", key=seed, digest_size=8).digest()) % every != 0
