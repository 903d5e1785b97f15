from odoo import models
from odoo.exceptions import UserError


class PurchaseRequisition(models.Model):
    _inherit = "purchase.requisition"

    def action_confirm(self):
        """Refuse to agree on goods with a supplier who may not deliver them.

        The orders that call them off are judged again, each on its day.
        """
        for agreement in self.filtered(lambda record: record.requisition_type == "blanket_order"):
            supplier = agreement.sudo().vendor_id.commercial_partner_id
            company = agreement.company_id or self.env.company
            if supplier.assist_supplier_kind and (
                obstacles := supplier._assist_order_obstacles(
                    agreement.sudo().line_ids.product_id, company._assist_today()
                )
            ):
                raise UserError(
                    self.env._(
                        "%(agreement)s cannot be agreed with %(supplier)s:\n%(obstacles)s",
                        agreement=agreement.name,
                        supplier=supplier.display_name,
                        obstacles="\n".join(obstacles),
                    )
                )
        return super().action_confirm()
