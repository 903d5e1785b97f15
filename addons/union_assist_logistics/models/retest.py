from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# What whoever asks for a re-test enters; the rest follows from its steps.
EDITABLE_FIELDS = frozenset(("reason", "laboratory_id", "sample_id", "report_id", "note"))


class UnionAssistRetest(models.Model):
    """A second test of a lot by a third party: nothing is decided on the lot until it is in."""

    _name = "union.assist.retest"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Third-Party Re-test"
    _order = "id desc"
    _check_company_auto = True
    _assist_kept_fields = frozenset(("name", "state", "requested_by_id", "requested_on"))

    name = fields.Char("Number", required=True, readonly=True, copy=False, default="/")
    inspection_id = fields.Many2one(
        "union.assist.quality.inspection",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("state", "=", "submitted")],
    )
    company_id = fields.Many2one(related="inspection_id.company_id", store=True, index=True)
    lot_id = fields.Many2one(related="inspection_id.lot_id", store=True, index=True)
    product_id = fields.Many2one(related="inspection_id.product_id", store=True, index=True)
    supplier_id = fields.Many2one(related="inspection_id.supplier_id", store=True, index=True)
    reason = fields.Char(required=True, tracking=True, help="Why the first result is doubted.")
    laboratory_id = fields.Many2one(
        "union.assist.laboratory",
        required=True,
        ondelete="restrict",
        tracking=True,
        check_company=True,
    )
    sample_id = fields.Many2one(
        "union.assist.retention.sample",
        "Retention Sample",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('lot_id', '=', lot_id), ('state', '=', 'kept')]",
        tracking=True,
        help="What the laboratory tests; empty where a new sample is taken of the lot.",
    )
    requested_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    requested_on = fields.Datetime(readonly=True, copy=False)
    report_id = fields.Many2one(
        "union.assist.lab.report",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('lot_ids', 'in', lot_id), ('kind', '=', 'retest')]",
        tracking=True,
        help="The laboratory's answer. The re-test ends once it is checked.",
    )
    verdict = fields.Selection(related="report_id.verdict", string="Result")
    state = fields.Selection(
        [("waiting", "Waiting for the Report"), ("done", "Answered"), ("cancel", "Cancelled")],
        "Status",
        required=True,
        readonly=True,
        default="waiting",
        copy=False,
        index=True,
        tracking=True,
    )
    note = fields.Text("Remarks")

    _waiting_unique = models.UniqueIndex(
        "(inspection_id) WHERE state = 'waiting'",
        "A re-test of this inspection is waited for already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Ask for re-tests of inspections whose results are handed over.

        :raise UserError: an inspection is decided, or not handed over yet
        """
        inspections = self.env["union.assist.quality.inspection"].browse(
            [vals["inspection_id"] for vals in vals_list if vals.get("inspection_id")]
        )
        inspections.check_access("read")
        inspections._check_state("submitted")
        sequence = self.env.ref("union_assist_logistics.sequence_retest").sudo()
        allowed = EDITABLE_FIELDS | {"inspection_id"}
        retests = super().create(
            [
                {
                    **{name: value for name, value in vals.items() if name in allowed},
                    "name": sequence.next_by_id(),
                    "requested_by_id": self.env.uid,
                    "requested_on": fields.Datetime.now(),
                }
                for vals in vals_list
            ]
        )
        for retest in retests:
            retest.inspection_id.sudo()._message_log(
                body=self.env._(
                    "Re-test %(number)s asked of %(laboratory)s: %(reason)s",
                    number=retest.name,
                    laboratory=retest.laboratory_id.name,
                    reason=retest.reason,
                )
            )
        retests._answer()
        return retests

    def write(self, vals):
        if not self.env.su:
            kept = {name for name in vals if not name.startswith(("message_", "activity_"))}
            if kept - EDITABLE_FIELDS:
                raise AccessError(
                    self.env._(
                        "These fields of a re-test are set by its steps: %(fields)s.",
                        fields=", ".join(sorted(kept - EDITABLE_FIELDS)),
                    )
                )
            if kept:
                self._check_waiting()
        result = super().write(vals)
        if vals.get("report_id"):
            self._answer()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A re-test is evidence and is never deleted: cancel it."))

    def _check_waiting(self):
        closed = self.filtered(lambda retest: retest.state != "waiting")
        if closed:
            raise UserError(
                self.env._(
                    "Re-test %(number)s is answered or cancelled: it does not change any more.",
                    number=closed[0].name,
                )
            )

    def _answer(self):
        """End the re-tests whose report is checked; the lot may be decided then."""
        for retest in self.sudo():
            if retest.state == "waiting" and retest.report_id.state == "checked":
                retest.state = "done"
                labels = dict(self.env["union.assist.lab.report"]._fields["verdict"].selection)
                retest.inspection_id._message_log(
                    body=self.env._(
                        "Re-test %(number)s answered by report %(report)s: %(verdict)s",
                        number=retest.name,
                        report=retest.report_id.number,
                        verdict=labels.get(retest.verdict, "–"),
                    )
                )

    def action_cancel(self):
        """Give these re-tests up: the lot is decided on the first result alone."""
        self.check_access("write")
        self._check_waiting()
        self.sudo().write({"state": "cancel"})
        return True

    def action_record_report(self):
        """Open the report that answers this re-test, a new one where there is none."""
        self.ensure_one()
        self.check_access("read")
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Report of the Re-test"),
            "res_model": "union.assist.lab.report",
            "view_mode": "form",
            "views": [(False, "form")],
            "res_id": self.report_id.id,
        }
        if not self.report_id:
            self._check_waiting()
            action["context"] = {
                "default_kind": "retest",
                "default_laboratory_id": self.laboratory_id.id,
                "default_supplier_id": self.sudo().supplier_id.id,
                "default_product_id": self.sudo().product_id.id,
                "default_lot_ids": [fields.Command.set(self.sudo().lot_id.ids)],
                "default_retest_ids": [fields.Command.link(self.id)],
            }
        return action
