from odoo import api, fields, models


class UnionAssistLaboratory(models.Model):
    """A laboratory whose reports are accepted, and how long its CMA approval holds."""

    _name = "union.assist.laboratory"
    _inherit = ["mail.thread"]
    _description = "Laboratory"
    _order = "name, id"

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: its reports are accepted in every company."
    )
    partner_id = fields.Many2one("res.partner", "Contact", ondelete="restrict")
    cma_number = fields.Char("CMA Number", tracking=True, help="On the CMA mark of its reports.")
    cma_from = fields.Date("CMA Approved from", tracking=True)
    cma_to = fields.Date("CMA Approved until", tracking=True, help="Last day.")
    scope = fields.Text(help="What it is approved for.")
    report_count = fields.Integer("Reports", compute="_compute_report_count")

    _cma_unique = models.UniqueIndex(
        "(cma_number, COALESCE(company_id, 0)) WHERE cma_number IS NOT NULL AND active",
        "A laboratory with this CMA number is registered already.",
    )
    _cma_period = models.Constraint(
        "CHECK (cma_to IS NULL OR cma_from IS NULL OR cma_to >= cma_from)",
        "The last day of an approval is not before its first day.",
    )

    def _compute_report_count(self):
        counts = dict(
            self.env["union.assist.lab.report"]._read_group(
                [("laboratory_id", "in", self.ids)], ["laboratory_id"], ["__count"]
            )
        )
        for laboratory in self:
            laboratory.report_count = counts.get(laboratory, 0)

    @api.depends("name", "cma_number")
    def _compute_display_name(self):
        for laboratory in self:
            number = f" ({laboratory.cma_number})" if laboratory.cma_number else ""
            laboratory.display_name = f"{laboratory.name or ''}{number}"

    def _get_problem(self, day):
        """Say why a report of this laboratory issued on a day is not accepted; else False."""
        self.ensure_one()
        if not self.cma_number:
            return self.env._("Laboratory %(name)s has no CMA number.", name=self.name)
        if (self.cma_from and day < self.cma_from) or (self.cma_to and day > self.cma_to):
            return self.env._(
                "The CMA approval of %(name)s did not hold on %(day)s: it holds from %(first)s"
                " until %(last)s.",
                name=self.name,
                day=day,
                first=self.cma_from or "…",
                last=self.cma_to or "…",
            )
        return False

    def action_view_reports(self):
        """Open the reports of these laboratories."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_lab_report"
        )
        return {**action, "domain": [("laboratory_id", "in", self.ids)], "context": {}}
