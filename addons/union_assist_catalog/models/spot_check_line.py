from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .household import PERSONAL_GROUPS

# What is entered for a household of the sample; the rest was drawn.
RESULT_FIELDS = frozenset(
    ("result", "method", "note", "photo", "failed_from", "failed_day", "checked_by_id")
    + ("checked_on",)
)


class UnionAssistSpotCheckLine(models.Model):
    """A household of the sample of a spot check, and what was found."""

    _name = "union.assist.spot.check.line"
    _description = "Household of a Spot Check"
    _order = "check_id desc, id"
    _assist_kept_fields = frozenset(("checked_by_id", "checked_on"))

    check_id = fields.Many2one(
        "union.assist.spot.check", required=True, readonly=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(related="check_id.state")
    verification_id = fields.Many2one(
        "union.assist.verification", required=True, readonly=True, index=True, ondelete="restrict"
    )
    linkage_id = fields.Many2one(related="verification_id.linkage_id", store=True)
    household_id = fields.Many2one(related="verification_id.household_id", store=True)
    supplier_id = fields.Many2one(related="verification_id.supplier_id", store=True, index=True)
    region_id = fields.Many2one(related="verification_id.region_id", store=True, index=True)
    mechanism_id = fields.Many2one(related="verification_id.mechanism_id")
    persons = fields.Float(related="verification_id.persons", store=True)
    result = fields.Selection(
        [("confirmed", "Confirmed"), ("failed", "Failed"), ("not_reached", "Not Reached")],
        help="What failed is revoked when the spot check is closed. Who was not reached keeps"
        " counting.",
    )
    method = fields.Selection(
        [("site_visit", "Site Visit"), ("phone", "Phone Call")], default="site_visit"
    )
    failed_from = fields.Selection(
        [("start", "From the start"), ("day", "From a day on")],
        "Untrue",
        default="start",
        required=True,
    )
    failed_day = fields.Date("Untrue from")
    note = fields.Text(groups=PERSONAL_GROUPS, help="What was found; never printed.")
    photo = fields.Image(
        max_width=1920,
        max_height=1920,
        groups=PERSONAL_GROUPS,
        help="Of the work or the goods. No papers, no faces where it can be avoided.",
    )
    checked_by_id = fields.Many2one("res.users", "Checked by", readonly=True)
    checked_on = fields.Datetime(readonly=True)

    _row_unique = models.UniqueIndex(
        "(check_id, verification_id)", "A household is in a sample once."
    )

    @api.depends("household_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.household_id.code

    @api.constrains("result", "failed_from", "failed_day")
    def _check_failed_day(self):
        for line in self:
            if line.result != "failed" or line.failed_from != "day":
                continue
            if not line.failed_day or line.failed_day > line.check_id.date:
                raise ValidationError(
                    self.env._(
                        "Say from which day %(household)s was untrue: %(date)s, the day of the"
                        " spot check, or earlier.",
                        household=line.household_id.code,
                        date=line.check_id.date,
                    )
                )

    def write(self, vals):
        if vals.keys() - RESULT_FIELDS:
            raise UserError(self.env._("What was drawn stays as it was drawn."))
        if not self.env.su and {"checked_by_id", "checked_on"} & vals.keys():
            raise UserError(self.env._("Who checked, and when, follows from the result."))
        if any(line.check_id.state != "drawn" for line in self):
            raise UserError(self.env._("This spot check is closed: its results stay."))
        if "result" in vals:
            vals = {
                **vals,
                "checked_by_id": bool(vals["result"]) and self.env.uid,
                "checked_on": bool(vals["result"]) and fields.Datetime.now(),
            }
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was drawn stays as it was drawn."))

    def action_confirm(self):
        self.write({"result": "confirmed"})

    def action_fail(self):
        self.write({"result": "failed"})

    def action_not_reached(self):
        self.write({"result": "not_reached"})
