from odoo import api, fields, models
from odoo.exceptions import UserError


class UnionAssistQualityInspection(models.Model):
    """Lab reports, re-tests and retention samples of an inspected lot."""

    _inherit = "union.assist.quality.inspection"

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
        self._check_state("submitted")
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
