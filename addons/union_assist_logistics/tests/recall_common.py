from odoo import Command, fields

from .common import UnionAssistQualityCommon


class RecallCommon(UnionAssistQualityCommon):
    """Tea and rice in stock by lot, gift packs made of them, deliveries to units."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.inspector | cls.operator | cls.keeper).lang = "en_US"
        # No plan here: what holds do must not rest on the quality gate.
        cls.plan.active = False
        cls.pack, cls.box = cls.env["product.product"].create(
            [
                {"name": name, "is_storable": True, "tracking": "lot", "lst_price": 50.0}
                for name in ("Festival Pack", "Box of Packs")
            ]
        )
        cls.shop = cls.env["res.partner"].create(
            {
                "name": "Hospital Union",
                "is_company": True,
                "lang": "en_US",
                "email": "h@example.com",
            }
        )

    @classmethod
    def stock_lot(cls, name, quantity, product=None, produced=None):
        """Receive a lot from the supplier straight into stock."""
        product = product or cls.tea
        lot = cls.env["stock.lot"].create(
            {"name": name, "product_id": product.id, "assist_production_date": produced}
        )
        cls.transfer(
            {lot: quantity},
            cls.supplier_location,
            cls.stock,
            cls.warehouse.in_type_id,
            cls.supplier,
        )
        return lot

    @classmethod
    def transfer(cls, lots, source, target, kind, partner=None, done=True, packages=(), into=None):
        """Move lots by a transfer, without reservation."""
        picking = cls.env["stock.picking"].create(
            {
                "picking_type_id": kind.id,
                "partner_id": partner.id if partner else False,
                "location_id": source.id,
                "location_dest_id": target.id,
            }
        )
        for lot, quantity in lots.items():
            move = cls.env["stock.move"].create(
                {
                    "product_id": lot.product_id.id,
                    "product_uom_qty": quantity,
                    "picking_id": picking.id,
                    "location_id": source.id,
                    "location_dest_id": target.id,
                    "location_final_id": target.id,
                }
            )
            move._action_confirm(merge=False)
            move.move_line_ids.unlink()
            cls.env["stock.move.line"].create(
                {
                    "move_id": move.id,
                    "picking_id": picking.id,
                    "product_id": lot.product_id.id,
                    "lot_id": lot.id,
                    "quantity": quantity,
                    "location_id": source.id,
                    "location_dest_id": target.id,
                    "package_id": packages[0].id if packages else False,
                    "result_package_id": into.id if into else False,
                    "picked": True,
                }
            )
        if done:
            picking._action_done()
        return picking

    @classmethod
    def deliver(cls, lots, partner=None, **options):
        return cls.transfer(
            lots,
            cls.stock,
            cls.customer_location,
            cls.warehouse.out_type_id,
            partner or cls.union,
            **options,
        )

    @classmethod
    def produce(cls, name, quantity, parts, product=None, done=True):
        """Make packs of one lot from ``{lot: quantity of it altogether}``."""
        production = cls.env["mrp.production"].create(
            {
                "product_id": (product or cls.pack).id,
                "product_qty": quantity,
                "picking_type_id": cls.warehouse.manu_type_id.id,
                "location_src_id": cls.stock.id,
                "location_dest_id": cls.stock.id,
                "move_raw_ids": [
                    Command.create(
                        {
                            "product_id": lot.product_id.id,
                            "product_uom_qty": part,
                            "location_id": cls.stock.id,
                            "location_dest_id": cls.tea.property_stock_production.id,
                        }
                    )
                    for lot, part in parts.items()
                ],
            }
        )
        production.action_confirm()
        lot = cls.env["stock.lot"].search(
            [("name", "=", name), ("product_id", "=", production.product_id.id)]
        ) or cls.env["stock.lot"].create({"name": name, "product_id": production.product_id.id})
        production.lot_producing_ids = lot
        production.qty_producing = quantity
        for (part_lot, part), move in zip(parts.items(), production.move_raw_ids, strict=True):
            move.move_line_ids.unlink()
            cls.env["stock.move.line"].create(
                {
                    "move_id": move.id,
                    "product_id": part_lot.product_id.id,
                    "lot_id": part_lot.id,
                    "quantity": part,
                    "location_id": move.location_id.id,
                    "location_dest_id": move.location_dest_id.id,
                    "picked": True,
                }
            )
        if not done:
            return production
        production.button_mark_done()
        assert production.state == "done", production.state
        return lot

    def hold(self, lots=None, user=None, **values):
        """Put lots on hold as the inspector."""
        if lots:
            values.update(scope="lot", lot_ids=[Command.set(lots.ids)])
        hold = (
            self.env["union.assist.hold"]
            .with_user(user or self.inspector)
            .create({"reason": "Smells of mould", **values})
        )
        hold.action_hold()
        return hold.sudo()

    @property
    def today(self):
        return fields.Date.today()
