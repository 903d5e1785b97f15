"""Signing for a delivery against a real server: killed in the middle, and twice at once."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid

import pytest
import requests

STROKES = [[0.1, 0.1, 0.2, 0.3, 0.3, 0.1], [0.4, 0.1, 0.4, 0.35]]


def _environment(cr):
    from odoo import SUPERUSER_ID, api  # noqa: PLC0415

    return api.Environment(cr, SUPERUSER_ID, {})


def _wait(condition, seconds=60):
    """Wait until a condition holds, and return what it gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise TimeoutError


class Server:
    """An Odoo process of its own on the test's database."""

    def __init__(self, database, log):
        self.database = database
        self.log = log
        self.process = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self):
        from odoo.tools import config  # noqa: PLC0415

        options = [
            *("-d", self.database, "--no-database-list", "--max-cron-threads=0"),
            *("--http-interface=127.0.0.1", f"--http-port={self.port}"),
            f"--addons-path={','.join(config['addons_path'])}",
            f"--data-dir={config['data_dir']}",
        ]
        for name in ("db_host", "db_port", "db_user", "db_password"):
            if config[name]:
                options.append(f"--{name}={config[name]}")
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "odoo", *options], stdout=output, stderr=output
            )
        _wait(self._is_up)

    def _is_up(self):
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        try:
            return requests.get(f"{self.url}/web/health", timeout=20).ok
        except requests.RequestException:
            return False

    def kill(self):
        """End the process at once, as a power cut does."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)


@pytest.fixture(scope="module")
def deliveries(registry):
    """Links and ids of two deliveries that have left: ``[(token, id)]``."""
    with registry.cursor() as cr:
        env = _environment(cr)
        warehouse = env["stock.warehouse"].create({"name": "Proof", "code": "PROOF"})
        customer = env["res.partner"].create({"name": "Proof Union", "is_company": True})
        product = env["product.product"].create({"name": "Proof Rice", "is_storable": True})
        env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 100)
        places = {
            "location_id": warehouse.lot_stock_id.id,
            "location_dest_id": env.ref("stock.stock_location_customers").id,
        }
        move = {"product_id": product.id, "product_uom_qty": 10, **places}
        pickings = env["stock.picking"].create(
            [
                {
                    "picking_type_id": warehouse.out_type_id.id,
                    "partner_id": customer.id,
                    "move_ids": [(0, 0, move)],
                    **places,
                }
                for _index in range(2)
            ]
        )
        pickings.action_confirm()
        pickings.action_assign()
        report = "union_assist_logistics.action_report_delivery_note"
        env["ir.actions.report"]._render(report, pickings.ids)
        pickings.move_ids.picked = True
        pickings._action_done()
        assert set(pickings.mapped("state")) == {"done"}
        cr.commit()
        return [(picking.assist_note_token, picking.id) for picking in pickings]


@pytest.fixture(scope="module")
def server(database, deliveries, tmp_path_factory):
    running = Server(database, tmp_path_factory.mktemp("server") / "log")
    try:
        running.start()
        yield running
    finally:
        running.kill()


def _make_entry(registry, picking_id, photos=()):
    with registry.cursor() as cr:
        env = _environment(cr)
        receipts = env["union.assist.delivery.receipt"]
        rows = receipts._get_rows(env["stock.picking"].browse(picking_id))
        return {
            "key": str(uuid.uuid4()),
            "goods": receipts._get_rows_digest(rows),
            "lines": [
                {
                    "checked": True,
                    "differences": [{"kind": "short", "quantity": 2, "photos": list(photos)}],
                }
            ],
            "strokes": STROKES,
        }


def _photo():
    from PIL import Image  # noqa: PLC0415

    output = io.BytesIO()
    Image.new("RGB", (320, 240), "green").save(output, "JPEG")
    return output.getvalue()


def _post_photo(server, token, key):
    return requests.post(
        f"{server.url}/assist/delivery/{token}/photo",
        data={"key": key},
        files={"file": ("photo.jpg", _photo())},
        timeout=60,
    )


def _post_sign(server, token, entry):
    return requests.post(
        f"{server.url}/assist/delivery/{token}/sign",
        data={"entry": json.dumps(entry)},
        timeout=60,
    )


def _read(registry, picking_id):
    """Return what is known of a delivery's proof."""
    with registry.cursor() as cr:
        picking = _environment(cr)["stock.picking"].browse(picking_id)
        receipts = picking.assist_receipt_ids
        photos = picking.env["union.assist.delivery.photo"]
        return {
            "state": picking.assist_proof_state,
            "events": sorted(picking.assist_proof_event_ids.mapped("kind")),
            "receipts": len(receipts),
            "unchanged": all(receipts.mapped("is_unchanged")),
            "lines": [(line.kind, line.quantity) for line in receipts.line_ids],
            "cases": picking.assist_case_ids.mapped("quantity"),
            "photos": photos.search_count([("picking_id", "=", picking_id)]),
            "pdf": bool(picking.assist_receipt_pdf),
        }


