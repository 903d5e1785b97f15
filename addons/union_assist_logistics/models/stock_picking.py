from odoo import api, models
from odoo.exceptions import AccessError

# Which backorders belong to a quality step: kept by making them, never by hand.
STEP_FIELDS = frozenset(("assist_quality_root_id",))
# What a printed note says about itself: kept by printing, never by hand.
NOTE_FIELDS = frozenset({"assist_note_number", "assist_note_token", "assist_note_prints"})
# What the proof of a delivery is made of: moved on by acts, never by hand.
PROOF_FIELDS = frozenset(
    ("assist_proof_state", "assist_proof_deadline", "assist_proof_reminded_on")
    + ("assist_proof_event_ids", "assist_token_date", "assist_receipt_pdf")
    + ("assist_receipt_ids", "assist_scan_ids", "assist_case_ids")
)


class StockPicking(models.Model):
    _inherit = "stock.picking"
    _assist_kept_fields = STEP_FIELDS | NOTE_FIELDS | PROOF_FIELDS

    def _pre_action_done_hook(self):
        """Say kindly what goods wait for; the rules themselves are in the moves."""
        notice = self._assist_get_arrival_notice() or self._assist_get_decision_notice()
        return notice or super()._pre_action_done_hook()

    def _create_backorder(self, backorder_moves=None):
        backorders = super()._create_backorder(backorder_moves=backorder_moves)
        self._assist_move_arrival_checks(backorders)
        # Without reservation at confirmation the backorder has no lots yet; with it, both
        # sides of a split have to share the inspections out.
        steps = (self | backorders)._assist_get_quality_steps()
        self.env["union.assist.quality.inspection"]._sync_with_pickings(steps)
        return backorders

    @api.model_create_multi
    def create(self, vals_list):
        self._check_kept_fields(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_kept_fields(vals)
        routes = self.batch_id.filtered("assist_is_route") if "batch_id" in vals else None
        result = super().write(vals)
        if "partner_id" in vals:
            self.move_line_ids._assist_check_receivers()
        if routes is not None and (routes or self.batch_id.assist_is_route):
            self._assist_join_route(routes)
        return result

    def _check_kept_fields(self, *vals_list):
        """Refuse to write by hand what follows from acts."""
        written = self._assist_kept_fields & set().union(*vals_list)
        if self.env.su or not written:
            return
        if written & NOTE_FIELDS:
            message = self.env._("Delivery note numbers are given by printing; they cannot be set.")
        elif written & STEP_FIELDS:
            message = self.env._(
                "Which quality step a transfer belongs to follows from its backorders."
            )
        else:
            message = self.env._(
                "The proof of a delivery follows from what was done with it: print, hand over,"
                " sign, scan or close it; it cannot be set."
            )
        raise AccessError(message)

    def _action_done(self):
        self._assist_check_routes()
        result = super()._action_done()
        self.sudo()._assist_set_proof_deadline()
        cases = self.sudo().move_ids.assist_case_id
        if cases:
            cases._check_done()
        return result

    def _assist_get_list_action(self, title):
        """Window action on these transfers."""
        action = {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "stock.picking",
            "view_mode": "list,form",
            "domain": [("id", "in", self.ids)],
            "context": {"create": False},
        }
        if len(self) == 1:
            action.update(res_id=self.id, view_mode="form")
        return action
