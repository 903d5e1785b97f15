"""A bid that is handed in at the moment at which the bids are opened, over real connections."""

import threading
import time
from datetime import timedelta
from functools import partial

import pytest

PRICES = ("26.5", "24.25")


@pytest.fixture
def tender(registry):
    """Ids of a called tender that is due in three seconds, and of the two who open it."""
    from odoo import fields  # noqa: PLC0415
    from odoo.tests import new_test_user  # noqa: PLC0415

    from odoo.addons.union_assist_catalog.tests.common import admit_suppliers  # noqa: PLC0415

    with registry.cursor() as cr:
        env = _environment(cr)
        mark = str(time.time_ns())
        suppliers = env["res.partner"].create(
            [
                {"name": f"Race {n} {mark}", "is_company": True, "assist_supplier_kind": "sme"}
                for n in (1, 2)
            ]
        )
        admit_suppliers(suppliers)
        product = env["product.product"].create({"name": "Race Gift", "type": "consu"})
        opener = new_test_user(env, f"race_op_{mark}", "union_assist_catalog.group_operator")
        witness = new_test_user(env, f"race_wi_{mark}", "union_assist_catalog.group_federation")
        tender = env["union.assist.tender"].create(
            {
                "subject": "Race",
                "deadline": fields.Datetime.now() + timedelta(seconds=3),
                "lot_ids": [(0, 0, {"product_id": product.id, "quantity": 100})],
                "invitation_ids": [(0, 0, {"supplier_id": supplier.id}) for supplier in suppliers],
            }
        )
        tender.action_call()
        _submit(tender.invitation_ids[0], PRICES[0])
        cr.commit()
        return tender.id, opener.id, witness.id


def _environment(cr, uid=None):
    from odoo import SUPERUSER_ID, api  # noqa: PLC0415

    return api.Environment(cr, uid or SUPERUSER_ID, {})


def _submit(invitation, price):
    lot = invitation.tender_id.lot_ids
    row = {"price": price, "quantity": "100", "days": "", "note": ""}
    return invitation._submit({"lots": {str(lot.id): row}, "note": ""})


def _wait_for_deadline(env, tender_id):
    from odoo import fields  # noqa: PLC0415

    deadline = env["union.assist.tender"].browse(tender_id).deadline
    time.sleep(max((deadline - fields.Datetime.now()).total_seconds() + 1.1, 0))


def _ask_for_opening(registry, tender_id, uid):
    with registry.cursor() as cr:
        env = _environment(cr, uid)
        _wait_for_deadline(env, tender_id)
        cr.rollback()
        env["union.assist.tender"].browse(tender_id).action_request_opening()
        cr.commit()


def _open(registry, tender_id, uid, begun=None, attempts=None):
    from odoo.service.model import retrying  # noqa: PLC0415

    def attempt(env):
        env.cr.execute("SELECT 1")  # the transaction's snapshot is taken here
        if attempts is not None:
            attempts.append(1)
        if begun:
            begun.set()
        env["union.assist.tender"].browse(tender_id).action_open()

    with registry.cursor() as cr:
        env = _environment(cr, uid)
        retrying(partial(attempt, env), env)


def _get_prices(registry, tender_id):
    with registry.cursor() as cr:
        tender = _environment(cr)["union.assist.tender"].browse(tender_id)
        assert tender.state == "opened"
        return sorted(tender.bid_line_ids.mapped("price_unit"))


def test_a_bid_that_is_not_committed_yet_is_opened_too(registry, tender):
    """Handed in before the deadline, written after the opening began: it is not lost."""
    tender_id, opener, witness = tender
    sealed, begun, attempts = threading.Event(), threading.Event(), []

    def submit():
        with registry.cursor() as cr:
            invitations = _environment(cr)["union.assist.tender"].browse(tender_id).invitation_ids
            assert _submit(invitations[1], PRICES[1])
            sealed.set()
            begun.wait(timeout=30)
            time.sleep(1)  # the opening waits for the row of the invitation
            cr.commit()

    bidder = threading.Thread(target=submit)
    bidder.start()
    assert sealed.wait(timeout=30)
    _ask_for_opening(registry, tender_id, opener)
    _open(registry, tender_id, witness, begun, attempts)
    bidder.join(timeout=30)
    assert len(attempts) == 2, "the opening was replayed on what the bid left"
    assert _get_prices(registry, tender_id) == [24.25, 26.5]


def test_a_bid_beside_the_opening_is_too_late(registry, tender):
    tender_id, opener, witness = tender
    _ask_for_opening(registry, tender_id, opener)
    barrier, outcomes = threading.Barrier(2, timeout=30), []

    def submit():
        from odoo.service.model import retrying  # noqa: PLC0415

        with registry.cursor() as cr:
            env = _environment(cr)
            env.cr.execute("SELECT 1")
            barrier.wait()
            invitation = env["union.assist.tender"].browse(tender_id).invitation_ids[1]
            outcomes.append(retrying(partial(_submit, invitation, PRICES[1]), env))

    bidder = threading.Thread(target=submit)
    bidder.start()
    barrier.wait()
    _open(registry, tender_id, witness)
    bidder.join(timeout=30)
    assert outcomes == [False]
    assert _get_prices(registry, tender_id) == [26.5]


def test_the_bids_are_opened_once(registry, tender):
    """Two witnesses press at the same moment: one opens, the other one is told."""
    from odoo.exceptions import UserError  # noqa: PLC0415

    tender_id, opener, witness = tender
    _ask_for_opening(registry, tender_id, opener)
    barrier, outcomes = threading.Barrier(2, timeout=30), []

    def press():
        barrier.wait()
        try:
            _open(registry, tender_id, witness)
            outcomes.append("opened")
        except UserError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=press) for _index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(outcomes) == 2
    assert outcomes.count("opened") == 1, outcomes
    with registry.cursor() as cr:
        openings = _environment(cr)["union.assist.tender"].browse(tender_id).opening_ids
        assert len(openings) == 1
    assert _get_prices(registry, tender_id) == [26.5]
