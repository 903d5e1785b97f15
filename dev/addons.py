"""Facts about the project's addons, read from their files without loading Odoo."""

import ast
from dataclasses import dataclass
from pathlib import Path

from dev import odoo, paths

FOLDER = paths.ROOT / "addons"


def names():
    """Return the addons' names, an addon before those that depend on it."""
    return list(odoo.ADDONS)


def manifest(addon, folders=(FOLDER,)):
    """Return the manifest, as it is written, of an addon in one of the folders."""
    paths_ = (folder / addon / "__manifest__.py" for folder in folders)
    return ast.literal_eval(next(path for path in paths_ if path.exists()).read_text())


@dataclass(frozen=True)
class TestClass:
    """A class that holds tests, and where it is."""

    addon: str
    path: Path
    name: str
    methods: tuple

    @property
    def is_tour(self):
        """Tours drive a browser: Odoo's own runner runs them, pytest-odoo the others."""
        return is_tour_file(self.path)


def is_tour_file(path):
    """Tell whether the tests of this file are left to Odoo's own runner."""
    return path.name.startswith("test_tour")


def test_files(addon):
    """Return the addon's test files, sorted."""
    return sorted((FOLDER / addon / "tests").rglob("test_*.py"))


def test_classes(addon):
    """Return the classes of the addon's test files that define tests."""
    found = []
    for path in test_files(addon):
        for node in ast.parse(path.read_text(), str(path)).body:
            if not isinstance(node, ast.ClassDef):
                continue
            methods = tuple(
                item.name
                for item in node.body
                if isinstance(item, ast.FunctionDef) and item.name.startswith("test")
            )
            if methods:
                found.append(TestClass(addon, path, node.name, methods))
    return found


def unimported_tests(addon):
    """Return the addon's test files that its `tests/__init__.py` does not import.

    Odoo runs the imported ones alone, and says nothing about the others.
    """
    init = FOLDER / addon / "tests" / "__init__.py"
    imported = set()
    for node in ast.walk(ast.parse(init.read_text())) if init.exists() else []:
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            imported.update([node.module] if node.module else [n.name for n in node.names])
    return [path for path in test_files(addon) if path.stem not in imported]


@dataclass(frozen=True)
class Only:
    """What ONLY=module[:Class[.method]] asks for; everything when empty."""

    module: str = ""
    cls: str = ""
    method: str = ""

    @classmethod
    def parse(cls, text):
        """Read the text; raise ValueError when it is not of this form."""
        module, _colon, rest = text.partition(":")
        class_name, _dot, method = rest.partition(".")
        if not all(part.isidentifier() for part in (module, class_name, method) if part):
            raise ValueError(f"ONLY={text}: write ONLY=module, module:Class or module:Class.method")
        return cls(module, class_name, method)

    def wants(self, test_class):
        """Tell whether tests of this class are to run."""
        return (
            self.module in ("", test_class.addon)
            and self.cls in ("", test_class.name)
            and (not self.method or self.method in test_class.methods)
        )
