"""Two purchase orders confirmed at the same moment, over real connections, against one cap."""

import threading
from functools import partial

import pytest

HEADS, PER_HEAD = 150, 2000  # a cap of 300,000


@pytest.fixture(scope="module")
def supplier(registry):
    """Id of an admitted supplier that lifts 150 verified persons, at 2,000 a head."""
    from odoo.addons.union_assist_catalog.tests.common import admit_suppliers

    with registry.cursor() as cr:
        env = _environment(cr)
        today = env["union.assist.linkage"].default_get(["date_from"])["date_from"]
        start = today.replace(month=1, day=1)
        env["union.assist.cap.policy"].search([]).active = False
        env["union.assist.cap.policy"].create(
            {
                "name": "Race",
                "date_from": start,
                "bracket_ids": [(0, 0, {"from_count": 0, "amount": PER_HEAD})],
            }
        )
        partner = env["res.partner"].create(
            {"name": "Race Tea", "is_company": True, "assist_supplier_kind": "sme"}
        )
        admit_suppliers(partner)
        household = env["union.assist.household"].create(
            {
                "code": "RACE-1",
                "region_id": env["union.assist.region"].search([], limit=1).id,
                "persons": HEADS,
            }
        )
        env["union.assist.linkage"].create(
            {
                "household_id": household.id,
                "supplier_id": partner.id,
                "mechanism_id": env.ref("union_assist_catalog.mechanism_order_purchase").id,
                "date_from": start,
                "state": "verified",
            }
        )
        cr.commit()
        return partner.id


@pytest.fixture
def place_orders(registry, supplier):
    """Make requests for quotation of these amounts; what they took is given back afterwards."""
    made = []

    def place(*amounts):
        with registry.cursor() as cr:
            env = _environment(cr)
            product = env["product.product"].create({"name": "Race Tea", "type": "service"})
            orders = env["purchase.order"].create(
                [
                    {
                        "partner_id": supplier,
                        "order_line": [
                            (
                                0,
                                0,
                                {
                                    "product_id": product.id,
                                    "product_qty": 1,
                                    "price_unit": amount,
                                    "tax_ids": False,
                                },
                            )
                        ],
                    }
                    for amount in amounts
                ]
            )
            cr.commit()
        made.extend(orders.ids)
        return orders.ids

    yield place
    with registry.cursor() as cr:
        _environment(cr)["purchase.order"].browse(made).button_cancel()
        cr.commit()


def _environment(cr):
    from odoo import SUPERUSER_ID, api  # noqa: PLC0415

    return api.Environment(cr, SUPERUSER_ID, {})


def confirm_together(registry, order_ids):
    """Confirm each order in a transaction of its own, all of which see the same beginning.

    :return: the outcome of each, ``True`` or the refusal, and how many attempts were made
    """
    from odoo.exceptions import UserError  # noqa: PLC0415
    from odoo.service.model import retrying  # noqa: PLC0415

    barrier = threading.Barrier(len(order_ids), timeout=60)
    outcomes, attempts = {}, []

    def attempt(env, order_id):
        attempts.append(order_id)
        env.cr.execute("SELECT 1")  # the transaction's snapshot is taken here
        if attempts.count(order_id) == 1:
            barrier.wait()
        env["purchase.order"].browse(order_id).button_confirm()

    def confirm(order_id):
        with registry.cursor() as cr:
            env = _environment(cr)
            try:
                retrying(partial(attempt, env, order_id), env)
                outcomes[order_id] = True
            except UserError as error:
                outcomes[order_id] = str(error)

    threads = [threading.Thread(target=confirm, args=(order_id,)) for order_id in order_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert set(outcomes) == set(order_ids), "every confirmation came to an end"
    return outcomes, len(attempts)


def ledger(registry, supplier):
    """Return counter, sum of the ledger and sum of the confirmed orders of the supplier."""
    with registry.cursor() as cr:
        env = _environment(cr)
        cap = env["union.assist.cap"].search([("supplier_id", "=", supplier)])
        assert len(cap) == 1
        confirmed = env["purchase.order"].search(
            [("partner_id", "=", supplier), ("state", "=", "purchase")]
        )
        return (
            cap.committed,
            sum(cap.entry_ids.mapped("amount")),
            sum(confirmed.mapped("amount_total")),
        )


def test_only_one_of_two_that_do_not_fit_together(registry, supplier, place_orders):
    outcomes, attempts = confirm_together(registry, place_orders(200_000, 200_000))
    refusals = [outcome for outcome in outcomes.values() if outcome is not True]
    assert len(refusals) == 1, outcomes
    assert "exceeds the purchase cap" in refusals[0]
    assert attempts > 2, "the loser was replayed on what the winner left"
    assert ledger(registry, supplier) == (200_000, 200_000, 200_000)


def test_both_of_two_that_fit_together(registry, supplier, place_orders):
    """Nobody is refused for want of a retry."""
    outcomes, _attempts = confirm_together(registry, place_orders(150_000, 150_000))
    assert list(outcomes.values()) == [True, True]
    assert ledger(registry, supplier) == (300_000, 300_000, 300_000)


def test_both_open_the_same_cap(registry, place_orders, supplier):
    """The first two orders of a year find no row to count on."""
    order_ids = place_orders(200_000, 200_000)
    with registry.cursor() as cr:
        # What a year's first order meets before the nightly job has opened the year's caps.
        cr.execute(
            "UPDATE union_assist_cap SET date_from = date_from - 36500, date_to = date_to - 36500"
            " WHERE supplier_id = %s",
            [supplier],
        )
        cr.commit()
    try:
        outcomes, _attempts = confirm_together(registry, order_ids)
        assert sorted(outcome is True for outcome in outcomes.values()) == [False, True]
        with registry.cursor() as cr:
            cr.execute(
                "SELECT committed FROM union_assist_cap WHERE supplier_id = %s"
                " AND date_to > now() - interval '1 year'",
                [supplier],
            )
            assert cr.fetchall() == [(200_000,)]
    finally:
        with registry.cursor() as cr:
            cr.execute("DELETE FROM union_assist_cap_entry WHERE supplier_id = %s", [supplier])
            cr.execute("DELETE FROM union_assist_cap WHERE supplier_id = %s", [supplier])
            cr.commit()
