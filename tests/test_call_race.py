"""Orders called off one subscription at the same moment, over real connections."""

import threading
from functools import partial
from unittest import mock

import pytest

AGREED, PRICE = 1000, 10
CONNECTIONS = 8


def _environment(cr):
    from odoo import SUPERUSER_ID, api  # noqa: PLC0415

    return api.Environment(cr, SUPERUSER_ID, {})


@pytest.fixture
def subscription(registry):
    """Ids of a confirmed subscription of 1,000 pieces at 10, and of its line."""
    with registry.cursor() as cr:
        env = _environment(cr)
        product = env["product.product"].create({"name": "Race Tea", "type": "service"})
        agreement = env["purchase.requisition"].create(
            {
                "assist_kind": "subscription",
                "vendor_id": env["res.partner"].create({"name": "Race Tea Company"}).id,
                "line_ids": [
                    (
                        0,
                        0,
                        {"product_id": product.id, "product_qty": AGREED, "price_unit": PRICE},
                    )
                ],
            }
        )
        agreement.action_confirm()
        cr.commit()
        return agreement.id


def request_orders(registry, subscription, *quantities):
    """Make requests for quotation of these quantities on the subscription."""
    with registry.cursor() as cr:
        agreement = _environment(cr)["purchase.requisition"].browse(subscription)
        orders = agreement.env["purchase.order"].create(
            [
                {
                    "partner_id": agreement.vendor_id.id,
                    "requisition_id": agreement.id,
                    "order_line": [
                        (
                            0,
                            0,
                            {
                                "product_id": agreement.line_ids.product_id.id,
                                "product_qty": quantity,
                                "price_unit": PRICE,
                                "tax_ids": False,
                            },
                        )
                    ],
                }
                for quantity in quantities
            ]
        )
        cr.commit()
        return orders.ids


def act_together(registry, actions):
    """Run each action in a transaction of its own, all of which see the same beginning.

    :param actions: functions of an environment
    :return: the outcome of each, ``True`` or the refusal, and how many attempts were made
    """
    from odoo.exceptions import UserError  # noqa: PLC0415
    from odoo.service.model import retrying  # noqa: PLC0415

    barrier = threading.Barrier(len(actions), timeout=60)
    outcomes, attempts = {}, []

    def attempt(env, number):
        attempts.append(number)
        env.cr.execute("SELECT 1")  # the transaction's snapshot is taken here
        if attempts.count(number) == 1:
            barrier.wait()
        actions[number](env)

    def run(number):
        with registry.cursor() as cr:
            env = _environment(cr)
            try:
                retrying(partial(attempt, env, number), env)
                outcomes[number] = True
            except UserError as error:
                outcomes[number] = str(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(outcomes) == len(actions), "every transaction came to an end"
    return [outcomes[number] for number in range(len(actions))], len(attempts)


def confirm(order_id, env):
    env["purchase.order"].browse(order_id).button_confirm()


def figures(registry, subscription):
    """Return agreed, counter, sum of the calls and sum of the confirmed orders, in money."""
    with registry.cursor() as cr:
        agreement = _environment(cr)["purchase.requisition"].browse(subscription)
        confirmed = agreement.purchase_ids.filtered(lambda order: order.state == "purchase")
        return (
            agreement.assist_subscribed,
            agreement.assist_called,
            sum(agreement.assist_call_ids.mapped("amount")),
            sum(confirmed.mapped("amount_total")),
        )


@pytest.fixture(params=["in turn", "at once"])
def turns(request):
    """Confirmations take turns so that few are replayed; what is right does not rest on it."""
    if request.param == "in turn":
        yield
        return
    from odoo.addons.union_assist_procure.models import purchase_order  # noqa: PLC0415

    with mock.patch.object(purchase_order.PurchaseOrder, "_assist_take_turn", lambda self: None):
        yield


@pytest.mark.usefixtures("turns")
def test_only_one_of_two_that_do_not_fit_together(registry, subscription):
    orders = request_orders(registry, subscription, 600, 600)
    outcomes, attempts = act_together(registry, [partial(confirm, order) for order in orders])
    refusals = [outcome for outcome in outcomes if outcome is not True]
    assert len(refusals) == 1, outcomes
    assert "too much by 200.00" in refusals[0]
    assert figures(registry, subscription) == (10_000, 6_000, 6_000, 6_000)


@pytest.mark.usefixtures("turns")
def test_both_of_two_that_fit_together(registry, subscription):
    orders = request_orders(registry, subscription, 500, 500)
    outcomes, _attempts = act_together(registry, [partial(confirm, order) for order in orders])
    assert outcomes == [True, True]
    assert figures(registry, subscription) == (10_000, 10_000, 10_000, 10_000)


def test_as_many_as_fit_over_many_connections(registry, subscription):
    """Nobody is refused for want of a retry: of eight of 150 pieces exactly six fit."""
    orders = request_orders(registry, subscription, *[150] * CONNECTIONS)
    outcomes, _attempts = act_together(registry, [partial(confirm, order) for order in orders])
    assert outcomes.count(True) == 6, outcomes
    assert figures(registry, subscription) == (10_000, 9_000, 9_000, 9_000)


def test_a_call_and_an_amendment(registry, subscription):
    """The agreed quantity is not lowered below what is being called off at that moment."""

    def lower(env):
        env["purchase.requisition"].browse(subscription).line_ids.product_qty = 500

    (order,) = request_orders(registry, subscription, 600)
    outcomes, attempts = act_together(registry, [partial(confirm, order), lower])
    assert outcomes.count(True) == 1, outcomes
    assert attempts > 2, "the loser was replayed on what the winner left"
    agreed, *called = figures(registry, subscription)
    assert called[0] <= agreed
    assert len(set(called)) == 1
