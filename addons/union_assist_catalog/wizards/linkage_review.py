from datetime import date

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.verification import METHODS

# From which states each step is taken.
ALLOWED_STATES = {
    "verify": ("submitted",),
    "refuse": ("submitted",),
    "revoke": ("draft", "submitted", "verified", "expired"),
}

# Rows of the summary that are shown; more help nobody.
SHOWN_OBSTACLES = 100


class UnionAssistLinkageReview(models.TransientModel):
    """Verify, refuse or revoke many linkages in one go, and say which cannot be and why."""

    _name = "union.assist.linkage.review"
    _description = "Review of Linkages"

    linkage_ids = fields.Many2many(
        "union.assist.linkage",
        "union_assist_linkage_review_rel",
        "review_id",
        "linkage_id",
        "Linkages",
        readonly=True,
    )
    operation = fields.Selection(
        [("verify", "Verify"), ("refuse", "Refuse"), ("revoke", "Revoke")],
        required=True,
        readonly=True,
    )
    method = fields.Selection(METHODS, "Verified through", default="documents")
    note = fields.Text(help="What was looked at; kept with the verification.")
    reason = fields.Text(help="Kept on the linkages; the supplier reads it. No personal data.")
    wrong = fields.Selection(
        [
            ("no", "No: it was right until now"),
            ("start", "Yes, from the start"),
            ("day", "Yes, from a day on"),
        ],
        "Earlier Verification Was Wrong",
        required=True,
        default="no",
        help="What was right until now keeps counting for the past. What was wrong is taken out of"
        " the past figures too.",
    )
    wrong_from = fields.Date("Wrong from")
    ready_count = fields.Integer("Can Be Done", compute="_compute_outcome")
    ready_persons = fields.Float("Persons", compute="_compute_outcome", digits=(12, 2))
    conflict_count = fields.Integer(
        "Claimed by Others Too",
        compute="_compute_outcome",
        help="Another supplier has submitted a claim on the same household. Who is verified first"
        " counts it; a split shares it.",
    )
    blocked_count = fields.Integer("Cannot Be Done", compute="_compute_outcome")
    blocked_summary = fields.Html("Why Not", compute="_compute_outcome", sanitize=False)

    @api.depends("linkage_ids", "operation", "wrong", "wrong_from")
    def _compute_outcome(self):
        for review in self:
            ready, obstacles = review._get_outcome()
            review.ready_count = len(ready)
            review.ready_persons = sum(ready.mapped("persons"))
            conflicts = ready._find_conflicts(ready.household_id)
            review.conflict_count = sum(linkage in conflicts for linkage in ready)
            review.blocked_count = len(obstacles)
            rows = list(obstacles.items())
            review.blocked_summary = obstacles and Markup(
                "<table class='table table-sm'><tbody>%s</tbody></table>"
            ) % Markup().join(
                [
                    Markup("<tr><td class='text-nowrap'>%s</td><td>%s</td></tr>")
                    % (linkage.display_name, reason)
                    for linkage, reason in rows[:SHOWN_OBSTACLES]
                ]
                + [Markup("<tr><td>…</td><td></td></tr>")] * (len(rows) > SHOWN_OBSTACLES)
            )

    def _get_wrong_from(self):
        """Return the day from which earlier verifications are wrong, ``None`` if they are not."""
        if self.wrong == "start":
            return date.min
        return (self.wrong == "day" and self.wrong_from) or None

    def _get_outcome(self):
        """Return the linkages that the step can be taken for, and ``{linkage: reason}``."""
        allowed = ALLOWED_STATES[self.operation]
        linkages = self.linkage_ids
        ready = linkages.filtered(lambda linkage: linkage.state in allowed)
        labels = dict(linkages._fields["state"]._description_selection(self.env))
        obstacles = {
            linkage: self.env._("It is %(state)s.", state=labels[linkage.state])
            for linkage in linkages - ready
        }
        if self.operation == "verify":
            plans, refused = ready._plan_verification(self._get_wrong_from())
            ready = linkages.browse(linkage.id for linkage in plans)
            obstacles.update(refused)
        return ready, obstacles

    def action_apply(self):
        """Take the step for all linkages that it can be taken for, all or none of them."""
        self.ensure_one()
        self.linkage_ids.check_access("write")
        ready, obstacles = self._get_outcome()
        if not ready:
            raise UserError(self.env._("None of these linkages can be changed in this way."))
        if self.operation != "verify" and not (self.reason or "").strip():
            raise UserError(self.env._("Give the reason: the supplier has to know what to mend."))
        if self.wrong == "day" and not self.wrong_from:
            raise UserError(self.env._("Say from which day it was wrong."))
        wrong_from = self._get_wrong_from()
        if self.operation == "verify":
            if wrong_from:
                ready.sudo().verification_ids._end(
                    wrong_from, self.note or self.env._("Replaced: the verification was wrong.")
                )
            ready._verify(self.method or "documents", self.note)
            done = self.env._("%(count)s linkages verified.", count=len(ready))
        elif self.operation == "refuse":
            ready._refuse(self.reason)
            done = self.env._("%(count)s linkages refused.", count=len(ready))
        else:
            ready._revoke(self.reason, wrong_from)
            done = self.env._("%(count)s linkages revoked.", count=len(ready))
        if obstacles:
            done += " " + self.env._("%(count)s stay as they were.", count=len(obstacles))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if obstacles else "success",
                "message": done,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
