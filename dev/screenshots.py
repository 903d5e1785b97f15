"""``make screenshots``: take the pictures of ``docs/images`` from the running product.

They are taken from a copy of the demo database, each by the demo user that works on that screen.
"""

import base64
import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

from dev import browser, chromium, odoo, paths, postgres, templates
from dev.say import Stop, step

IMAGES = paths.ROOT / "docs" / "images"
DATABASE = "union_assist_screenshots"

DESKTOP = (1366, 800, 1, False)
HALF = (1366, 500, 1, False)  # for short lists
PHONE = (390, 844, 2, True)


class Shot(NamedTuple):
    """One picture: who looks at which address, after which clicks."""

    name: str
    login: str
    path: str  # {} is replaced by the id that `record` finds
    record: str = ""  # SQL that gives one id
    clicks: tuple = ()  # CSS selectors, clicked one after the other
    shows: str = ""  # CSS selector of what must be there then
    language: str = "zh_CN"
    size: tuple = DESKTOP


def external(name):
    """SQL for the id of a demo record by its external id."""
    module, _, name = name.partition(".")
    return f"SELECT res_id FROM ir_model_data WHERE module = '{module}' AND name = '{name}'"


CATALOG, PROCURE, LOGISTICS = (
    f"union_assist_{name}" for name in ("catalog", "procure", "logistics")
)

OVERVIEW = Shot("overview", "operator", f"/odoo/action-{CATALOG}.action_overview", size=HALF)
CAP_REFUSED = Shot(
    "cap-refused",
    "operator",
    "/odoo/action-purchase.purchase_rfq/{}",
    record=external(f"{PROCURE}.purchase_order_sheddun_festival"),
    clicks=("button[name=button_confirm]",),
    shows=".modal-dialog",
)
INSPECTION = f"/odoo/action-{LOGISTICS}.action_quality_inspection/{{}}"
DELIVERY = """
    SELECT max(picking.id) FROM stock_picking picking
      JOIN stock_picking_type type ON type.id = picking.picking_type_id
     WHERE type.code = 'outgoing' AND picking.state = 'done' AND picking.sale_id IS NOT NULL
"""
DELIVERED_LOT = """
    SELECT min(line.lot_id) FROM stock_move_line line
      JOIN stock_location place ON place.id = line.location_dest_id
     WHERE line.state = 'done' AND place.usage = 'customer' AND EXISTS (
           SELECT FROM union_assist_quality_decision decision
            WHERE decision.lot_id = line.lot_id AND decision.kind = 'released')
"""

