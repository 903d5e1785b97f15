import base64
import hashlib
import json
from collections import namedtuple
from datetime import datetime, timezone

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ..tools.delivery_entry import PHOTOS_PER_DELIVERY, EntryError, Goods, read_entry
from ..tools.delivery_receipt import Receipt, render_receipt
from ..tools.proof_pictures import draw_signature

#: Personal data of who signed: for operators alone.
SIGNER_GROUPS = "union_assist_catalog.group_operator"

#: One row of what a delivery brought, in the unit that its note is written in.
Row = namedtuple("Row", "move product lot uom quantity")


class ReceiptConflict(UserError):
    """Somebody else has signed, or the goods are no longer what the page showed."""


class UnionAssistDeliveryReceipt(models.Model):
    """What a receiver signed for on the page of a delivery: evidence, written once."""

    _name = "union.assist.delivery.receipt"
    _inherit = ["union.assist.append.only"]
    _description = "Delivery Receipt"
    _order = "signed_on desc, id desc"
    _rec_name = "note_number"

    picking_id = fields.Many2one(
        "stock.picking", "Delivery", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="picking_id.company_id", store=True, index=True)
    partner_id = fields.Many2one("res.partner", "Receiving Unit", readonly=True, index=True)
    note_number = fields.Char("Delivery Note", required=True, readonly=True)
    key = fields.Char(
        required=True,
        readonly=True,
        groups=SIGNER_GROUPS,
        help="Made by the telephone for this entry: an entry that comes twice is kept once.",
    )
    signed_on = fields.Datetime(required=True, readonly=True, help="When it reached the server.")
    phone_time = fields.Datetime(
        "Signed by the Telephone's Clock",
        readonly=True,
        help="Earlier than the time of signing where the entry waited for a connection.",
    )
    signer_name = fields.Char("Signed by", readonly=True, groups=SIGNER_GROUPS)
    signer_role = fields.Char("Function", readonly=True, groups=SIGNER_GROUPS)
    signature = fields.Binary(attachment=False, readonly=True, groups=SIGNER_GROUPS)
    remark = fields.Char(readonly=True)
    line_ids = fields.One2many(
        "union.assist.delivery.receipt.line", "receipt_id", "Goods", readonly=True
    )
    has_differences = fields.Boolean(readonly=True, index=True)
    digest = fields.Char(
        "SHA-256 of the Entry",
        required=True,
        readonly=True,
        help="Of all that was entered, the photographs and the signature.",
    )
    pdf_digest = fields.Char("SHA-256 of the PDF", required=True, readonly=True)
    is_unchanged = fields.Boolean(
        "Unchanged",
        compute="_compute_is_unchanged",
        compute_sudo=True,
        help="The PDF, the photographs and the signature are those that were signed for.",
    )

    _append_only_except = ("create_uid", "write_uid", "write_date", "company_id")
    _picking_unique = models.Constraint(
        "UNIQUE(picking_id)", "This delivery has been signed for already."
    )
    _key_unique = models.Constraint("UNIQUE(key)", "This receipt has arrived already.")

    @api.depends("picking_id.assist_receipt_pdf")
    def _compute_is_unchanged(self):
        # The web client asks for forms with sizes in place of files.
        for receipt in self.with_context(bin_size=False):
            pdf = base64.b64decode(receipt.picking_id.assist_receipt_pdf or b"")
            photos = receipt.line_ids.photo_ids
            receipt.is_unchanged = (
                _hash(pdf) == receipt.pdf_digest
                and receipt._get_digest() == receipt.digest
                and all(_hash(base64.b64decode(photo.image)) == photo.digest for photo in photos)
            )

    def _get_digest(self):
        """Return the hash of what this receipt says, as it was when it was signed."""
        self.ensure_one()
        values = {name: self[name] for name in ("key", "note_number", "signed_on", "remark")}
        values["signature"] = base64.b64decode(self.signature)
        lines = [
            {
                **{name: line[name] for name in ("row", "kind", "quantity", "sent_qty", "remark")},
                "product_id": line.product_id.id,
                "lot_id": line.lot_id.id,
                "photos": line.photo_ids.sorted("id").mapped("digest"),
            }
            for line in self.line_ids.sorted("id")
        ]
        return self._hash_entry(values, lines)

    @api.model
    def _hash_entry(self, values, lines):
        """Hash what was signed.

        :param values: key, note_number, signed_on (UTC), remark and signature (PNG)
        :param lines: row, kind, quantity, sent_qty, remark, product_id, lot_id and photos
            (hashes) of each line
        """
        entry = [
            values["note_number"],
            values["key"],
            fields.Datetime.to_string(values["signed_on"]),
            values["remark"] or "",
            _hash(values["signature"]),
            [
                [
                    line["row"],
                    line["product_id"],
                    line["lot_id"] or 0,
                    line["kind"],
                    f"{line['sent_qty']:.6f}",
                    f"{line['quantity']:.6f}",
                    line["remark"] or "",
                    sorted(line["photos"]),
                ]
                for line in lines
            ],
        ]
        return _hash(json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode())

    # -- goods -----------------------------------------------------------------------

    @api.model
    def _get_rows(self, picking):
        """Return what a delivery that has left brought, by move and lot: ``[Row]``."""
        report = self.env["report.union_assist_logistics.report_delivery_note"]
        picking._assist_prefetch_goods()
        lines = report._get_move_lines(picking)
        return [
            Row(move, product, lot or self.env["stock.lot"], uom, uom.round(quantity))
            for move, of_move in lines.grouped("move_id").items()
            for product, lot, uom, quantity, *_rest in report._get_goods(
                move.sale_line_id or None, of_move
            )
        ]

    @api.model
    def _get_rows_digest(self, rows):
        """Return a short text that changes when the goods of a delivery do."""
        text = repr(
            [
                (row.move.id, row.product.id, row.lot.id, row.uom.id, f"{row.quantity:.6f}")
                for row in rows
            ]
        )
        return _hash(text.encode())[:16]

    # -- signing ---------------------------------------------------------------------

    @api.model
    def _sign(self, picking, data):
        """Take in what a receiver entered and signed; the same entry twice is taken in once.

        The delivery is locked and written to, so that of two who sign at once one comes
        after the other: Odoo replays the second, which then finds the receipt of the first.

        :param picking: the delivery, with elevated rights
        :param data: decoded JSON of the page, of any shape
        :return: (the receipt, whether it is new)
        :raise ReceiptConflict: when somebody else has signed, or the goods have changed
        :raise UserError: when something is missing or wrong, saying at which row
        """
        self.env.cr.execute(
            SQL("SELECT id FROM stock_picking WHERE id = %s FOR UPDATE", picking.id)
        )
        key = data.get("key") if isinstance(data, dict) else None
        existing = self.search([("picking_id", "=", picking.id)])
        if existing:
            if existing.key == key:
                return existing, False
            raise ReceiptConflict(
                self.env._(
                    "This delivery has been signed for already, by somebody else or on another"
                    " telephone. Nothing of your entry was kept: load the page again to see"
                    " the receipt, and call the sender if it is not right."
                )
            )
        if not picking._assist_can_be_signed():
            raise ReceiptConflict(
                self.env._(
                    "This delivery cannot be signed for now: it has not been shipped, or its"
                    " signed paper is back with the sender. Please call the sender."
                )
            )
        rows = self._get_rows(picking)
        try:
            entry = read_entry(data, [Goods(row.quantity, row.uom.rounding) for row in rows])
        except EntryError as error:
            if error.code == "changed":
                raise self._changed() from error
            raise UserError(self._explain(error)) from error
        if entry.goods != self._get_rows_digest(rows):
            raise self._changed()
        return self._create_signed(picking, rows, entry), True

    def _changed(self):
        return ReceiptConflict(
            self.env._(
                "The goods of this delivery were changed after you opened the page. Load it again"
                " and check the quantities; what you wrote is kept."
            )
        )

    def _explain(self, error):
        """Return in words why an entry cannot be taken and what to do."""
        texts = {
            "unsigned": self.env._("The signature is missing: sign in the field with your finger."),
            "unchecked": self.env._("Say of each of the goods whether they are in order."),
            "kind": self.env._("Choose what is wrong with the goods."),
            "quantity": self.env._("Enter how many are affected: more than 0."),
            "rounding": self.env._("This quantity has more decimals than the unit allows."),
            "too_much": self.env._("No more can be missing or wrong than were sent."),
            "twice": self.env._("Enter each kind of difference once, with its whole quantity."),
            "photos": self.env._("There are too many photographs, or one of them twice."),
            "lost_photos": self.env._("A photograph has not arrived. It is sent again."),
        }
        text = texts.get(error.code) or self.env._(
            "This entry cannot be read. Load the page again; what you wrote is kept."
        )
        if error.row:
            return self.env._("Line %(row)s: %(text)s", row=error.row, text=text)
        return text

    def _create_signed(self, picking, rows, entry):
        now = fields.Datetime.now()
        signature = draw_signature(entry.strokes)
        photos = self._find_photos(picking, entry)
        lines = self._prepare_lines(rows, entry, photos)
        values = {
            "picking_id": picking.id,
            "partner_id": picking.partner_id.commercial_partner_id.id,
            "note_number": picking.assist_note_number,
            "key": entry.key,
            "signed_on": now,
            "phone_time": self._read_moment(entry.moment, now),
            "signer_name": entry.name,
            "signer_role": entry.role,
            "remark": entry.remark,
            "has_differences": any(entry.differences),
        }
        digest = self._hash_entry({**values, "signature": signature}, lines)
        pdf = self._render(picking, rows, entry, photos, now, digest)
        receipt = self.create(
            {
                **values,
                "signature": base64.b64encode(signature),
                "digest": digest,
                "pdf_digest": _hash(pdf),
                "line_ids": [
                    Command.create(
                        {
                            **{key: value for key, value in line.items() if key != "photos"},
                            "photo_ids": [Command.set(line["photo_ids"])],
                        }
                    )
                    for line in lines
                ],
            }
        )
        picking.write({"assist_receipt_pdf": base64.b64encode(pdf)})
        picking._assist_mark_proof("signed", now)
        picking._assist_drop_reminders()
        cases = self.env["union.assist.delivery.case"]._create_for(receipt)
        picking._message_log(body=receipt._get_summary(cases))
        return receipt

    def _get_summary(self, cases):
        """Return what the chatter of the delivery says: nobody's name."""
        self.ensure_one()
        if not cases:
            return self.env._("Signed for by the receiver, without differences.")
        return self.env._(
            "Signed for by the receiver, with differences: %(cases)s.",
            cases=", ".join(cases.mapped("display_name")),
        )

    def _find_photos(self, picking, entry):
        """Return ``{key: photograph}`` of an entry; all of them have to have arrived."""
        keys = [key for line in entry.differences for item in line for key in item.photos]
        found = (
            self.env["union.assist.delivery.photo"]
            .search([("picking_id", "=", picking.id), ("key", "in", keys)])
            .grouped("key")
        )
        for number, line in enumerate(entry.differences, 1):
            if any(key not in found for item in line for key in item.photos):
                raise UserError(self._explain(EntryError("lost_photos", number)))
        return found

    def _prepare_lines(self, rows, entry, photos):
        lines = []
        for number, (row, differences) in enumerate(zip(rows, entry.differences, strict=True), 1):
            missing = sum(item.quantity for item in differences)
            common = {
                "row": number,
                "move_id": row.move.id,
                "product_id": row.product.id,
                "lot_id": row.lot.id,
                "uom_id": row.uom.id,
                "sent_qty": row.quantity,
            }
            lines.append(
                {
                    **common,
                    "kind": "received",
                    "quantity": max(row.uom.round(row.quantity - missing), 0.0),
                    "remark": "",
                    "photos": [],
                    "photo_ids": [],
                }
            )
            for item in differences:
                pictures = [photos[key] for key in item.photos]
                lines.append(
                    {
                        **common,
                        "kind": item.kind,
                        "quantity": row.uom.round(item.quantity),
                        "remark": item.remark,
                        "photos": [picture.digest for picture in pictures],
                        "photo_ids": [picture.id for picture in pictures],
                    }
                )
        return lines

    @api.model
    def _read_moment(self, moment, now):
        """Return the time by the telephone's clock, unless that is plainly wrong."""
        try:
            read = datetime.fromtimestamp(moment, timezone.utc).replace(tzinfo=None, microsecond=0)
        except (OverflowError, OSError, ValueError):
            return False
        return read if abs((now - read).days) <= 90 else False

    # -- paper -----------------------------------------------------------------------

    def _render(self, picking, rows, entry, photos, now, digest):
        """Draw the receipt: goods, differences, photographs, signature and time; no name."""
        report = self.env["report.union_assist_logistics.report_delivery_note"]
        zone = picking.company_id._assist_get_zone()
        kind_field = self.env["union.assist.delivery.receipt.line"]._fields["kind"]
        kinds = dict(kind_field._description_selection(self.env))
        goods, differences, pictures = [], [], []
        for number, (row, items) in enumerate(zip(rows, entry.differences, strict=True), 1):
            name = row.product.with_context(display_default_code=False).display_name
            missing = sum(item.quantity for item in items)
            goods.append(
                {
                    "index": str(number),
                    "product": name,
                    "lot": row.lot.name or "",
                    "sent": report._format_quantity(row.quantity),
                    "received": report._format_quantity(max(row.quantity - missing, 0.0)),
                    "measure": row.uom.name,
                }
            )
            for item in items:
                differences.append(
                    {
                        "index": str(number),
                        "product": name,
                        "kind": kinds[item.kind],
                        "quantity": f"{report._format_quantity(item.quantity)} {row.uom.name}",
                        "remark": item.remark,
                    }
                )
                pictures += [
                    (f"{number}. {kinds[item.kind]}", base64.b64decode(photos[key].image))
                    for key in item.photos
                ]
        unit = picking.partner_id.commercial_partner_id
        signed = report._local(now, zone)
        receipt = Receipt(
            title=self.env._("Signed Delivery Receipt"),
            company=picking.company_id.name,
            number=picking.assist_note_number,
            labels=self._get_labels(),
            unit=unit.name if unit.is_company else "",
            shipped=report._local(picking.date_done, zone).strftime("%Y-%m-%d"),
            signed=signed.strftime("%Y-%m-%d %H:%M"),
            remark=entry.remark,
            digest=digest,
            goods=goods,
            differences=differences,
            photos=pictures[:PHOTOS_PER_DELIVERY],
            strokes=entry.strokes,
        )
        return render_receipt(receipt, self.env["ir.actions.report"]._assist_load_fonts())

    def _get_labels(self):
        return {
            "number": self.env._("Delivery note"),
            "unit": self.env._("Receiving unit"),
            "shipped": self.env._("Shipped on"),
            "signed": self.env._("Signed on"),
            "product": self.env._("Product, Specification"),
            "lot": self.env._("Lot"),
            "sent": self.env._("Sent"),
            "received": self.env._("Received in order"),
            "measure": self.env._("Unit"),
            "goods": self.env._("Goods"),
            "differences": self.env._("Differences"),
            "no_differences": self.env._("All goods were received in order; no differences."),
            "kind": self.env._("Kind"),
            "quantity": self.env._("Quantity"),
            "remark": self.env._("Remarks"),
            "photos": self.env._("Photographs"),
            "signature": self.env._("Signature of the receiver"),
            "digest": self.env._("SHA-256 of the entry"),
            "colon": self.env._(": "),
            # Filled in page by page.
            "page": self.env._("Page %(page)s of %(pages)s"),
        }

    # -- screens ---------------------------------------------------------------------

    def action_view_cases(self):
        """Open the cases that follow from these receipts."""
        return self.picking_id.action_view_assist_cases()

    def action_download(self):
        """Download the PDF that was signed."""
        self.ensure_one()
        self.picking_id.check_access("read")
        return self.picking_id.action_assist_download_receipt()


def _hash(content):
    return hashlib.sha256(content).hexdigest()
