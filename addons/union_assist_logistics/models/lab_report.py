import base64
import binascii

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain

from odoo.addons.union_assist_catalog.models.certificate import STAFF

# What the checker vouches for: frozen once checked.
SYSTEM_FIELDS = frozenset(("state", "checked_by_id", "checked_on"))
OPEN_STATES = ("draft", "submitted")


class UnionAssistLabReport(models.Model):
    """A laboratory's report (检验报告) on lots: what it says, its file, and whether it holds.

    A report counts once somebody checked it; then it does not change any more.
    """

    _name = "union.assist.lab.report"
    _inherit = ["mail.thread", "mail.activity.mixin", "union.assist.state.mixin"]
    _description = "Lab Report"
    _order = "issued_on desc, id desc"
    _check_company_auto = True
    _assist_kept_fields = SYSTEM_FIELDS

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    number = fields.Char("Report Number", required=True, index=True, tracking=True)
    kind = fields.Selection(
        [
            ("supplier", "Supplier's Report"),
            ("own", "Ordered by Us"),
            ("retest", "Third-Party Re-test"),
        ],
        required=True,
        default="supplier",
        tracking=True,
    )
    laboratory_id = fields.Many2one(
        "union.assist.laboratory",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        check_company=True,
    )
    laboratory_name = fields.Char(
        "Laboratory as Entered",
        help="By the supplier, where the laboratory is not registered here yet.",
    )
    supplier_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        domain=[("assist_supplier_kind", "!=", False)],
    )
    order_id = fields.Many2one(
        "purchase.order",
        "Purchase Order",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('partner_id.commercial_partner_id', '=?', supplier_id)]",
    )
    product_id = fields.Many2one("product.product", index="btree_not_null", ondelete="restrict")
    batch = fields.Char(
        tracking=True,
        help="Batch that the report names. The lot of this number is found when it arrives.",
    )
    lot_ids = fields.Many2many(
        "stock.lot", "union_assist_lab_report_lot_rel", string="Lots", tracking=True
    )
    sampled_on = fields.Date(tracking=True)
    issued_on = fields.Date(tracking=True)
    file = fields.Binary(attachment=True, copy=False, help="PDF, JPEG or PNG.")
    file_name = fields.Char(copy=False)
    line_ids = fields.One2many("union.assist.lab.report.line", "report_id", "Items", copy=True)
    verdict = fields.Selection(
        [("pass", "Pass"), ("fail", "Fail")],
        string="Overall Verdict",
        compute="_compute_verdict",
        store=True,
        help="Fail as soon as one item fails, by the report or by our own limits.",
    )
    problems = fields.Text(
        compute="_compute_problems", help="What keeps the report from being accepted."
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Check"),
            ("checked", "Reviewed"),
            ("refused", "Refused"),
        ],
        "Status",
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        index=True,
        tracking=True,
    )
    reason = fields.Text(
        "Reason of Refusal", copy=False, tracking=True, help="The supplier reads it."
    )
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False, groups=STAFF)
    checked_on = fields.Datetime(readonly=True, copy=False)
    retest_ids = fields.One2many("union.assist.retest", "report_id", "Re-tests", readonly=True)
    note = fields.Text(groups=STAFF, help="The supplier does not read it.")

    _number_unique = models.UniqueIndex(
        "(company_id, laboratory_id, UPPER(number)) WHERE state != 'refused'",
        "A report of this laboratory with this number is there already.",
    )

    # ------------------------------------------------------------------
    # Computed
    # ------------------------------------------------------------------
    @api.depends("number", "laboratory_id.name")
    def _compute_display_name(self):
        for report in self:
            laboratory = report.laboratory_id.name or report.laboratory_name
            report.display_name = " · ".join(part for part in (report.number, laboratory) if part)

    @api.depends("line_ids.verdict", "line_ids.judged")
    def _compute_verdict(self):
        for report in self:
            lines = report.line_ids
            if any("fail" in (line.verdict, line.judged) for line in lines):
                report.verdict = "fail"
            elif lines and all(lines.mapped("verdict")):
                report.verdict = "pass"
            else:
                report.verdict = False

    @api.depends(
        "number",
        "laboratory_id",
        "lot_ids",
        "sampled_on",
        "issued_on",
        "file",
        "line_ids.item",
        "line_ids.problem",
    )
    def _compute_problems(self):
        for report in self:
            report.problems = "\n".join(report._get_problems()) or False

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------
    @api.constrains("sampled_on", "issued_on")
    def _check_dates(self):
        for report in self:
            if report.sampled_on and report.issued_on and report.issued_on < report.sampled_on:
                raise ValidationError(
                    self.env._("A report is not issued before its sample was taken.")
                )

    @api.constrains("lot_ids", "supplier_id", "product_id")
    def _check_lots(self):
        for report in self:
            others = report.sudo().lot_ids.filtered(
                lambda lot, report=report: (
                    (lot.company_id and lot.company_id != report.company_id)
                    or (report.product_id and lot.product_id != report.product_id)
                )
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "Lot %(lot)s is of another product or company than the report.",
                        lot=others[0].display_name,
                    )
                )

    def _get_problems(self):
        """Return what keeps this report from being accepted, as sentences; empty: nothing.

        Asked of: number, file, laboratory, dates, lots and items; the items' own problems
        stand with them.
        """
        self.ensure_one()
        env = self.env
        problems = []
        if not (self.number or "").strip():
            problems.append(env._("The report number is missing."))
        if not self.file:
            problems.append(env._("The file of the report is missing."))
        problems += self._get_laboratory_problems()
        problems += self._get_date_problems()
        problems += self._get_item_problems()
        return problems

    def _get_laboratory_problems(self):
        if not self.laboratory_id:
            return [
                self.env._(
                    "Choose the laboratory; where its reports are accepted, register it first:"
                    " %(name)s",
                    name=self.laboratory_name or "–",
                )
            ]
        problem = self.issued_on and self.laboratory_id._get_problem(self.issued_on)
        return [problem] if problem else []

    def _get_date_problems(self):
        env, problems = self.env, []
        if not self.issued_on:
            return [env._("The date of issue is missing.")]
        if self.issued_on > self.company_id._assist_today():
            problems.append(env._("The date of issue %(day)s is to come.", day=self.issued_on))
        for lot in self.sudo().lot_ids:
            problems += self._get_lot_date_problems(
                lot.name, self._get_arrival(lot), lot.assist_production_date
            )
        return problems

    def _get_lot_date_problems(self, name, arrived, produced):
        """Return why a report dated like this one cannot be about goods that arrived on a day.

        :param name: of the lot, as it is told
        :param arrived: the day on which it came or comes
        :param produced: the day on which it was made, if that is known
        """
        self.ensure_one()
        env, problems = self.env, []
        days = int(env["union.assist.parameter"]._get_value("lab_report_days", self.issued_on))
        age = (arrived - self.issued_on).days
        if age > days:
            problems.append(
                env._(
                    "Lot %(lot)s arrived on %(arrived)s: the report was %(age)s days old then,"
                    " %(limit)s at most are accepted.",
                    lot=name,
                    arrived=arrived,
                    age=age,
                    limit=days,
                )
            )
        tested = self.sampled_on or self.issued_on
        if produced and tested < produced:
            problems.append(
                env._(
                    "Lot %(lot)s was made on %(produced)s, after the sample of %(tested)s: the"
                    " report is about another lot.",
                    lot=name,
                    produced=produced,
                    tested=tested,
                )
            )
        return problems

    def _get_arrival(self, lot):
        """The company's day on which a lot was registered; today while it is only expected."""
        moment = lot.create_date
        if not moment:
            return self.company_id._assist_today()
        return pytz.utc.localize(moment).astimezone(self.company_id._assist_get_zone()).date()

    def _get_item_problems(self):
        env, problems = self.env, []
        if not self.lot_ids and not (self.product_id and (self.batch or "").strip()):
            problems.append(
                env._(
                    "No lot is named, nor product and batch of one that is still to arrive: a"
                    " report is about lots, not about a product in general."
                )
            )
        if not self.line_ids:
            problems.append(env._("Enter the items with their results."))
        problems += [
            env._("%(item)s: %(problem)s", item=line.item, problem=line.problem)
            for line in self.line_ids
            if line.problem
        ]
        missing = {lot.name: self._get_missing_items(lot, self) for lot in self.sudo().lot_ids}
        if not missing and self.batch:
            missing[self.batch] = self._get_planned_items().filtered(
                lambda item: (
                    item.report_required and not any(line._is_about(item) for line in self.line_ids)
                )
            )
        problems += [
            env._(
                "The plan of lot %(lot)s demands a report on %(items)s as well.",
                lot=name,
                items=", ".join(items.mapped("name")),
            )
            for name, items in missing.items()
            if items
        ]
        return problems

    def _get_planned_items(self):
        """The items that the plans of the product have today; its lot is still to arrive."""
        self.ensure_one()
        company = self.company_id or self.env.company
        plans = self.env["union.assist.quality.plan"].sudo()
        if not self.product_id:
            return plans.item_ids
        kind = self.sudo().supplier_id.assist_supplier_kind
        kinds = {kind} if kind else None
        days = [company._assist_today()]
        ids = plans._get_applicable_ids(self.product_id, company, days, kinds=kinds)
        return plans.browse(ids).item_ids

    @api.model
    def _get_missing_items(self, lot, pending=None):
        """Items of a lot's plans that demand a report and are in no checked one.

        :param pending: reports that are to count although they are not checked yet
        :return: items of plans, or the lines of the lot's open inspections that kept them
        """
        criteria = (
            self.env["union.assist.quality.inspection.line"]
            .sudo()
            .search(
                [
                    ("inspection_id.lot_id", "=", lot._origin.id),
                    ("inspection_id.state", "in", ("draft", "submitted")),
                    ("report_required", "=", True),
                ]
            )
        )
        if not criteria:
            company = self.env.company
            plans = self.env["union.assist.quality.plan"].sudo()
            criteria = (
                plans.browse(lot._assist_get_plan_ids(company, today=True))
                .with_context(lang=company.partner_id.lang or self.env.lang)
                .item_ids.filtered("report_required")
            )
        reports = self.sudo().search(
            [("lot_ids", "in", lot._origin.ids), ("state", "=", "checked")]
        )
        reported = (reports | (pending or self.browse())).line_ids
        return criteria.filtered(
            lambda criterion: not any(line._is_about(criterion) for line in reported)
        )

    # ------------------------------------------------------------------
    # Who may change what
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_values(vals)
        return super().create([self._strip_batch(vals) for vals in vals_list])

    def write(self, vals):
        self._check_values(vals)
        kept = {name for name in vals if not name.startswith(("message_", "activity_"))}
        if not self.env.su and kept - {"note"}:
            closed = self.filtered(lambda report: report.state not in OPEN_STATES)
            if closed:
                raise UserError(
                    self.env._(
                        "%(report)s was checked or refused: it does not change any more.",
                        report=closed[0].display_name,
                    )
                )
        return super().write(self._strip_batch(vals))

    @api.model
    def _strip_batch(self, vals):
        """Blanks around a batch would hide it from the lot of the same number."""
        if vals.get("batch"):
            return {**vals, "batch": vals["batch"].strip()}
        return vals

    def _check_values(self, vals):
        """Refuse forged steps and files that are no documents; tidy the number."""
        forged = vals.keys() & SYSTEM_FIELDS
        if forged and not self.env.su:
            raise AccessError(
                self.env._(
                    "These fields of a lab report are set by its steps: %(fields)s.",
                    fields=", ".join(sorted(forged)),
                )
            )
        if vals.get("number"):
            vals["number"] = "".join(vals["number"].split())
        if vals.get("file"):
            try:
                content = base64.b64decode(vals["file"])
            except (binascii.Error, ValueError):
                content = b""
            error = self.env["union.assist.certificate"]._get_file_error(content)
            if error:
                raise ValidationError(error)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if any(report.state != "draft" for report in self):
            raise UserError(self.env._("A lab report that was handed in is evidence: refuse it."))

    def _assist_get_closed(self):
        """Those that were accepted or refused: their files stay."""
        return self.filtered(lambda report: report.state not in OPEN_STATES)

    def _check_step(self, *states):
        self.check_access("write")
        self._check_state(*states)

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------
    def action_submit(self):
        """Hand these reports in for checking."""
        self._check_step("draft")
        self.sudo().write({"state": "submitted"})
        return True

    def action_check(self):
        """Accept these reports: everything about them holds.

        :raise UserError: naming all that does not hold
        """
        self._check_step(*OPEN_STATES)
        for report in self:
            problems = report._get_problems()
            if problems:
                raise UserError(
                    self.env._(
                        "%(report)s cannot be accepted:\n%(problems)s",
                        report=report.display_name,
                        problems="\n".join(f"– {problem}" for problem in problems),
                    )
                )
        self.sudo().write(
            {
                "state": "checked",
                "reason": False,
                "checked_by_id": self.env.uid,
                "checked_on": fields.Datetime.now(),
            }
        )
        self.sudo().retest_ids._answer()
        self.env["union.assist.arrival.check"]._follow_reports(self.sudo())
        return True

    def action_refuse(self):
        """Refuse these reports for the reason given, or for what was found wrong with them."""
        self._check_step(*OPEN_STATES)
        for report in self:
            reason = (report.reason or report.problems or "").strip()
            if not reason:
                raise UserError(
                    self.env._(
                        "Nothing was found wrong with %(report)s: write the reason of refusal.",
                        report=report.display_name,
                    )
                )
            report.sudo().write(
                {
                    "state": "refused",
                    "reason": reason,
                    "checked_by_id": self.env.uid,
                    "checked_on": fields.Datetime.now(),
                }
            )
        return True

    def action_propose_items(self):
        """List the items that the lots' plans demand a report on, to be filled in."""
        self._check_step(*OPEN_STATES)
        for report in self:
            missing = [report._get_missing_items(lot, report) for lot in report.sudo().lot_ids]
            names = {item.name: item for items in missing for item in items}
            report.line_ids = [
                Command.create({"item": name, "limit": item.criterion, "unit": item.unit})
                for name, item in names.items()
            ]
        return True

    def action_take_over(self):
        """Enter the results of checked reports into the open inspections of their lots.

        Only items without a result are filled in; they are marked as coming from the report.

        :return: the inspections, as an action
        """
        self._check_step("checked")
        inspections = self.env["union.assist.quality.inspection"].search(
            [("lot_id", "in", self.sudo().lot_ids.ids), ("state", "=", "draft")]
        )
        if not inspections:
            raise UserError(self.env._("No inspection of these lots waits for results."))
        inspections.check_access("write")
        taken = sum(
            line._take_over(target)
            for report in self
            for line in report.line_ids
            for target in inspections.filtered(
                lambda inspection, report=report: inspection.sudo().lot_id in report.sudo().lot_ids
            ).line_ids
            if line._is_about(target) and not target.verdict
        )
        if not taken:
            raise UserError(
                self.env._("The inspections have results already for all items of the report.")
            )
        return inspections._get_list_action(self.env._("Inspections"))

    def action_open_file(self):
        """Open the file of this report."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file?filename_field=file_name",
            "target": "new",
        }

    @api.model
    def _get_accepted(self, lots, company):
        """Return the accepted reports on some lots of a company, the newest first.

        With all rights: what is told of them are laboratory, number, day and verdict.
        """
        return self.sudo().search(
            Domain("lot_ids", "in", lots.ids)
            & Domain("company_id", "=", company.id)
            & Domain("state", "=", "checked")
        )

    @api.model
    def _link_lots(self, lots):
        """Find the reports that named these lots as batches before they arrived."""
        named = {(lot.product_id.id, lot.name): lot for lot in lots}
        domain = Domain("batch", "in", list({name for _product, name in named})) & Domain(
            "state", "in", ("draft", "submitted", "checked")
        )
        for report in self.sudo().search(domain):
            lot = named.get((report.product_id.id, report.batch))
            if not lot or lot in report.lot_ids:
                continue
            # What was accepted ahead of the goods is not about others that came later.
            problems = report.state == "checked" and report._get_lot_date_problems(
                lot.name, report._get_arrival(lot), lot.assist_production_date
            )
            if problems:
                report._message_log(body="\n".join(problems))
            else:
                report.lot_ids = [Command.link(lot.id)]

    @api.model
    def _find_for_arrival(self, goods):
        """Return the newest accepted report that passes each of some arriving lots.

        :param goods: ``{(receipt, product, lot name): move line}``
        :return: ``{(receipt, product, lot name): report}``, in a number of queries that does
            not grow with the goods
        """
        names = {lot_name for _picking, _product, lot_name in goods}
        found = self.sudo().search(
            Domain("state", "=", "checked")
            & Domain("verdict", "=", "pass")
            & Domain("company_id", "in", {line.company_id.id for line in goods.values()})
            & (Domain("batch", "in", names) | Domain("lot_ids.name", "in", names))
        )
        by_name = {}
        for report in found.sorted(lambda report: (report.issued_on, report.id), reverse=True):
            named = {(lot.product_id, lot.name) for lot in report.lot_ids}
            if report.product_id and report.batch:
                named.add((report.product_id, report.batch.strip()))
            for key in named:
                by_name.setdefault((report.company_id, *key), []).append(report)
        result = {}
        for key, line in goods.items():
            company, today = line.company_id, line.company_id._assist_today()
            produced = line.assist_production_date
            for report in by_name.get((company, *key[1:]), []):
                if not report._get_lot_date_problems(key[2], today, produced):
                    result[key] = report
                    break
        return result
