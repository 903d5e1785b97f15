import io
import re
from datetime import timedelta

from pypdf import PdfReader

from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon
from odoo.addons.union_assist_catalog.tests.query_common import QueryCountCase

REPORT = "union_assist_logistics.action_report_delivery_note"


class DeliveryNoteCommon(QueryCountCase, BaseCommon):
    """A warehouse that ships in one step, food with lots and expiry, a union unit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.company = cls.env.company
        cls._use_currency(cls.company, "CNY")
        cls.currency = cls.company.currency_id
        # One copy, so that a page is a delivery.
        cls.layout = cls.env["union.assist.note.layout"].create(
            {"name": "One copy", "show_expires": True, "copies": False}
        )
        cls.warehouse = cls._make_warehouse(cls.company, "NOTE")
        cls.unit = cls.env["res.partner"].create(
            {
                "name": "某市教育工会",
                "is_company": True,
                "assist_union_kind": "city_union",
                "lang": "zh_CN",
                "phone": "029-8888",
                "street": "雁塔路1号",
                "city": "西安市",
            }
        )
        cls.tax = cls.env["account.tax"].create(
            {"name": "VAT 13", "amount": 13, "price_include_override": "tax_excluded"}
        )
        cls.tea = cls._make_product("紫阳毛尖", 128.0)
        cls.rice = cls._make_product("洋县黑米", 36.5)
        cls.lots = {
            product: cls._make_stock(product, name)
            for product, name in ((cls.tea, "TEA-01"), (cls.rice, "RICE-01"))
        }
        cls.report = cls.env["ir.actions.report"]
        groups = "stock.group_stock_user"
        cls.warehouse_user = new_test_user(cls.env, "note_warehouse", groups, lang="en_US")

    @classmethod
    def _make_warehouse(cls, company, code):
        warehouse = cls.env["stock.warehouse"].create(
            {"name": f"Warehouse {code}", "code": code, "company_id": company.id}
        )
        warehouse.out_type_id.assist_note_layout_id = cls.layout
        return warehouse

    @classmethod
    def _make_product(cls, name, price, **values):
        return cls.env["product.product"].create(
            {
                "name": name,
                "is_storable": True,
                "tracking": "lot",
                "use_expiration_date": True,
                "list_price": price,
                "taxes_id": [Command.set(cls.tax.ids)],
                **values,
            }
        )

    @classmethod
    def _make_stock(cls, product, name, quantity=1_000_000, warehouse=None):
        warehouse = warehouse or cls.warehouse
        lot = cls.env["stock.lot"].create(
            {
                "name": name,
                "product_id": product.id,
                "company_id": warehouse.company_id.id,
                "assist_production_date": "2026-03-01",
                "expiration_date": fields.Datetime.now() + timedelta(days=500),
            }
        )
        cls.env["stock.quant"]._update_available_quantity(
            product, warehouse.lot_stock_id, quantity, lot_id=lot
        )
        return lot

    @classmethod
    def _make_order(cls, quantities, partner=None, warehouse=None, **values):
        """Confirm a sale order over ``{product: quantity}``; its delivery is reserved."""
        warehouse = warehouse or cls.warehouse
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.unit).id,
                "company_id": warehouse.company_id.id,
                "warehouse_id": warehouse.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": quantity})
                    for product, quantity in quantities.items()
                ],
                **values,
            }
        )
        order.action_confirm()
        order.picking_ids.action_assign()
        return order

    @classmethod
    def _make_deliveries(cls, count, **values):
        orders = [cls._make_order({cls.tea: 10, cls.rice: 4}, **values) for _ in range(count)]
        return cls.env["stock.picking"].concat(*(order.picking_ids for order in orders))

    def _print(self, pickings, user=None):
        report = self.report.with_user(user) if user else self.report
        pdf, extension = report._render(REPORT, pickings.ids)
        self.assertEqual(extension, "pdf")
        return pdf

    def _read(self, pdf):
        """Return the text of each page without blanks and line ends."""
        pages = PdfReader(io.BytesIO(pdf)).pages
        return [re.sub(r"\s", "", page.extract_text()) for page in pages]
