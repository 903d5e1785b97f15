from odoo import Command, api, fields, models
from odoo.fields import Domain

from ..tools.shares import equal_shares

# Who reads personal data; record rules limit officials to their own counties.
PERSONAL_GROUPS = "union_assist_catalog.group_operator,union_assist_catalog.group_county"


class UnionAssistHousehold(models.Model):
    """A registered rural household: the people whom the programme is for.

    Households are shown by their code. The name of the head is personal data: only
    operators and officials of the household's own county read it; nothing outside this
    ledger may show it.
    """

    _name = "union.assist.household"
    _inherit = ["mail.thread"]
    _description = "Household"
    _rec_name = "code"
    _order = "code, id"

    code = fields.Char(
        required=True,
        copy=False,
        tracking=True,
        help="Number of the household in the county's register.",
    )
    head_name = fields.Char(
        "Head of Household",
        groups=PERSONAL_GROUPS,
        help="Personal data: read by operators and the household's own county, never printed"
        " or published.",
    )
    region_id = fields.Many2one(
        "union.assist.region",
        "Place",
        required=True,
        index=True,
        ondelete="restrict",
        help="County, township or village where the household is registered.",
    )
    persons = fields.Integer(
        required=True,
        default=1,
        tracking=True,
        help="Registered people in this household. Changing it sends the household's"
        " verified linkages back to verification.",
    )
    status = fields.Selection(
        [
            ("registered", "Registered"),
            ("monitored", "Monitored"),
            ("lifted", "Lifted out of Poverty"),
            ("left", "Left the Register"),
        ],
        required=True,
        default="registered",
        tracking=True,
    )
    active = fields.Boolean(default=True)
    note = fields.Text(groups=PERSONAL_GROUPS)
    linkage_ids = fields.One2many("union.assist.linkage", "household_id", "Linkages")
    split_ids = fields.One2many("union.assist.household.split", "household_id", "Splits")
    in_conflict = fields.Boolean(
        "Conflict",
        compute="_compute_in_conflict",
        search="_search_in_conflict",
        compute_sudo=True,
        help="Several suppliers claim this household on the same days, and no approved split says"
        " who has which part.",
    )
    supplier_ids = fields.Many2many(
        "res.partner",
        string="Suppliers",
        compute="_compute_supplier_ids",
        help="Suppliers whose linkage to this household is verified and in force today.",
    )

    _code_unique = models.UniqueIndex("(code)", "A household with this code exists already.")
    _persons_positive = models.Constraint(
        "CHECK (persons > 0)", "A household has at least one person."
    )

    def write(self, vals):
        """Send verified linkages back when what was verified no longer holds."""
        changed = self.browse()
        if "persons" in vals:
            changed = self.filtered(lambda household: household.persons != vals["persons"])
        if vals.get("status") == "left" or vals.get("active") is False:
            changed |= self
        result = super().write(vals)
        changed.linkage_ids._send_back(self.env._("The household's register entry was changed."))
        return result

    @api.depends(
        "linkage_ids.verification_ids.date_from",
        "linkage_ids.verification_ids.date_to",
        "linkage_ids.verification_ids.void",
    )
    def _compute_supplier_ids(self):
        verification_model = self.env["union.assist.verification"]
        counted = verification_model.search(
            verification_model._get_counted_domain(self.env.company._assist_today())
            & Domain("household_id", "in", self.ids)
        ).grouped("household_id")
        for household in self:
            household.supplier_ids = counted.get(household._origin, verification_model).supplier_id

    @api.depends("linkage_ids.in_conflict")
    def _compute_in_conflict(self):
        for household in self:
            household.in_conflict = any(household.linkage_ids.mapped("in_conflict"))

    def _search_in_conflict(self, operator, value):
        if operator != "in":
            return NotImplemented
        linkage_model = self.env["union.assist.linkage"]
        conflicts = linkage_model._find_conflicts(linkage_model._find_rivalled_households())
        households = linkage_model.browse().concat(*conflicts).household_id
        domain = Domain("id", "in", households.ids)
        return domain if True in value else ~domain

    def action_view_splits(self):
        """Open the splits of this household; a new one proposes equal shares to its claims."""
        self.ensure_one()
        claims = self.linkage_ids.filtered(lambda line: line.state in ("submitted", "verified"))
        shares = equal_shares(len(claims))
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_household_split"
            ),
            "domain": [("household_id", "=", self.id)],
            "context": {
                "default_household_id": self.id,
                "default_line_ids": [
                    Command.create({"linkage_id": claim.id, "share": share})
                    for claim, share in zip(claims, shares, strict=True)
                ],
            },
        }

    @api.depends("code", "region_id.display_name")
    def _compute_display_name(self):
        for household in self:
            place = household.region_id.display_name
            household.display_name = f"{household.code} ({place})" if place else household.code