SHOTS = [
    OVERVIEW,
    OVERVIEW._replace(name="overview.en", language="en_US"),
    Shot("households", "operator", f"/odoo/action-{CATALOG}.action_household"),
    Shot(
        "linkage",
        "operator",
        f"/odoo/action-{CATALOG}.action_linkage/{{}}",
        record="SELECT min(id) FROM union_assist_linkage WHERE state = 'verified'",
    ),
    Shot(
        "supplier",
        "operator",
        f"/odoo/action-{CATALOG}.action_supplier/{{}}",
        record=external(f"{CATALOG}.partner_supplier_sheddun"),
        clicks=("a[name=union_assist]",),
    ),
    Shot("caps", "operator", f"/odoo/action-{PROCURE}.action_cap", size=HALF),
    CAP_REFUSED,
    CAP_REFUSED._replace(name="cap-refused.en", language="en_US"),
    Shot(
        "purchase-plan",
        "operator",
        f"/odoo/action-{PROCURE}.action_purchase_plan/{{}}",
        record="SELECT max(id) FROM union_assist_purchase_plan WHERE state != 'draft'",
    ),
    Shot("subscriptions", "operator", f"/odoo/action-{PROCURE}.action_subscription", size=HALF),
    Shot(
        "farming-contract",
        "operator",
        f"/odoo/action-{PROCURE}.action_farming_contract/{{}}",
        record="SELECT min(id) FROM union_assist_farming_contract",
    ),
    Shot(
        "statement",
        "operator",
        f"/report/reportlab/{PROCURE}.report_statement/{{}}",
        record="SELECT max(id) FROM union_assist_statement WHERE state != 'draft'",
    ),
    Shot(
        "portal-tender",
        "supplier",
        "/my/assist/tenders/{}",
        record="SELECT max(id) FROM union_assist_tender WHERE state = 'called'",
        size=PHONE,
    ),
    Shot(
        "inspection-entry",
        "inspector",
        "/odoo/assist-inspect",
        clicks=(".o_assist_card", ".o_assist_start"),
        shows=".o_assist_next",
        size=PHONE,
    ),
    Shot(
        "decision",
        "operator",
        INSPECTION,
        record="SELECT max(id) FROM union_assist_quality_inspection"
        " WHERE state = 'submitted' AND retest_state IS NULL",
        clicks=("button[name=action_decide]",),
        shows=".modal-dialog",
    ),
    Shot("deliveries", "warehouse", f"/odoo/action-{LOGISTICS}.action_delivery", size=HALF),
    Shot(
        "delivery",
        "warehouse",
        f"/odoo/action-{LOGISTICS}.action_delivery/{{}}",
        record=DELIVERY,
    ),
    Shot(
        "delivery-note",
        "warehouse",
        f"/report/reportlab/{LOGISTICS}.report_delivery_note/{{}}",
        record=DELIVERY,
    ),
    Shot(
        "recall",
        "operator",
        "/odoo/assist-recalls/{}",
        record="SELECT max(id) FROM union_assist_recall WHERE state != 'draft'",
    ),
    Shot(
        "trace",
        "operator",
        f"/odoo/action-{LOGISTICS}.action_lot/{{}}",
        record=DELIVERED_LOT,
        clicks=(".o_button_more", ".oe_stat_button:has(.fa-sitemap)"),
        shows="svg",
    ),
    Shot(
        "gift-recipe",
        "operator",
        "/odoo/assist-recipes/{}",
        record=external(f"{LOGISTICS}.recipe_mooncake"),
    ),
    Shot(
        "loading",
        "warehouse",
        "/odoo/assist-loading",
        clicks=(".o_assist_card",),
        shows=".o_assist_back",
        size=PHONE,
    ),
    Shot(
        "pack-screen",
        "warehouse",
        "/odoo/assist-pack",
        clicks=(".o_assist_transfer",),
        shows=".o_assist_back",
        size=PHONE,
    ),
    Shot(
        "carton-label",
        "warehouse",
        f"/report/reportlab/{LOGISTICS}.report_carton_label/{{}}",
        record="SELECT max(id) FROM stock_package",
    ),
    Shot(
        "driver-sheet",
        "warehouse",
        f"/report/reportlab/{LOGISTICS}.report_driver_sheet/{{}}",
        record="SELECT max(id) FROM stock_picking_batch WHERE state = 'in_progress'",
    ),
    Shot(
        "delivery-page",
        "warehouse",
        "/assist/delivery/{}",
        record="SELECT max(assist_note_token) FROM stock_picking"
        " WHERE assist_proof_state = 'departed'",
        size=PHONE,
    ),
    Shot(
        "quality-certificate",
        "operator",
        f"/report/reportlab/{LOGISTICS}.report_lot_certificate/{{}}",
        record=DELIVERED_LOT,
    ),
    Shot(
        "pack-list",
        "warehouse",
        f"/report/reportlab/{LOGISTICS}.report_pack_list/{{}}",
        record="SELECT max(id) FROM stock_package",
    ),
    Shot(
        "gift-pack-label",
        "warehouse",
        f"/report/reportlab/{LOGISTICS}.report_packing_order_label/{{}}",
        record="SELECT max(id) FROM mrp_production WHERE state = 'done'",
    ),
    Shot(
        "retention-label",
        "inspector",
        f"/report/reportlab/{LOGISTICS}.report_retention_label/{{}}",
        record="SELECT min(id) FROM union_assist_retention_sample",
    ),
    Shot(
        "sampling-sheet",
        "inspector",
        f"/report/reportlab/{LOGISTICS}.report_sampling_sheet/{{}}",
        record="SELECT min(id) FROM union_assist_quality_inspection WHERE sample_size > 0",
    ),
    Shot(
        "recall-report",
        "operator",
        f"/report/reportlab/{LOGISTICS}.report_recall/{{}}",
        record="SELECT max(id) FROM union_assist_recall WHERE state != 'draft'",
    ),
    Shot(
        "recall-notice",
        "operator",
        f"/report/reportlab/{LOGISTICS}.report_recall_notice/{{}}",
        record="SELECT max(id) FROM union_assist_recall_recipient",
    ),
    Shot(
        "signed-receipt",
        "operator",
        "/web/content/stock.picking/{}/assist_receipt_pdf",
        record="SELECT max(id) FROM stock_picking WHERE assist_proof_state = 'signed'",
    ),
    # Printing the certificate has given the lot its address.
    Shot(
        "lot-page",
        "operator",
        "/assist/lot/{}?lang=zh_CN",
        record="SELECT assist_public_token FROM stock_lot"
        " WHERE assist_public_token IS NOT NULL ORDER BY id LIMIT 1",
        size=PHONE,
    ),
    Shot("portal-cap", "supplier", "/my/assist/cap", size=PHONE),
    Shot("portal-documents", "supplier", "/my/assist/documents", size=PHONE),
    Shot("import", "operator", f"/odoo/action-{CATALOG}.action_import/new", size=HALF),
    Shot("admissions", "federation", f"/odoo/action-{CATALOG}.action_admission", size=HALF),
    Shot(
        "catalogue-entry",
        "federation",
        f"/odoo/action-{CATALOG}.action_catalogue_entry/{{}}",
        record="SELECT min(id) FROM union_assist_catalogue_entry WHERE NOT listed",
        size=HALF,
    ),
    Shot(
        "edition",
        "federation",
        f"/report/reportlab/{CATALOG}.report_catalogue_edition/{{}}",
        record="SELECT max(id) FROM union_assist_catalogue_edition WHERE state = 'published'",
    ),
    Shot("catalogue", "federation", "/assist/catalogue?lang=zh_CN", size=PHONE),
    Shot("catalogue.en", "federation", "/assist/catalogue?lang=en_US", size=PHONE),
]

