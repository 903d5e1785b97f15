"""Last step of a new database, run inside ``odoo shell``: nobody but the owner may log in.

Fails, and so leaves the database unfinished, when a step before it did not do its work.
"""

import os
from pathlib import Path

password = Path(os.environ["ADMIN_PASSWORD_FILE"]).read_text().strip()
if len(password) < 8:
    raise SystemExit("ADMIN_PASSWORD must have at least 8 characters")
modules = env["ir.module.module"].search([("name", "like", "union_assist_%")])  # noqa: F821
missing = modules.filtered(lambda module: module.state != "installed")
if missing or not modules:
    raise SystemExit(f"Not installed: {', '.join(missing.mapped('name')) or 'union_assist_*'}")
admin = env.ref("base.user_admin")  # noqa: F821
admin.write({"password": password, "lang": "zh_CN", "tz": "Asia/Shanghai"})
if env.company.currency_id.name != "CNY":  # noqa: F821
    raise SystemExit("The company was not set to China and CNY")
env.cr.commit()  # noqa: F821
