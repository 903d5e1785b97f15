"""Delivery notes printed at the same moment, over real connections, of one company."""

import threading
from functools import partial

import pytest

PRINTERS = 3


@pytest.fixture(scope="module")
def deliveries(registry):
    """Ids of deliveries that are ready, whose notes were never printed."""
    with registry.cursor() as cr:
        env = _environment(cr)
        warehouse = env["stock.warehouse"].create({"name": "Race", "code": "RACE"})
        customer = env["res.partner"].create({"name": "Race Union", "is_company": True})
        product = env["product.product"].create({"name": "Race Rice", "is_storable": True})
        env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 100)
        places = {
            "location_id": warehouse.lot_stock_id.id,
            "location_dest_id": env.ref("stock.stock_location_customers").id,
        }
        move = {"product_id": product.id, "product_uom_qty": 1, **places}
        pickings = env["stock.picking"].create(
            [
                {
                    "picking_type_id": warehouse.out_type_id.id,
                    "partner_id": customer.id,
                    "move_ids": [(0, 0, move)],
                    **places,
                }
                for _index in range(PRINTERS)
            ]
        )
        pickings.action_confirm()
        pickings.action_assign()
        assert set(pickings.mapped("state")) == {"assigned"}
        cr.commit()
        return pickings.ids


def _environment(cr):
    from odoo import SUPERUSER_ID, api  # noqa: PLC0415

    return api.Environment(cr, SUPERUSER_ID, {})


def test_numbers_of_simultaneous_prints(registry, deliveries):
    """Each note gets a number of its own, and the numbers follow one another."""
    from odoo.service.model import retrying  # noqa: PLC0415

    barrier = threading.Barrier(PRINTERS, timeout=60)
    attempts, printed = [], []

    def attempt(env, delivery):
        attempts.append(delivery)
        env.cr.execute("SELECT 1")  # the transaction's snapshot is taken here
        if attempts.count(delivery) == 1:
            barrier.wait()
        report = "union_assist_logistics.action_report_delivery_note"
        return env["ir.actions.report"]._render(report, [delivery])[0]

    def print_note(delivery):
        with registry.cursor() as cr:
            env = _environment(cr)
            printed.append(retrying(partial(attempt, env, delivery), env))

    threads = [threading.Thread(target=print_note, args=(delivery,)) for delivery in deliveries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(printed) == PRINTERS
    assert all(pdf.startswith(b"%PDF") for pdf in printed)
    assert len(attempts) > PRINTERS, "who came second was replayed"
    with registry.cursor() as cr:
        pickings = _environment(cr)["stock.picking"].browse(deliveries)
        numbers = sorted(int(number[-5:]) for number in pickings.mapped("assist_note_number"))
        assert numbers == list(range(numbers[0], numbers[0] + PRINTERS))
        assert pickings.mapped("assist_note_prints") == [1] * PRINTERS
