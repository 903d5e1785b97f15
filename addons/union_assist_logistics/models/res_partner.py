from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    # ------------------------------------------------------------------
    # How strictly a supplier's lots are inspected
    # ------------------------------------------------------------------
    assist_standing_count = fields.Integer(
        "Inspection History Count", compute="_compute_assist_standing_count", compute_sudo=True
    )

    def _compute_assist_standing_count(self):
        counts = dict(
            self.env["union.assist.quality.standing"]._read_group(
                [("supplier_id", "in", self.ids), ("company_id", "in", self.env.companies.ids)],
                ["supplier_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.assist_standing_count = counts.get(partner._origin, 0)

    def action_view_assist_standings(self):
        """Open how strictly the lots of these suppliers are inspected, and why."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_logistics.action_quality_standing"
        )
        action["domain"] = [("supplier_id", "in", self.ids)]
        return action
