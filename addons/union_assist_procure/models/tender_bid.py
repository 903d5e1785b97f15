import os
from pathlib import Path

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import config

from odoo.addons.union_assist_catalog.tools.identity import KeyFileError, load_keys

from ..tools import sealing


def get_bid_keys(env):
    """Return the keys that bids are sealed with, oldest first.

    The file that the environment names, else one in the data folder that is made when it is
    missing. A function and no method: what can be reached from a record can be reached from the
    code that an administrator types into an action of the server.

    :param env: whose language an error is in
    :raise UserError: when the key file cannot be used
    """
    path = os.environ.get(sealing.KEY_FILE_VARIABLE)
    try:
        if not path:
            path = Path(config["data_dir"]) / "union_assist" / "bid_keys"
            sealing.make_key_file(path)
        return load_keys(path)
    except (KeyFileError, OSError) as error:
        raise UserError(
            env._(
                "Bids cannot be sealed or opened: the file of their keys (%(path)s) is missing,"
                " damaged, or open to everybody on the server. Whoever runs the server mends it"
                " as docs/operations.md says.",
                path=path,
            )
        ) from error


class UnionAssistTenderBid(models.Model):
    """A supplier's bid: sealed until the opening, clear after it.

    Nobody may read the sealed content, and it is encrypted. Prices come into being at the opening.
    """

    _name = "union.assist.tender.bid"
    _description = "Tender Bid"
    _order = "tender_id desc, id"
    _rec_name = "supplier_id"

    invitation_id = fields.Many2one(
        "union.assist.tender.invitation",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    tender_id = fields.Many2one(related="invitation_id.tender_id", store=True, index=True)
    company_id = fields.Many2one(related="tender_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    supplier_id = fields.Many2one(related="invitation_id.supplier_id", store=True, index=True)
    state = fields.Selection(
        [
            ("sealed", "Sealed"),
            ("withdrawn", "Withdrawn"),
            ("opened", "Opened"),
            ("invalid", "Invalid"),
            ("won", "Won"),
            ("lost", "Lost"),
        ],
        "Status",
        required=True,
        readonly=True,
    )
    sealed = fields.Text(groups=fields.NO_ACCESS, copy=False, exportable=False, readonly=True)
    digest = fields.Char(
        "Receipt", readonly=True, help="SHA-256 of the sealed bid with its random salt."
    )
    submitted_on = fields.Datetime("Handed in", readonly=True)
    submitted_by_id = fields.Many2one("res.users", "Handed in by", readonly=True)
    content = fields.Text(
        "Opened Content",
        readonly=True,
        help="What was sealed, with its salt: its SHA-256 is the receipt.",
    )
    invalid_reason = fields.Char(readonly=True)
    note = fields.Text(readonly=True)
    line_ids = fields.One2many("union.assist.tender.bid.line", "bid_id", "Lots", readonly=True)
    amount_total = fields.Monetary("Total", compute="_compute_amount_total", store=True)
    order_id = fields.Many2one(
        "purchase.order",
        "Request for Quotation",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups="purchase.group_purchase_user",
    )

    _invitation_unique = models.UniqueIndex("(invitation_id)", "This supplier has a bid already.")

    @api.depends("line_ids.amount")
    def _compute_amount_total(self):
        for bid in self:
            bid.amount_total = sum(bid.line_ids.mapped("amount"))

    def _open(self, content, text):
        """Take the opened content when it is what the receipt was given for.

        :return: values of the bid's lines
        :raise ValueError: when the content cannot be read
        """
        self.ensure_one()
        digest = sealing.digest_of(text)
        receipt = self.env["union.assist.tender.event"].search(
            [
                ("invitation_id", "=", self.invitation_id.id),
                ("kind", "in", ("submitted", "changed")),
            ],
            limit=1,
        )
        if digest != self.digest or digest != receipt.digest:
            raise sealing.SealError("broken")
        lines = []
        for lot in self.tender_id.lot_ids:
            row = content["lots"].get(str(lot.id))
            if row:
                lines.append(
                    {
                        "bid_id": self.id,
                        "lot_id": lot.id,
                        "price_unit": float(row["price"]),
                        "quantity": float(row["quantity"]),
                        "days": int(row["days"] or 0),
                        "note": row["note"],
                    }
                )
        self.write({"state": "opened", "content": text, "note": content.get("note") or False})
        return lines

    def _reject(self, reason):
        """Keep a bid that cannot be opened as invalid: the others are opened all the same."""
        self.ensure_one()
        self.write({"state": "invalid", "invalid_reason": reason})
        self.tender_id._log("invalid", self.invitation_id, note=reason)

    def _settle_orders(self):
        """Set the requests for quotation to what was awarded; the others are cancelled."""
        lost = self.filtered(lambda bid: bid.state == "lost").order_id
        lost.filtered(lambda order: order.state != "cancel").button_cancel()
        for bid in self.filtered(lambda bid: bid.state == "won"):
            for line in bid.line_ids:
                if line.awarded:
                    line.order_line_id.write(
                        {"product_qty": line.awarded, "price_unit": line.price_unit}
                    )
                else:
                    line.order_line_id.unlink()
