"""`make test`: the addons' tests and those in tests/, on copies of the template database."""

from dev import addons, browser, odoo, paths, results, runner, say, templates
from dev.addons import Only
from dev.results import FAILED, SKIPPED, Result

ALLOWED_LOG = paths.ROOT / "tests" / "allowed_log.txt"


def main(arguments):
    """Run the tests, all or those that ONLY=module[:Class[.method]] names; return the status."""
    try:
        only = Only.parse(runner.variable(arguments, "ONLY"))
    except ValueError as error:
        raise say.Stop(str(error)) from None
    allowed = results.explained(ALLOWED_LOG)
    classes = [c for a in addons.names() for c in addons.test_classes(a) if only.wants(c)]
    found = [
        Result(f"{addon}:{path.name}", FAILED, "not imported in tests/__init__.py: Odoo skips it")
        for addon in addons.names()
        if only.module in ("", addon)
        for path in addons.unimported_tests(addon)
    ]
    odoo.setup(dev=True)
    with runner.alone():
        templates.template("product")
        # What was logged while the addons were installed counts as well.
        logs = results.problems(results.log_of(templates.log("product")), allowed)
        for part in (spanning, units, tours):
            part_results, log = part(only, classes)
            found += part_results
            logs += [text for text in results.problems(log, allowed) if text not in logs]
    return runner.end(found, logs)


def spanning(only, _classes):
    """Run what spans the addons: plain pytest on tests/, with databases of their own."""
    if only.module not in ("", "tests"):
        return [], ""
    say.step("Tests that span the addons (tests/)")
    arguments = ["tests"]
    if only.cls:
        arguments += ["-k", f"{only.cls} and {only.method}" if only.method else only.cls]
    return runner.run_pytest(
        "tests",
        arguments,
        {
            "UNION_ASSIST_TEMPLATE": templates.template("product"),
            "UNION_ASSIST_CORE_TEMPLATE": templates.template("core"),
        },
    )


def units(only, classes):
    """Run the addons' tests that need no browser, with pytest-odoo."""
    classes = [c for c in classes if not c.is_tour]
    if not classes:
        return [], ""
    say.step("The addons' tests")
    # Whole files unless one class was asked for: they also hold classes that inherit tests.
    targets = sorted(
        {
            "::".join(filter(None, (str(c.path.relative_to(paths.ROOT)), only.cls, only.method)))
            for c in classes
        }
    )
    with runner.copied("product", "units") as database:
        return runner.run_pytest(
            "units",
            [
                "--override-ini=addopts=",
                f"--odoo-database={database}",
                "--odoo-log-level=info",
                "--odoo-http",
                *targets,
            ],
            {},
        )


def tours(only, classes):
    """Run the tours with Odoo's own runner, in a browser."""
    classes = [c for c in classes if c.is_tour]
    if not classes:
        return [], ""
    if not browser.ensure():
        outcome = FAILED if runner.in_ci() else SKIPPED
        reason = "not run: there is no Chromium (install it: apt-get install chromium)"
        return [
            Result(f"{c.addon}:{c.name}.{method}", outcome, reason)
            for c in classes
            for method in c.methods
            if only.method in ("", method)
        ], ""
    say.step("Tours in the browser")
    tags = [f"/{c.addon}:{c.name}" + (f".{only.method}" if only.method else "") for c in classes]
    with runner.copied("product", "tours") as database:
        run = runner.OdooTests(database, "tours", tags)
        try:
            found = run.finish()
        finally:
            run.stop()
    ran = {result.name for result in found}
    for c in classes:
        for method in c.methods:
            name = f"{c.addon}:{c.name}.{method}"
            if only.method in ("", method) and name not in ran:
                found.append(Result(name, FAILED, "Odoo did not run it: is it tagged to run?"))
    return found, results.log_of(run.log)
