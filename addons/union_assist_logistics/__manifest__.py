{
    "name": "Union Assist: Logistics",
    "summary": "Quality control, packing and delivery, with printed delivery notes",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Union Assist",
    "author": "Union Assist maintainers",
    "website": "https://github.com/union-assist/union-assist",
    "license": "LGPL-3",
    "depends": [
        "union_assist_procure",
        "mrp",
        "product_expiry",
        "sale_stock",
        "stock_picking_batch",
    ],
    "data": [
        "data/delivery_note_data.xml",
        "report/delivery_note_report.xml",
        "views/delivery_page.xml",
        "views/stock_picking_views.xml",
    ],
    "assets": {
        "web.assets_backend": ["union_assist_logistics/static/src/**/*"],
        "web.assets_tests": ["union_assist_logistics/static/tests/tours/**/*"],
    },
    "external_dependencies": {"python": ["cn2an", "qrcode", "reportlab"]},
}
