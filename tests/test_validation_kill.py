"""Odoo killed in the middle of the validation of a quality step: all of it is done, or nothing.

A server of its own runs on a copy of the database. The validation is held up by a lock of the
test's on a row that it writes late; the server is killed while its transaction is open.
"""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

LOGIN = PASSWORD = "operator"
PATIENCE = 120  # seconds


def _environment(cr):
    from odoo import SUPERUSER_ID, api  # noqa: PLC0415

    return api.Environment(cr, SUPERUSER_ID, {})


@pytest.fixture(scope="module")
def step(registry):
    """Id of a quality step whose two lots are decided, one of them split."""
    with registry.cursor() as cr:
        env = _environment(cr)
        warehouse = env["stock.warehouse"].create(
            {"name": "Kill", "code": "KILL", "reception_steps": "three_steps"}
        )
        product = env["product.product"].create(
            {"name": "Kill Tea", "is_storable": True, "tracking": "lot"}
        )
        env["union.assist.quality.plan"].create(
            {
                "name": "Kill",
                "product_tmpl_ids": [(6, 0, product.product_tmpl_id.ids)],
                "date_from": "2020-01-01",
                "source": "Test",
                "item_ids": [(0, 0, {"name": "Packing whole", "kind": "pass_fail"})],
            }
        )
        vendors = env.ref("stock.stock_location_suppliers")
        places = {
            "location_id": vendors.id,
            "location_dest_id": warehouse.wh_input_stock_loc_id.id,
        }
        receipt = env["stock.picking"].create(
            {
                "picking_type_id": warehouse.in_type_id.id,
                **places,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": product.id,
                            "product_uom_qty": 30,
                            "location_final_id": warehouse.lot_stock_id.id,
                            **places,
                        },
                    )
                ],
            }
        )
        receipt.action_confirm()
        receipt.move_ids.move_line_ids.unlink()
        env["stock.move.line"].create(
            [
                {
                    "move_id": receipt.move_ids.id,
                    "picking_id": receipt.id,
                    "product_id": product.id,
                    "lot_name": name,
                    "quantity": quantity,
                    "picked": True,
                    **places,
                }
                for name, quantity in (("K-1", 10), ("K-2", 20))
            ]
        )
        receipt.button_validate()
        picking = receipt.move_ids.move_dest_ids.picking_id
        inspector = env["res.users"].search([("login", "=", "inspector")])
        decider = env["res.users"].search([("login", "=", LOGIN)])
        for inspection in picking.assist_inspection_ids.with_user(inspector):
            for line in inspection.line_ids:
                line.answer = "pass"
            inspection.action_submit()
        decisions = env["union.assist.quality.decision"].with_user(decider)
        first, second = picking.assist_inspection_ids.sorted("quantity")
        # What is rejected of the second is not reserved: it is set apart with the step.
        picking.do_unreserve()
        decisions.create({"inspection_id": first.id, "kind": "released", "quantity": 10})
        decisions.create(
            [
                {"inspection_id": second.id, "kind": "released", "quantity": 15},
                {
                    "inspection_id": second.id,
                    "kind": "rejected",
                    "quantity": 5,
                    "reason": "Wet",
                },
            ]
        )
        picking.action_assign()
        cr.commit()
        return picking.id


@contextlib.contextmanager
def served(database):
    """Run an Odoo server on the database; yields its process and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "odoo", "--database", database, "--db-filter", ""]
    command += ["--http-interface", "127.0.0.1", "--http-port", str(port)]
    command += ["--max-cron-threads", "0", "--workers", "0", "--log-level", "warn"]
    if addons := _get_addons_path():
        command += ["--addons-path", addons]
    process = subprocess.Popen(command, env=os.environ)
    try:
        _wait(lambda: _answers(process, port), "the server to answer")
        yield process, port
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=PATIENCE)


def _get_addons_path():
    from odoo.tools import config  # noqa: PLC0415

    return ",".join(config["addons_path"])


def _answers(process, port):
    assert process.poll() is None, "the server ended by itself"
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/web/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False


def _wait(condition, what):
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.1)


def call(port, cookie, route, **params):
    """Call a JSON-RPC route; returns the result and the session's cookie."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    headers = {"Content-Type": "application/json", **({"Cookie": cookie} if cookie else {})}
    body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
    connection.request("POST", route, body, headers)
    response = connection.getresponse()
    answer = json.loads(response.read())
    assert "error" not in answer, answer["error"]
    return answer["result"], (response.getheader("Set-Cookie") or "").split(";")[0]


