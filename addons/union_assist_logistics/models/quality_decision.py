from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class UnionAssistQualityDecision(models.Model):
    """What happens to a quantity of an inspected lot, decided by whom and why.

    Decisions are evidence: they are made once for the whole inspected quantity, by somebody
    who did not record its results, and never changed.
    """

    _name = "union.assist.quality.decision"
    _description = "Quality Decision"
    _order = "id"

    inspection_id = fields.Many2one(
        "union.assist.quality.inspection", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="inspection_id.company_id", store=True, index=True)
    lot_id = fields.Many2one(related="inspection_id.lot_id", store=True, index=True)
    kind = fields.Selection(
        [
            ("released", "Released"),
            ("conceded", "Released by Concession"),
            ("rejected", "Rejected"),
        ],
        "Decision",
        required=True,
    )
    quantity = fields.Float(required=True, digits="Product Unit")
    uom_id = fields.Many2one(related="inspection_id.uom_id", string="Unit")
    reason = fields.Char()
    decided_by_id = fields.Many2one("res.users", "Decided by", required=True, readonly=True)
    decided_on = fields.Datetime(required=True, readonly=True)

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "A decision is about a quantity above zero."
    )
    _reason_given = models.Constraint(
        "CHECK (kind = 'released' OR TRIM(COALESCE(reason, '')) != '')",
        "Say why: a concession or rejection needs a reason.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Decide on inspections: all decisions on one inspection are made in one call.

        :raise AccessError: the user may not decide, or recorded results of the lot
        :raise UserError: results are not handed over, the quantities do not add up, or a
            failed lot would be released
        """
        if not self.env.user.has_group("union_assist_logistics.group_quality_decide"):
            raise AccessError(self.env._("You may not decide on inspected lots."))
        self.check_access("create")
        made = defaultdict(list)
        for vals in vals_list:
            made[vals.get("inspection_id")].append(vals)
        inspections = self.env["union.assist.quality.inspection"].browse(made)
        inspections.check_access("read")
        inspections._check_state(("submitted",))
        inspections._check_retests()
        for inspection in inspections:
            self._check_allowed(inspection, made[inspection.id])
        now = fields.Datetime.now()
        decisions = super().create(
            [{**vals, "decided_by_id": self.env.uid, "decided_on": now} for vals in vals_list]
        )
        inspections.sudo().write({"state": "decided"})
        for inspection, parts in decisions.grouped("inspection_id").items():
            inspection.sudo()._message_log(body=parts._get_summary())
            if not inspection.picking_id and inspection.rejected_qty:
                # In stock already: rejected goods do not wait there for a transfer.
                inspection.lot_id._assist_move_to_reject(inspection.rejected_qty)
        return decisions

    def write(self, vals):
        if self:
            raise UserError(self.env._("A quality decision is evidence and is never changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A quality decision is evidence and is never deleted."))

    @api.model
    def _check_allowed(self, inspection, vals_list):
        """Refuse decisions that the results or the number of eyes do not allow.

        :param inspection: the inspection to decide on
        :param vals_list: values of all its decisions
        """
        if self.env.user in inspection.sudo()._get_inspectors():
            raise AccessError(
                self.env._(
                    "You recorded results of %(inspection)s: somebody else must decide on it.",
                    inspection=inspection.display_name,
                )
            )
        total = sum(vals.get("quantity", 0.0) for vals in vals_list)
        if inspection.uom_id.compare(total, inspection.quantity):
            raise UserError(
                self.env._(
                    "Inspection %(inspection)s is about %(quantity)s %(unit)s, but the decision is"
                    " about %(total)s. Released, conceded and rejected quantities must add up.",
                    inspection=inspection.display_name,
                    quantity=f"{inspection.quantity:g}",
                    unit=inspection.uom_id.name,
                    total=f"{total:g}",
                )
            )
        kinds = {vals.get("kind") for vals in vals_list}
        if inspection.safety_failed and kinds != {"rejected"}:
            raise UserError(
                self.env._(
                    "Lot %(lot)s failed a food safety item (%(items)s): the whole lot must be"
                    " rejected.",
                    lot=inspection.lot_id.name,
                    items=", ".join(
                        inspection.line_ids.filtered(
                            lambda line: line.safety and line.verdict == "fail"
                        ).mapped("name")
                    ),
                )
            )
        if inspection.result == "fail" and kinds == {"released"}:
            raise UserError(
                self.env._(
                    "Lot %(lot)s failed its inspection: release it by concession with a reason,"
                    " or reject it or a part of it.",
                    lot=inspection.lot_id.name,
                )
            )

    def _get_summary(self):
        """The decisions in one line, for the log of the inspection."""
        labels = dict(self._fields["kind"]._description_selection(self.env))
        return "; ".join(
            f"{labels[decision.kind]}: {decision.quantity:g} {decision.uom_id.name}"
            + (f" ({decision.reason})" if decision.reason else "")
            for decision in self
        )
