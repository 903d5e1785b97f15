from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.web.controllers.utils import clean_action


class StockPicking(models.Model):
    """The delivery note (送货单) of a delivery: its number and its prints."""

    _inherit = "stock.picking"

    assist_note_number = fields.Char(
        "Delivery Note",
        copy=False,
        readonly=True,
        help="Given without gaps, by company and year, when the note is first printed.",
    )
    assist_note_prints = fields.Integer("Delivery Note Prints", copy=False, readonly=True)
    assist_vehicle = fields.Char("Vehicle", copy=False, help="Licence plate.")
    assist_driver = fields.Char("Driver", copy=False)

    _assist_note_number_unique = models.UniqueIndex(
        "(company_id, assist_note_number) WHERE assist_note_number IS NOT NULL",
        "Two deliveries of a company cannot have the same delivery note number.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_numbered(self):
        for picking in self:
            if picking.assist_note_number:
                raise UserError(
                    self.env._(
                        "%(picking)s has delivery note %(number)s, and numbers have no gaps:"
                        " cancel it instead of deleting it.",
                        picking=picking.name,
                        number=picking.assist_note_number,
                    )
                )

    def _assist_register_prints(self):
        """Count a print of each delivery; number those that are printed for the first time.

        Only the note's own fields and the log are written with elevated rights: who may
        read a delivery may print it.
        """
        self.check_access("read")
        numbers = {}
        fresh = self.sudo().filtered(lambda picking: not picking.assist_note_number)
        for company, pickings in fresh.grouped("company_id").items():
            # The company's day: whoever prints in another time zone numbers in the same year.
            drawn = company._assist_next_note_numbers(len(pickings), company._assist_today())
            numbers.update(zip(pickings.ids, drawn, strict=True))
        bodies = {}
        for picking in self.sudo().with_context(mail_notrack=True):
            values = {"assist_note_prints": picking.assist_note_prints + 1}
            if picking.id in numbers:
                values["assist_note_number"] = numbers[picking.id]
                values |= self._assist_make_token()
            if picking.state != "done" and not picking.printed:
                # Goods ordered later go into a delivery of their own, not onto this note.
                values["printed"] = True
            picking.write(values)
            bodies[picking.id] = self.env._(
                "Delivery note %(number)s printed (print %(count)s).",
                number=picking.assist_note_number,
                count=picking.assist_note_prints,
            )
        self._message_log_batch(bodies)
        self._assist_mark_proof("printed", fields.Datetime.now())

    def _get_autoprint_report_actions(self):
        actions = super()._get_autoprint_report_actions()
        deliveries = self.filtered(
            lambda picking: (
                picking.picking_type_id.assist_auto_print_note
                and picking.picking_type_code == "outgoing"
            )
        )
        if deliveries:
            report = self.env.ref("union_assist_logistics.action_report_delivery_note")
            action = report.report_action(deliveries.ids, config=False)
            clean_action(action, self.env)
            actions.append(action)
        return actions
