import secrets
from datetime import timedelta

from odoo import api, fields, models


class StockPicking(models.Model):
    """The link on a delivery note, and the page it opens for the receiver without login."""

    _inherit = "stock.picking"

    assist_note_token = fields.Char(copy=False, readonly=True, groups=fields.NO_ACCESS)
    assist_token_date = fields.Datetime("Link Given on", readonly=True, copy=False)
    assist_link_end = fields.Date("Link Valid until", compute="_compute_assist_link_end")

    _assist_note_token_unique = models.UniqueIndex(
        "(assist_note_token) WHERE assist_note_token IS NOT NULL"
    )

    # -- link --------------------------------------------------------------------------

    @api.model
    def _assist_make_token(self):
        """Return the values that give a delivery an address nobody can guess."""
        return {
            "assist_note_token": secrets.token_urlsafe(16),
            "assist_token_date": fields.Datetime.now(),
        }

    @api.depends("assist_token_date", "date_done", "scheduled_date", "state")
    def _compute_assist_link_end(self):
        """The link lasts some days after the delivery left, or after it was given anew."""
        parameter = self.env["union.assist.parameter"]
        for picking in self:
            given = picking.assist_token_date
            if not given or picking.state == "cancel":
                picking.assist_link_end = False
                continue
            left = picking.date_done if picking.state == "done" else picking.scheduled_date
            zone = picking.company_id._assist_get_zone()
            day = max(given, left or given).astimezone(zone).date()
            days = parameter._get_value("proof_link_days", day)
            picking.assist_link_end = day + timedelta(days=int(days))

    @api.model
    def _assist_find_by_token(self, token):
        """Return the delivery that a link stands for; none where it is unknown, over or revoked.

        With elevated rights: the link is the key.
        """
        picking = self.sudo().search([("assist_note_token", "=", token)], limit=1)
        end = picking.assist_link_end
        if not end or end < picking.company_id._assist_today():
            return picking.browse()
        return picking

    def action_assist_renew_link(self):
        """Give these deliveries new links: those on notes printed so far lead nowhere then."""
        self._assist_check_keeper()
        for picking in self.filtered("assist_note_number"):
            picking.sudo().write(self._assist_make_token())
        self._message_log_batch(
            {
                picking.id: self.env._(
                    "The link of the delivery note was given anew: print the note again."
                )
                for picking in self
            }
        )

    # -- page --------------------------------------------------------------------------

    def _assist_get_page_values(self):
        """Return what the receiver's page shows: goods and unit; no prices, no persons."""
        self.ensure_one()
        report = self.env["report.union_assist_logistics.report_delivery_note"].sudo()
        self._assist_prefetch_goods()
        values = report._get_public_values(self)
        receipts = self.env["union.assist.delivery.receipt"].sudo()
        kinds = receipts.line_ids._fields["kind"]._description_selection(self.env)
        receipt = self.assist_receipt_ids
        signable = not receipt and self._assist_can_be_signed()
        rows = receipts._get_rows(self) if signable else []
        values |= {
            "signable": signable,
            "rows": [self._assist_get_page_row(report, row) for row in rows],
            "goods": receipts._get_rows_digest(rows),
            "kinds": [pair for pair in kinds if pair[0] != "received"],
            "lang_code": self.env.lang,
            "receipt": receipt and self._assist_get_page_receipt(report, receipt, dict(kinds)),
            "link_end": self.assist_link_end.isoformat(),
        }
        values["note"]["token"] = self.assist_note_token
        if receipt:
            values["note"]["state"] = self.env._("Signed")
            values["note"]["badge"] = "success"
        return values

    def _assist_prefetch_goods(self):
        """Read at once what the rows of a note are made of, which are looked at one by one."""
        lines = self.move_line_ids.with_prefetch()
        lines.mapped("product_uom_id.name")
        lines.mapped("lot_id.name")
        lines.mapped("move_id.sale_line_id.product_uom_id")
        lines.product_id.with_context(display_default_code=False).mapped("display_name")

    def _assist_get_page_row(self, report, row):
        zone = self.company_id._assist_get_zone()
        return {
            **report._describe(row.product, row.lot, zone, {}),
            "quantity": row.quantity,
            "shown": report._format_quantity(row.quantity),
            "unit": row.uom.name,
            "step": row.uom.rounding,
        }

    def _assist_get_page_receipt(self, report, receipt, kinds):
        zone = self.company_id._assist_get_zone()
        rows = []
        for lines in receipt.line_ids.grouped("row").values():
            good = lines.filtered(lambda line: line.kind == "received")
            rows.append(
                {
                    **report._describe(good.product_id, good.lot_id, zone, {}),
                    "sent": report._format_quantity(good.sent_qty),
                    "received": report._format_quantity(good.quantity),
                    "unit": good.uom_id.name,
                    "differences": [
                        {
                            "kind": kinds[line.kind],
                            "quantity": report._format_quantity(line.quantity),
                            "remark": line.remark or "",
                            "photos": len(line.photo_ids),
                        }
                        for line in lines - good
                    ],
                }
            )
        signed = report._local(receipt.signed_on, zone)
        return {
            "rows": rows,
            "remark": receipt.remark or "",
            "signed": signed.strftime("%Y-%m-%d %H:%M"),
            "digest": receipt.digest,
        }
