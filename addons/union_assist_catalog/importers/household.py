from odoo.tools import SQL

from ..tools import identity
from ..tools.import_values import Column
from .base import ROW, Part

# Fields whose change has consequences: what was verified goes back, the log gets a line.
_FOLLOWED = {"region_id": "place_key", "persons": "persons"}
_PLAIN = {"head_name": "head_name", "phone": "phone", "note": "household_note"}
_IDENTITY = {name: name for name in ("identity_hash", "identity_version", "identity_last4")}


class HouseholdPart(Part):
    """Households of a register, known by their code."""

    name = "household"
    columns = (
        Column(
            "household_code",
            "Household Code",
            "户编号",
            "code",
            required=True,
            aliases=("农户编号", "农户编码", "户号"),
            examples=("610924-0001", "610924-0002"),
        ),
        Column(
            "head_name",
            "Head of Household",
            "户主姓名",
            personal=True,
            aliases=("户主",),
            examples=("张某某", "李某某"),
        ),
        Column(
            "identity_number",
            "Identity Number",
            "户主身份证号",
            "identity_number",
            personal=True,
            aliases=("身份证号", "身份证号码", "户主证件号码"),
        ),
        Column("phone", "Phone", "联系电话", "code", personal=True, aliases=("电话", "手机")),
        Column(
            "place_code",
            "Place Code",
            "所在地区划代码",
            "region_code",
            new=True,
            aliases=("区划代码", "村代码", "行政区划代码"),
            examples=("610924", "610924109"),
        ),
        Column(
            "persons",
            "Persons",
            "人数",
            "whole_number",
            new=True,
            aliases=("家庭人口", "人口数", "户内人口"),
            examples=("4", "3"),
        ),
        Column(
            "household_status",
            "Household Status",
            "农户状态",
            "choice",
            aliases=("状态", "农户类型"),
            examples=("脱贫户", "监测户"),
        ),
        Column(
            "status_date",
            "Household Status from",
            "状态起始日期",
            "date",
            examples=("2020-02-27", ""),
        ),
        Column(
            "household_note",
            "Household Note",
            "农户备注",
            personal=True,
            examples=("", ""),
        ),
    )

    def __init__(self, check):
        super().__init__(check)
        self.households = self.env["union.assist.household"]
        self.today = self.env.company._assist_today()
        self.keys = None

    def prepare(self):
        # Places are few; finding them here spares a statement over all rows.
        self.env["union.assist.region"].flush_model(["code"])
        self.env.cr.execute("SELECT code, id FROM union_assist_region WHERE code IS NOT NULL")
        self.places = dict(self.env.cr.fetchall())

    def choices(self):
        return {
            "household_status": self.check.job._get_selection_choices(
                "union.assist.household", "status"
            )
        }

    def convert(self, values):
        if place := values.get("place_code"):
            values["place_key"] = self.places.get(place)
            if not values["place_key"]:
                yield (
                    "place_code",
                    self.env._(
                        "There is no division with the code %s. Correct it, or have the list of"
                        " divisions imported first.",
                        place,
                    ),
                )
        if number := values.pop("identity_number", None):
            try:
                number = identity.check(number, self.today)
            except identity.IdentityNumberError:
                yield "identity_number", self.households._check_identity_number(number)[1]
            else:
                if self.keys is None:
                    self.keys = self._load_keys()
                values.update(self.households._make_identity_values(number, self.keys))
        date = values.get("status_date")
        if date and "household_status" not in values:
            yield "household_status", self.env._("There is a day, but no status that begins then.")
        elif date and date > self.today.isoformat():
            yield "status_date", self.env._("A status begins today at the latest.")

    def _load_keys(self):
        keys = self.households._load_identity_keys(remember=True)
        # Fingerprints are compared: all must be by the same keys.
        if any(version < len(keys) for version in self.households._count_identities()):
            self.households.sudo()._advance_identities()
        return keys

    def resolve(self):
        return {"household_key": SQL("household.id")}, SQL(
            "LEFT JOIN union_assist_household household ON household.code = row.household_code"
        )

    def validate(self):
        empty = self.check.job._explain_empty_of_new()
        for column in self.columns:
            if column.new:
                self.note(
                    column.name,
                    empty,
                    self.rows(
                        SQL(
                            "row.household_key IS NULL AND row.household_code IS NOT NULL"
                            " AND row.%s IS NULL AND NOT EXISTS (SELECT FROM"
                            " union_assist_import_error error WHERE error.import_id ="
                            " row.import_id AND error.number = row.number"
                            " AND error.column_name = %s)",
                            SQL.identifier(column.name),
                            column.name,
                        )
                    ),
                )
        self._validate_scope()
        self._validate_repeated()
        self._validate_identity()
        known = SQL("JOIN union_assist_household household ON household.id = row.household_key")
        self.note(
            "household_code",
            self.env._("This household is archived. Restore it first, or leave the row out."),
            self.rows(SQL("NOT household.active"), known),
        )
        self.note(
            "status_date",
            self.env._(
                "The household has a later status, from {date}. Correct the day, or leave the"
                " status out."
            ),
            self.rows(
                SQL(
                    "row.household_status <> household.status"
                    " AND coalesce(row.status_date, %s) < newest.date_from",
                    self.today,
                ),
                SQL(
                    "%s CROSS JOIN LATERAL (SELECT max(date_from) AS date_from"
                    " FROM union_assist_household_status status"
                    " WHERE status.household_id = household.id) newest",
                    known,
                ),
            ),
            date=SQL("newest.date_from"),
        )

    def _validate_scope(self):
        mine = self.restricted()
        if not mine:
            return
        self.note(
            "place_code",
            self.env._("This place is outside the counties that you are in charge of."),
            self.rows(SQL("row.place_key IS NOT NULL AND row.place_key NOT IN %s", mine)),
        )
        self.note(
            "household_code",
            self.env._(
                "A household outside the counties that you are in charge of has this code."
                " Compare it with the register."
            ),
            self.rows(
                SQL("household.region_id NOT IN %s", mine),
                SQL("JOIN union_assist_household household ON household.id = row.household_key"),
            ),
        )

    def _validate_repeated(self):
        if len(self.check.parts) == 1:
            self.note_repeated(
                "household_code",
                self.env._("Row {row} has the same code: every household is listed once."),
                SQL("row.household_code"),
            )
            return
        # A household with several linkages has several rows: they must say the same of it.
        for column, name in self._find_contradictions():
            self.note(
                column.name,
                self.env._("Row {row} says something else of the same household."),
                SQL(
                    "(SELECT row.*, min(%(name)s) OVER same AS low, max(%(name)s) OVER same"
                    " AS high, first_value(number) OVER (same ORDER BY %(name)s) AS low_row,"
                    " first_value(number) OVER (same ORDER BY %(name)s DESC NULLS LAST)"
                    " AS high_row FROM %(row)s row WHERE %(this)s AND household_code IS NOT NULL"
                    " WINDOW same AS (PARTITION BY household_code)) row"
                    " WHERE low <> high AND row.%(name)s IS NOT NULL",
                    name=SQL.identifier(name),
                    row=ROW,
                    this=self.this,
                ),
                row=SQL(
                    "CASE WHEN row.%s = low THEN high_row ELSE low_row END", SQL.identifier(name)
                ),
            )

    def _find_contradictions(self):
        """Return the columns, with their names in a row, in which rows of one household differ.

        One pass over the rows answers for all columns, and mostly there is none.
        """
        names = {
            column: "identity_hash" if column.name == "identity_number" else column.name
            for column in self.columns
        }
        self.env.cr.execute(
            SQL(
                "SELECT %s FROM (SELECT %s FROM %s row WHERE %s AND household_code IS NOT NULL"
                " GROUP BY household_code HAVING count(*) > 1) household",
                SQL(", ").join(SQL("bool_or(differs_%s)", SQL(str(n))) for n in range(len(names))),
                SQL(", ").join(
                    SQL(
                        "min(%(name)s) <> max(%(name)s) AS differs_%(number)s",
                        name=SQL.identifier(name),
                        number=SQL(str(number)),
                    )
                    for number, name in enumerate(names.values())
                ),
                ROW,
                self.this,
            )
        )
        found = self.env.cr.fetchone()
        return [
            (column, name) for (column, name), one in zip(names.items(), found, strict=True) if one
        ]

    def _validate_identity(self):
        self.note(
            "identity_number",
            self.env._(
                "Row {row} has the same identity number for another household. Nobody is"
                " registered twice."
            ),
            SQL(
                "(SELECT row.*, min(household_code) OVER same AS low,"
                " max(household_code) OVER same AS high,"
                " first_value(number) OVER (same ORDER BY household_code) AS low_row,"
                " first_value(number) OVER (same ORDER BY household_code DESC) AS high_row"
                " FROM %s row WHERE %s AND identity_hash IS NOT NULL"
                " WINDOW same AS (PARTITION BY identity_hash)) row WHERE low <> high",
                ROW,
                self.this,
            ),
            row=SQL("CASE WHEN row.household_code = low THEN high_row ELSE low_row END"),
        )
        mine = self.restricted()
        for model in self.households._get_identity_models():
            is_head = model._name == self.households._name
            household = SQL("other.id") if is_head else SQL("other.household_id")
            joins = SQL(
                "JOIN %s other ON other.identity_hash = row.identity_hash"
                " JOIN union_assist_household owner ON owner.id = %s",
                SQL.identifier(model._table),
                household,
            )
            other = SQL("owner.id IS DISTINCT FROM row.household_key") if is_head else SQL("TRUE")
            visible = SQL("owner.region_id IN %s", mine) if mine else SQL("TRUE")
            if is_head:
                reason = self.env._(
                    "This identity number is that of household {code}. Nobody is registered twice:"
                    " compare the two."
                )
            else:
                reason = self.env._(
                    "This identity number is that of a member of household {code}. Nobody is"
                    " registered twice: compare the two."
                )
            self.note(
                "identity_number",
                reason,
                self.rows(SQL("%s AND %s", other, visible), joins),
                code=SQL("owner.code"),
            )
            if mine:
                self.note(
                    "identity_number",
                    self.env._(
                        "This identity number is registered in another county. Ask the operator"
                        " to compare the two registers."
                    ),
                    self.rows(SQL("%s AND NOT %s", other, visible), joins),
                )

    def action(self):
        differs = self.changed_by(
            {**_FOLLOWED, "status": "household_status", **_PLAIN, **_IDENTITY}, SQL("household")
        )
        # Of the rows of a household, the first good one is written.
        return SQL(
            "CASE WHEN row_number() OVER (PARTITION BY row.household_code"
            " ORDER BY error.number IS NOT NULL, row.number) > 1 THEN NULL"
            " WHEN household.id IS NULL THEN 'new' WHEN %s THEN 'changed' ELSE 'unchanged' END",
            differs,
        ), SQL("LEFT JOIN union_assist_household household ON household.id = row.household_key")

    def store(self):
        new = self.insert(
            self.households._name,
            {
                "code": SQL("row.household_code"),
                "region_id": SQL("row.place_key"),
                "persons": SQL("row.persons"),
                "status": SQL("coalesce(row.household_status, 'registered')"),
                **{
                    name: SQL("row.%s", SQL.identifier(column))
                    for name, column in {**_PLAIN, **_IDENTITY}.items()
                },
            },
            SQL("%s row WHERE %s AND %s ORDER BY row.number", ROW, self.good, self.is_new()),
        )
        if new:
            self.insert(
                "union.assist.household.status",
                {
                    "household_id": SQL("household.id"),
                    "status": SQL("household.status"),
                    "date_from": SQL("coalesce(row.status_date, %s)", self.today),
                },
                SQL(
                    "%s row JOIN union_assist_household household"
                    " ON household.code = row.household_code WHERE %s AND %s ORDER BY row.number",
                    ROW,
                    self.good,
                    self.is_new(),
                ),
            )
        self.check.report(len(new))
        self._write_status()
        self.write_changes(self.households._name, _FOLLOWED, "household_key")
        self.update(self.households._name, {**_PLAIN, **_IDENTITY}, "household_key")

    def _write_status(self):
        """Let the status of known households change from the day that the row names."""
        self.env.cr.execute(
            SQL(
                "SELECT row.household_status, coalesce(row.status_date, %s) AS day,"
                " array_agg(row.household_key) FROM %s row"
                " JOIN union_assist_household household ON household.id = row.household_key"
                " WHERE %s AND %s AND row.household_status <> household.status GROUP BY 1, 2",
                self.today,
                ROW,
                self.good,
                self.is_changed(),
            )
        )
        statuses = self.env["union.assist.household.status"]
        for status, day, ids in self.env.cr.fetchall():
            if day == self.today:
                self.households.browse(ids).write({"status": status})
                continue
            of_day = statuses.search([("household_id", "in", ids), ("date_from", "=", day)])
            of_day.write({"status": status})
            statuses.create(
                [
                    {"household_id": household_id, "status": status, "date_from": day}
                    for household_id in set(ids) - set(of_day.household_id.ids)
                ]
            )
