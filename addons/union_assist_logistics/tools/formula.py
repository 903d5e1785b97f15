"""Formulas over the readings of an item: a small arithmetic language, nothing of Python.

A formula knows the readings as ``r1``, ``r2`` …, their ``mean``, ``min``, ``max`` and
``range`` (largest less smallest), numbers, ``+ - * /`` with brackets, and the functions
``abs``, ``min``, ``max`` and ``mean`` of what stands in their brackets. For example
``r1 / r2 * 100``: the share of the first reading in the second, in percent.
"""

import ast
import functools
import math
import operator
import re

#: Longer formulas are refused: what nobody can read nobody can check.
MAX_LENGTH = 200
MAX_DEPTH = 30

_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


def _mean(*values):
    return math.fsum(values) / len(values)


_FUNCTIONS = {"abs": abs, "min": min, "max": max, "mean": _mean}
_OVER_ALL = {
    "mean": lambda values: _mean(*values),
    "min": min,
    "max": max,
    "range": lambda values: max(values) - min(values),
}
_READING = re.compile(r"r([1-9]\d?)")


class FormulaError(ValueError):
    """A formula that cannot be used; ``code`` says why, ``detail`` where.

    Codes: "syntax", "unknown" (a name or sign it does not know), "long", "empty",
    "missing" (a reading that was not taken), "division" (by zero), "overflow".
    """

    def __init__(self, code, detail=""):
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@functools.lru_cache(maxsize=256)
def parse(formula):
    """Read a formula.

    :return: (tree, number of the last reading that it names)
    :raise FormulaError: naming what it cannot use
    """
    text = (formula or "").strip()
    if not text:
        raise FormulaError("empty")
    if len(text) > MAX_LENGTH:
        raise FormulaError("long", str(MAX_LENGTH))
    for written, plain in (("×", "*"), ("÷", "/"), ("（", "("), ("）", ")")):
        text = text.replace(written, plain)
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError("syntax", text) from error
    return tree, _check(tree, MAX_DEPTH)


def _check(node, depth):
    """Refuse everything but arithmetic; return the number of the last reading named."""
    if not depth:
        raise FormulaError("long", str(MAX_LENGTH))
    match node:
        case ast.Constant(value=value) if type(value) in (int, float):
            return 0
        case ast.Name(id=name):
            reading = _READING.fullmatch(name)
            if reading:
                return int(reading[1])
            if name in _OVER_ALL:
                return 0
            raise FormulaError("unknown", name)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return max(_check(left, depth - 1), _check(right, depth - 1))
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _check(operand, depth - 1)
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as args, keywords=[]):
            if name not in _FUNCTIONS or (name == "abs" and len(args) != 1):
                raise FormulaError("unknown", name)
            return max(_check(arg, depth - 1) for arg in args)
    raise FormulaError("unknown", ast.unparse(node)[:40])


def evaluate(formula, readings):
    """Compute a formula over readings.

    :param formula: the text
    :param readings: their values, the first is ``r1``
    :return: float
    :raise FormulaError: the formula cannot be used, or not with these readings
    """
    tree, last = parse(formula)
    if not readings or last > len(readings):
        raise FormulaError("missing", f"r{max(last, len(readings) + 1)}")
    try:
        result = float(_value(tree, readings))
    except ZeroDivisionError as error:
        raise FormulaError("division", formula) from error
    except OverflowError as error:
        raise FormulaError("overflow", formula) from error
    if not math.isfinite(result):
        raise FormulaError("overflow", formula)
    return result


def _value(node, readings):
    match node:
        case ast.Constant(value=value):
            return float(value)
        case ast.Name(id=name):
            reading = _READING.fullmatch(name)
            return readings[int(reading[1]) - 1] if reading else _OVER_ALL[name](readings)
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_value(left, readings), _value(right, readings))
        case ast.UnaryOp(op=op, operand=operand):
            return _OPERATORS[type(op)](_value(operand, readings))
        case ast.Call(func=ast.Name(id=name), args=args):
            return _FUNCTIONS[name](*(_value(arg, readings) for arg in args))
    raise FormulaError("unknown")
