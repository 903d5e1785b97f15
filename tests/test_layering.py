"""Data moves one way: an earlier addon knows nothing of a later one, and pure logic no ORM."""

import ast
import re

import pytest

from dev import addons

ORDERED = addons.names()


def sources(addon, *suffixes):
    """Return the addon's files of these kinds."""
    folder = addons.FOLDER / addon
    return [path for suffix in suffixes for path in sorted(folder.rglob(f"*{suffix}"))]


def imports(path):
    """Return the absolute names that a Python file imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


@pytest.mark.parametrize("addon", ORDERED)
def test_no_earlier_addon_names_a_later_one(addon):
    later = ORDERED[ORDERED.index(addon) + 1 :]
    files = sources(addon, ".py", ".xml", ".csv", ".js", ".po")
    assert files
    found = [
        f"{path.relative_to(addons.FOLDER)} names {name}"
        for path in files
        for name in later
        if re.search(rf"\b{name}\b", path.read_text())
    ]
    assert not found


@pytest.mark.parametrize("addon", ORDERED)
def test_no_addon_imports_the_tool(addon):
    for path in sources(addon, ".py"):
        assert not {name for name in imports(path) if name.partition(".")[0] == "dev"}, path


def test_tools_are_free_of_odoo():
    tools = [p for addon in ORDERED for p in sources(addon, ".py") if p.parent.name == "tools"]
    assert tools
    found = [
        f"{path.relative_to(addons.FOLDER)} imports {name}"
        for path in tools
        for name in imports(path)
        if name.partition(".")[0] == "odoo"
        # The tools of an earlier addon are as pure.
        and not re.match(rf"odoo\.addons\.({'|'.join(ORDERED)})\.tools\.", name)
    ]
    assert not found


def test_portal_pages_do_not_take_each_others_methods():
    """Odoo serves every extension of a controller by one class that inherits them all."""
    found = {}
    for addon in ORDERED:
        for path in sources(addon, ".py"):
            if path.parent.name != "controllers":
                continue
            for controller in ast.parse(path.read_text()).body:
                if not isinstance(controller, ast.ClassDef):
                    continue
                # The suppliers' pages extend the customers' ones, and meet in the same class.
                base = ", ".join(map(ast.unparse, controller.bases))
                base = base.replace("SupplierPortal", "CustomerPortal")
                for method in controller.body:
                    if isinstance(method, ast.FunctionDef) and "super()" not in ast.unparse(method):
                        found.setdefault((base, method.name), []).append(path.name)
    assert found
    shared = {name: paths for name, paths in found.items() if len(paths) > 1}
    assert not {name: paths for name, paths in shared.items() if name[0].endswith("CustomerPortal")}
