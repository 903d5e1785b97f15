from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    assist_supplier_kind = fields.Selection(
        [
            ("lead_enterprise", "Lead Enterprise"),
            ("sme", "County SME"),
            ("cooperative", "Cooperative"),
            ("family_farm", "Family Farm"),
            ("agent", "Agent"),
        ],
        "Supplier Kind",
        index="btree_not_null",
        tracking=True,
        help="Set it to make this company a supplier of the assistance programme.",
    )
    assist_union_kind = fields.Selection(
        [
            ("provincial_federation", "Provincial Federation"),
            ("city_union", "City Union"),
            ("county_union", "County Union"),
            ("industrial_union", "Industrial Union"),
            ("direct_unit_union", "Union of a Directly Managed Unit"),
            ("separately_listed_union", "Separately Listed Union"),
            ("base_union", "Base Union"),
        ],
        "Union Kind",
        index="btree_not_null",
        tracking=True,
        help="Set it to make this organisation a purchasing unit of the trade unions.",
    )
    assist_region_id = fields.Many2one(
        "union.assist.region", "Programme Place", index="btree_not_null", ondelete="restrict"
    )
    assist_linkage_ids = fields.One2many(
        "union.assist.linkage",
        "supplier_id",
        "Linkages",
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
    )
    assist_verification_ids = fields.One2many(
        "union.assist.verification",
        "supplier_id",
        "Verifications",
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
    )
    assist_household_count = fields.Float(
        "Verified Households",
        compute="_compute_assist_counts",
        compute_sudo=True,
        digits=(12, 2),
        help="Households with a verified linkage today; a household shared with another"
        " supplier counts with its share.",
    )
    assist_person_count = fields.Float(
        "Verified Persons",
        compute="_compute_assist_counts",
        compute_sudo=True,
        digits=(12, 2),
        help="Persons of the households with a verified linkage today, by share.",
    )

    @api.depends(
        "assist_verification_ids.persons",
        "assist_verification_ids.date_from",
        "assist_verification_ids.date_to",
        "assist_verification_ids.void",
    )
    def _compute_assist_counts(self):
        counts = self._assist_counts(self.env.company._assist_today())
        for partner in self:
            households, persons = counts.get(partner._origin.id, (0.0, 0.0))
            partner.assist_household_count = households
            partner.assist_person_count = persons

    def _assist_counts(self, date):
        """Count verified households and persons on a day, in one query.

        :param date: any day; the figures of past days do not change by what happens later
        :return: ``{partner id: (households, persons)}``, both by share; a supplier
            without a verified linkage on that day is not a key
        """
        verification_model = self.env["union.assist.verification"]
        groups = verification_model._read_group(
            Domain("supplier_id", "in", self._origin.ids)
            & verification_model._get_counted_domain(date),
            ["supplier_id"],
            ["share:sum", "persons:sum"],
        )
        return {supplier.id: (households, persons) for supplier, households, persons in groups}

    def action_view_assist_linkages(self):
        """Open the linkages of this supplier."""
        self.ensure_one()
        self.env["union.assist.verification"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "union_assist_catalog.action_linkage"
        )
        action["domain"] = [("supplier_id", "=", self.id)]
        action["context"] = {"default_supplier_id": self.id}
        return action

    def _assist_order_obstacles(self, products, date):
        """Say why goods may not be ordered from this supplier on a day.

        :param products: ``product.product`` records to be ordered
        :return: list of sentences, each with what to do; empty when nothing is in the way, and
            always for partners who are no assistance suppliers
        """
        self.ensure_one()
        return []
