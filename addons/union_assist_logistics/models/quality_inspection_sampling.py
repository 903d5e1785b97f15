import math

from odoo import api, fields, models
from odoo.tools.misc import hmac

from ..tools import sampling
from .quality_standing import STATES


class UnionAssistQualityInspection(models.Model):
    """Which units of a lot are inspected, how strictly, and why."""

    _inherit = "union.assist.quality.inspection"

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
        self._check_state("draft")
        for inspection in self.sudo().filtered("skipped_count"):
            inspection.line_ids.skipped = False
            inspection.inspection_mode = "normal"
            inspection._draw()
            inspection._message_log(body=self.env._("Inspected in full instead of skipped."))
        return True
