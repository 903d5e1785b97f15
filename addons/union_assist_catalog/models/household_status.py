from odoo import api, fields, models
from odoo.exceptions import ValidationError

STATUSES = [
    ("registered", "Registered"),
    ("monitored", "Monitored"),
    ("lifted", "Lifted out of Poverty"),
    ("left", "Left the Register"),
]


class UnionAssistHouseholdStatus(models.Model):
    """The status that a household has from a day on, until the next one."""

    _name = "union.assist.household.status"
    _description = "Household Status"
    _order = "date_from desc, id desc"
    _rec_name = "status"

    household_id = fields.Many2one(
        "union.assist.household", required=True, index=True, ondelete="cascade"
    )
    region_id = fields.Many2one(related="household_id.region_id")
    status = fields.Selection(STATUSES, required=True)
    date_from = fields.Date(
        "From", required=True, default=lambda self: self.env.company._assist_today()
    )
    source = fields.Char(
        "Source or Reason",
        help="Document or decision, without names: everybody who sees the household reads it.",
    )

    _day_unique = models.UniqueIndex(
        "(household_id, date_from)",
        "A household has one status a day: correct the one of that day.",
    )

    def init(self):
        """Begin the history of households that have none: entered before there was one."""
        self.pool.post_init(self._begin_missing)

    @api.model_create_multi
    def create(self, vals_list):
        statuses = super().create(vals_list)
        statuses.household_id._take_newest_status()
        return statuses

    def write(self, vals):
        households = self.household_id
        result = super().write(vals)
        if "household_id" in vals:
            self.check_access("write")  # of the new household too
        (households | self.household_id)._take_newest_status()
        return result

    def unlink(self):
        households = self.household_id
        result = super().unlink()
        households.exists()._take_newest_status()
        return result

    @api.constrains("date_from")
    def _check_date(self):
        today = self.env.company._assist_today()
        for status in self:
            if status.date_from > today:
                raise ValidationError(
                    self.env._(
                        "%(household)s: a status begins today at the latest, not on %(date)s."
                        " Enter it when it holds.",
                        household=status.household_id.code,
                        date=status.date_from,
                    )
                )

    def _begin_missing(self):
        self.env.cr.execute(
            "INSERT INTO union_assist_household_status"
            " (household_id, status, date_from, create_uid, create_date, write_uid, write_date)"
            " SELECT id, status, create_date::date,"
            " create_uid, create_date, create_uid, create_date"
            " FROM union_assist_household household"
            " WHERE NOT EXISTS (SELECT FROM union_assist_household_status"
            " WHERE household_id = household.id)"
        )
