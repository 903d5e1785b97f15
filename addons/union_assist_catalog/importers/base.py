"""Check and write the rows of an uploaded table, set by set.

The rows are read once, turned into values and copied into the table of
``union.assist.import.row``. Everything else is done by statements over all rows of an import: their
number does not depend on the number of rows. Nothing is written to a ledger before all rows have
been checked, and everything is written in one transaction.

A *part* (:class:`Part`) is what a row brings to one ledger; a row may have two parts.
"""

import io

import psycopg2.extensions

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.models import MAGIC_COLUMNS
from odoo.tools import SQL

from ..tools.import_values import CellError
from ..tools.table_file import TableFileError, plain_header, read_rows

#: Longer tables are refused: whoever has one divides it, for example by county.
MAX_ROWS = 300_000

#: Rows that are copied at a time.
CHUNK = 5_000

#: Rows of the template that explain it begin like this in their first column.
EXAMPLE_MARKS = ("示例：", "示例:", "Example:")

#: Columns that only the error file has.
REPORT_HEADERS = {
    "row": ("Row", "行号"),
    "column": ("Column", "出错列"),
    "reason": ("Reason", "原因"),
}
_REPORT = frozenset(plain_header(label) for labels in REPORT_HEADERS.values() for label in labels)

ROW = SQL.identifier("union_assist_import_row")
ERROR = SQL.identifier("union_assist_import_error")


