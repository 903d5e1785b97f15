from odoo import fields, models

from ..tools.sampling import LEVELS

FIELDS = {level: "level_" + level.lower().replace("-", "_") for level in LEVELS}


class UnionAssistSamplingLetter(models.Model):
    """The code letters of a range of lot sizes, by inspection level."""

    _name = "union.assist.sampling.letter"
    _inherit = ["union.assist.sampling.base"]
    _description = "Sampling Code Letters"
    _order = "lot_from, id"

    table_id = fields.Many2one(
        "union.assist.sampling.table", required=True, index=True, ondelete="cascade"
    )
    lot_from = fields.Integer("Lots from", required=True)
    lot_to = fields.Integer("to", help="0: and more.")
    level_s_1 = fields.Char("S-1", size=1, required=True)
    level_s_2 = fields.Char("S-2", size=1, required=True)
    level_s_3 = fields.Char("S-3", size=1, required=True)
    level_s_4 = fields.Char("S-4", size=1, required=True)
    level_i = fields.Char("I", size=1, required=True)
    level_ii = fields.Char("II", size=1, required=True)
    level_iii = fields.Char("III", size=1, required=True)

    _range = models.Constraint(
        "CHECK (lot_from >= 2 AND (lot_to = 0 OR lot_to >= lot_from))",
        "A range of lot sizes begins at 2 or more and does not end before it begins.",
    )

    def _get_values(self):
        self.ensure_one()
        letters = {level: self[name] for level, name in FIELDS.items()}
        return (self.lot_from, self.lot_to or None, letters)