# What a page shows while it is not ready yet.
READY = """(() => {
    if (document.readyState !== "complete" || document.querySelector(
        ".o_loading_indicator, .o_blockUI, .o_view_sample_data, .o_lazy_loading"
    )) return false;
    const web = document.querySelector(".o_web_client");
    if (web && !document.querySelector(".o_action_manager .o_content, .o_action_manager > *"))
        return false;
    const pictures = [...document.images].filter((i) => i.loading !== "lazy" || i.offsetParent);
    if (pictures.some((i) => !i.complete)) return false;
    const state = performance.getEntriesByType("resource").length + "/" +
        document.querySelectorAll("*").length;
    const now = performance.now();
    if (window.assistState !== state) { window.assistState = state; window.assistSince = now; }
    return now - window.assistSince > 800;
})()"""


def free_port():
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Odoo serving the copied database for the length of a ``with`` block."""

    def __init__(self, database):
        self.database = database
        self.url = f"http://127.0.0.1:{free_port()}"

    def __enter__(self):
        self.log = tempfile.TemporaryFile("w+")
        port = self.url.rsplit(":", 1)[1]
        self.process = subprocess.Popen(
            odoo.command("-d", self.database, f"--http-port={port}", "--max-cron-threads=0"),
            env=odoo.environment(),
            stdout=self.log,
            stderr=self.log,
        )
        end = time.monotonic() + 120
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                self.log.seek(0)
                raise Stop(f"Odoo did not start: {self.log.read()[-1500:]}")
            time.sleep(0.5)
        return self

    def __exit__(self, *exception):
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()

    def _answers(self):
        try:
            return urllib.request.urlopen(f"{self.url}/web/health", timeout=5).status == 200
        except (OSError, urllib.error.URLError):
            return False


class Visitor:
    """A demo user at a page of its own."""

    def __init__(self, chrome, server, login):
        self.server = server
        self.language = None
        self.page = chrome.page()
        self.page.call("Emulation.setTimezoneOverride", timezoneId="Asia/Shanghai")
        self.page.go(f"{server.url}/web/login")
        self.page.wait("document.querySelector('input[name=password]')")
        self.user = self.rpc(
            "/web/session/authenticate", db=server.database, login=login, password=login
        )

    def speak(self, language):
        """Change the user's own language, as in the preferences."""
        if language == self.language:
            return
        self.rpc(
            "/web/dataset/call_kw/res.users/write",
            model="res.users",
            method="write",
            args=[[self.user["uid"]], {"lang": language}],
            kwargs={},
        )
        # Portal pages follow the visitor's cookie.
        self.page.js(f"document.cookie = 'frontend_lang={language}; path=/'")
        self.language = language

    def rpc(self, route, **parameters):
        """Call a JSON route as this user."""
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": parameters})
        answer = self.page.js(
            f"fetch({json.dumps(route)}, {{method: 'POST', body: {json.dumps(body)},"
            " headers: {'Content-Type': 'application/json'}}).then((r) => r.json())"
        )
        if "error" in answer:
            raise Stop(f"{route}: {answer['error']['data']['message']}")
        return answer["result"]

    def look(self, shot, path):
        """Picture of one screen."""
        self.speak(shot.language)
        self.page.size(*shot.size)
        self.page.go(self.server.url + path)
        self.page.wait(READY)
        for selector in shot.clicks:
            quoted = json.dumps(selector)
            self.page.wait(f"document.querySelector({quoted})")
            self.page.js(f"document.querySelector({quoted}).click()")
            self.page.js("window.assistState = null")
        if shot.shows:
            self.page.wait(f"document.querySelector({json.dumps(shot.shows)})")
        self.page.wait(READY)
        status = self.page.js("performance.getEntriesByType('navigation')[0].responseStatus")
        failed = not shot.shows and self.page.js(
            "document.querySelector('.o_error_dialog')?.innerText"
        )
        if status >= 400 or failed:
            raise Stop(f"Screenshot {shot.name}: {path} failed: {failed or status}")
        # Where the pointer or the cursor happens to be is no part of the picture.
        self.page.js("document.activeElement && document.activeElement.blur()")
        return self.page.screenshot()

    def download(self, path):
        """Bytes of a file that this user may fetch."""
        text = self.page.js(
            f"fetch({json.dumps(path)}).then((r) => r.arrayBuffer()).then((b) => "
            "btoa(Array.from(new Uint8Array(b), (c) => String.fromCharCode(c)).join('')))"
        )
        return base64.b64decode(text)