class Part:
    """What a row brings to one ledger: its columns, its checks and how it is written."""

    #: key of the part: ``<name>_action`` of a row says what becomes of it
    name = ""
    #: ``Column`` tuples
    columns = ()

    def __init__(self, check):
        self.check = check
        self.env = check.env
        self.this = SQL("row.import_id = %s", check.job.id)
        # Rows that nothing is wrong with, and that are written
        self.good = SQL("%s AND NOT row.has_error", self.this)

    # -- to be filled in ---------------------------------------------------------------------------

    def prepare(self):
        """Read what is needed to understand the cells."""

    def choices(self):
        """Return ``{column: {plain text of a cell: value}}`` for columns with few values."""
        return {}

    def convert(self, values):
        """Complete the values of a row in place; yield ``(column, reason)`` of what is wrong.

        :param values: ``{column: value}`` of the row, without the empty cells
        """
        return ()

    def resolve(self):
        """Return the keys of the records that the rows are about, and the joins to find them.

        :return: ``({column of the row: SQL expression}, SQL joins)`` over ``row``
        """
        return {}, SQL("")

    def validate(self):
        """Note errors of rows by :meth:`note`."""

    def action(self):
        """Return what becomes of each row, and the joins that it takes.

        :return: ``(SQL expression, SQL joins)`` over ``row`` and ``error``, whose number is null
            for a row without errors; the expression is new, changed, unchanged or null
        """
        raise NotImplementedError

    def store(self):
        """Write the good rows that are new or changed."""

    # -- tools -------------------------------------------------------------------------------------

    def note(self, column, reason, rows, **shown):
        """Note an error for rows.

        :param column: name of the column that the error is about
        :param reason: sentence; ``{name}`` in it is replaced by the expression ``shown[name]``
        :param rows: SQL after ``FROM``, with the rows as ``row``
        """
        text = SQL("%s::text", reason)
        for name, expression in shown.items():
            mark = "{" + name + "}"
            text = SQL("replace(%s, %s, coalesce((%s)::text, ''))", text, mark, expression)
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (import_id, number, column_name, reason)"
                " SELECT row.import_id, row.number, %s, %s FROM %s",
                ERROR,
                column,
                text,
                rows,
            )
        )

    def rows(self, condition, joins=SQL("")):  # noqa: B008 (SQL cannot be changed)
        """Return the SQL ``FROM`` of this import's rows with a condition."""
        return SQL("%s row %s WHERE %s AND (%s)", ROW, joins, self.this, condition)

    def note_repeated(self, column, reason, key):
        """Note an error for rows with the same key; ``{row}`` in the reason is another such row.

        :param key: SQL expressions over ``row``
        """
        self.note(
            column,
            reason,
            SQL(
                "(SELECT row.*, count(*) OVER same AS times, min(number) OVER same AS first,"
                " max(number) OVER same AS last FROM %s row"
                " WHERE %s AND (%s) IS NOT NULL WINDOW same AS (PARTITION BY %s)) row"
                " WHERE row.times > 1",
                ROW,
                self.this,
                SQL("ROW(%s)", key),
                key,
            ),
            row=SQL("CASE WHEN row.number = row.first THEN row.last ELSE row.first END"),
        )

    def is_new(self):
        return SQL("row.%s = 'new'", SQL.identifier(f"{self.name}_action"))

    def is_changed(self):
        return SQL("row.%s = 'changed'", SQL.identifier(f"{self.name}_action"))

    def restricted(self):
        """Return the ids of the only regions that the user works for as SQL, else ``None``."""
        user = self.env.user
        if user.has_group("union_assist_catalog.group_user"):
            return None
        regions = self.env["union.assist.region"].sudo().with_context(active_test=False)
        return regions._search(
            Domain("id", "child_of", user.sudo().assist_region_ids.ids)
        ).subselect()

    def insert(self, model_name, values, source):
        """Insert rows into a model's table as its ``create`` would, and return the records.

        Defaults, who and when, and stored computed fields that ``values`` does not have are
        taken care of.

        :param values: ``{field name: SQL expression}``
        :param source: SQL after ``FROM``
        """
        model = self.env[model_name]
        model.check_access("create")
        cr = self.env.cr
        stored = {
            name: field
            for name, field in model._fields.items()
            if field.store and field.column_type and name not in (*MAGIC_COLUMNS, *values)
        }
        computed = [field for field in stored.values() if field.compute or field.related]
        plain = [name for name, field in stored.items() if field not in computed]
        columns = dict(values)
        for name, value in model.default_get(plain).items():
            field = model._fields[name]
            columns[name] = SQL(
                "%s::%s",
                field.convert_to_column_insert(value, model),
                SQL(field.column_type[0]),
            )
        if model._log_access:
            columns["create_uid"] = columns["write_uid"] = SQL("%s", self.env.uid)
            columns["create_date"] = columns["write_date"] = SQL("%s::timestamp", cr.now())
        cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s RETURNING id",
                SQL.identifier(model._table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(columns.values()),
                source,
            )
        )
        records = model.browse(row[0] for row in cr.fetchall())
        if not records:
            return records
        given = [model._fields[name] for name in values]
        with self.env.protecting(given, records):
            records.modified(model._fields, create=True)
            for field in computed:
                self.env.add_to_compute(field, records)
        self._check_rules(records, "create")
        return records

    def _check_rules(self, records, operation):
        """Raise when the user's record rules would not let these records through."""
        rules = self.env["ir.rule"]._compute_domain(records._name, operation)
        if Domain(rules).is_true():
            return
        everything = records.sudo().with_context(active_test=False)
        within = Domain("id", "in", records.ids)
        if everything.search_count(within & Domain(rules)) != len(records):
            raise AccessError(
                self.env._("Some of these rows are outside the counties that you are in charge of.")
            )

    def changed_by(self, fields, table):
        """Return the SQL condition that a row has something else than the record.

        :param fields: ``{field name: column of the row}``; an empty cell changes nothing
        :param table: SQL alias of the record's table
        """
        return SQL(" OR ").join(
            SQL(
                "(row.%(column)s IS NOT NULL"
                " AND row.%(column)s IS DISTINCT FROM %(table)s.%(name)s)",
                column=SQL.identifier(column),
                table=table,
                name=SQL.identifier(name),
            )
            for name, column in fields.items()
        )

    def write_changes(self, model_name, fields, record_column):
        """Write changed fields through the model, records with the same changes at once.

        For fields whose change has consequences: what was verified is sent back, a line is
        written into the log.
        """
        model = self.env[model_name]
        table = SQL.identifier(model._table)
        columns = [
            SQL(
                "CASE WHEN %s THEN row.%s END",
                self.changed_by({name: column}, table),
                SQL.identifier(column),
            )
            for name, column in fields.items()
        ]
        self.env.cr.execute(
            SQL(
                "SELECT array_agg(%(table)s.id), %(columns)s FROM %(row)s row"
                " JOIN %(table)s ON %(table)s.id = row.%(record)s"
                " WHERE %(good)s AND %(changed)s AND (%(differs)s) GROUP BY %(places)s",
                table=table,
                columns=SQL(", ").join(columns),
                row=ROW,
                record=SQL.identifier(record_column),
                good=self.good,
                changed=self.is_changed(),
                differs=self.changed_by(fields, table),
                places=SQL(", ").join(SQL(str(place + 2)) for place in range(len(columns))),
            )
        )
        for ids, *new in self.env.cr.fetchall():
            vals = {
                name: value for name, value in zip(fields, new, strict=True) if value is not None
            }
            model.browse(ids).write(vals)
            self.check.report(len(ids))
        model.flush_model()

    def update(self, model_name, fields, record_column):
        """Write changed fields without consequences, all records at once."""
        model = self.env[model_name]
        model.check_access("write")
        model.flush_model()
        table = SQL.identifier(model._table)
        self.env.cr.execute(
            SQL(
                "UPDATE %(table)s SET %(values)s, write_uid = %(uid)s, write_date = %(now)s"
                " FROM %(row)s row WHERE %(table)s.id = row.%(record)s"
                " AND %(good)s AND %(changed)s AND (%(differs)s) RETURNING %(table)s.id",
                table=table,
                values=SQL(", ").join(
                    SQL(
                        "%(name)s = coalesce(row.%(column)s, %(table)s.%(name)s)",
                        name=SQL.identifier(name),
                        column=SQL.identifier(column),
                        table=table,
                    )
                    for name, column in fields.items()
                ),
                uid=self.env.uid,
                now=self.env.cr.now(),
                row=ROW,
                record=SQL.identifier(record_column),
                good=self.good,
                changed=self.is_changed(),
                differs=self.changed_by(fields, table),
            )
        )
        records = model.browse(row[0] for row in self.env.cr.fetchall())
        if records:
            records.invalidate_recordset(flush=False)
            records.modified(list(fields))
            self._check_rules(records, "write")


