from collections import defaultdict
from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# What people may set on an inspection; the rest follows from its plan, results and decision.
EDITABLE_FIELDS = frozenset(("note", "line_ids"))
OPEN_STATES = ("draft", "submitted")


class UnionAssistQualityInspection(models.Model):
    """The inspection of a quantity of one lot, from its results to its decision.

    Results and decision are two acts of two people. The plans' items are copied when the
    inspection is made: a later change of a plan does not change what was inspected.
    """

    _name = "union.assist.quality.inspection"
    _inherit = ["mail.thread", "mail.activity.mixin", "union.assist.state.mixin"]
    _description = "Quality Inspection"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char("Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    picking_id = fields.Many2one(
        "stock.picking",
        "Transfer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="The quality step that waits for this inspection; empty where the goods lie in stock.",
    )
    for_transfer = fields.Boolean(
        readonly=True,
        help="Made for one transfer, by plans of its operation type: it says nothing about"
        " entering stock.",
    )
    origin_picking_id = fields.Many2one(
        "stock.picking",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The first transfer of the chain of backorders.",
    )
    supplier_id = fields.Many2one(
        "res.partner", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, index=True, ondelete="restrict"
    )
    product_tmpl_id = fields.Many2one(related="product_id.product_tmpl_id", store=True, index=True)
    lot_id = fields.Many2one(
        "stock.lot", required=True, readonly=True, index=True, ondelete="restrict"
    )
    production_date = fields.Date(related="lot_id.assist_production_date")
    expiration_date = fields.Datetime(related="lot_id.expiration_date")
    quantity = fields.Float(required=True, readonly=True, digits="Product Unit")
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    plan_ids = fields.Many2many(
        "union.assist.quality.plan",
        "union_assist_quality_inspection_plan_rel",
        string="Plans",
        readonly=True,
    )
    instructions = fields.Text(compute="_compute_instructions")
    line_ids = fields.One2many("union.assist.quality.inspection.line", "inspection_id", "Results")
    line_count = fields.Integer(compute="_compute_progress")
    recorded_count = fields.Integer(compute="_compute_progress")
    line_kinds = fields.Char(
        compute="_compute_line_kinds", help="What the form has columns for; technical."
    )
    state = fields.Selection(
        [
            ("draft", "To Record"),
            ("submitted", "To Decide"),
            ("decided", "Decided"),
            ("cancel", "Cancelled"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="draft",
        index=True,
        tracking=True,
    )
    result = fields.Selection(
        [("pass", "Pass"), ("fail", "Fail")],
        compute="_compute_result",
        store=True,
        help="Fail as soon as one item fails; pass when every item passed.",
    )
    safety_failed = fields.Boolean(compute="_compute_result", store=True)
    recorded_by_id = fields.Many2one("res.users", "Inspector", readonly=True)
    inspector_ids = fields.Many2many(
        "res.users",
        "union_assist_quality_inspection_inspector_rel",
        string="Had a Hand in It",
        readonly=True,
        copy=False,
        help="Everybody who recorded a result, also one that somebody else changed later: none of"
        " them decides on the lot.",
    )
    recorded_on = fields.Datetime(readonly=True)
    decision_ids = fields.One2many(
        "union.assist.quality.decision", "inspection_id", "Decisions", readonly=True
    )
    released_qty = fields.Float(
        "Released", compute="_compute_decided", store=True, digits="Product Unit"
    )
    conceded_qty = fields.Float(
        "Conceded", compute="_compute_decided", store=True, digits="Product Unit"
    )
    rejected_qty = fields.Float(
        "Rejected", compute="_compute_decided", store=True, digits="Product Unit"
    )
    note = fields.Text("Remarks")
    nonconformity_ids = fields.One2many(
        "union.assist.nonconformity", "inspection_id", "Nonconformities"
    )
    arrival_check_ids = fields.One2many(related="lot_id.assist_arrival_check_ids")
    renews_concession = fields.Boolean(
        readonly=True, help="About what was left of a lot when its concession ended."
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "The inspected quantity is above zero."
    )
    _open_unique = models.UniqueIndex(
        "(picking_id, lot_id) WHERE state IN ('draft', 'submitted') AND picking_id IS NOT NULL",
        "This lot has an open inspection in this transfer already.",
    )
    _open_stock_unique = models.UniqueIndex(
        "(lot_id, company_id) WHERE state IN ('draft', 'submitted') AND picking_id IS NULL",
        "What lies in stock of this lot has an open inspection already.",
    )

    @api.depends("plan_ids.note")
    def _compute_instructions(self):
        for inspection in self:
            notes = inspection.plan_ids.filtered("note").mapped("note")
            inspection.instructions = "\n".join(notes) or False

    @api.depends("line_ids.verdict")
    def _compute_progress(self):
        for inspection in self:
            inspection.line_count = len(inspection.line_ids)
            inspection.recorded_count = len(inspection.line_ids.filtered("verdict"))

    @api.depends("line_ids.kind", "line_ids.reading_count", "line_ids.sample_size")
    def _compute_line_kinds(self):
        for inspection in self:
            lines = inspection.line_ids
            kinds = set(lines.mapped("kind"))
            if lines.filtered("sample_size"):
                kinds.add("sample")
            if lines.filtered(lambda line: line.kind == "measure" and line.reading_count > 1):
                kinds.add("several")
            inspection.line_kinds = " ".join(sorted(kinds))

    @api.depends("line_ids.verdict", "line_ids.safety")
    def _compute_result(self):
        for inspection in self:
            lines = inspection.line_ids
            failed = lines.filtered(lambda line: line.verdict == "fail")
            inspection.safety_failed = any(failed.mapped("safety"))
            if failed:
                inspection.result = "fail"
            elif lines and all(lines.mapped("verdict")):
                inspection.result = "pass"
            else:
                inspection.result = False

    @api.depends("decision_ids.quantity", "decision_ids.kind")
    def _compute_decided(self):
        for inspection in self:
            sums = defaultdict(float)
            for decision in inspection.decision_ids:
                sums[decision.kind] += decision.quantity
            inspection.released_qty = sums["released"]
            inspection.conceded_qty = sums["conceded"]
            inspection.rejected_qty = sums["rejected"]

    @api.depends("name", "lot_id.name", "product_id")
    def _compute_display_name(self):
        for inspection in self:
            inspection.display_name = (
                f"{inspection.name} · {inspection.product_id.display_name}"
                f" · {inspection.lot_id.name}"
            )

    # ------------------------------------------------------------------
    # Who may change what
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        names = self._next_names(len(vals_list))
        inspections = super().create(
            [{**vals, "name": name} for vals, name in zip(vals_list, names, strict=True)]
        )
        self.env["union.assist.lab.report"]._link_lots(inspections.lot_id)
        inspections._start_sampling()
        return inspections

    @api.model
    def _next_names(self, count):
        """Take ``count`` numbers in one query: a receipt may bring many lots at once."""
        sequence = self.env.ref("union_assist_logistics.sequence_quality_inspection").sudo()
        self.env.cr.execute(
            "SELECT nextval(%s) FROM generate_series(1, %s)",
            (f"ir_sequence_{sequence.id:03d}", count),
        )
        return [sequence.get_next_char(number) for (number,) in self.env.cr.fetchall()]

    def write(self, vals):
        if not self.env.su:
            frozen = {
                name
                for name in vals.keys() - EDITABLE_FIELDS
                # Followers and activities are nobody's evidence.
                if not name.startswith(("message_", "activity_"))
            }
            if frozen:
                raise AccessError(
                    self.env._(
                        "These fields of an inspection are set by recording results and by the"
                        " decision, not by hand: %(fields)s.",
                        fields=", ".join(sorted(frozen)),
                    )
                )
            if vals.keys() & EDITABLE_FIELDS:
                self._check_state("draft", "submitted")
        result = super().write(vals)
        if vals.get("state") == "decided":
            self.env["union.assist.quality.standing"]._note_decided(self)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An inspection is evidence and is never deleted."))

    def _assist_get_closed(self):
        """Those that are decided or cancelled: their files are evidence and stay."""
        return self.filtered(lambda inspection: inspection.state not in OPEN_STATES)

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------
    def action_enter(self):
        """Open this inspection in the quick entry screen."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.client"]._for_xml_id(
            "union_assist_logistics.action_inspection_entry"
        )
        return {**action, "params": {"inspection_id": self.id}}

    def action_submit(self):
        """Hand the results over for decision: every item must have one."""
        self.check_access("write")
        self._check_state("draft")
        for inspection in self:
            missing = inspection.line_ids.filtered(lambda line: not line.verdict)
            if missing or not inspection.line_ids:
                raise UserError(
                    self.env._(
                        "Inspection %(inspection)s: no result yet for %(items)s.",
                        inspection=inspection.display_name,
                        items=", ".join(missing.mapped("name")) or self.env._("any item"),
                    )
                )
        self._check_reports()
        self.sudo().write(
            {
                "state": "submitted",
                "recorded_by_id": self.env.uid,
                "recorded_on": fields.Datetime.now(),
            }
        )
        return True

    def action_reopen(self):
        """Send submitted results back to recording, before anybody decided."""
        self.check_access("write")
        self._check_state("submitted")
        self._check_retests()
        self.sudo().write({"state": "draft", "recorded_on": False})
        return True

    def action_pass_all(self):
        """Mark every item that is found to conform or not, and has no answer yet, as conforming."""
        self.check_access("write")
        self._check_state("draft")
        self.line_ids.filtered(
            lambda line: (
                line.kind in ("pass_fail", "text", "photo")
                and not (line.answer or line.sample_size or line.skipped)
            )
        ).write({"answer": "pass"})
        return True

    def action_decide(self):
        """Open the decision dialog."""
        self.ensure_one()
        self.check_access("read")
        self._check_state("submitted")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decide"),
            "res_model": "union.assist.quality.decide",
            "view_mode": "form",
            "target": "new",
            "context": {"default_inspection_id": self.id},
        }

    def action_view_picking(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.picking",
            "res_id": self.picking_id.id,
            "view_mode": "form",
        }

    def _get_inspectors(self):
        """Everybody who had a hand in the results."""
        self.ensure_one()
        lines = self.line_ids
        last = self.recorded_by_id | lines.recorded_by_id | lines.reading_ids.recorded_by_id
        return self.inspector_ids | last

    def action_view_nonconformities(self):
        """Open the nonconformities that this inspection found."""
        return self.nonconformity_ids._get_list_action()

    # ------------------------------------------------------------------
    # What decisions rest on
    # ------------------------------------------------------------------
    def _get_concession_end(self):
        """Propose the last day of a concession on this lot: not after the goods expire."""
        self.ensure_one()
        today = self.company_id._assist_today()
        days = self.env["union.assist.parameter"]._get_value("concession_days", today)
        end = today + timedelta(days=int(days))
        if self.expiration_date:
            zone = self.company_id._assist_get_zone()
            end = min(end, pytz.utc.localize(self.expiration_date).astimezone(zone).date())
        return max(end, today)

    def _get_returnable(self, quantity=None):
        """Find the receipts that goods of this inspection can go back on.

        :param quantity: how much shall go back, in the product's unit; all by default
        :return: list of (move of a receipt, quantity), the first receipt first
        """
        self.ensure_one()
        lines = (
            self.env["stock.move.line"]
            .sudo()
            .search(
                [
                    ("lot_id", "=", self.lot_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("state", "=", "done"),
                    ("location_id.usage", "=", "supplier"),
                    ("picking_id", "!=", False),
                ],
                order="date, id",
            )
        )
        if self.origin_picking_id:
            lines = lines.filtered(
                lambda line: (
                    self.origin_picking_id
                    in line.move_id.move_dest_ids.picking_id.mapped(
                        lambda picking: picking.assist_quality_root_id or picking
                    )
                )
            )
        left = defaultdict(float)
        for line in lines:
            left[line.move_id] += line.quantity_product_uom
        for line in lines.move_id.returned_move_ids.move_line_ids:
            if line.lot_id == self.lot_id and line.state != "cancel":
                left[line.move_id.origin_returned_move_id] -= line.quantity_product_uom
        found = []
        for move, rest in left.items():
            part = rest if quantity is None else min(rest, quantity)
            if self.uom_id.compare(part, 0.0) > 0:
                found.append((move, part))
                quantity = quantity and quantity - part
        return found

    def _get_list_action(self, title):
        """Window action on these inspections."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_quality_inspection"
        )
        action.update(name=title, domain=[("id", "in", self.ids)], context={})
        if len(self) == 1:
            action.update(res_id=self.id, views=[(False, "form")], view_mode="form")
        return action
