"""Demo proofs of delivery: one signed for with differences, one nobody has signed for.

Names, quantities and the photograph are invented.
"""

import io
from datetime import timedelta

from PIL import Image, ImageDraw

from odoo import fields

#: Keys and strokes as a telephone would send them.
ENTRY_KEY = "0d3a7c52-9f41-4c8e-8a6b-2f1e5d7c9b10"
PHOTO_KEY = "6b1f0c9e-3d24-4a7b-9c58-7e2a4d6f8013"
STROKES = [
    [0.12, 0.1, 0.3, 0.09],
    [0.21, 0.06, 0.2, 0.2, 0.12, 0.31],
    [0.2, 0.16, 0.31, 0.3],
    [0.42, 0.08, 0.4, 0.18, 0.46, 0.15, 0.44, 0.3, 0.38, 0.27],
    [0.52, 0.12, 0.66, 0.1, 0.6, 0.2, 0.68, 0.29, 0.8, 0.22],
]


def load(env):
    """Print the notes of what the demo has shipped, and sign for one of them."""
    env = env(context={**env.context, "lang": "zh_CN", "tz": "Asia/Shanghai"})
    operator = env.ref("union_assist_catalog.user_operator")
    keeper = env.ref("union_assist_logistics.user_warehouse")
    shipped = {
        name: env["stock.picking"].search(
            [
                ("picking_type_code", "=", "outgoing"),
                ("state", "=", "done"),
                ("sale_id.partner_id", "=", env.ref(f"{unit}_{name}").id),
            ],
            limit=1,
        )
        for unit, name in (
            ("union_assist_catalog.partner_union", "provincial"),
            ("union_assist_catalog.partner_union", "school"),
        )
    }
    now = fields.Datetime.now()
    for days, picking in ((2, shipped["provincial"]), (6, shipped["school"])):
        left = now - timedelta(days=days)
        picking.date_done = left
        kept = picking.with_user(keeper)
        kept._assist_mark_proof("printed", left - timedelta(hours=1))
        # Counted and numbered as printed; the paper itself is nobody's to see.
        kept._assist_register_prints()
        kept._assist_mark_departed(left)
    sign(env, shipped["provincial"])
    damaged = shipped["provincial"].assist_case_ids.filtered(lambda case: case.kind == "damaged")
    damaged = damaged.with_user(operator)
    carrier = env["res.partner"].create(
        {"name": "秦岭冷链运输有限公司（示例）", "is_company": True, "lang": "zh_CN"}
    )
    damaged.write(
        {
            "responsibility": "carrier",
            "responsible_id": carrier.id,
            "remedy": "resend",
            "cost": 80,
            "agreement": "【示例】电话商定补发；破损货物由收货方处理，费用由承运方承担。",
        }
    )
    damaged.action_agree()


def sign(env, picking):
    """Sign as the receiver does on the page: two short, one damaged, with a photograph."""
    env = env(user=env.ref("base.public_user"))
    picking = picking.with_env(env).sudo()
    env["union.assist.delivery.photo"].sudo()._keep(picking, PHOTO_KEY, draw_photo())
    receipts = env["union.assist.delivery.receipt"].sudo()
    rows = receipts._get_rows(picking)
    lines = [{"checked": True, "differences": []} for _row in rows]
    lines[0]["differences"] = [
        {"kind": "short", "quantity": 2, "remark": "【示例】少两件"},
        {
            "kind": "damaged",
            "quantity": 1,
            "remark": "【示例】外箱破损",
            "photos": [PHOTO_KEY],
        },
    ]
    receipts._sign(
        picking,
        {
            "key": ENTRY_KEY,
            "goods": receipts._get_rows_digest(rows),
            "lines": lines,
            "strokes": STROKES,
            "name": "【示例】收货员",
            "role": "库管",
            "remark": "【示例】其余货物包装完好",
        },
    )


def draw_photo():
    """Return a drawing of a torn carton as a picture file."""
    picture = Image.new("RGB", (900, 700), "#cfd8d3")
    pen = ImageDraw.Draw(picture)
    pen.polygon([(150, 250), (560, 250), (560, 610), (150, 610)], fill="#b98a52", outline="#7a5527")
    pen.polygon([(560, 250), (740, 150), (740, 500), (560, 610)], fill="#9c7340", outline="#7a5527")
    pen.polygon([(150, 250), (330, 150), (740, 150), (560, 250)], fill="#cda06a", outline="#7a5527")
    tear = [(300, 610), (330, 520), (305, 480), (370, 430), (350, 390), (410, 470), (430, 610)]
    pen.polygon(tear, fill="#3d2a14")
    pen.line(tear, fill="#f0dcc0", width=6)
    output = io.BytesIO()
    picture.save(output, "JPEG")
    return output.getvalue()
