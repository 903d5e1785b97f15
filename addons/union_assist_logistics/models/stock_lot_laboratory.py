from odoo import fields, models
from odoo.fields import Command


class StockLot(models.Model):
    """Lab reports and retention samples of a lot."""

    _inherit = "stock.lot"

    assist_lab_report_count = fields.Integer(
        "Lab Report Count", compute="_compute_assist_lab_counts", compute_sudo=True
    )
    assist_sample_count = fields.Integer(
        "Retention Sample Count", compute="_compute_assist_lab_counts", compute_sudo=True
    )

    def _compute_assist_lab_counts(self):
        reports = dict(
            self.env["union.assist.lab.report"]._read_group(
                [("lot_ids", "in", self.ids), ("state", "!=", "refused")], ["lot_ids"], ["__count"]
            )
        )
        samples = dict(
            self.env["union.assist.retention.sample"]._read_group(
                [("lot_id", "in", self.ids)], ["lot_id"], ["__count"]
            )
        )
        for lot in self:
            lot.assist_lab_report_count = reports.get(lot, 0)
            lot.assist_sample_count = samples.get(lot, 0)

    def _assist_get_report_action(self, supplier):
        """Window action on the lab reports of these lots, a new one where there is none."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_lab_report"
        )
        lots = self.sudo()
        action["domain"] = [("lot_ids", "in", self.ids)]
        action["context"] = {
            "default_lot_ids": [Command.set(self.ids)],
            "default_product_id": lots.product_id.id if len(lots.product_id) == 1 else False,
            "default_supplier_id": supplier.id if supplier.assist_supplier_kind else False,
        }
        if not any(self.mapped("assist_lab_report_count")):
            action.update(views=[(False, "form")], view_mode="form")
        return action

    def action_view_assist_lab_reports(self):
        """Open the lab reports of these lots."""
        self.check_access("read")
        return self._assist_get_report_action(self.sudo().product_id.assist_supplier_id[:1])

    def action_view_assist_samples(self):
        """Open the retention samples of these lots."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_retention_sample"
        )
        action["domain"] = [("lot_id", "in", self.ids)]
        action["context"] = {"default_lot_id": self.id if len(self) == 1 else False}
        return action
