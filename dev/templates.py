"""Databases that others are copied from, built again only when their sources have changed."""

import json
import tempfile
from pathlib import Path

from dev import odoo, paths, postgres, python, say, system

# Chinese companies and currency come before accounting, which picks its chart by them.
_COMPANY = """
env.ref("base.CNY").active = True
env.company.write({"country_id": env.ref("base.cn").id, "currency_id": env.ref("base.CNY").id})
env.cr.commit()
"""
# Each demo login has itself as password; this is only ever run in demo databases.
_ADMIN_PASSWORD = """
env.ref("base.user_admin").password = "admin"
env.cr.commit()
"""
# A module's demo data load only when those of all modules it depends on are marked as loaded.
_MARK_DEMO = "UPDATE ir_module_module SET demo = %s WHERE state = 'installed'"


def _core(db: str, log: str):
    languages = "--load-language=zh_CN,en_US"
    say.step("Installing Odoo with Chinese and English")
    postgres.create(db)
    _odoo(db, log, "-i", "base", languages)
    _shell(db, log, _COMPANY)
    say.step("Installing the core modules that the addons build on")
    _odoo(db, log, "-i", ",".join(odoo.core_modules()))


def _product(db: str, log: str):
    postgres.create(db, template("core"))
    postgres.execute(db, _MARK_DEMO, True)
    say.step("Installing the three addons with demo data")
    _odoo(db, log, "-i", ",".join(odoo.ADDONS), "--with-demo")
    _shell(db, log, _ADMIN_PASSWORD)


def _plain_demo(db: str, log: str):
    say.step("Installing core modules with Odoo's own demo data")
    postgres.create(db)
    _odoo(db, log, "-i", ",".join(odoo.core_modules()), "--with-demo")


def _plain_demo_ours(db: str, log: str):
    postgres.create(db, template("plain-demo"))
    postgres.execute(db, _MARK_DEMO, False)
    say.step("Installing the three addons without demo data")
    _odoo(db, log, "-i", ",".join(odoo.ADDONS))
    # Tests of Odoo ask whether its demo data are there.
    postgres.execute(db, f"{_MARK_DEMO} AND name <> ALL(%s)", True, list(odoo.ADDONS))


_KINDS = {
    "core": (_core, False),
    "product": (_product, True),
    "plain-demo": (_plain_demo, False),
    "plain-demo-ours": (_plain_demo_ours, True),
}


def template(kind: str) -> str:
    """Name of the database of this kind, built first where it is missing or out of date.

    ``core``: Odoo with the modules we build on, a company in China, Chinese and English, no demo;
    ``product``: that with our addons and their demo data; ``plain-demo``: Odoo's modules with
    Odoo's demo data; ``plain-demo-ours``: that with our addons, without our demo data.
    """
    build, ours = _KINDS[kind]
    stem = f"template_{kind.replace('-', '_')}_"
    parts = [Path(__file__), python.REQUIREMENTS, paths.ROOT, odoo.version(), *odoo.core_modules()]
    name = stem + system.fingerprint(*map(_part, parts), *(addon_states().values() if ours else ()))
    with system.lock(
        paths.DEV / "templates.lock", "Waiting for another command that makes a database"
    ):
        if postgres.exists(name) and (paths.DATA / "filestore" / name).exists():
            return name
        system.need_space(postgres.FOLDER, 1000)
        out_of_date = postgres.execute(
            "postgres",
            "SELECT datname FROM pg_database WHERE datname ~ %s",
            f"^{stem}([0-9a-f]+|new)$",
        )
        if not postgres.external():  # another clone's may be among them there
            for (old,) in out_of_date:
                postgres.drop(old)
        log(kind).unlink(missing_ok=True)
        build(f"{stem}new", log(kind).name)
        postgres.rename(f"{stem}new", name)
    return name


def log(kind: str) -> Path:
    """What Odoo logged when the template of this kind was built."""
    return paths.LOGS / f"template-{kind}.log"


def _part(part):
    return part.read_text() if isinstance(part, Path) and part.is_file() else str(part)


def addon_states() -> dict:
    """{addon: fingerprint of everything in it that can change a database}."""
    return {
        addon: system.fingerprint(
            *(
                p
                for p in sorted((paths.ADDONS / addon).iterdir())
                if p.name not in ("tests", "README.md")
            )
        )
        for addon in odoo.ADDONS
    }


def state() -> str:
    """What a database with our addons is made of, to compare with later."""
    return json.dumps({"odoo": odoo.version(), **addon_states()}, sort_keys=True)


def _odoo(db: str, log_name: str, *arguments):
    odoo.run(f"make {db}", "-d", db, "--stop-after-init", "--no-http", *arguments, log=log_name)


def _shell(db: str, log_name: str, script: str):
    with tempfile.TemporaryFile("w+") as file:
        file.write(script)
        file.seek(0)
        odoo.run(f"set up {db}", "shell", "-d", db, "--no-http", log=log_name, stdin=file)
