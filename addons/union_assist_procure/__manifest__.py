{
    "name": "Union Assist: Procurement",
    "summary": "Purchase caps set by the people a supplier lifts",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Union Assist",
    "author": "Union Assist maintainers",
    "website": "https://github.com/union-assist/union-assist",
    "license": "LGPL-3",
    "depends": ["union_assist_catalog", "purchase_requisition_stock"],
    "demo": ["demo/product_demo.xml"],
}
