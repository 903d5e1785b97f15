from odoo import api, fields, models

from ..tools.delivery_note import OPTIONAL, PAPERS


class NoteLayout(models.Model):
    """How delivery notes (送货单) look: paper, columns, prices and copies.

    Customers choose one by name; an operation type has one for all others. One set of data
    prints in every layout.
    """

    _name = "union.assist.note.layout"
    _description = "Delivery Note Layout"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for all companies.")
    paper = fields.Selection(
        [
            ("a4", "A4"),
            ("a5", "A5 Landscape"),
            ("continuous", "Continuous 241 × 139.7 mm"),
        ],
        required=True,
        default="a4",
    )
    show_prices = fields.Boolean(
        default=True,
        help="Without, neither prices nor amounts nor totals are printed. Notes for private"
        " persons never show them.",
    )
    copies = fields.Text(
        translate=True,
        help="One copy a line: the legend on its right edge. A4 and A5 are printed once for each"
        " line; on continuous multi-part paper one print makes all copies and names them all."
        " Empty: one copy without a legend.",
    )
    show_barcode = fields.Boolean("Barcode", default=True)
    show_lot = fields.Boolean("Lot", default=True)
    show_produced = fields.Boolean("Production Date", default=True)
    show_shelf_life = fields.Boolean("Shelf Life", default=True)
    show_expires = fields.Boolean("Expiry Date")
    show_ordered = fields.Boolean("Ordered Quantity")
    show_received = fields.Boolean(
        "Received Quantity", default=True, help="A blank column that the receiver fills in."
    )
    show_carton_price = fields.Boolean(
        "Carton Price", default=True, help="Printed on notes with goods sold by carton."
    )
    show_remark = fields.Boolean("Remarks", default=True)
    sheet_count = fields.Integer(
        "Sheets", compute="_compute_sheet_count", help="Sheets that a note of one page takes."
    )

    @api.depends("copies", "paper")
    def _compute_sheet_count(self):
        for layout in self:
            paper = PAPERS.get(layout.paper)
            layout.sheet_count = (
                1 if not paper or paper.multipart else max(1, len(layout._get_copies()))
            )

    def action_print_sample(self):
        """Print a sample in this layout: invented goods, no delivery, no number used."""
        self.check_access("read")
        return self.env.ref("union_assist_logistics.action_report_note_sample").report_action(
            self.ids, config=False
        )

    def _get_copies(self):
        """Return the legends of the copies, in the language of the context."""
        self.ensure_one()
        lines = (line.strip() for line in (self.copies or "").splitlines())
        return tuple(line for line in lines if line)

    def _get_columns(self):
        """Return the optional columns of this layout, as ``tools.delivery_note`` names them."""
        self.ensure_one()
        return tuple(name for name in OPTIONAL if self[f"show_{name}"])
