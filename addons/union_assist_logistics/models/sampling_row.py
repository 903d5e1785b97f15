from odoo import fields, models

from ..tools.sampling import AQLS

FIELDS = {aql: "aql_" + aql.replace(".", "_") for aql in AQLS}
CELL_HELP = "Ac/Re, ↓ for the plan below or ↑ for the plan above."


class UnionAssistSamplingRow(models.Model):
    """The single sampling plans of one code letter, as the standard prints them."""

    _name = "union.assist.sampling.row"
    _inherit = ["union.assist.sampling.base"]
    _description = "Sampling Plans of a Code Letter"
    _order = "sample_size, id"

    table_id = fields.Many2one(
        "union.assist.sampling.table", required=True, index=True, ondelete="cascade"
    )
    letter = fields.Char("Code Letter", size=1, required=True)
    sample_size = fields.Integer(required=True)
    aql_0_65 = fields.Char("0.65", required=True, help=CELL_HELP)
    aql_1_0 = fields.Char("1.0", required=True, help=CELL_HELP)
    aql_1_5 = fields.Char("1.5", required=True, help=CELL_HELP)
    aql_2_5 = fields.Char("2.5", required=True, help=CELL_HELP)
    aql_4_0 = fields.Char("4.0", required=True, help=CELL_HELP)
    aql_6_5 = fields.Char("6.5", required=True, help=CELL_HELP)

    _size_positive = models.Constraint("CHECK (sample_size > 0)", "A sample has at least one unit.")
    _letter_unique = models.UniqueIndex(
        "(table_id, letter)", "This table has plans of the code letter already."
    )

    def _get_values(self):
        self.ensure_one()
        cells = {aql: (self[name] or "").strip() for aql, name in FIELDS.items()}
        return (self.letter, self.sample_size, cells)
