from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

# What says which goods lie where. Odoo changes it as superuser, by moves alone.
STOCK_FIELDS = frozenset(("product_id", "location_id", "lot_id", "quantity"))
# Asked by reservations alone: an object, so that no client can send it with its context.
WITHOUT_HELD = object()


class StockQuant(models.Model):
    _inherit = "stock.quant"
    _assist_kept_fields = frozenset(("quantity",))

    @api.model_create_multi
    def create(self, vals_list):
        quants = super().create(vals_list)
        if not self.env.su:
            for quant, vals in zip(quants, vals_list, strict=True):
                if vals.get("quantity"):
                    quant._assist_check_by_hand()
        return quants

    def write(self, vals):
        if not self.env.su and STOCK_FIELDS & vals.keys():
            self._assist_check_by_hand()
        return super().write(vals)

    def _assist_check_by_hand(self):
        """Refuse to rewrite where goods under a quality plan lie: that would be no move."""
        self._assist_check_held_by_hand()
        kinds = self.lot_id.sudo()._assist_get_supplier_kinds()
        for quant in self.sudo():
            if quant.lot_id and quant.lot_id._assist_get_plan_ids(
                quant.company_id or self.env.company, today=True, kinds=kinds.get(quant.lot_id)
            ):
                raise AccessError(
                    self.env._(
                        "%(product)s, lot %(lot)s, is under quality control: move it by a"
                        " transfer or a stock count instead of changing its stock record.",
                        product=quant.product_id.display_name,
                        lot=quant.lot_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # Goods on hold
    # ------------------------------------------------------------------
    def _get_gather_domain(self, product_id, location_id, *args, **kwargs):
        domain = super()._get_gather_domain(product_id, location_id, *args, **kwargs)
        if self.env.context.get("assist_gather") is not WITHOUT_HELD:
            return domain
        held = SQL(
            "(SELECT lot_id FROM union_assist_hold_line WHERE held AND company_id = %s)",
            location_id.company_id.id or self.env.company.id,
        )
        return Domain(domain) & Domain("lot_id", "not in", held)

    def _assist_check_held_by_hand(self):
        """Refuse to rewrite where held goods lie: that would be no move."""
        quants = self.sudo()
        holds = quants.lot_id._assist_get_holds(quants.company_id or self.env.company)
        for quant in quants:
            hold = holds.get((quant.lot_id.id, quant.company_id.id))
            if hold:
                raise AccessError(
                    self.env._(
                        "%(product)s, lot %(lot)s, is on hold (%(hold)s): its stock record is not"
                        " changed by hand.",
                        product=quant.product_id.display_name,
                        lot=quant.lot_id.name,
                        hold=hold.display_name,
                    )
                )
