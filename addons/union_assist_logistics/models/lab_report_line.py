import re
import unicodedata

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.formula import FormulaError
from ..tools.reading_entry import EntryError, parse_entry


def item_key(name):
    """An item's name as it is compared: blanks, brackets' width and case do not matter."""
    plain = unicodedata.normalize("NFKC", name or "").casefold()
    return re.sub(r"[\s·・,，、]", "", plain)


class UnionAssistLabReportLine(models.Model):
    """One item of a lab report: as it is printed, and what our own limits say of it."""

    _name = "union.assist.lab.report.line"
    _description = "Item of a Lab Report"
    _order = "sequence, id"

    report_id = fields.Many2one(
        "union.assist.lab.report", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="report_id.company_id", store=True, index=True)
    state = fields.Selection(related="report_id.state")
    sequence = fields.Integer(default=10)
    item = fields.Char(required=True, help="As the report names it, e.g. Lead (as Pb).")
    item_id = fields.Many2one(
        "union.assist.quality.plan.item",
        "Item of the Plan",
        index="btree_not_null",
        ondelete="set null",
        help="The item that it answers; needed only where the names differ.",
    )
    method = fields.Char(help="Method and standard as printed.")
    limit = fields.Char("Limit as Printed")
    result = fields.Char(help="As printed, e.g. 0.12, <0.05 or ND.")
    unit = fields.Char(help="As printed, e.g. mg/kg.")
    verdict = fields.Selection([("pass", "Pass"), ("fail", "Fail")], "Verdict of the Laboratory")
    judged = fields.Selection(
        [("pass", "Pass"), ("fail", "Fail")],
        "By Our Limit",
        compute="_compute_judged",
        store=True,
        help="The result against the limit of the plan; empty where it does not measure it.",
    )
    problem = fields.Char(compute="_compute_judged", store=True)

    @api.depends(
        "item",
        "item_id",
        "result",
        "unit",
        "verdict",
        "report_id.lot_ids",
        "report_id.product_id",
        "report_id.supplier_id",
    )
    def _compute_judged(self):
        for line in self:
            criterion = line._get_criterion()
            line.judged, line.problem = line._judge_result(criterion)

    def _get_criterion(self):
        """The item of a plan that this line answers; empty when there is none."""
        if self.item_id:
            return self.item_id
        lots = self.sudo().report_id.lot_ids._origin
        company = self.report_id.company_id or self.env.company
        plans = self.env["union.assist.quality.plan"].sudo()
        for lot in lots:
            items = plans.browse(lot._assist_get_plan_ids(company, today=True)).item_ids
            found = items.filtered(self._is_about)[:1]
            if found:
                return found
        if lots:
            return self.env["union.assist.quality.plan.item"]
        return self.report_id._get_planned_items().filtered(self._is_about)[:1]

    def _is_about(self, criterion):
        """Whether this line answers an item of a plan or of an inspection."""
        self.ensure_one()
        item = criterion if criterion._name == "union.assist.quality.plan.item" else False
        asked = item or criterion.item_id
        if self.item_id and asked:
            return self.item_id == asked
        names = {criterion.name}
        if asked:
            # A report may name it in any language that the plan is written in.
            names |= {
                asked.with_context(lang=code).name
                for code, _name in self.env["res.lang"].get_installed()
            }
        return item_key(self.item) in {item_key(name) for name in names}

    def _judge_result(self, criterion):
        """Return (verdict by our limit, what is wrong) of the result as printed."""
        env = self.env
        if not (self.result or "").strip() and not self.verdict:
            return False, env._("The result is missing.")
        if not self.verdict:
            return False, env._("The verdict of the laboratory is missing.")
        if criterion.kind != "measure":
            return False, False
        try:
            entries = parse_entry(f"{self.result or ''} {self.unit or ''}".strip())
            values = [criterion._convert_reading(entry.value, entry.unit) for entry in entries]
        except EntryError as error:
            return False, env._("The result “%(text)s” cannot be read.", text=error.text)
        except UserError as error:
            return False, str(error)
        if not values:
            return False, env._("The result is missing.")
        try:
            kept = criterion._get_limit().keeps
            judged = "pass" if all(kept(value) for value in values) else "fail"
        except FormulaError as error:
            return False, str(error)
        if judged == "fail" and self.verdict == "pass":
            return judged, env._(
                "The laboratory passes it, but our limit is %(limit)s.", limit=criterion.criterion
            )
        return judged, False

    def _take_over(self, target):
        """Enter this result into an inspection's line; returns whether it was entered."""
        self.ensure_one()
        if target.skipped or target.sample_size:
            return False  # counted on the drawn units
        if target.kind == "measure":
            if target.judged_by == "formula":
                return False
            text = f"{self.result or ''} {self.unit or ''}".strip()
            # One result of the report answers all readings of the item.
            vals = {"entry": "; ".join([text] * target.reading_count)}
        elif target.kind == "pass_fail":
            vals = {"answer": self.verdict}
        else:
            return False
        target.write(vals)
        target.sudo().write({"report_line_id": self.id})
        return True

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_open()
        return lines

    def write(self, vals):
        self._check_open()
        return super().write(vals)

    def unlink(self):
        self._check_open()
        return super().unlink()

    def _check_open(self):
        """The items of a report that was checked or refused do not change."""
        closed = self.report_id.filtered(lambda report: report.state in ("checked", "refused"))
        if closed and not self.env.su:
            raise UserError(
                self.env._(
                    "%(report)s was checked or refused: it does not change any more.",
                    report=closed[0].display_name,
                )
            )
