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
            lot = lot.create(
                {
                    "name": name,
                    "product_id": product.id,
                    "expiration_date": expires
                    and fields.Datetime.to_datetime(fields.Date.to_date(expires)),
                }
            )
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