def validate(database, port, step):
    """Validate the step as the operator does, over the web client's own route."""
    _session, cookie = call(
        port, None, "/web/session/authenticate", db=database, login=LOGIN, password=PASSWORD
    )
    return call(
        port,
        cookie,
        "/web/dataset/call_kw/stock.picking/button_validate",
        model="stock.picking",
        method="button_validate",
        args=[[step]],
        kwargs={},
    )[0]


def state_of(registry, step):
    """Everything that a validation changes of the step and its goods."""
    with registry.cursor() as cr:
        env = _environment(cr)
        picking = env["stock.picking"].browse(step)
        product = picking.move_ids.product_id
        product_quants = env["stock.quant"].search(
            [("product_id", "=", product.id), ("quantity", "!=", 0)]
        )
        moves = env["stock.move"].search([("product_id", "=", product.id)])
        return {
            "state": picking.state,
            "date_done": picking.date_done,
            "moves": sorted(
                (move.id, move.state, move.product_uom_qty, move.location_dest_id.id)
                for move in moves
            ),
            "lines": sorted(
                (line.id, line.state, line.quantity, line.location_dest_id.id)
                for line in moves.move_line_ids
            ),
            "stock": sorted(
                (quant.lot_id.name, quant.location_id.assist_is_reject, quant.quantity)
                for quant in product_quants
                if quant.location_id.usage == "internal"
            ),
            "pickings": sorted(moves.picking_id.ids),
            "inspections": sorted(
                (inspection.id, inspection.state, inspection.quantity)
                for inspection in picking.assist_inspection_ids
            ),
            "carried": sum(picking.assist_inspection_ids.decision_ids.mapped("carried_qty")),
        }


def _find_waiting(cr, own_pid):
    """Return the pid of the backend that has moved goods and waits for the test's lock."""
    cr.execute(
        """
        SELECT activity.pid
          FROM pg_stat_activity activity
          JOIN pg_locks written ON written.pid = activity.pid AND written.granted
           AND written.mode = 'RowExclusiveLock'
           AND written.relation = 'stock_quant'::regclass
         WHERE activity.datname = current_database()
           AND %s = ANY(pg_blocking_pids(activity.pid))
        """,
        [own_pid],
    )
    row = cr.fetchone()
    return row and row[0]


def test_killed_in_the_middle_of_a_validation(registry, database, step):
    before = state_of(registry, step)
    assert before["state"] == "assigned"
    with contextlib.ExitStack() as stack:
        process, port = stack.enter_context(served(database))
        holder = stack.enter_context(registry.cursor())
        holder.execute("SELECT pg_backend_pid()")
        [own_pid] = holder.fetchone()
        # The transfer's own row is written when its goods have moved.
        holder.execute("SELECT id FROM stock_picking WHERE id = %s FOR NO KEY UPDATE", [step])

        def ask():
            with contextlib.suppress(OSError, http.client.HTTPException):
                validate(database, port, step)

        asking = threading.Thread(target=ask)
        asking.start()
        with registry.cursor() as watcher:

            def waits():
                watcher.rollback()  # a new look at what the others do
                return _find_waiting(watcher, own_pid)

            _wait(waits, "the validation to wait for the lock")
            backend = waits()
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=PATIENCE) == -signal.SIGKILL
        holder.rollback()
        asking.join(timeout=PATIENCE)
        assert not asking.is_alive()
    with registry.cursor() as cr:

        def gone():
            cr.rollback()
            cr.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend])
            return not cr.fetchone()

        _wait(gone, "the dead server's transaction to end")
    assert state_of(registry, step) == before, "nothing is half-done"
    # The server comes up again, and the same step is validated once.
    with served(database) as (_process, port):
        assert validate(database, port, step) is True
    after = state_of(registry, step)
    assert after["state"] == "done"
    # By lot, and whether it lies in the reject location.
    assert after["stock"] == [("K-1", False, 10), ("K-2", False, 15), ("K-2", True, 5)]
    assert after["carried"] == 5
