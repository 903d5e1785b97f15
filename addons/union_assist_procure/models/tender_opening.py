from odoo import api, fields, models
from odoo.exceptions import UserError


class UnionAssistTenderOpening(models.Model):
    """The record of an opening: when, by which two people, and the printed protocol of it.

    Nobody has the right to make or change one; the opening makes it.
    """

    _name = "union.assist.tender.opening"
    _description = "Tender Opening Record"
    _order = "id desc"
    _rec_name = "tender_id"

    tender_id = fields.Many2one(
        "union.assist.tender", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="tender_id.company_id", store=True, index=True)
    date = fields.Datetime("Opened on", required=True, readonly=True)
    opener_id = fields.Many2one(
        "res.users", "Opened by", required=True, readonly=True, ondelete="restrict"
    )
    witness_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    report_id = fields.Many2one("ir.attachment", "Protocol", readonly=True)

    _tender_unique = models.UniqueIndex("(tender_id)", "The bids were opened already.")
    _two_people = models.Constraint(
        "CHECK (opener_id != witness_id)", "Two people open the bids of a tender."
    )

    def write(self, vals):
        if vals.keys() - {"report_id"} or any(record.report_id for record in self):
            raise UserError(self.env._("The record of an opening is never changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The record of an opening is never deleted."))

    def _keep_report(self):
        """Store the protocol as it was on the day, in the language of the company."""
        for record in self:
            record.report_id = record.tender_id._keep_pdf(
                "union_assist_procure.report_tender_opening", record
            )

    def action_print(self):
        """Print the kept protocol."""
        self.check_access("read")
        return self.env.ref("union_assist_procure.action_report_tender_opening").report_action(self)
