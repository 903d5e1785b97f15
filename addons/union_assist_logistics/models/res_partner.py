from odoo import api, fields, models
from odoo.exceptions import ValidationError


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

    # ------------------------------------------------------------------
    # Delivery: how notes look, when goods are received
    # ------------------------------------------------------------------
    assist_note_layout_id = fields.Many2one(
        "union.assist.note.layout",
        "Delivery Note Layout",
        help="Paper, columns, prices and copies of this customer's delivery notes. Empty: as the"
        " company of the contact, else as the operation type has it.",
    )
    assist_receive_from = fields.Float(
        "Receives From", help="Time of day from which goods are received; 0:00 is any time."
    )
    assist_receive_to = fields.Float(
        "Receives Until", help="Time of day until which goods are received; 0:00 is any time."
    )

    @api.constrains("assist_receive_from", "assist_receive_to")
    def _check_assist_receive(self):
        for partner in self:
            begin, end = partner.assist_receive_from, partner.assist_receive_to
            if not (0 <= begin < 24 and 0 <= end <= 24) or (end and begin >= end):
                raise ValidationError(
                    self.env._(
                        "%(partner)s: goods are received from a time of day until a later one.",
                        partner=partner.display_name,
                    )
                )

    def _assist_get_receive_window(self):
        """Return the hours at which goods are received as text: ``09:00–11:30``, or nothing."""
        self.ensure_one()
        # A delivery address without hours of its own has those of its company.
        partner = self
        if not (self.assist_receive_from or self.assist_receive_to):
            partner = self.commercial_partner_id
        begin, end = (
            f"{int(hours):02}:{round(hours % 1 * 60):02}"
            for hours in (partner.assist_receive_from, partner.assist_receive_to or 24)
        )
        if (begin, end) == ("00:00", "24:00"):
            return ""
        return f"{begin}–{end}"
