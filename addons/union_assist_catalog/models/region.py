from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

# Digits of a code by level, highest level first: GB/T 2260 down to the county, GB/T 10114 below.
CODE_DIGITS = {"province": 6, "prefecture": 6, "county": 6, "township": 9, "village": 12}

# Who has a role in the programme: others see regions as the origin of products.
INSIDE_GROUPS = "union_assist_catalog.group_user,union_assist_catalog.group_county"


class UnionAssistRegion(models.Model):
    """An administrative division, from the province down to the village.

    Divisions are known by their official code; the name is kept in every language.
    """

    _name = "union.assist.region"
    _description = "Region"
    _parent_store = True
    _order = "code, id"

    code = fields.Char(
        "Official Code",
        copy=False,
        help="Six digits by GB/T 2260 for provinces, prefectures and counties,"
        " nine for townships, twelve for villages. Townships and villages may go without.",
    )
    name = fields.Char(required=True, translate=True)
    display_name = fields.Char(recursive=True)
    level = fields.Selection(
        [
            ("province", "Province"),
            ("prefecture", "Prefecture"),
            ("county", "County"),
            ("township", "Township"),
            ("village", "Village"),
        ],
        required=True,
        default="township",
    )
    parent_id = fields.Many2one("union.assist.region", "Part of", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    listed_count = fields.Integer(
        "Recommended Products",
        compute="_compute_listed_count",
        groups="union_assist_catalog.group_user,union_assist_catalog.group_county",
        help="Products of the recommended catalogue that come from here, at whatever level below.",
    )
    child_ids = fields.One2many("union.assist.region", "parent_id", "Divisions")
    active = fields.Boolean(default=True)
    status_ids = fields.One2many("union.assist.region.status", "region_id", "Assistance Status")
    current_status_ids = fields.Many2many(
        "union.assist.region.status",
        string="Status Today",
        compute="_compute_current_status_ids",
        compute_sudo=True,
        search="_search_current_status_ids",
        help="Assistance status in force today, of this region or of one that it is part of.",
    )

    contact_ids = fields.One2many("union.assist.region.contact", "region_id", "Contacts")
    official_ids = fields.Many2many(
        "res.users",
        string="Officials",
        compute="_compute_official_ids",
        compute_sudo=True,
        help="County officials in charge of this region or of one that it is part of. An"
        " administrator says so on the user.",
    )
    registered_count = fields.Integer(
        "Registered Households",
        compute="_compute_register_counts",
        groups=INSIDE_GROUPS,
        help="Households here or below that have not left the register.",
    )
    supplier_count = fields.Integer(
        "Suppliers", compute="_compute_register_counts", groups=INSIDE_GROUPS
    )
    division_count = fields.Integer("Number of Divisions", compute="_compute_division_count")
    household_count = fields.Float(
        "Verified Households",
        compute="_compute_counts",
        compute_sudo=True,
        digits=(12, 2),
        help="Households registered here or below that are verifiably linked to a supplier today.",
    )
    person_count = fields.Float(
        "Verified Persons",
        compute="_compute_counts",
        compute_sudo=True,
        digits=(12, 2),
        help="Persons of these households, by the shares that suppliers claim.",
    )

    _code_unique = models.UniqueIndex("(code)", "A region with this code exists already.")

    @api.depends("name", "parent_id.display_name", "parent_id.level")
    @api.depends_context("lang", "hierarchical_naming")
    def _compute_display_name(self):
        """Name the region from the prefecture down: the province goes without saying."""
        full = self.env.context.get("hierarchical_naming", True)
        for region in self:
            parent = region.parent_id
            if full and parent and parent.level != "province":
                region.display_name = f"{parent.display_name} / {region.name}"
            else:
                region.display_name = region.name

    @api.model
    def _search_display_name(self, operator, value):
        """Find a region by its code or by its name in any installed language."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        domain = Domain("code", operator, value)
        for lang, _name in self.env["res.lang"].get_installed():
            named = self.with_context(lang=lang)._search(Domain("name", operator, value))
            domain |= Domain("id", "in", named)
        return domain

    @api.depends("parent_path", "status_ids.kind", "status_ids.date_from", "status_ids.date_to")
    def _compute_current_status_ids(self):
        statuses = self._status_at(fields.Date.context_today(self))
        for region in self:
            region.current_status_ids = statuses[region.id]

    def _search_current_status_ids(self, operator, value):
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        status_model = self.env["union.assist.region.status"]
        in_force = status_model._get_in_force_domain(fields.Date.context_today(self))
        wanted = value if isinstance(value, Domain) else Domain("id", "in", value)
        statuses = status_model.search(in_force & wanted)
        domain = Domain("id", "child_of", statuses.region_id.ids)
        if operator == "in" and False in value:
            domain |= ~Domain("id", "child_of", status_model.search(in_force).region_id.ids)
        return domain

    def _status_at(self, date):
        """Return the assistance statuses that hold in each region on a day.

        What holds in a region holds in everything that is part of it.

        :return: ``{region id: union.assist.region.status records}``, every region a key
        """
        lines = {region.id: region._get_path() for region in self}
        status_model = self.env["union.assist.region.status"]
        statuses = status_model.search(
            Domain("region_id", "in", {part for line in lines.values() for part in line})
            & status_model._get_in_force_domain(date)
        ).grouped(lambda status: status.region_id.id)
        return {
            region_id: status_model.concat(*(statuses.get(part, status_model) for part in line))
            for region_id, line in lines.items()
        }

    def _compute_counts(self):
        counts = self._assist_counts(self.env.company._assist_today())
        for region in self:
            households, persons = counts.get(region._origin.id, (0.0, 0.0))
            region.household_count = households
            region.person_count = persons

    def _assist_counts(self, date):
        """Count verified households and persons in regions on a day, in one query.

        What is part of a region counts for it, at whatever level below. Who is limited to some
        counties counts these alone.

        :return: ``{region id: (households, persons)}``, both by share; a region without a
            verified linkage on that day is not a key
        """
        if not self._origin.ids:
            return {}
        verification_model = self.env["union.assist.verification"]
        verification_model.check_access("read")
        verification_model.flush_model()
        self.env["union.assist.region"].flush_model(["parent_path"])
        counted = verification_model._search(verification_model._get_counted_domain(date))
        self.env.cr.execute(
            SQL(
                """
                  WITH place AS (
                           SELECT verified.region_id,
                                  SUM(verified.share) AS households,
                                  SUM(verified.persons) AS persons
                             FROM union_assist_verification AS verified
                            WHERE verified.id IN %(counted)s
                            GROUP BY verified.region_id
                       )
                SELECT region.id, SUM(place.households), SUM(place.persons)
                  FROM place
                  JOIN union_assist_region AS part ON part.id = place.region_id
                  JOIN union_assist_region AS region
                    ON part.parent_path LIKE region.parent_path || '%%'
                 WHERE region.id IN %(regions)s
                 GROUP BY region.id
                """,
                counted=counted.subselect(),
                regions=tuple(self._origin.ids),
            )
        )
        return {
            region_id: (float(households), float(persons))
            for region_id, households, persons in self.env.cr.fetchall()
        }

    def _get_path(self):
        """Return the ids from the province down to this region, itself included."""
        self.ensure_one()
        return [int(part) for part in (self.parent_path or "").split("/") if part]

    @api.depends("parent_path")
    def _compute_official_ids(self):
        paths = {region: region._get_path() for region in self}
        officials = self.env["res.users"].search(
            [("assist_region_ids", "in", [part for path in paths.values() for part in path])]
        )
        for region in self:
            path = set(paths[region])
            region.official_ids = officials.filtered(
                lambda user, path=path: path & set(user.assist_region_ids.ids)
            )

    @api.depends_context("uid")
    def _compute_register_counts(self):
        for name, model, field, domain in (
            ("registered_count", "union.assist.household", "region_id", [("status", "!=", "left")]),
            (
                "supplier_count",
                "res.partner",
                "assist_region_id",
                [("assist_supplier_kind", "!=", False)],
            ),
        ):
            totals = dict.fromkeys(self._origin.ids, 0)
            groups = self.env[model]._read_group(
                [(field, "child_of", self._origin.ids), *domain], [field], ["__count"]
            )
            for place, count in groups:
                for part in totals.keys() & place._get_path():
                    totals[part] += count
            for region in self:
                region[name] = totals.get(region._origin.id, 0)

    @api.depends("child_ids")
    def _compute_division_count(self):
        counts = dict(
            self._read_group([("parent_id", "in", self._origin.ids)], ["parent_id"], ["__count"])
        )
        for region in self:
            region.division_count = counts.get(region._origin, 0)

    def action_view_suppliers(self):
        """Open the suppliers of this region, at whatever level below."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("union_assist_catalog.action_supplier"),
            "domain": [
                ("assist_region_id", "child_of", self.id),
                ("assist_supplier_kind", "!=", False),
            ],
        }

    def action_view_divisions(self):
        """Open the divisions right below this region."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("union_assist_catalog.action_region"),
            "domain": [("parent_id", "=", self.id)],
            "context": {"default_parent_id": self.id},
        }

    def action_view_contacts(self):
        """Open the contacts of this region: officials keep those of their own counties."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_region_contact"
            ),
            "domain": [("region_id", "child_of", self.id)],
            "context": {"default_region_id": self.id},
        }

    def action_view_figures(self):
        """Ask for the figures of this region on a day, today to begin with."""
        self.ensure_one()
        self.env["union.assist.verification"].check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("union_assist_catalog.action_figures"),
            "context": {"default_region_id": self.id},
        }

    def _compute_listed_count(self):
        groups = self.env["union.assist.catalogue.entry"]._read_group(
            [("origin_id", "child_of", self._origin.ids), ("listed", "=", True)],
            ["origin_id"],
            ["__count"],
        )
        for region in self:
            path = region._origin.parent_path or "-"
            region.listed_count = sum(
                count for origin, count in groups if origin.parent_path.startswith(path)
            )

    def action_view_assortment(self):
        """Open the assortment of this region: products by county and category, gaps included."""
        self.ensure_one()
        self.env["union.assist.assortment"].check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_assortment"
            ),
            "domain": [("region_id", "child_of", self.id)],
            "context": {},
        }

    def action_view_households(self):
        """Open the households registered in this region, at whatever level below."""
        self.ensure_one()
        self.env["union.assist.household"].check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "union_assist_catalog.action_household"
            ),
            "domain": [("region_id", "child_of", self.id)],
            "context": {"default_region_id": self.id},
        }

    @api.constrains("code", "level")
    def _check_code(self):
        for region in self:
            digits = CODE_DIGITS[region.level]
            if not region.code and region.level in ("township", "village"):
                continue
            if not region.code or len(region.code) != digits or not region.code.isdecimal():
                level = dict(self._fields["level"]._description_selection(self.env))
                raise ValidationError(
                    self.env._(
                        "The code of %(region)s (%(level)s) has %(digits)s digits.",
                        region=region.name,
                        level=level[region.level],
                        digits=digits,
                    )
                )

    @api.constrains("level", "parent_id")
    def _check_level(self):
        ranks = {level: rank for rank, level in enumerate(CODE_DIGITS)}
        for region in self.filtered("parent_id"):
            if ranks[region.level] <= ranks[region.parent_id.level]:
                raise ValidationError(
                    self.env._(
                        "%(region)s cannot be part of %(parent)s, which is not of a higher level.",
                        region=region.name,
                        parent=region.parent_id.display_name,
                    )
                )
