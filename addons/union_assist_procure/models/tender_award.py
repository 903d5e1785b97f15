from odoo import api, fields, models
from odoo.exceptions import UserError


class UnionAssistTenderAward(models.Model):
    """Who got what, with rank, score and reasons; made by the award and never changed."""

    _name = "union.assist.tender.award"
    _description = "Tender Award Record"
    _order = "id desc"
    _rec_name = "tender_id"

    tender_id = fields.Many2one(
        "union.assist.tender", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="tender_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Datetime("Awarded on", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Awarded by", required=True, readonly=True)
    note = fields.Text(readonly=True)
    line_ids = fields.One2many("union.assist.tender.award.line", "award_id", "Bids", readonly=True)
    lot_ids = fields.One2many("union.assist.tender.award.lot", "award_id", "Lots", readonly=True)
    amount_total = fields.Monetary("Awarded Total", compute="_compute_amount_total", store=True)
    report_id = fields.Many2one("ir.attachment", "Printed Record", readonly=True)

    @api.depends("line_ids.amount")
    def _compute_amount_total(self):
        for award in self:
            award.amount_total = sum(award.line_ids.mapped("amount"))

    def write(self, vals):
        if vals.keys() - {"report_id"} or any(record.report_id for record in self):
            raise UserError(self.env._("An award record is never changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An award record is never deleted."))

    def _keep_report(self):
        """Store the printed record as it was on the day, in the language of the company."""
        for record in self:
            record.report_id = record.tender_id._keep_pdf(
                "union_assist_procure.report_tender_award", record
            )

    def action_print(self):
        """Print the kept record."""
        self.check_access("read")
        return self.env.ref("union_assist_procure.action_report_tender_award").report_action(self)
