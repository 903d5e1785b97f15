from odoo import api, fields, models
from odoo.exceptions import ValidationError


class UnionAssistHouseholdSplitLine(models.Model):
    """The part of a shared household that one linkage has."""

    _name = "union.assist.household.split.line"
    _description = "Share of a Split Household"
    _order = "split_id, share desc, id"

    split_id = fields.Many2one(
        "union.assist.household.split", required=True, index=True, ondelete="cascade"
    )
    household_id = fields.Many2one(related="split_id.household_id", store=True)
    region_id = fields.Many2one(related="split_id.region_id", store=True, index=True)
    linkage_id = fields.Many2one(
        "union.assist.linkage", required=True, index=True, ondelete="restrict"
    )
    supplier_id = fields.Many2one(related="linkage_id.supplier_id")
    share = fields.Float(required=True, digits=(5, 4))

    _share_range = models.Constraint(
        "CHECK (share > 0 AND share <= 1)", "The share is above 0 and at most 1."
    )
    _linkage_unique = models.UniqueIndex(
        "(split_id, linkage_id)", "A linkage has one share in a split."
    )

    @api.constrains("split_id", "linkage_id")
    def _check_household(self):
        for line in self:
            if line.linkage_id.household_id != line.split_id.household_id:
                raise ValidationError(
                    self.env._(
                        "%(linkage)s is a linkage of another household.",
                        linkage=line.linkage_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_author()
        return lines

    def write(self, vals):
        self._check_author()
        result = super().write(vals)
        self._check_author()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        self._check_author()

    def _check_author(self):
        """Refuse to change approved shares; who writes shares is the author of the split."""
        self.split_id._check_draft()
        others = self.split_id.filtered(lambda split: split.author_id != self.env.user)
        others.sudo().write({"author_id": self.env.uid})
