"""Statements of account of last month: goods received, one bill, a payment, and a dispute.

All quantities, days and words are invented. Days count back from today.
"""

from datetime import datetime

from dateutil.relativedelta import relativedelta

from odoo import Command, fields

CATALOG = "union_assist_catalog."
ORDER = "union_assist_procure.purchase_order_"


def load(env):
    """Receive goods in last month, bill and pay some, and have a statement disputed.

    Without the demo data there is nothing to do.
    """
    if not env.ref(f"{ORDER}shengtai_vinegar", raise_if_not_found=False):
        return
    env = env(context={**env.context, "lang": "zh_CN", "tz": "Asia/Shanghai"})
    company = env.ref("base.main_company")
    month = company._assist_today() + relativedelta(months=-1, day=1)
    vinegar, shiitake = env.ref(f"{ORDER}shengtai_vinegar"), env.ref(f"{ORDER}ningshan_shiitake")
    first = _receive(vinegar, month.replace(day=6), 1200)
    _receive(vinegar, month.replace(day=18), 800)
    _return(first, month.replace(day=22), 50)
    _receive(shiitake, month.replace(day=10), 1500)
    _bill(vinegar, month.replace(day=12), 1150, paid=10000)
    statements = env["union.assist.statement"]._generate(company, month)
    disputed = statements.filtered(lambda s: s.supplier_id == vinegar.partner_id)
    disputed.write({"state": "sent", "sent_on": fields.Datetime.now()})
    line = disputed.line_ids.sorted("date")[-1]
    line.with_user(env.ref(f"{CATALOG}user_supplier2"))._dispute(
        "【示例】我方发货单和过磅单均为 820 瓶，对账单少计 20 瓶。", quantity=820
    )


def _receive(order, day, quantity):
    """Receive a quantity of an order's only line as one lot, keeping the rest open."""
    picking = order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))[:1]
    move = picking.move_ids
    move.move_line_ids.unlink()
    order.env["stock.move.line"].create(
        {
            "move_id": move.id,
            "picking_id": picking.id,
            "product_id": move.product_id.id,
            "lot_name": f"{day:%y%m%d}",
            "quantity": quantity,
            "location_id": move.location_id.id,
            "location_dest_id": move.location_dest_id.id,
            "picked": True,
        }
    )
    picking.with_context(skip_backorder=True).button_validate()
    move.date = datetime(day.year, day.month, day.day, 4)
    return picking


def _return(receipt, day, quantity):
    wizard = receipt.env["stock.return.picking"].create({"picking_id": receipt.id})
    wizard.product_return_moves.write({"quantity": quantity, "to_refund": True})
    picking = wizard._create_return()
    picking.move_ids.picked = True
    picking._action_done()
    picking.move_ids.date = datetime(day.year, day.month, day.day, 4)


def _bill(order, day, quantity, paid):
    """Bill a quantity and pay a part of it, where the company keeps accounts."""
    env = order.env
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", order.company_id.id)], limit=1
    )
    if not journal:
        return
    vals = order.order_line._prepare_account_move_line()
    vals.pop("balance", None)
    bill = env["account.move"].create(
        {
            **order._prepare_invoice(),
            "move_type": "in_invoice",
            "invoice_date": day,
            "date": day,
            "ref": "【示例】",
            "invoice_line_ids": [Command.create({**vals, "quantity": quantity})],
        }
    )
    bill.action_post()
    env["account.payment.register"].with_context(
        active_model="account.move", active_ids=bill.ids
    ).create(
        {
            "amount": paid,
            "payment_date": day + relativedelta(days=14),
            "journal_id": journal.id,
        }
    )._create_payments()
