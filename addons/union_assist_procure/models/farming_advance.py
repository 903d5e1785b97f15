from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare


class UnionAssistFarmingAdvance(models.Model):
    """Seed, fertiliser or money that a household got ahead of its harvest.

    It is repaid by deduction from what the household's weigh tickets come to.
    """

    _name = "union.assist.farming.advance"
    _description = "Input Advance"
    _order = "date desc, id desc"

    contract_id = fields.Many2one(
        "union.assist.farming.contract", required=True, index=True, ondelete="cascade"
    )
    household_id = fields.Many2one(
        "union.assist.household",
        required=True,
        index=True,
        ondelete="restrict",
        compute="_compute_household_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    kind = fields.Selection(
        [
            ("seed", "Seed and Seedlings"),
            ("fertiliser", "Fertiliser"),
            ("protection", "Plant Protection"),
            ("material", "Film and Materials"),
            ("service", "Machine Work"),
            ("money", "Money"),
            ("other", "Other"),
        ],
        required=True,
        default="seed",
    )
    name = fields.Char("What", help="For example: seedlings, 8,000 pieces.")
    date = fields.Date(required=True, default=lambda self: self.env.company._assist_today())
    company_id = fields.Many2one(related="contract_id.company_id")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    amount = fields.Monetary(required=True, help="What the household owes for it.")

    _amount_positive = models.Constraint("CHECK (amount > 0)", "An advance is above 0.")

    @api.depends("kind", "name")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for advance in self:
            advance.display_name = advance.name or labels.get(advance.kind)

    @api.depends("contract_id.line_ids.household_id")
    def _compute_household_id(self):
        for advance in self:
            households = advance.contract_id.line_ids.household_id
            if not advance.household_id and len(households) == 1:
                advance.household_id = households

    @api.constrains("contract_id", "household_id")
    def _check_household(self):
        for advance in self.sudo():
            if advance.household_id not in advance.contract_id.line_ids.household_id:
                raise ValidationError(
                    self.env._(
                        "Household %(code)s is not in %(contract)s: advances go to its households.",
                        code=advance.household_id.code,
                        contract=advance.contract_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        advances = super().create(vals_list)
        for contract in advances.contract_id:
            if contract.state in ("closed", "cancelled"):
                raise UserError(
                    self.env._(
                        "%(contract)s is over: advances are given while it runs.",
                        contract=contract.name,
                    )
                )
        return advances

    def write(self, vals):
        contracts = self.contract_id
        result = super().write(vals)
        if {"amount", "contract_id", "household_id"} & vals.keys():
            self._check_repaid(contracts | self.contract_id)
        return result

    def unlink(self):
        contracts = self.contract_id
        result = super().unlink()
        self._check_repaid(contracts.exists())
        return result

    @api.model
    def _check_repaid(self, contracts):
        """Refuse that less was advanced than has been deducted."""
        for (contract_id, household_id), rest in self._get_open(contracts).items():
            if float_compare(rest, 0.0, precision_digits=2) < 0:
                raise UserError(
                    self.env._(
                        "Weigh tickets of household %(code)s have repaid more than would be left"
                        " of its advances in %(contract)s: void those tickets first.",
                        code=self.env["union.assist.household"].sudo().browse(household_id).code,
                        contract=contracts.browse(contract_id).name,
                    )
                )

    @api.model
    def _get_open(self, contracts):
        """Return what is still to be repaid, in two queries.

        :return: ``{(contract id, household id): amount}``; negative when too much was deducted
        """
        rests = {}
        for contract, household, amount in self.sudo()._read_group(
            [("contract_id", "in", contracts.ids)],
            ["contract_id", "household_id"],
            ["amount:sum"],
        ):
            rests[contract.id, household.id] = amount
        for contract, household, deducted in (
            self.env["union.assist.weigh.ticket"]
            .sudo()
            ._read_group(
                [("contract_id", "in", contracts.ids), ("state", "in", ("confirmed", "paid"))],
                ["contract_id", "household_id"],
                ["deduction:sum"],
            )
        ):
            key = (contract.id, household.id)
            if deducted or key in rests:
                rests[key] = rests.get(key, 0.0) - deducted
        return rests
