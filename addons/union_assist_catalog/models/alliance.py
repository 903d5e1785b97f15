from odoo import api, fields, models


class UnionAssistAlliance(models.Model):
    """A state-owned alliance (合力团): enterprises that together help a group of counties.

    Announcements often give how many members and counties there are without naming them all:
    what is announced is kept beside what is known by name.
    """

    _name = "union.assist.alliance"
    _inherit = ["mail.thread"]
    _description = "State-owned Alliance"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null")
    lead_id = fields.Many2one(
        "res.partner",
        "Lead Enterprise",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("is_company", "=", True)],
        check_company=True,
        tracking=True,
    )
    member_ids = fields.Many2many(
        "res.partner",
        "union_assist_alliance_member_rel",
        "alliance_id",
        "partner_id",
        "Members",
        domain=[("is_company", "=", True)],
        check_company=True,
        help="Members known by name; the lead enterprise belongs to them by itself.",
    )
    region_ids = fields.Many2many(
        "union.assist.region", "union_assist_alliance_region_rel", string="Counties"
    )
    announced_member_count = fields.Integer(
        "Members Announced", help="As the source says; 0 when it does not say."
    )
    announced_county_count = fields.Integer(
        "Counties Announced", help="As the source says; 0 when it does not say."
    )
    member_count = fields.Integer(
        "Members Known", compute="_compute_member_count", help="The lead enterprise included."
    )
    note = fields.Text(translate=True)
    source = fields.Char(translate=True, help="The document or report that says so.")

    _announced_positive = models.Constraint(
        "CHECK (announced_member_count >= 0 AND announced_county_count >= 0)",
        "Announced counts are not negative.",
    )

    @api.depends("lead_id", "member_ids")
    def _compute_member_count(self):
        for alliance in self:
            alliance.member_count = len(alliance.member_ids | alliance.lead_id)
