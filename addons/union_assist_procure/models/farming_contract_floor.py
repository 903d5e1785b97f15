from odoo import api, fields, models


class UnionAssistFarmingContractFloor(models.Model):
    """The floor price that a contract names for a single grade."""

    _name = "union.assist.farming.contract.floor"
    _description = "Floor Price of a Grade"
    _order = "contract_id desc, grade_id, id"
    _rec_name = "grade_id"

    contract_id = fields.Many2one(
        "union.assist.farming.contract", required=True, index=True, ondelete="cascade"
    )
    grade_id = fields.Many2one("union.assist.farming.grade", required=True, ondelete="restrict")
    price = fields.Float("Floor Price (per jin)", required=True, digits=(16, 4), aggregator="avg")

    _grade_unique = models.UniqueIndex(
        "(contract_id, grade_id)", "The contract names a floor price for this grade already."
    )
    _price_positive = models.Constraint("CHECK (price > 0)", "A floor price is above 0.")

    @api.model_create_multi
    def create(self, vals_list):
        floors = super().create(vals_list)
        floors.contract_id._check_terms_open(("floor_ids",))
        return floors

    def write(self, vals):
        self.contract_id._check_terms_open(("floor_ids",))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self.contract_id._check_terms_open(("floor_ids",))
