from odoo import api, fields, models
from odoo.exceptions import UserError


class UnionAssistTenderLot(models.Model):
    """One product of a tender, for which suppliers bid by itself."""

    _name = "union.assist.tender.lot"
    _description = "Tender Lot"
    _order = "tender_id, sequence, id"
    _rec_names_search = ["product_id"]
    _check_company_auto = True

    tender_id = fields.Many2one(
        "union.assist.tender", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="tender_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product",
        required=True,
        ondelete="restrict",
        check_company=True,
        domain=[("purchase_ok", "=", True)],
    )
    quantity = fields.Float(required=True, default=1.0, digits="Product Unit")
    uom_id = fields.Many2one(
        "uom.uom",
        "Unit",
        required=True,
        compute="_compute_uom_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
    )
    date_needed = fields.Date("Needed by")
    specification = fields.Text(help="What the goods must be: grade, packing, labels.")
    bid_line_ids = fields.One2many(
        "union.assist.tender.bid.line", "lot_id", "Ranking", readonly=True
    )
    bid_count = fields.Integer(
        "Valid Bids", compute="_compute_bid_count", help="Known once the bids are opened."
    )

    _quantity_positive = models.Constraint("CHECK (quantity > 0)", "A lot has a quantity above 0.")

    @api.depends("product_id", "tender_id.name")
    def _compute_display_name(self):
        for lot in self:
            lot.display_name = lot.product_id.display_name or ""

    @api.depends("product_id")
    def _compute_uom_id(self):
        for lot in self:
            lot.uom_id = lot.product_id.uom_id

    @api.depends("bid_line_ids")
    def _compute_bid_count(self):
        for lot in self:
            lot.bid_count = len(lot.bid_line_ids)

    @api.model_create_multi
    def create(self, vals_list):
        lots = super().create(vals_list)
        lots._check_draft()
        return lots

    def write(self, vals):
        self._check_draft()
        result = super().write(vals)
        self._check_draft()  # of the tender that it may have moved to
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_called(self):
        self._check_draft()

    def _check_draft(self):
        for tender in self.tender_id:
            if tender.state != "draft":
                raise UserError(
                    self.env._(
                        "%(tender)s was called: its lots stay as they were announced.",
                        tender=tender.display_name,
                    )
                )
