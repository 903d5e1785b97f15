from odoo.fields import Command
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install", "union_assist")
class TestLastSold(TransactionCase):
    """What reaches a customer is not idle; what only moves inside is not sold."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].create({"name": "Depot", "code": "DEP"})
        cls.supplier = cls.env["res.partner"].create(
            {"name": "Tea Maker", "is_company": True, "assist_supplier_kind": "sme"}
        )
        cls.tea, cls.screws = cls.env["product.product"].create(
            [
                {"name": "Tea", "is_storable": True, "assist_supplier_id": cls.supplier.id},
                {"name": "Screws", "is_storable": True},
            ]
        )
        for product in (cls.tea, cls.screws):
            cls.env["stock.quant"]._update_available_quantity(
                product, cls.warehouse.lot_stock_id, 10
            )

    def transfer(self, picking_type, location):
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": picking_type.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": location.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": 2,
                            "location_id": self.warehouse.lot_stock_id.id,
                            "location_dest_id": location.id,
                        }
                    )
                    for product in (self.tea, self.screws)
                ],
            }
        )
        picking.action_confirm()
        picking.action_assign()
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_last_sold(self):
        shelf = self.env["stock.location"].create(
            {"name": "Shelf", "location_id": self.warehouse.lot_stock_id.id}
        )
        self.transfer(self.warehouse.int_type_id, shelf)
        self.assertFalse(self.tea.assist_last_sold_on)
        self.transfer(self.warehouse.out_type_id, self.env.ref("stock.stock_location_customers"))
        self.assertEqual(self.tea.assist_last_sold_on, self.env.company._assist_today())
        self.assertFalse(self.screws.assist_last_sold_on)
