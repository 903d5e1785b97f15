from odoo import SUPERUSER_ID, api
from odoo.tools.sql import column_exists


def migrate(cr, version):
    """The paper of an operation type's delivery notes is said by a layout now."""
    if not column_exists(cr, "stock_picking_type", "assist_note_paper"):
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    for paper in ("a5", "continuous"):
        cr.execute("SELECT id FROM stock_picking_type WHERE assist_note_paper = %s", [paper])
        types = env["stock.picking.type"].browse([row[0] for row in cr.fetchall()])
        types.assist_note_layout_id = env.ref(f"union_assist_logistics.note_layout_{paper}")
