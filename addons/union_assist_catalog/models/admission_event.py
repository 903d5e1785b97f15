from odoo import api, fields, models
from odoo.exceptions import UserError

from .admission import STATES


class UnionAssistAdmissionEvent(models.Model):
    """A step that an application took: from what to what, why, when and by whom.

    The state of an application is that of its last event and nothing else. Nobody has the
    right to make events; steps make them.
    """

    _name = "union.assist.admission.event"
    _description = "Admission Event"
    _order = "id desc"
    _rec_name = "step"

    admission_id = fields.Many2one(
        "union.assist.admission", required=True, readonly=True, index=True, ondelete="restrict"
    )
    step = fields.Selection(
        [
            ("apply", "Applied"),
            ("return", "Returned"),
            ("recommend", "Recommended"),
            ("admit", "Admitted"),
            ("suspend", "Suspended"),
            ("readmit", "Readmitted"),
            ("remove", "Removed"),
        ],
        required=True,
        readonly=True,
    )
    state_from = fields.Selection(STATES, "From", required=True, readonly=True)
    state_to = fields.Selection(STATES, "To", required=True, readonly=True)
    date = fields.Date(
        required=True, readonly=True, help="Day of the decision; not before the step before it."
    )
    reason = fields.Text(readonly=True)
    cause_id = fields.Many2one(
        "union.assist.removal.reason", "Ground", readonly=True, ondelete="restrict"
    )
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True, ondelete="restrict")
    role = fields.Selection(
        [
            ("supplier", "Supplier"),
            ("operator", "Operator"),
            ("county", "County"),
            ("federation", "Federation"),
            ("administrator", "Administrator"),
        ],
        required=True,
        readonly=True,
        help="In whose name the user took the step.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        self.env["union.assist.catalogue"]._refresh_suppliers(events.admission_id.supplier_id)
        return events

    def write(self, vals):
        if vals:
            raise UserError(self._get_append_only_message())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self._get_append_only_message())

    def _get_append_only_message(self):
        return self.env._(
            "The history of an admission is append-only. Take the next step to correct it."
        )
