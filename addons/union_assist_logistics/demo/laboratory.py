"""Lab reports, a re-test and retention samples of the demo lots; everything is invented."""

import base64
import io
from datetime import timedelta

from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from odoo.fields import Command

LOGISTICS = "union_assist_logistics."


def report_on(flow, inspection, **values):
    """Hand in a report of the supplier on what an inspection's plan demands."""
    lot = inspection.sudo().lot_id
    lines = inspection.sudo()._get_report_missing()
    return flow.env["union.assist.lab.report"].create(
        {
            "company_id": flow.company.id,
            "number": f"SL-JY{flow.today:%Y}-{inspection.id:04d}",
            "laboratory_id": flow.env.ref(f"{LOGISTICS}laboratory_provincial").id,
            "supplier_id": inspection.sudo().supplier_id.id,
            "product_id": lot.product_id.id,
            "lot_ids": [Command.set(lot.ids)],
            "sampled_on": lot.assist_production_date or flow.today,
            "issued_on": flow.today,
            "file": base64.b64encode(_draw_file(lot.name)),
            "file_name": f"report-{lot.name}.pdf",
            "line_ids": [
                Command.create(
                    {
                        "item": line.name,
                        "limit": line.criterion,
                        "result": f"{round(line.max_value * 0.3, 3):g}",
                        "unit": line.unit,
                        "verdict": "pass",
                    }
                )
                for line in lines
            ],
            **values,
        }
    )


def fill_laboratory(flow):
    """Leave a report to check, a re-test to wait for, and samples kept and to discard."""
    inspections = flow.env["union.assist.quality.inspection"].search([], order="id")
    waiting = inspections.filtered(lambda inspection: inspection.state == "draft")
    for inspection in waiting.filtered("report_missing"):
        report_on(flow, inspection).action_submit()
    places = ("留样间 甲柜 1 层", "留样间 甲柜 2 层", "留样间 乙柜 1 层")
    samples = flow.env["union.assist.retention.sample"].with_user(flow.inspector)
    taken = samples.create(
        [
            {
                "lot_id": inspection.sudo().lot_id.id,
                "inspection_id": inspection.id,
                "quantity": 2,
                "place": places[number % len(places)],
            }
            for number, inspection in enumerate(inspections - waiting)
        ]
    )
    # Of a lot that was sold out long ago, so that there is one to discard.
    old = {"taken_on": flow.today - timedelta(200), "keep_until": flow.today - timedelta(2)}
    taken[:1].write(old)
    failed = inspections.filtered(
        lambda inspection: inspection.state == "submitted" and inspection.result == "fail"
    )[:1]
    if failed:
        flow.env["union.assist.retest"].with_user(flow.operator).create(
            {
                "inspection_id": failed.id,
                "reason": "【示例】铅实测值略高于限量，供应商申请复检",
                "laboratory_id": flow.env.ref(f"{LOGISTICS}laboratory_city").id,
                "sample_id": taken.filtered(lambda sample: sample.inspection_id == failed).id,
            }
        )


def ask_supplier(flow):
    """Leave a nonconformity that waits for the answer of the portal's demo supplier."""
    goods = flow.product("chrysanthemum_tea")
    lot = flow.env["stock.lot"].search([("product_id", "=", goods.id)], order="id desc", limit=1)
    flow.env["union.assist.nonconformity"].with_user(flow.operator).create(
        {
            "supplier_id": goods.assist_supplier_id.id,
            "lot_ids": [Command.set(lot.ids)],
            "quantity": 35,
            "severity": "minor",
            "description": "【示例】抽检 80 盒中 3 盒铝膜封口不严，外箱完好。"
            "请说明原因、处理办法及预防措施。",
        }
    ).action_send()


def _draw_file(lot_name):
    """A page that stands for the laboratory's own."""
    output = io.BytesIO()
    canvas = Canvas(output, pagesize=A5)
    canvas.setTitle(f"Example report {lot_name}")
    canvas.drawString(60, 500, f"EXAMPLE - not a real report - lot {lot_name}")
    canvas.save()
    return output.getvalue()
