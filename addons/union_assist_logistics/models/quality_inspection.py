import math
from collections import defaultdict
from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools.misc import hmac

from ..tools import sampling
from .quality_standing import STATES

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
                self._check_state(("draft", "submitted"))
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
        self._check_state(("submitted",))
        self._check_retests()
        self.sudo().write({"state": "draft", "recorded_on": False})
        return True

    def action_pass_all(self):
        """Mark every item that is found to conform or not, and has no answer yet, as conforming."""
        self.check_access("write")
        self._check_state(("draft",))
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
        lines = self.line_ids
        return self.recorded_by_id | lines.recorded_by_id | lines.reading_ids.recorded_by_id

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
        lots = self.env["stock.lot"].union(*(lot for _picking, lot in missing))
        suppliers, kinds = lots._assist_get_suppliers(), lots._assist_get_supplier_kinds()
        for (picking, lot), quantity in missing.items():
            inspection = open_here.get((picking, lot))
            if inspection:
                if inspection.state == "cancel":
                    # Results that were handed over still are.
                    inspection.state = "submitted" if inspection.recorded_on else "draft"
                if inspection.picking_id != picking:
                    inspection.picking_id = picking
                inspection._set_quantity(quantity)
            else:
                vals_list.append(
                    {
                        **self._prepare_vals(
                            picking.company_id,
                            lot,
                            quantity,
                            picking.picking_type_id,
                            kinds.get(lot),
                        ),
                        "picking_id": picking.id,
                        "origin_picking_id": roots[picking].id,
                        "supplier_id": (
                            needs[picking, lot][1]._assist_get_receipt_partner()
                            or suppliers[lot][:1]
                        ).id,
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
            self.write({"state": "draft", "recorded_on": False})
            self._message_log(
                body=self.env._(
                    "The quantity rose from %(before)s to %(after)s after the results were handed"
                    " over: check the added goods and hand over again.",
                    before=self.quantity,
                    after=quantity,
                )
            )
        self.quantity = quantity
        self._draw_again()

    @api.model
    def _prepare_vals(self, company, lot, quantity, picking_type=None, kinds=None):
        """Values of a new inspection of ``quantity`` of a lot, with its lines.

        :param picking_type: that of the transfer it is inspected in; none in stock
        :param kinds: of the lot's suppliers, where they are known already
        """
        plans = self.env["union.assist.quality.plan"].browse(
            lot._assist_get_plan_ids(company, True, picking_type, kinds)
        )
        items = plans.with_context(lang=company.partner_id.lang or self.env.lang).item_ids
        return {
            "for_transfer": bool(picking_type) and not picking_type._assist_is_quality_step(),
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

    # ------------------------------------------------------------------
    # Sampling
    # ------------------------------------------------------------------
    inspection_mode = fields.Selection(
        STATES,
        "Severity of Inspection",
        readonly=True,
        help="As the supplier's history asked for when the goods arrived.",
    )
    mode_reason = fields.Char("Why", readonly=True)
    switching_id = fields.Many2one(
        "union.assist.quality.switching", "Switching Rule", readonly=True, ondelete="restrict"
    )
    tightened_by = fields.Selection(
        [
            ("table", "The table of tightened inspection"),
            ("house", "The house rule: the next stricter AQL, as the switching rule says"),
            (
                "fallback",
                "The house rule: the next stricter AQL, as no table of tightened inspection has"
                " been entered",
            ),
            ("number", "No nonconforming unit is accepted"),
        ],
        readonly=True,
    )
    skipped_count = fields.Integer("Items Left Out", compute="_compute_skipped_count")
    unit_count = fields.Integer("Units in the Lot", readonly=True)
    sampling_uom_id = fields.Many2one("uom.uom", "Unit Drawn", readonly=True)
    sample_size = fields.Integer("Units Drawn", readonly=True)
    sample_seed = fields.Char(readonly=True, copy=False)
    sample_units = fields.Text(
        "Drawn Units",
        readonly=True,
        help="Numbers of the units to inspect, counted from 1 as they were unloaded or stacked.",
    )
    sampling_summary = fields.Text(compute="_compute_sampling_summary")
    arrival_check_ids = fields.One2many(related="lot_id.assist_arrival_check_ids")

    @api.depends(
        "line_ids.sample_of",
        "line_ids.sample_size",
        "line_ids.accept_number",
        "line_ids.severity",
        "line_ids.sample_aql",
    )
    @api.depends_context("lang")
    def _compute_sampling_summary(self):
        labels = dict(
            self.env["union.assist.quality.inspection.line"]
            ._fields["severity"]
            ._description_selection(self.env)
        )
        for inspection in self:
            sentences = []
            for line in inspection.line_ids.filtered("sample_size"):
                vals = {
                    "severity": labels[line.severity],
                    "size": line.sample_size,
                    "count": line.sample_of,
                    "unit": line.sample_uom_id.name,
                    "accept": line.accept_number,
                    "reject": line.reject_number,
                    "letter": line.code_letter,
                    "aql": line.sample_aql,
                }
                if line.sample_size >= line.sample_of:
                    sentence = self.env._(
                        "%(severity)s: inspect all %(count)s %(unit)s; the lot passes with at most"
                        " %(accept)s nonconforming, fails from %(reject)s.",
                        **vals,
                    )
                elif line.sample_aql:
                    sentence = self.env._(
                        "%(severity)s: draw %(size)s of %(count)s %(unit)s (code letter %(letter)s,"
                        " AQL %(aql)s); the lot passes with at most %(accept)s nonconforming,"
                        " fails from %(reject)s.",
                        **vals,
                    )
                else:
                    sentence = self.env._(
                        "%(severity)s: draw %(size)s of %(count)s %(unit)s; the lot passes with at"
                        " most %(accept)s nonconforming, fails from %(reject)s.",
                        **vals,
                    )
                if sentence not in sentences:
                    sentences.append(sentence)
            inspection.sampling_summary = "\n".join(sentences) or False

    def _start_sampling(self):
        """Say of new inspections how strictly and on which units the lots are inspected."""
        standings = self.env["union.assist.quality.standing"]
        following = self.filtered(lambda record: any(record.plan_ids.mapped("sampling_switching")))
        known = standings._find(
            {(i.company_id, i.supplier_id, i.product_tmpl_id) for i in following}
        )
        rules = {}
        for inspection in following:
            company = inspection.company_id
            if company not in rules:
                rules[company] = self.env["union.assist.quality.switching"]._get_rule(
                    company, company._assist_today()
                )
            key = (company.id, inspection.supplier_id.id, inspection.product_tmpl_id.id)
            if rules[company]:
                inspection._follow_history(known.get(key, standings), rules[company])
        for inspection in self:
            if inspection.line_ids.filtered("by_sample"):
                inspection._draw()

    def _get_seed(self):
        """Return what the draw of this lot follows from: 64 hexadecimal digits.

        A keyed hash of what the goods are and how they came, not of records that could be
        cancelled or made again: company, product, lot, supplier and order.
        """
        self.ensure_one()
        record = self.sudo()
        # Receipts of several orders may wait in one step: those that brought this lot count.
        received = record.origin_picking_id.move_ids.move_orig_ids.move_line_ids.filtered(
            lambda line: line.lot_id == record.lot_id
        )
        orders = received.move_id.purchase_line_id.order_id
        identity = (
            record.company_id.id,
            record.product_id.id,
            record.lot_id.name,
            record.supplier_id.id,
            sorted(orders.ids),
        )
        return hmac(self.env(su=True), "union_assist_logistics.draw", identity)

    def _follow_history(self, standing, rule):
        """Take the severity over from the supplier's history."""
        self.ensure_one()
        mode, reason = standing.state or "normal", standing.reason
        plans = self.plan_ids.filtered("sampling_switching")
        if mode == "skip":
            seed = bytes.fromhex(self._get_seed())
            lines = self.line_ids.filtered(
                lambda line: (
                    line.item_id.plan_id in plans
                    and line.severity != "critical"
                    and not (line.safety or line.is_document)
                )
            )
            if sampling.is_skipped(seed, rule.skip_every):
                lines.skipped = True
            else:
                mode = "normal"
                reason = self.env._(
                    "Lots are skipped (%(reason)s), but one of %(every)s is inspected: this one.",
                    reason=reason,
                    every=rule.skip_every,
                )
        self.write({"inspection_mode": mode, "mode_reason": reason, "switching_id": rule.id})

    def _get_tightened_by(self):
        """Return what makes tightened inspection stricter: a key of ``tightened_by``.

        By the house rule where the switching rule says so, or where it names the table of the
        standard and nobody entered it yet.
        """
        self.ensure_one()
        if self.inspection_mode != "tightened":
            return False
        plans = self.plan_ids.filtered("sampling_switching")
        if "gbt2828" not in plans.mapped("sampling_method"):
            return "number"
        if self.switching_id.tighten_method != "table":
            return "house"
        return "fallback" if self.switching_id.table_missing else "table"

    def _say_mode_reason(self):
        """Say why the lot is inspected as strictly as it is, and by which rule."""
        self.ensure_one()
        labels = dict(self._fields["tightened_by"]._description_selection(self.env))
        return " · ".join(filter(None, (self.mode_reason, labels.get(self.tightened_by))))

    def _count_units(self, unit):
        """Return how many of a unit the quantity is; a part of one counts as one."""
        quantity = self.uom_id._compute_quantity(self.quantity, unit, round=False)
        return max(math.ceil(round(quantity, 6)), 1)

    def _size_sample(self, plan, severity, unit):
        """Return what judges items of a severity by sample.

        Of a critical item no nonconforming unit is accepted; it is looked for in the sample
        of the major ones.

        :return: values of the inspection line
        """
        self.ensure_one()
        count = self._count_units(unit)
        mode = self.inspection_mode if plan.sampling_switching else "normal"
        found = {"sample_of": count, "sample_uom_id": unit.id, "code_letter": False}
        found.update(sample_aql=False, sample_size=count, accept_number=0)
        if mode == "stopped" or plan.sampling_method == "all":
            pass
        elif plan.sampling_method == "gbt2828":
            aql = plan.sampling_aql_minor if severity == "minor" else plan.sampling_aql_major
            found.update(self._get_table_plan(plan.sampling_level, aql, count, mode))
        else:
            if plan.sampling_method == "percent":
                size = math.ceil(round(count * plan.sampling_percent / 100, 6))
            else:
                size = plan.sampling_number
            found["sample_size"] = min(size, count)
            if mode != "tightened":
                found["accept_number"] = (
                    plan.sampling_accept_minor
                    if severity == "minor"
                    else plan.sampling_accept_major
                )
        if severity == "critical":
            found["accept_number"] = 0
        return {**found, "reject_number": found["accept_number"] + 1}

    def _get_table_plan(self, level, aql, count, mode):
        """Return size and accepted number of GB/T 2828.1; nothing where all is inspected.

        Tightened as ``_get_tightened_by`` says; see ``tools.sampling.tighten``.
        """
        tables = self.env["union.assist.sampling.table"]
        day = self.company_id._assist_today()
        table = None
        if mode == "tightened" and self._get_tightened_by() == "table":
            table = tables._get_table("tightened", day)
        if mode == "tightened" and not table:
            stricter = sampling.tighten(level, aql)
            if not stricter:
                return {}
            level, aql = stricter
        table = table or tables._get_table("normal", day)
        # Without a table, and of single units, everything is inspected.
        if not table or count < 2:
            return {}
        plan = table.find_plan(count, level, aql)
        return {
            "sample_size": plan.size,
            "accept_number": plan.accept,
            "code_letter": plan.plan_letter,
            "sample_aql": aql,
        }

    def _draw(self):
        """Size the sample by each plan and the lot's quantity, and draw it."""
        self.ensure_one()
        largest = {"sample_size": 0, "sample_of": 0, "sample_uom_id": False}
        for line in self.line_ids.filtered(lambda line: line.by_sample and not line.skipped):
            plan = line.item_id.plan_id
            if not plan.sampling_method:
                continue
            unit = plan._get_sampling_uom(self.product_id)
            found = self._size_sample(plan, line.severity, unit)
            line.write(found)
            largest = max(largest, found, key=lambda vals: (vals["sample_size"], vals["sample_of"]))
        size, count = largest["sample_size"], largest["sample_of"]
        seed = self.sample_seed or self._get_seed()
        self.write(
            {
                "unit_count": count,
                "sampling_uom_id": largest["sample_uom_id"],
                "sample_size": size,
                "tightened_by": self._get_tightened_by(),
                "sample_seed": seed,
                "sample_units": False
                if size >= count
                else ", ".join(map(str, sampling.draw(bytes.fromhex(seed), count, size))),
            }
        )

    def _draw_again(self):
        """Follow a changed quantity: counts that a changed sample voids are entered again."""
        self.ensure_one()
        counted = self.line_ids.filtered("sample_size")
        if not counted:
            return
        before = {line: (line.sample_size, line.accept_number) for line in counted}
        earlier = self.sampling_summary
        void = {line.id: line.defect_count for line in counted if line.counted}
        # A smaller sample may hold fewer units than were found nonconforming in the larger.
        planned = counted.filtered(lambda line: line.item_id.plan_id.sampling_method)
        changed = planned.filtered(
            lambda line: (
                self._size_sample(line.item_id.plan_id, line.severity, line.sample_uom_id)[
                    "sample_size"
                ]
                != line.sample_size
            )
        )
        changed.write({"defect_count": 0, "counted": False})
        self._draw()
        changed = counted.filtered(
            lambda line: before[line] != (line.sample_size, line.accept_number)
        )
        if not changed:
            return
        body = self.env._(
            "The quantity changed, so the sample was sized again. Before: %(before)s Now: %(now)s",
            before=earlier,
            now=self.sampling_summary,
        )
        lost = [f"{line.name}: {void[line.id]}" for line in changed if line.id in void]
        if lost:
            changed.write({"defect_count": 0, "counted": False})
            if self.state == "submitted":
                self.state = "draft"
            body += " " + self.env._(
                "Counted before and to be counted again: %(counts)s.", counts=", ".join(lost)
            )
        self._message_log(body=body)

    @api.depends("line_ids.skipped")
    def _compute_skipped_count(self):
        for inspection in self:
            inspection.skipped_count = len(inspection.line_ids.filtered("skipped"))

    def action_inspect_in_full(self):
        """Inspect a skipped lot after all: its left-out items are asked for again."""
        self.check_access("write")
        self._check_state(("draft",))
        for inspection in self.sudo().filtered("skipped_count"):
            inspection.line_ids.skipped = False
            inspection.inspection_mode = "normal"
            inspection._draw()
            inspection._message_log(body=self.env._("Inspected in full instead of skipped."))
        return True

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

    # ------------------------------------------------------------------
    # Lab reports, re-tests and retention samples
    # ------------------------------------------------------------------
    lab_report_ids = fields.Many2many(
        "union.assist.lab.report",
        string="Lab Reports",
        compute="_compute_lab_report_ids",
        help="Reports on the lot, those that were refused apart.",
    )
    lab_report_count = fields.Integer(compute="_compute_lab_report_ids")
    report_missing = fields.Char(
        compute="_compute_report_missing",
        help="Items that demand a lab report and are in no checked one.",
    )
    retest_ids = fields.One2many("union.assist.retest", "inspection_id", "Re-tests", readonly=True)
    retest_state = fields.Selection(
        [("waiting", "Waiting for the Re-test"), ("done", "Re-tested")],
        "Re-test",
        compute="_compute_retest_state",
        store=True,
        help="While a re-test is waited for, nothing is decided on the lot.",
    )
    sample_ids = fields.One2many(
        "union.assist.retention.sample", "inspection_id", "Retention Samples", readonly=True
    )
    sample_count = fields.Integer(compute="_compute_sample_count")

    @api.depends("lot_id")
    def _compute_lab_report_ids(self):
        reports = self.env["union.assist.lab.report"]
        found = reports.browse()
        if reports.has_access("read"):
            found = reports.search([("lot_ids", "in", self.lot_id.ids), ("state", "!=", "refused")])
        for inspection in self:
            inspection.lab_report_ids = found.filtered(
                lambda report, lot=inspection.lot_id: lot in report.sudo().lot_ids
            )
            inspection.lab_report_count = len(inspection.lab_report_ids)

    @api.depends("line_ids.report_required", "lot_id", "state")
    def _compute_report_missing(self):
        reports = self.env["union.assist.lab.report"].sudo()
        for inspection in self:
            missing = reports.browse()
            if inspection.state == "draft" and any(inspection.line_ids.mapped("report_required")):
                missing = inspection._get_report_missing()
            inspection.report_missing = ", ".join(missing.mapped("name")) if missing else False

    def _get_report_missing(self):
        """The lines that demand a lab report and are in no checked one of the lot."""
        self.ensure_one()
        reports = self.env["union.assist.lab.report"].sudo()
        checked = reports.search([("lot_ids", "in", self.lot_id.ids), ("state", "=", "checked")])
        return self.line_ids.filtered(
            lambda line: (
                line.report_required
                and not any(answer._is_about(line) for answer in checked.line_ids)
            )
        )

    def _check_reports(self):
        """Refuse to hand over what a plan demands a report for and nobody checked one."""
        self.invalidate_recordset(["report_missing"])  # it rests on the reports of the lot
        for inspection in self:
            if inspection.report_missing:
                raise UserError(
                    self.env._(
                        "Inspection %(inspection)s: the plan demands a checked lab report on"
                        " %(items)s. Enter the report of lot %(lot)s, or ask the supplier for it.",
                        inspection=inspection.display_name,
                        items=inspection.report_missing,
                        lot=inspection.lot_id.name,
                    )
                )

    @api.depends("retest_ids.state")
    def _compute_retest_state(self):
        for inspection in self:
            states = set(inspection.retest_ids.mapped("state")) - {"cancel"}
            inspection.retest_state = (
                "waiting" if "waiting" in states else "done" if states else False
            )

    def _check_retests(self):
        """Refuse a step while a re-test of the lot is waited for."""
        waiting = self.filtered(lambda inspection: inspection.retest_state == "waiting")
        if waiting:
            retest = waiting[0].sudo().retest_ids.filtered(lambda test: test.state == "waiting")
            raise UserError(
                self.env._(
                    "Inspection %(inspection)s waits for re-test %(retest)s by %(laboratory)s."
                    " Check its report first, or cancel the re-test.",
                    inspection=waiting[0].display_name,
                    retest=retest.name,
                    laboratory=retest.laboratory_id.name,
                )
            )

    @api.depends("sample_ids")
    def _compute_sample_count(self):
        counts = dict(
            self.env["union.assist.retention.sample"]._read_group(
                [("inspection_id", "in", self.ids)], ["inspection_id"], ["__count"]
            )
        )
        for inspection in self:
            inspection.sample_count = counts.get(inspection, 0)

    def action_request_retest(self):
        """Open the dialog that asks a third party for a second test."""
        self.ensure_one()
        self.env["union.assist.retest"].check_access("create")
        self._check_state(("submitted",))
        self._check_retests()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for a Re-test"),
            "res_model": "union.assist.retest",
            "view_mode": "form",
            "target": "new",
            "context": {"default_inspection_id": self.id},
        }

    def action_view_retests(self):
        """Open the re-tests of these inspections."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_retest"
        )
        return {**action, "domain": [("inspection_id", "in", self.ids)], "context": {}}

    def action_view_lab_reports(self):
        """Open the lab reports of these inspections' lots."""
        lots = self.sudo().lot_id
        return lots.sudo(False)._assist_get_report_action(self.sudo().supplier_id[:1])

    def action_view_samples(self):
        """Open the retention samples of this inspection, or take the first one."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_retention_sample"
        )
        goods = self.sudo()
        action["domain"] = [("inspection_id", "=", self.id)]
        action["context"] = {"default_inspection_id": self.id, "default_lot_id": goods.lot_id.id}
        if not self.sample_count:
            action.update(views=[(False, "form")], view_mode="form")
        return action
