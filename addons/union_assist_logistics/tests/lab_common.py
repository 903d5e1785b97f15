import base64

from odoo.tests import Form, new_test_user

from .common import UnionAssistQualityCommon

PDF = b"%PDF-1.4\n% a report\n%%EOF\n"


class LabCommon(UnionAssistQualityCommon):
    """A plan that demands a lab report on lead, and laboratories."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.env.company._assist_today()
        cls.supplier.assist_supplier_kind = "sme"
        cls.packing_item, cls.moisture_item, cls.lead_item = cls.plan.item_ids
        cls.lead_item.report_required = True
        cls.laboratory, cls.other_laboratory = cls.env["union.assist.laboratory"].create(
            [
                {"name": "Provincial Institute", "cma_number": "230000000001"},
                {"name": "City Institute", "cma_number": "230000000002"},
            ]
        )
        cls.viewer = new_test_user(cls.env, "lab_viewer", "union_assist_catalog.group_user")

    @classmethod
    def make_report(cls, lot, lines=None, **values):
        lines = [{"item": "lead", "result": "0.12", "unit": "mg/kg"}] if lines is None else lines
        return (
            cls.env["union.assist.lab.report"]
            .with_user(cls.inspector)
            .create(
                {
                    "number": f"R-{lot.name}",
                    "laboratory_id": cls.laboratory.id,
                    "supplier_id": cls.supplier.id,
                    "product_id": lot.product_id.id,
                    "lot_ids": [(6, 0, lot.ids)],
                    "sampled_on": cls.today,
                    "issued_on": cls.today,
                    "file": base64.b64encode(PDF),
                    "file_name": "report.pdf",
                    "line_ids": [(0, 0, {"verdict": "pass", **line}) for line in lines],
                    **values,
                }
            )
        )

    def form(self, record, user=None):
        return Form(record.with_user(user or self.inspector))
