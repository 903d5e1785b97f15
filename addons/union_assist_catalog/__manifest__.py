{
    "name": "Union Assist: Catalogue",
    "summary": "Regions, rural households, suppliers and the people they lift",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Union Assist",
    "author": "Union Assist maintainers",
    "website": "https://github.com/union-assist/union-assist",
    "license": "LGPL-3",
    "depends": ["contacts", "portal", "product"],
    "data": [
        "security/union_assist_security.xml",
        "security/ir.model.access.csv",
    ],
    "demo": [],
    "application": True,
}
