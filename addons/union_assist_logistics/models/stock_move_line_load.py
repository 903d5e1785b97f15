from odoo import models


class StockMoveLine(models.Model):
    """What lines put into cartons and on vehicles."""

    _inherit = "stock.move.line"

    def _put_in_pack(self, package_id=False, package_type_id=False, package_name=False):
        package = super()._put_in_pack(package_id, package_type_id, package_name)
        package._assist_register_packing(self)
        return package

    def _assist_get_load(self):
        """Return what these lines weigh and take up, packaging included: (kg, m³)."""
        weight = volume = 0.0
        weighed, measured = set(), set()
        for package in self.result_package_id:
            if package.shipping_weight:
                weight += package.shipping_weight
                weighed.add(package.id)
            kind = package.package_type_id
            if not package.shipping_weight:
                weight += kind.base_weight
            if kind.packaging_length and kind.width and kind.height:
                # Package types are measured in millimetres.
                volume += kind.packaging_length * kind.width * kind.height / 1000.0**3
                measured.add(package.id)
        for line in self:
            quantity, product = line.quantity_product_uom, line.product_id
            if line.result_package_id.id not in weighed:
                weight += product.weight * quantity
            if line.result_package_id.id not in measured:
                volume += product.volume * quantity
        return weight, volume

    def _assist_name_goods(self):
        """Return these goods in a few words: product, lot, quantity and unit."""
        parts = []
        for line in self[:5]:
            parts.append(
                " ".join(
                    filter(
                        None,
                        [
                            line.product_id.with_context(display_default_code=False).display_name,
                            line.lot_id.name,
                            f"{line.quantity:g}",
                            line.product_uom_id.name,
                        ],
                    )
                )
            )
        if len(self) > 5:
            parts.append("…")
        return ", ".join(parts)
