from odoo import api, fields, models
from odoo.exceptions import UserError


class UnionAssistIdentityRotation(models.TransientModel):
    """Shows which keys the fingerprints of identity numbers were made with, and advances them."""

    _name = "union.assist.identity.rotation"
    _description = "Keys of Identity Numbers"

    key_count = fields.Integer("Keys in the File", compute="_compute_state")
    problem = fields.Char(compute="_compute_state")
    registered_count = fields.Integer("Registered Numbers", compute="_compute_state")
    outdated_count = fields.Integer("Of These by Earlier Keys", compute="_compute_state")
    confirmed = fields.Boolean("I understand that all numbers have to be entered again")

    @api.depends_context("uid")
    def _compute_state(self):
        mixin = self.env["union.assist.identity.mixin"]
        counts = mixin._count_identities()
        problem, key_count = "", 0
        try:
            key_count = len(mixin._load_identity_keys())
        except UserError as error:
            problem = str(error)
        for rotation in self:
            rotation.problem = problem
            rotation.key_count = key_count
            rotation.registered_count = sum(counts.values())
            rotation.outdated_count = sum(
                count for version, count in counts.items() if version < key_count
            )

    def action_advance(self):
        """Bring every fingerprint to the newest key."""
        self.check_access("write")
        advanced = self.env["union.assist.identity.mixin"]._advance_identities()
        return self._notify(
            self.env._("%s identity numbers are now kept by the newest key.", advanced)
        )

    def action_forget(self):
        """Remove all fingerprints and last digits, for when the keys are lost."""
        self.check_access("write")
        if not self.confirmed:
            raise UserError(
                self.env._(
                    "All identity numbers would have to be entered again: tick the box to"
                    " confirm it."
                )
            )
        self.env["union.assist.identity.mixin"]._forget_identities()
        return self._notify(self.env._("Nothing is kept of identity numbers any more."))

    def _notify(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
