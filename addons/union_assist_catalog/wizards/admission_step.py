from odoo import api, fields, models

from ..models.admission import REASONED_STEPS


class UnionAssistAdmissionStep(models.TransientModel):
    """Asks for what a decision on applications needs: its reason, its ground and its day."""

    _name = "union.assist.admission.step"
    _description = "Decide on Applications"

    admission_ids = fields.Many2many("union.assist.admission", string="Applications", required=True)
    step = fields.Selection("_get_steps", required=True)
    reason = fields.Text(
        "Reason or Opinion",
        help="The supplier reads it: say what to do, and name nobody of a household.",
    )
    cause_id = fields.Many2one("union.assist.removal.reason", "Ground")
    date = fields.Date(
        "Decided on", required=True, default=lambda self: self.env.company._assist_today()
    )
    reason_required = fields.Boolean(compute="_compute_reason_required")

    @api.model
    def _get_steps(self):
        return [
            ("apply", self.env._("Submit the Application")),
            ("recommend", self.env._("Recommend")),
            ("return", self.env._("Return")),
            ("admit", self.env._("Admit")),
            ("suspend", self.env._("Suspend")),
            ("readmit", self.env._("Readmit")),
            ("remove", self.env._("Remove")),
        ]

    @api.depends("step")
    def _compute_reason_required(self):
        for wizard in self:
            wizard.reason_required = wizard.step in REASONED_STEPS

    def action_confirm(self):
        """Take the step; rights and conditions are those of the applications."""
        self.ensure_one()
        self.admission_ids._take_step(
            self.step, reason=self.reason, cause=self.cause_id, date=self.date
        )
        return {"type": "ir.actions.act_window_close"}
