from odoo import api, fields, models
from odoo.exceptions import ValidationError


class UnionAssistHouseholdMember(models.Model):
    """A person of a household, where the register names them.

    Personal data through and through: households count by their number of persons, and need
    no members for it.
    """

    _name = "union.assist.household.member"
    _inherit = ["union.assist.identity.mixin"]
    _description = "Household Member"
    _order = "household_id, birth_year, id"
    _assist_personal = True

    household_id = fields.Many2one(
        "union.assist.household", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char("Full Name", required=True)
    relation = fields.Selection(
        [
            ("spouse", "Spouse"),
            ("child", "Child"),
            ("parent", "Parent"),
            ("grandchild", "Grandchild"),
            ("grandparent", "Grandparent"),
            ("sibling", "Sibling"),
            ("other", "Other"),
        ],
        "Relation to the Head",
        required=True,
        default="other",
    )
    birth_year = fields.Integer()

    _identity_unique = models.UniqueIndex(
        "(identity_hash)", "This identity number is registered already."
    )

    def write(self, vals):
        result = super().write(vals)
        if "household_id" in vals:
            self.check_access("write")  # of the new household too
        return result

    @api.depends("household_id.code", "relation")
    def _compute_display_name(self):
        """Name a member without their name: errors and logs show it."""
        relations = dict(self._fields["relation"]._description_selection(self.env))
        for member in self:
            member.display_name = f"{member.household_id.code} · {relations.get(member.relation)}"

    @api.constrains("birth_year")
    def _check_birth_year(self):
        year = self.env.company._assist_today().year
        for member in self:
            if member.birth_year and not 1880 <= member.birth_year <= year:
                raise ValidationError(
                    self.env._(
                        "%(member)s: the year of birth lies between 1880 and %(year)s, or is left"
                        " empty.",
                        member=member.display_name,
                        year=year,
                    )
                )

    def _get_identity_household(self):
        return self.household_id
