from odoo import fields
from odoo.tests import new_test_user

from .common import UnionAssistQualityCommon


class UnionAssistPackingCommon(UnionAssistQualityCommon):
    """A gift pack of tea and rice, and who makes its recipe, approves it and packs it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._use_currency(cls.env.company, "CNY")
        cls.env.company.assist_gs1_prefix = "6901234"
        cls.manager = new_test_user(
            cls.env, "packing_manager", "union_assist_catalog.group_manager"
        )
        cls.tea.write(
            {
                "assist_packing_class": "tea",
                "weight": 0.25,
                "volume": 0.0005,
                "use_expiration_date": True,
                "expiration_time": 540,
                "lst_price": 60,
                "barcode": "6901234567892",
            }
        )
        cls.rice.write(
            {
                "assist_packing_class": "grain",
                "weight": 2.5,
                "volume": 0.003,
                "use_expiration_date": True,
                "expiration_time": 180,
                "lst_price": 30,
            }
        )
        cls.box = cls.env["product.product"].create(
            {
                "name": "Gift Box",
                "is_storable": True,
                "assist_is_packaging": True,
                "standard_price": 10,
            }
        )
        cls.pack = cls.env["product.product"].create(
            {
                "name": "Autumn Gift Pack",
                "is_storable": True,
                "tracking": "lot",
                "use_expiration_date": True,
                "expiration_time": 365,
                "assist_is_gift_pack": True,
                "lst_price": 120,
                "taxes_id": [(5,)],
                "weight": 3,
            }
        )
        cls.today = cls.env.company._assist_today()

    @classmethod
    def make_recipe(cls, approved=True, **values):
        recipe = (
            cls.env["mrp.bom"]
            .with_user(cls.operator)
            .create(
                {
                    "product_tmpl_id": cls.pack.product_tmpl_id.id,
                    "assist_layers": 3,
                    "assist_pack_volume": 8,
                    "bom_line_ids": [
                        (0, 0, {"product_id": product.id, "product_qty": quantity})
                        for product, quantity in ((cls.tea, 1), (cls.rice, 1), (cls.box, 1))
                    ],
                    **values,
                }
            )
        )
        if approved:
            recipe.action_assist_submit()
            recipe.with_user(cls.manager).action_assist_approve()
        return recipe

    @classmethod
    def stock_up(cls, product, name, quantity, expires=None):
        """Put goods into stock; with a name as that lot."""
        lot = cls.env["stock.lot"]
        if name:
            vals = {"name": name, "product_id": product.id}
            if expires:
                vals["expiration_date"] = fields.Datetime.to_datetime(expires)
            lot = lot.create(vals)
        cls.env["stock.quant"]._update_available_quantity(
            product, cls.stock, quantity, lot_id=lot or None
        )
        return lot

    @classmethod
    def make_order(cls, quantity, user=None, **values):
        order = (
            cls.env["mrp.production"]
            .with_user(user or cls.keeper)
            .create(
                {
                    "product_id": cls.pack.id,
                    "product_qty": quantity,
                    "picking_type_id": cls.warehouse.manu_type_id.id,
                    **values,
                }
            )
        )
        order.action_confirm()
        order.action_assign()
        return order

    @classmethod
    def finish(cls, order, quantity=None):
        """Pack; a quantity below the planned one closes the order with a loss."""
        if quantity:
            order.qty_producing = quantity
            order.set_qty_producing()
        order.with_context(skip_backorder=True, skip_consumption=True).button_mark_done()


class UnionAssistPackScreenCommon(UnionAssistPackingCommon):
    """An order of tea and rice that was picked and waits at the packing table."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.date_from = fields.Date.add(cls.today, days=1)
        cls.union.write({"assist_union_kind": "base_union"})
        cls.tea_lot = cls.stock_up(cls.tea, "T-1", 100)
        cls.rice_lot = cls.stock_up(cls.rice, "R-1", 100)
        cls.large, cls.small = cls.env["stock.package.type"].create(
            [
                {
                    "name": name,
                    "packaging_length": size,
                    "width": size,
                    "height": size,
                    "max_weight": weight,
                    "base_weight": 0.5,
                    "sequence": sequence,
                }
                for name, size, weight, sequence in (
                    ("Large", 400, 15.5, 1),
                    ("Small", 200, 5.5, 2),
                )
            ]
        )
        # Kinds of cartons of the demo data have no limits here: none of them is proposed.
        (cls.env["stock.package.type"].search([]) - cls.large - cls.small).write(
            {"max_weight": 0, "height": 0}
        )
        cls.picking = cls.make_transfer()
        cls.screen = cls.env["union.assist.pack.screen"].with_user(cls.keeper)

    @classmethod
    def make_transfer(cls, tea=12, rice=8):
        """An order whose goods were picked and wait at the packing table."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.union.id,
                "warehouse_id": cls.warehouse.id,
                "order_line": [
                    (0, 0, {"product_id": product.id, "product_uom_qty": quantity})
                    for product, quantity in ((cls.tea, tea), (cls.rice, rice))
                ],
            }
        )
        order.action_confirm()
        pick = order.picking_ids.filtered(lambda p: p.state == "assigned")
        pick.button_validate()
        return order.picking_ids.filtered(
            lambda picking: picking.picking_type_id == cls.warehouse.pack_type_id
        )

    def line(self, product, transfer=None):
        transfer = transfer or self.screen.get_transfer(self.picking.id)
        return next(line for line in transfer["lines"] if line["product"] == product.name)

    def put(self, product, quantity, carton=None):
        return self.screen.pack(
            self.picking.id, self.line(product)["id"], quantity, carton, self.large.id
        )
