import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.paper_scan import read_codes, to_kept_file

#: Bytes of one scan.
SCAN_BYTES = 20 * 1024**2
_LINK = re.compile(r"/assist/delivery/([\w-]+)$")


class UnionAssistDeliveryPaper(models.TransientModel):
    """Takes in scans of signed delivery notes, each to the delivery whose code is on it."""

    _name = "union.assist.delivery.paper"
    _description = "Take in Signed Delivery Notes"

    picking_ids = fields.Many2many(
        "stock.picking",
        string="Deliveries",
        default=lambda self: self._default_picking_ids(),
        help="Those that were chosen; scans without a readable code are of them.",
    )
    file_ids = fields.Many2many("ir.attachment", string="Scans")
    line_ids = fields.One2many(
        "union.assist.delivery.paper.line",
        "paper_id",
        "Files",
        compute="_compute_line_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
    )

    @api.model
    def _default_picking_ids(self):
        if self.env.context.get("active_model") != "stock.picking":
            return False
        pickings = self.env["stock.picking"].browse(self.env.context.get("active_ids", []))
        return pickings.filtered("assist_note_number")

    @api.depends("file_ids")
    def _compute_line_ids(self):
        """Find the delivery of each file: by its code, its name, or as the only one chosen."""
        for paper in self:
            known = paper.line_ids.grouped("file_id")
            commands = [
                Command.unlink(line.id)
                for line in paper.line_ids
                if line.file_id not in paper.file_ids
            ]
            for file in paper.file_ids:
                if file not in known:
                    picking, found_by = paper._match(file)
                    commands.append(
                        Command.create(
                            {
                                "file_id": file._origin.id or file.id,
                                "picking_id": picking.id,
                                "found_by": found_by,
                            }
                        )
                    )
            paper.line_ids = commands

    def _match(self, file):
        """Return (delivery, how it was found) of a scan; none where nothing tells."""
        pickings = self.env["stock.picking"]
        content = file._origin.raw or file.raw or b""
        for text in read_codes(content):
            token = _LINK.search(text)
            if token:
                domain = [("assist_note_token", "=", token[1])]
                found = pickings.sudo().search(domain, limit=1).with_env(self.env)
                found = found._filtered_access("read")
                if found:
                    return found, "code"
        number = re.search(r"[A-Z]{2,}\d{4}-\d{5,}", file.name or "")
        if number:
            found = pickings.search([("assist_note_number", "=", number[0])], limit=1)
            if found:
                return found, "name"
        if len(self.picking_ids) == 1:
            return self.picking_ids._origin, "chosen"
        return pickings, False

    def action_confirm(self):
        """Keep the scans with their deliveries, whose signed paper is back then."""
        self.ensure_one()
        self.check_access("write")
        if not self.line_ids:
            raise UserError(self.env._("Choose the scans first: pictures or PDF files."))
        kept = []
        for line in self.line_ids:
            content = line.file_id.raw
            if not line.picking_id:
                raise UserError(
                    self.env._(
                        "No code could be read on %(file)s: say which delivery it is of.",
                        file=line.file_id.name,
                    )
                )
            if len(content) > SCAN_BYTES:
                raise UserError(
                    self.env._(
                        "%(file)s is larger than %(size)s MB. Scan it in grey at 200 dpi.",
                        file=line.file_id.name,
                        size=SCAN_BYTES // 1024**2,
                    )
                )
            clean = to_kept_file(content)
            if not clean:
                raise UserError(
                    self.env._(
                        "%(file)s is neither a picture (JPEG, PNG, WebP) nor a PDF.",
                        file=line.file_id.name,
                    )
                )
            kept.append((line.picking_id, line.file_id.name, *clean))
        for picking, name, content, extension in kept:
            picking._assist_check_keeper()
            stem = name.rsplit(".", 1)[0]
            picking._assist_keep_scan(f"{stem}.{extension}", content)
        pickings = self.line_ids.picking_id
        self.file_ids.sudo().unlink()
        return pickings._assist_get_list_action(self.env._("Deliveries"))


class UnionAssistDeliveryPaperLine(models.TransientModel):
    _name = "union.assist.delivery.paper.line"
    _description = "Scan to Take in"

    paper_id = fields.Many2one(
        "union.assist.delivery.paper", required=True, index=True, ondelete="cascade"
    )
    file_id = fields.Many2one("ir.attachment", required=True, ondelete="cascade")
    picking_id = fields.Many2one(
        "stock.picking",
        "Delivery",
        domain="[('picking_type_code', '=', 'outgoing'), ('assist_note_number', '!=', False)]",
    )
    found_by = fields.Selection(
        [("code", "QR Code"), ("name", "File Name"), ("chosen", "Chosen Delivery")], readonly=True
    )
