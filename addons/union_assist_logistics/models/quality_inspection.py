from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

# What people may set on an inspection; the rest follows from its plan, results and decision.
EDITABLE_FIELDS = frozenset(("note", "line_ids"))
OPEN_STATES = ("draft", "submitted")


class UnionAssistQualityInspection(models.Model):
    """The inspection of a quantity of one lot, from its results to its decision.

    Results and decision are two acts of two people. The plans' items are copied when the
    inspection is made: a later change of a plan does not change what was inspected.
    """

    _name = "union.assist.quality.inspection"
    _inherit = ["mail.thread", "mail.activity.mixin"]
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
        return super().create(
            [{**vals, "name": name} for vals, name in zip(vals_list, names, strict=True)]
        )

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
                self._check_state(("draft", "submitted"))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An inspection is evidence and is never deleted."))

    def _check_state(self, allowed):
        wrong = self.filtered(lambda inspection: inspection.state not in allowed)
        if wrong:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "Inspection %(inspection)s is in state “%(state)s”: this step does not apply.",
                    inspection=wrong[0].display_name,
                    state=labels[wrong[0].state],
                )
            )

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------
    def action_submit(self):
        """Hand the results over for decision: every item must have one."""
        self.check_access("write")
        self._check_state(("draft",))
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
        self._check_state(("submitted",))
        self.sudo().write({"state": "draft"})
        return True

    def action_pass_all(self):
        """Mark every pass-or-fail item that has no answer yet as conforming."""
        self.check_access("write")
        self._check_state(("draft",))
        self.line_ids.filtered(lambda line: line.kind == "pass_fail" and not line.answer).write(
            {"answer": "pass"}
        )
        return True

    def action_decide(self):
        """Open the decision dialog."""
        self.ensure_one()
        self._check_state(("submitted",))
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
        return self.recorded_by_id | self.line_ids.recorded_by_id

    # ------------------------------------------------------------------
    # Making inspections for quality steps
    # ------------------------------------------------------------------
    @api.model
    def _sync_with_pickings(self, pickings):
        """Give every lot of some quality steps the inspections that its quantity needs.

        Called whenever the lots of a quality step may have changed; calling it again
        changes nothing. A lot that left a step (backorder, other reservation, cancelled
        step) takes its open inspection with it or closes it.

        :param pickings: quality steps of warehouses (``stock.picking``)
        """
        if not pickings:
            return
        self = self.sudo()
        # What is prefetched together may have left the cache with the goods' moves.
        pickings = pickings.sudo().with_prefetch()
        needs = pickings._assist_get_lot_needs()
        roots = {picking: picking.assist_quality_root_id or picking for picking in pickings}
        family = self.search(
            Domain("origin_picking_id", "in", [root.id for root in roots.values()])
        )
        if not (needs or family):
            return
        passed = self.env["stock.move.line"]._assist_get_step_done(family.origin_picking_id)
        spare = defaultdict(float)  # decided but not used by the step yet
        open_here, idle = {}, defaultdict(lambda: self.browse())
        for inspection in family.sorted("id"):
            key = (inspection.origin_picking_id, inspection.lot_id)
            if inspection.state == "decided":
                spare[key] += inspection.quantity
            elif inspection.state in OPEN_STATES and (
                inspection.picking_id not in pickings
                and inspection.picking_id.state not in ("done", "cancel")
                or (inspection.picking_id, inspection.lot_id) in needs
            ):
                open_here[inspection.picking_id, inspection.lot_id] = inspection
            else:
                idle[key] += inspection
        for key, quantities in passed.items():
            spare[key] -= sum(quantities.values())

        keep, missing = self.browse(), {}
        for (picking, lot), (quantity, _line) in needs.items():
            key = (roots[picking], lot)
            covered = min(max(spare[key], 0.0), quantity)
            spare[key] -= covered
            if lot.product_uom_id.compare(quantity - covered, 0.0) > 0:
                missing[picking, lot] = quantity - covered
                if (picking, lot) in open_here:
                    keep += open_here[picking, lot]
                elif idle[key]:
                    # Results recorded before go with the goods.
                    open_here[picking, lot], idle[key] = idle[key][-1], idle[key][:-1]
                    keep += open_here[picking, lot]
        elsewhere = self.union(
            *(
                inspection
                for (picking, _lot), inspection in open_here.items()
                if picking not in pickings
            )
        )
        unused = (family - keep - elsewhere).filtered(
            lambda inspection: inspection.state in OPEN_STATES
        )
        unused.write({"state": "cancel"})
        # One open inspection per lot and step: close before opening.
        self.flush_model(["state"])
        vals_list = []
        for (picking, lot), quantity in missing.items():
            inspection = open_here.get((picking, lot))
            if inspection:
                if inspection.state == "cancel":
                    inspection.state = "draft"
                if inspection.picking_id != picking:
                    inspection.picking_id = picking
                inspection._set_quantity(quantity)
            else:
                line = needs[picking, lot][1]
                vals_list.append(
                    {
                        **self._prepare_vals(picking.company_id, lot, quantity),
                        "picking_id": picking.id,
                        "origin_picking_id": roots[picking].id,
                        "supplier_id": line.move_id.move_orig_ids.picking_id.partner_id[
                            :1
                        ].commercial_partner_id.id,
                    }
                )
        self.create(vals_list)

    def _set_quantity(self, quantity):
        """Change the quantity under inspection; more goods void results handed over before."""
        self.ensure_one()
        change = self.uom_id.compare(quantity, self.quantity)
        if not change:
            return
        if change > 0 and self.state == "submitted":
            self.state = "draft"
            self._message_log(
                body=self.env._(
                    "The quantity rose from %(before)s to %(after)s after the results were handed"
                    " over: check the added goods and hand over again.",
                    before=self.quantity,
                    after=quantity,
                )
            )
        self.quantity = quantity

    @api.model
    def _prepare_vals(self, company, lot, quantity):
        """Values of a new inspection of ``quantity`` of a lot, with its lines."""
        plans = self.env["union.assist.quality.plan"].browse(
            lot._assist_get_plan_ids(company, today=True)
        )
        items = plans.with_context(lang=company.partner_id.lang or self.env.lang).item_ids
        return {
            "company_id": company.id,
            "product_id": lot.product_id.id,
            "lot_id": lot.id,
            "quantity": quantity,
            "plan_ids": [Command.set(plans.ids)],
            "line_ids": [Command.create(item._prepare_line_vals()) for item in items],
        }

    @api.model
    def _get_admitted(self, domain, by):
        """Sum what was released or conceded.

        :param domain: which inspections
        :param by: list of field names to group by
        :return: ``{(group values…): quantity in the product's unit}``
        """
        groups = self.sudo()._read_group(
            Domain(domain) & Domain("state", "=", "decided"),
            by,
            ["released_qty:sum", "conceded_qty:sum"],
        )
        return {tuple(keys): released + conceded for *keys, released, conceded in groups}

    def _get_list_action(self, title):
        """Window action on these inspections."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_quality_inspection"
        )
        action.update(name=title, domain=[("id", "in", self.ids)], context={})
        if len(self) == 1:
            action.update(res_id=self.id, views=[(False, "form")], view_mode="form")
        return action

    # ------------------------------------------------------------------
    # Quick entry
    # ------------------------------------------------------------------
    def action_enter(self):
        """Open this inspection in the quick entry screen."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.client"]._for_xml_id(
            "union_assist_logistics.action_inspection_entry"
        )
        return {**action, "params": {"inspection_id": self.id}}