def _count_waiting(cr, tables):
    """Count the transactions that wait for a lock on these tables."""
    cr.execute(
        "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
        " WHERE NOT l.granted AND c.relname = ANY(%s)",
        (tables,),
    )
    return cr.fetchone()[0]


def test_server_killed_in_the_middle_of_an_upload(registry, server, deliveries):
    """Nothing half-done, nothing lost, nothing twice."""
    token, picking_id = deliveries[0]
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    assert _post_photo(server, token, first).status_code == 200
    entry = _make_entry(registry, picking_id, [first])
    before = _read(registry, picking_id)
    assert (before["state"], before["photos"]) == ("printed", 1)

    lost = []

    def post(function, *args):
        try:
            function(server, token, *args)
        except requests.ConnectionError:
            lost.append(function)

    tables = ["union_assist_delivery_case", "union_assist_delivery_photo"]
    with registry.cursor() as cr, registry.cursor() as watch:
        # The receipt, its lines and its PDF are written by then; the cases wait for this lock.
        for table in tables:
            cr.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        threads = [
            threading.Thread(target=post, args=(_post_sign, entry)),
            threading.Thread(target=post, args=(_post_photo, second)),
        ]
        for thread in threads:
            thread.start()
        _wait(lambda: _count_waiting(watch, tables) == 2)
        server.kill()
        for thread in threads:
            thread.join(timeout=60)
        cr.rollback()
    assert len(lost) == 2, "neither got an answer"
    assert _read(registry, picking_id) == before, "nothing half-done"

    server.start()
    state = f"{server.url}/assist/delivery/{token}/state?key={entry['key']}"
    assert requests.get(state, timeout=60).json() == {
        "photos": [first],
        "signed": False,
        "mine": False,
    }
    assert _post_photo(server, token, second).status_code == 200
    answers = [_post_sign(server, token, entry).json() for _attempt in range(2)]
    assert answers == [{"signed": True, "new": True}, {"signed": True, "new": False}]
    assert _read(registry, picking_id) == {
        "state": "signed",
        "events": ["printed", "signed"],
        "receipts": 1,
        "unchanged": True,
        "lines": [("received", 8.0), ("short", 2.0)],
        "cases": [2.0],
        "photos": 2,
        "pdf": True,
    }


def test_two_equal_posts_at_once(registry, server, deliveries):
    """Both wait for the same delivery over connections of their own: one receipt, two answers."""
    token, picking_id = deliveries[1]
    entry = _make_entry(registry, picking_id)
    answers = []
    with registry.cursor() as cr, registry.cursor() as watch:
        cr.execute("SELECT id FROM stock_picking WHERE id = %s FOR UPDATE", (picking_id,))
        threads = [
            threading.Thread(target=lambda: answers.append(_post_sign(server, token, entry).json()))
            for _index in range(2)
        ]
        for thread in threads:
            thread.start()

        def both_wait():
            # Within a transaction the view keeps showing what it showed first.
            watch.execute("SELECT pg_stat_clear_snapshot()")
            watch.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock' AND query LIKE '%FOR UPDATE%'"
            )
            return watch.fetchone()[0] == 2

        _wait(both_wait)
        cr.rollback()
        for thread in threads:
            thread.join(timeout=60)
    assert sorted(answer["new"] for answer in answers) == [False, True]
    proof = _read(registry, picking_id)
    assert (proof["receipts"], proof["cases"], proof["unchanged"]) == (1, [2.0], True)
    assert proof["events"] == ["printed", "signed"]
