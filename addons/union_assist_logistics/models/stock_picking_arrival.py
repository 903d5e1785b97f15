from odoo import api, fields, models


class StockPicking(models.Model):
    """Arrival checks of a receipt."""

    _inherit = "stock.picking"

    assist_arrival_check_ids = fields.One2many(
        "union.assist.arrival.check", "picking_id", "Arrival Checks"
    )
    assist_arrival_count = fields.Integer(
        "Arrival Check Count", compute="_compute_assist_arrival", compute_sudo=True
    )
    assist_arrival_open_count = fields.Integer(compute="_compute_assist_arrival", compute_sudo=True)
    assist_arrival_state = fields.Selection(
        [
            ("open", "To Check"),
            ("wanted", "Concession Needed"),
            ("blocked", "Blocked"),
            ("warned", "Warning"),
            ("pass", "Checked"),
        ],
        "Arrival",
        compute="_compute_assist_arrival",
        compute_sudo=True,
    )
    assist_expected_delivery = fields.Date(
        "Reaches Recipients on",
        copy=False,
        help="When these goods are to be delivered on, for example for a festival; empty: as the"
        " order says. The shelf life that has to be left is judged for this day.",
    )

    @api.depends("assist_arrival_check_ids.state", "assist_arrival_check_ids.active")
    def _compute_assist_arrival(self):
        for picking in self:
            checks = picking.assist_arrival_check_ids
            states = set(checks.mapped("state"))
            picking.assist_arrival_count = len(checks)
            picking.assist_arrival_open_count = len(checks.filtered(lambda c: c.state == "open"))
            for state in ("blocked", "wanted", "open", "warned"):
                if state in states:
                    picking.assist_arrival_state = state
                    break
            else:
                picking.assist_arrival_state = "pass" if checks else False

    def _assist_get_expected_delivery(self):
        """Return the day that the goods of this receipt reach recipients; False if unknown."""
        self.ensure_one()
        dates = self.move_ids.purchase_line_id.order_id.mapped("assist_expected_delivery")
        return self.assist_expected_delivery or max(filter(None, dates), default=False)

    def _assist_get_arrival_notice(self):
        """Return the screen that says what receipts wait for, or nothing.

        :return: client action, ``None`` where no arrival check keeps goods from being received
        """
        rules = self.env["union.assist.arrival.rule"]
        receipts = self.filtered(lambda picking: picking.picking_type_code == "incoming")
        if not receipts or not rules._get_index():
            return None
        lines = receipts.move_line_ids.filtered(lambda line: line.quantity > 0)
        lines = lines.filtered("picked") or lines
        keys = {line._assist_get_arrival_key() for line in lines.sudo()._assist_get_arriving()}
        checks = self.env["union.assist.arrival.check"]._sync(receipts)
        waiting = checks.filtered(lambda check: check._get_goods_key() in keys)._get_waited_for()
        if not waiting:
            return None
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Arrival checks first"),
                "message": waiting.with_env(self.env).sudo()._say_lots(),
                "next": waiting.picking_id.with_env(self.env).action_view_assist_arrival_checks(),
            },
        }

    def _assist_move_arrival_checks(self, backorders):
        """Let checks go with the lots that wait in a backorder."""
        if not self.env["union.assist.arrival.rule"]._get_index():
            return
        for backorder in backorders.sudo():
            origin = backorder.backorder_id
            lots = {line._assist_get_arrival_key()[1:] for line in backorder.move_line_ids}
            lots -= {line._assist_get_arrival_key()[1:] for line in origin.move_line_ids}
            origin.assist_arrival_check_ids.filtered(
                lambda check, lots=lots: check._get_goods_key()[1:] in lots
            ).picking_id = backorder

    def action_view_assist_arrival_checks(self):
        """Open the arrival checks of these receipts, made for the lots as they are now."""
        self.check_access("read")
        receipts = self.filtered(lambda picking: picking.state not in ("done", "cancel"))
        self.env["union.assist.arrival.check"]._sync(receipts)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_arrival_check"
        )
        action["domain"] = [("picking_id", "in", self.ids)]
        action["context"] = {"search_default_group_lot": 1}
        return action

    def action_assist_arrival_rest_conforms(self):
        """Mark label and packaging items that have no answer yet as conforming."""
        checks = self.assist_arrival_check_ids.filtered(
            lambda check: check.kind in ("label", "packaging") and not check.answer
        )
        checks.write({"answer": "pass"})
        return True