def first_page(pdf):
    """PNG of the first page of a PDF."""
    if not shutil.which("pdftoppm"):
        raise Stop("pdftoppm is missing: install the package poppler-utils, then run again.")
    if not pdf.startswith(b"%PDF"):
        raise Stop("The delivery note is not a PDF; see the log of Odoo.")
    done = subprocess.run(
        ["pdftoppm", "-png", "-r", "100", "-f", "1", "-l", "1", "-singlefile", "-"],
        input=pdf,
        capture_output=True,
        check=True,
    )
    return done.stdout


def address(shot):
    """Path of a screen with the id of its record in it."""
    if not shot.record:
        return shot.path
    rows = postgres.execute(DATABASE, shot.record)
    if not rows or not rows[0][0]:
        raise Stop(f"Screenshot {shot.name}: the demo data has no such record: {shot.record}")
    return shot.path.replace("{}", str(rows[0][0]))


def main(arguments=()):
    """Take all pictures, or those whose names are given."""
    unknown = set(arguments) - {shot.name for shot in SHOTS}
    if unknown:
        raise Stop(f"No such screenshot: {', '.join(sorted(unknown))}")
    odoo.setup(dev=True)
    executable = browser.ensure()
    if not executable:
        raise Stop("Chromium is missing: install the package chromium, then run again.")
    if postgres.exists(DATABASE):
        postgres.drop(DATABASE)
    postgres.create(DATABASE, template=templates.template("product"))
    IMAGES.mkdir(parents=True, exist_ok=True)
    try:
        with Server(DATABASE) as server, chromium.Browser(executable) as chrome:
            visitors = {}
            for shot in SHOTS:
                if arguments and shot.name not in arguments:
                    continue
                step(f"{shot.name} ({shot.login}, {shot.language})")
                if shot.login not in visitors:
                    visitors[shot.login] = Visitor(chrome, server, shot.login)
                visitor = visitors[shot.login]
                if shot.path.startswith(("/report/", "/web/content/")):
                    picture = first_page(visitor.download(address(shot)))
                else:
                    picture = visitor.look(shot, address(shot))
                Path(IMAGES, f"{shot.name}.png").write_bytes(picture)
    finally:
        postgres.drop(DATABASE)
