from odoo import api, fields, models

from .household import PERSONAL_GROUPS

ACTIONS = [
    ("new", "New"),
    ("changed", "Changed"),
    ("unchanged", "Unchanged"),
    ("error", "With Errors"),
]

# What is found out about a row after it has been read.
_RESOLVED = frozenset(
    (
        "import_id",
        "number",
        "has_error",
        "action",
        "region_action",
        "household_action",
        "linkage_action",
        "region_key",
        "parent_key",
        "household_key",
        "linkage_key",
    )
)


class UnionAssistImportRow(models.Model):
    """One row of an uploaded table, as values: kept until the import is done or given up.

    Rows are copied and checked by the database, all at once. Identity numbers are not among the
    values: only what is stored of them anyway.
    """

    _name = "union.assist.import.row"
    _description = "Row to Import"
    _order = "import_id desc, number"
    _rec_name = "number"
    _log_access = False

    import_id = fields.Many2one(
        "union.assist.import", required=True, index=True, ondelete="cascade"
    )
    number = fields.Integer("Row", required=True, help="As the spreadsheet counts, from 1.")
    has_error = fields.Boolean()
    action = fields.Selection(ACTIONS, "Will Be")

    # A region
    code = fields.Char("Official Code")
    name = fields.Char()
    name_en = fields.Char("English Name")
    level = fields.Selection("_selection_level")
    parent_code = fields.Char("Part of")
    region_status = fields.Char("Assistance Status")
    status_from = fields.Date()
    status_source = fields.Char()
    region_action = fields.Char()

    # A household
    household_code = fields.Char()
    head_name = fields.Char("Head of Household", groups=PERSONAL_GROUPS)
    phone = fields.Char(groups=PERSONAL_GROUPS)
    identity_hash = fields.Char(groups=fields.NO_ACCESS)
    identity_version = fields.Integer(groups=fields.NO_ACCESS)
    identity_last4 = fields.Char("Last Four Digits", groups=PERSONAL_GROUPS)
    place_code = fields.Char()
    persons = fields.Integer()
    household_status = fields.Selection("_selection_household_status")
    status_date = fields.Date("Household Status from")
    household_note = fields.Text(groups=PERSONAL_GROUPS)
    place_id = fields.Many2one("union.assist.region", compute="_compute_place_id")
    household_action = fields.Char()

    # A linkage
    supplier_id = fields.Many2one("res.partner", ondelete="set null")
    mechanism_id = fields.Many2one("union.assist.mechanism", ondelete="set null")
    date_from = fields.Date("First Day")
    date_to = fields.Date("Last Day")
    share = fields.Float(digits=(5, 4))
    promised_amount = fields.Float("Promised per Year", digits=(16, 2))
    linkage_note = fields.Text()
    linkage_state = fields.Selection([("draft", "Draft"), ("submitted", "Submitted")])
    linkage_action = fields.Char()

    # Ids of known records; references would be checked row by row.
    region_key = fields.Integer()
    parent_key = fields.Integer()
    place_key = fields.Integer()
    household_key = fields.Integer()
    linkage_key = fields.Integer()

    _import_number_idx = models.Index("(import_id, number)")

    @api.depends("place_key")
    def _compute_place_id(self):
        known = self.env["union.assist.region"].browse(set(self.mapped("place_key"))).exists()
        for row in self:
            row.place_id = known.browse(row.place_key) if row.place_key in known._ids else False

    @api.model
    def _selection_household_status(self):
        field = self.env["union.assist.household"]._fields["status"]
        return field._description_selection(self.env)

    @api.model
    def _selection_level(self):
        field = self.env["union.assist.region"]._fields["level"]
        return field._description_selection(self.env)

    @api.model
    def _get_value_names(self):
        """Return the names of the columns that are read from the file."""
        return [
            name
            for name, field in self._fields.items()
            if field.store and field.column_type and name != "id" and name not in _RESOLVED
        ]
