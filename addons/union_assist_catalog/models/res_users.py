from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    assist_region_ids = fields.Many2many(
        "union.assist.region",
        "union_assist_region_users_rel",
        "user_id",
        "region_id",
        "Counties in Charge",
        help="What a county official works for: households, linkages and suppliers of these"
        " places, at whatever level below. Other roles are not limited by it.",
    )

    def _get_invalidation_fields(self):
        # The rules of county officials are kept with these places worked in.
        return super()._get_invalidation_fields() | {"assist_region_ids"}
