from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError


class UnionAssistFarmingContractLine(models.Model):
    """One household of a farming contract, with the area that it plants."""

    _name = "union.assist.farming.contract.line"
    _description = "Household of a Farming Contract"
    _order = "contract_id desc, id"
    _rec_name = "household_id"

    contract_id = fields.Many2one(
        "union.assist.farming.contract", required=True, index=True, ondelete="cascade"
    )
    household_id = fields.Many2one(
        "union.assist.household", required=True, index=True, ondelete="restrict"
    )
    supplier_id = fields.Many2one(related="contract_id.supplier_id")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    area = fields.Float("Area (mu)", digits=(16, 2), help="亩 planted with the crop (1/15 ha).")
    yield_per_mu = fields.Float(
        "Yield (jin per mu)",
        compute="_compute_yield_per_mu",
        store=True,
        readonly=False,
        precompute=True,
        digits=(16, 2),
        aggregator="avg",
    )
    expected_quantity = fields.Float(
        "Expected (jin)",
        compute="_compute_expected_quantity",
        store=True,
        precompute=True,
        digits=(16, 2),
    )
    linkage_id = fields.Many2one(
        "union.assist.linkage",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Linkage that this contract was handed in for as evidence.",
    )
    delivered_quantity = fields.Float(
        "Delivered (jin)", compute="_compute_delivered", digits=(16, 2)
    )
    delivered_amount = fields.Monetary(compute="_compute_delivered")
    paid_amount = fields.Monetary("Paid", compute="_compute_delivered")
    open_amount = fields.Monetary("To Pay", compute="_compute_delivered")
    advance_open = fields.Monetary("Advances Open", compute="_compute_advance_open")

    _household_unique = models.UniqueIndex(
        "(contract_id, household_id)", "The household is in this contract already."
    )
    _area_positive = models.Constraint(
        "CHECK (area >= 0 AND yield_per_mu >= 0)", "Area and yield are not negative."
    )

    @api.depends("contract_id.yield_per_mu")
    def _compute_yield_per_mu(self):
        for line in self:
            line.yield_per_mu = line.contract_id.yield_per_mu

    @api.depends("area", "yield_per_mu")
    def _compute_expected_quantity(self):
        for line in self:
            line.expected_quantity = line.area * line.yield_per_mu

    def _compute_delivered(self):
        rows = self.env["union.assist.weigh.ticket"]._read_group(
            [
                ("contract_id", "in", self.contract_id.ids),
                ("household_id", "in", self.household_id.ids),
                ("state", "in", ("confirmed", "paid")),
            ],
            ["contract_id", "household_id"],
            ["quantity:sum", "amount:sum", "paid_amount:sum", "payable:sum"],
        )
        sums = {(contract.id, household.id): row for contract, household, *row in rows}
        for line in self:
            key = (line.contract_id._origin.id, line.household_id.id)
            quantity, amount, paid, payable = sums.get(key, (0.0,) * 4)
            line.delivered_quantity = quantity
            line.delivered_amount = amount
            line.paid_amount = paid
            line.open_amount = payable - paid

    def _compute_advance_open(self):
        rests = self.env["union.assist.farming.advance"]._get_open(self.contract_id._origin)
        for line in self:
            line.advance_open = rests.get((line.contract_id._origin.id, line.household_id.id), 0.0)

    @api.constrains("contract_id", "household_id")
    def _check_place(self):
        for line in self.sudo():
            region = line.contract_id.region_id
            if not (line.household_id.region_id.parent_path or "").startswith(region.parent_path):
                raise ValidationError(
                    self.env._(
                        "Household %(code)s is registered in %(place)s, outside %(region)s, the"
                        " place of %(contract)s. Choose the place that has all its households, or"
                        " make a contract of its own.",
                        code=line.household_id.code,
                        place=line.household_id.region_id.display_name,
                        region=region.display_name,
                        contract=line.contract_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.contract_id._check_terms_open(("line_ids",))
        return lines

    def write(self, vals):
        if vals.keys() - {"linkage_id"}:
            self.contract_id._check_terms_open(("line_ids",))
        elif "linkage_id" in vals:
            self._check_linkage(vals["linkage_id"])
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self.contract_id._check_terms_open(("line_ids",))

    def _check_linkage(self, linkage_id):
        """Refuse a linkage of another household or another supplier."""
        linkage = self.env["union.assist.linkage"].browse(linkage_id or [])
        for line in self if linkage else ():
            if (linkage.household_id, linkage.supplier_id) != (line.household_id, line.supplier_id):
                raise ValidationError(
                    self.env._("This linkage is one of another household or supplier.")
                )

    def _propose_linkages(self, known):
        """Make linkages for these lines, submitted and not verified.

        :param dict known: linkages that exist, ``{(household, supplier): linkage}``
        :return: the new linkages
        """
        missing = self.browse()
        for line in self:
            if linkage := known.get((line.household_id, line.supplier_id)):
                line.linkage_id = linkage
            else:
                missing |= line
        linkages = self.env["union.assist.linkage"].create(
            [line._prepare_linkage() for line in missing]
        )
        for line, linkage in zip(missing, linkages, strict=True):
            line.linkage_id = linkage
            files = line.contract_id.document_ids
            if files:
                # A linkage has readers of its own: it gets copies.
                copies = files.copy({"res_model": linkage._name, "res_id": linkage.id})
                linkage.evidence_ids = [Command.set(copies.ids)]
        linkages.action_submit()
        return linkages

    def _prepare_linkage(self):
        """Return the values of the linkage that this line's contract is evidence of."""
        self.ensure_one()
        contract = self.contract_id
        return {
            "household_id": self.household_id.id,
            "supplier_id": contract.supplier_id.id,
            "mechanism_id": self.env.ref("union_assist_catalog.mechanism_order_purchase").id,
            "date_from": contract.date_signed or contract.season_id.date_from,
            "date_to": contract.season_id.date_to,
            "currency_id": contract.currency_id.id,
            "promised_amount": self.expected_quantity * contract.floor_price,
            "note": self.env._(
                "Farming contract %(contract)s: %(area)s mu of %(crop)s, %(quantity)s jin expected"
                " at a floor price of %(price)s per jin.",
                contract=contract.name,
                area=f"{self.area:g}",
                crop=contract.product_id.name,
                quantity=f"{self.expected_quantity:g}",
                price=f"{contract.floor_price:g}",
            ),
        }
