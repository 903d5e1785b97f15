from odoo import api, fields, models
from odoo.fields import Domain

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

    @api.depends("linkage_ids.state", "linkage_ids.date_from", "linkage_ids.date_to")
    def _compute_supplier_ids(self):
        linkage_model = self.env["union.assist.linkage"]
        counted = linkage_model.search(
            linkage_model._get_counted_domain(fields.Date.context_today(self))
            & Domain("household_id", "in", self.ids)
        ).grouped("household_id")
        for household in self:
            household.supplier_ids = counted.get(household._origin, linkage_model).supplier_id

    @api.depends("code", "region_id.display_name")
    def _compute_display_name(self):
        for household in self:
            place = household.region_id.display_name
            household.display_name = f"{household.code} ({place})" if place else household.code
