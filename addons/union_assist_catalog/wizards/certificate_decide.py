from odoo import fields, models


class UnionAssistCertificateDecide(models.TransientModel):
    """Asks why documents are refused or revoked: their supplier reads the answer."""

    _name = "union.assist.certificate.decide"
    _description = "Refuse or Revoke Documents"

    step = fields.Selection([("refuse", "Refuse"), ("revoke", "Revoke")], required=True)
    certificate_ids = fields.Many2many(
        "union.assist.certificate",
        "union_assist_certificate_decide_rel",
        "decide_id",
        "certificate_id",
        "Documents",
        required=True,
    )
    reason = fields.Char(required=True, help="What is wrong and what to do; the supplier reads it.")

    def action_apply(self):
        """Take the step with the reason given."""
        self.ensure_one()
        if self.step == "refuse":
            self.certificate_ids._refuse(self.reason)
        else:
            self.certificate_ids._revoke(self.reason)
        return {"type": "ir.actions.act_window_close"}