class ImportCheck:
    """The rows of one ``union.assist.import``, read, checked and written as its user.

    :param job: the record, in the environment of the user who imports
    :param parts: classes of the parts
    :param report: is called with the number of rows done, for the progress
    """

    def __init__(self, job, parts, report=lambda done: None):
        self.job = job
        self.env = job.env
        self.report = report
        self.parts = [part(self) for part in parts]
        columns = {column.name: column for part in self.parts for column in part.columns}
        self.columns = tuple(columns.values())

    def run(self, content):
        """Read the file, check all rows and note what becomes of each.

        :param content: the file's bytes
        """
        self._clear()
        if self._read(content):
            self.env.cr.execute(SQL("ANALYZE %s", ROW))
            self.validate()

    def validate(self):
        """Check the rows that have been read against each other and against the ledgers.

        What :meth:`run` found in the cells stays; call it before writing, too: others may have
        changed the ledgers meanwhile.
        """
        self.env.flush_all()
        this = SQL("import_id = %s", self.job.id)
        self.env.cr.execute(SQL("DELETE FROM %s WHERE %s AND NOT of_cell", ERROR, this))
        keys, joins = {}, []
        for part in self.parts:
            found, join = part.resolve()
            keys.update(found)
            joins.append(join)
        self._set(keys, joins)
        for part in self.parts:
            part.validate()
        joins = [
            SQL(
                "LEFT JOIN (SELECT DISTINCT number FROM %s WHERE %s) error"
                " ON error.number = row.number",
                ERROR,
                this,
            )
        ]
        actions = {}
        for part in self.parts:
            actions[f"{part.name}_action"], join = part.action()
            joins.append(join)
        found = SQL(", ").join(actions.values())
        self._set(
            {
                "has_error": SQL("error.number IS NOT NULL"),
                **actions,
                "action": SQL(
                    "CASE WHEN error.number IS NOT NULL THEN 'error'"
                    " WHEN 'new' IN (%(found)s) THEN 'new'"
                    " WHEN 'changed' IN (%(found)s) THEN 'changed' ELSE 'unchanged' END",
                    found=found,
                ),
            },
            joins,
        )
        self.env["union.assist.import.row"].invalidate_model()
        self.env["union.assist.import.error"].invalidate_model()

    def store(self):
        """Write all rows that nothing is wrong with. Whoever calls it does so in a transaction."""
        self.env.flush_all()
        for part in self.parts:
            part.store()
        self.env.flush_all()
        self.env.invalidate_all()

    def count(self):
        """Return ``{part: {new, changed, unchanged: number of records}}``."""
        counts = {}
        for part in self.parts:
            self.env.cr.execute(
                SQL(
                    "SELECT %(action)s, count(*) FROM %(row)s row"
                    " WHERE %(good)s AND %(action)s IS NOT NULL GROUP BY 1",
                    action=SQL.identifier(f"{part.name}_action"),
                    row=ROW,
                    good=part.good,
                )
            )
            found = dict(self.env.cr.fetchall())
            counts[part.name] = {
                action: found.get(action, 0) for action in ("new", "changed", "unchanged")
            }
        return counts

    def _set(self, values, joins):
        """Write columns of the rows where they are not so already, all rows at once."""
        if not values:
            return
        names = SQL(", ").join(map(SQL.identifier, values))
        self.env.cr.execute(
            SQL(
                "UPDATE %(row)s target SET (%(names)s) = ROW(%(new)s)"
                " FROM (SELECT row.id AS row_id, %(expressions)s FROM %(row)s row %(joins)s"
                " WHERE row.import_id = %(job)s) row"
                " WHERE target.id = row.row_id"
                " AND ROW(%(old)s) IS DISTINCT FROM ROW(%(new)s)",
                row=ROW,
                names=names,
                new=SQL(", ").join(SQL("row.%s", SQL.identifier(name)) for name in values),
                old=SQL(", ").join(SQL("target.%s", SQL.identifier(name)) for name in values),
                expressions=SQL(", ").join(
                    SQL("%s AS %s", expression, SQL.identifier(name))
                    for name, expression in values.items()
                ),
                joins=SQL(" ").join(joins),
                job=self.job.id,
            )
        )

    # -- reading -----------------------------------------------------------------------------------

    def _clear(self):
        for table in (ROW, ERROR):
            self.env.cr.execute(SQL("DELETE FROM %s WHERE import_id = %s", table, self.job.id))

    def _read(self, content):
        """Copy the rows' values and the errors of their cells; say whether there are rows."""
        self.job.sudo().write({"row_count": 0, "skipped_count": 0, "ignored_columns": False})
        number = 0
        try:
            rows = read_rows(content)
            number, header = next(rows, (0, []))
            places = self._match_header(number, header)
            if places is None:
                return False
            for part in self.parts:
                part.prepare()
            return self._read_rows(rows, places)
        except TableFileError as error:
            self._clear()
            self._note_file(error.row, "", self.job._explain_file(error.reason))
            return False

    def _read_rows(self, rows, places):
        choices = {}
        for part in self.parts:
            choices.update(part.choices())
        columns = {column.name: column for column in self.columns}
        # What a text was found to mean is kept where there are few different texts.
        reader = [
            (columns[name], place, choices.get(name), {} if columns[name].repeats else None)
            for name, place in places.items()
        ]
        required = [column.name for column in self.columns if column.required]
        staged = self.env["union.assist.import.row"]._get_value_names()
        lines, errors, count, skipped = [], [], 0, 0
        for number, cells in rows:
            if isinstance(cells[0], str) and cells[0].strip().startswith(EXAMPLE_MARKS):
                skipped += 1
                continue
            count += 1
            if count > MAX_ROWS:
                raise TableFileError("too_long")
            values, faults = self._read_cells(cells, reader, required)
            for part in self.parts:
                faults += part.convert(values)
            lines.append((number, bool(faults), values))
            errors += [(self.job.id, number, column, reason, True) for column, reason in faults]
            if len(lines) >= CHUNK:
                self._copy(lines, errors, staged)
                self.report(len(lines))
                lines, errors = [], []
        self._copy(lines, errors, staged)
        if not count:
            raise TableFileError("no_rows")
        self.job.sudo().write({"row_count": count, "skipped_count": skipped})
        return True

    def _read_cells(self, cells, reader, required):
        values, faults = {}, []
        wrong = set()
        for column, place, allowed, known in reader:
            cell = cells[place] if place < len(cells) else None
            if cell is None:
                continue
            # Of texts only: 1, 1.0 and True would be the same.
            remember = known is not None and isinstance(cell, str)
            if remember and cell in known:
                values[column.name] = known[cell]
                continue
            try:
                value = column.parse(cell)
                if allowed is not None and value is not None:
                    value = self._choose(value, allowed)
                if value is not None:
                    values[column.name] = value
                    if remember:
                        known[cell] = value
            except CellError as error:
                wrong.add(column.name)
                faults.append((column.name, self.job._explain_cell(error, column, allowed)))
        for name in required:
            if name not in values and name not in wrong:
                faults.append((name, self.job._explain_empty()))
        return values, faults

    @staticmethod
    def _choose(value, allowed):
        found = allowed.get(plain_header(value))
        if found is None:
            raise CellError("choice", value)
        if isinstance(found, CellError):
            raise CellError(found.reason, value)
        return found

    def _match_header(self, number, header):
        """Return ``{column name: place}`` of the header, or note why it cannot be used."""
        known = {
            plain_header(label): column for column in self.columns for label in column.labels()
        }
        places, ignored = {}, []
        for place, cell in enumerate(header):
            text = plain_header(cell)
            if not text or text in _REPORT:
                continue
            column = known.get(text)
            if not column:
                ignored.append(str(cell).strip())
            elif column.name in places:
                self._note_file(
                    number, column.name, self.env._("There are two columns with this header.")
                )
                return None
            else:
                places[column.name] = place
        missing = [
            column for column in self.columns if column.required and column.name not in places
        ]
        if missing:
            self._note_file(number, "", self.job._explain_header(missing, bool(places)))
            return None
        self.job.sudo().write({"ignored_columns": ", ".join(ignored)})
        return places

    def _note_file(self, number, column, reason):
        self._copy([], [(self.job.id, number, column, reason, True)], ())

    def _copy(self, lines, errors, staged):
        """Copy rows, as ``(number, faulty, values)``, and errors into their tables."""
        # Most columns of the table are another kind of import's.
        used = set().union(*(values for _number, _faulty, values in lines))
        names = [name for name in staged if name in used]
        self._copy_into(
            "union_assist_import_row",
            ("import_id", "number", "has_error", *names),
            [
                (self.job.id, number, faulty, *map(values.get, names))
                for number, faulty, values in lines
            ],
        )
        self._copy_into(
            "union_assist_import_error",
            ("import_id", "number", "column_name", "reason", "of_cell"),
            errors,
        )

    def _copy_into(self, table, names, rows):
        if not rows:
            return
        text = io.StringIO("\n".join("\t".join(map(_copied, row)) for row in rows))
        # COPY and asynchronous callbacks do not go together.
        callback = psycopg2.extensions.get_wait_callback()
        psycopg2.extensions.set_wait_callback(None)
        try:
            self.env.cr.copy_from(text, table=table, columns=names)
        finally:
            psycopg2.extensions.set_wait_callback(callback)


_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def _copied(value):
    """Return a value as PostgreSQL's COPY reads it."""
    if value is None or value == "":
        return r"\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    return str(value)
