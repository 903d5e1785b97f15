import hashlib
import logging
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..importers import MAX_ROWS, PARTS, ImportCheck
from ..importers.base import REPORT_HEADERS
from ..tools.import_workbook import Sheet, make_csv, make_xlsx
from ..tools.table_file import TableFileError, cell_text, estimate_rows, plain_header, read_rows

_logger = logging.getLogger(__name__)

# Larger files are checked, and more rows written, in the background: a web request ends after
# two minutes.
AT_ONCE_BYTES = 256 * 1024
AT_ONCE_ROWS = 2_000

# So often work is begun that never comes to an end, before it is given up.
MAX_ATTEMPTS = 3

# Rows and errors shown in the form; all of them have lists of their own.
SHOWN_ROWS = 10
SHOWN_ERRORS = 20

# What a person enters; everything else follows from the file.
USER_FIELDS = frozenset(("kind", "file", "file_name", "company_id"))

WAITING = ("checking", "writing")


class UnionAssistImport(models.Model):
    """A table of regions, households or linkages on its way into the ledgers.

    The file is uploaded and checked: every row, before anything is written. Then all rows are
    written in one transaction, or none. Long work is done in the background.

    The record stays, to say who imported what and when. The file and the rows, which may hold
    personal data, are removed when everything is written, and otherwise after some days.
    """

    _name = "union.assist.import"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Import"
    _order = "id desc"
    _rec_name = "file_name"

    kind = fields.Selection(
        "_selection_kind",
        "What",
        required=True,
        default="household_linkage",
    )
    file = fields.Binary(
        attachment=True,
        groups="union_assist_catalog.group_operator,union_assist_catalog.group_county",
        help="CSV or XLSX, with a header. It is removed when all of it is imported, and else"
        " after some days.",
    )
    file_name = fields.Char()
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, readonly=True
    )
    checksum = fields.Char("SHA-256", readonly=True, help="Of the file: equal files have the same.")
    state = fields.Selection(
        [
            ("draft", "File"),
            ("checking", "Being Checked"),
            ("errors", "To Correct"),
            ("ready", "Checked"),
            ("writing", "Being Written"),
            ("done", "Done"),
            ("failed", "Stopped"),
            ("dropped", "Given Up"),
        ],
        required=True,
        default="draft",
        readonly=True,
        index=True,
    )
    problem = fields.Text("Why it Stopped", readonly=True)
    only_good = fields.Boolean(
        "Without the Faulty Rows", readonly=True, help="Rows with errors were left out."
    )
    queued_on = fields.Datetime(readonly=True)
    finished_on = fields.Datetime("Done on", readonly=True)
    attempts = fields.Integer(readonly=True)

    row_count = fields.Integer("Rows", readonly=True)
    error_row_count = fields.Integer("Rows with Errors", readonly=True)
    skipped_count = fields.Integer(
        "Examples", readonly=True, help="Rows of the template that only explain it."
    )
    new_count = fields.Integer("New", readonly=True)
    changed_count = fields.Integer("Changed", readonly=True)
    unchanged_count = fields.Integer("Unchanged", readonly=True)
    sent_back_count = fields.Integer(
        "Sent Back",
        readonly=True,
        help="Verified linkages whose household or period changes: they go back to verification,"
        " as they do when somebody changes them by hand.",
    )
    counts = fields.Json(readonly=True)
    summary = fields.Html(compute="_compute_summary", sanitize=False)
    ignored_columns = fields.Char("Columns Not Used", readonly=True)
    earlier_id = fields.Many2one(
        "union.assist.import", "Same File Before", compute="_compute_earlier_id"
    )
    row_ids = fields.One2many("union.assist.import.row", "import_id", "Rows Read", readonly=True)
    error_ids = fields.One2many("union.assist.import.error", "import_id", "Errors", readonly=True)
    shown_row_ids = fields.Many2many(
        "union.assist.import.row", string="First Rows", compute="_compute_shown"
    )
    shown_error_ids = fields.Many2many(
        "union.assist.import.error", string="First Errors", compute="_compute_shown"
    )
    progress = fields.Integer(compute="_compute_progress", compute_sudo=True, help="Percent.")
    keep_until = fields.Date(compute="_compute_keep_until")

    # -- what is shown -----------------------------------------------------------------------------

    @api.model
    def _selection_kind(self):
        kinds = [
            ("household_linkage", self.env._("Households with their linkages")),
            ("household", self.env._("Households")),
            ("linkage", self.env._("Linkages of known households")),
        ]
        # Divisions are the administrators'.
        if self.env["union.assist.region"].has_access("create"):
            kinds.append(("region", self.env._("List of divisions")))
        return kinds

    @api.depends("kind", "file_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self.sudo()._fields["kind"]._description_selection(self.sudo().env))
        for job in self:
            job.display_name = job.file_name or self.env._(
                "Import: %(kind)s", kind=kinds.get(job.kind, "")
            )

    @api.depends("counts")
    @api.depends_context("lang")
    def _compute_summary(self):
        names = {
            "region": self.env._("Divisions"),
            "household": self.env._("Households"),
            "linkage": self.env._("Linkages"),
        }
        head = Markup("<th class='text-end'>%s</th>")
        cell = Markup("<td class='text-end'>%s</td>")
        actions = {
            "new": self.env._("New"),
            "changed": self.env._("Changed"),
            "unchanged": self.env._("Unchanged"),
        }
        for job in self:
            if not job.counts:
                job.summary = False
                continue
            rows = Markup().join(
                Markup("<tr><th>%s</th>%s</tr>")
                % (
                    names[part],
                    Markup().join(cell % f"{job.counts[part][key]:,}" for key in actions),
                )
                for part in names
                if part in job.counts
            )
            job.summary = Markup(
                "<table class='table table-sm w-auto mb-0'><thead><tr><th></th>%s</tr></thead>"
                "<tbody>%s</tbody></table>"
            ) % (Markup().join(head % label for label in actions.values()), rows)

    @api.depends("checksum", "kind", "state")
    def _compute_earlier_id(self):
        done = self.search(
            [
                ("checksum", "in", [sum_ for sum_ in self.mapped("checksum") if sum_]),
                ("state", "=", "done"),
                ("error_row_count", "=", 0),
            ],
        ).grouped(lambda job: (job.kind, job.checksum))
        for job in self:
            same = done.get((job.kind, job.checksum), self.browse())
            job.earlier_id = same.filtered(lambda other, job=job: other.id < job._origin.id)[:1]

    @api.depends("state", "row_count")
    def _compute_shown(self):
        for job in self:
            own = [("import_id", "=", job._origin.id)]
            rows = own + ([("has_error", "=", True)] if job.state == "errors" else [])
            job.shown_row_ids = self.env["union.assist.import.row"].search(rows, limit=SHOWN_ROWS)
            job.shown_error_ids = self.env["union.assist.import.error"].search(
                own, order="number, id", limit=SHOWN_ERRORS
            )

    def _compute_progress(self):
        lines = self.env["union.assist.import.progress"].search([("import_id", "in", self.ids)])
        known = lines.grouped("import_id")
        for job in self:
            line = known.get(job._origin)
            job.progress = min(99, 100 * line.done // line.total) if line and line.total else 0

    @api.depends("create_date")
    def _compute_keep_until(self):
        days = self._get_keep_days()
        for job in self:
            job.keep_until = job.create_date and (job.create_date + timedelta(days=days)).date()

    def _get_keep_days(self):
        return int(self.env["union.assist.parameter"]._get_value("import_keep_days"))

    # -- what people may do ------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        jobs = super().create([self._allow(vals) for vals in vals_list])
        jobs._check_kind()
        jobs._get_attachments().index_content = False
        return jobs

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self._allow(vals)
        if any(job.state in WAITING for job in self):
            raise UserError(self.env._("The file is being worked on: wait until that is done."))
        result = super().write(vals)
        if {"file", "kind"} & vals.keys():
            self._check_kind()
            # Else the text would be kept in the database, for searching.
            self._get_attachments().index_content = False
            self._begin_again()
        return result

    def _allow(self, vals):
        if not self.env.su and (forged := vals.keys() - USER_FIELDS):
            raise AccessError(
                self.env._(
                    "Nobody enters %(fields)s of an import: they follow from its file.",
                    fields=", ".join(sorted(forged)),
                )
            )
        return vals

    def _check_kind(self):
        """Only who may create what the file brings may import it."""
        for job in self:
            for name in self._get_model_names(job.kind):
                self.env[name].check_access("create")

    @api.model
    def _get_model_names(self, kind):
        return [f"union.assist.{part.name}" for part in PARTS.get(kind, ())]

    def _begin_again(self):
        """Forget what was found out about an earlier file."""
        for job in self.sudo():
            job._drop_rows()
            job.error_ids.unlink()
            job.activity_unlink(["mail.mail_activity_data_todo"])
        self.sudo().write(
            {
                "state": "draft",
                "problem": False,
                "only_good": False,
                "counts": False,
                "checksum": False,
                "ignored_columns": False,
                "attempts": 0,
                **dict.fromkeys(
                    (
                        "row_count",
                        "error_row_count",
                        "skipped_count",
                        "new_count",
                        "changed_count",
                        "unchanged_count",
                        "sent_back_count",
                    ),
                    0,
                ),
            }
        )

    def _check_state(self, *states):
        self.ensure_one()
        self.check_access("write")
        self._check_kind()
        if self.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "This import is at “%(state)s”: this step does not apply to it.",
                    state=labels[self.state],
                )
            )

    def action_check(self):
        """Check all rows of the file; nothing is written to the ledgers."""
        self._check_state("draft", "errors", "ready", "failed")
        if not self.file:
            raise UserError(
                self.env._("Choose a file first: CSV or XLSX, filled in like the template.")
            )
        size = self._get_attachments().file_size
        self._begin("checking", at_once=size <= AT_ONCE_BYTES)

    def action_write(self):
        """Write all rows into the ledgers: every one of them is in order."""
        self._check_state("ready")
        self._begin("writing", at_once=self.new_count + self.changed_count <= AT_ONCE_ROWS)

    def action_write_good(self):
        """Write the rows that nothing is wrong with; the others wait for their correction."""
        self._check_state("errors")
        self.sudo().only_good = True
        self._begin("writing", at_once=self.new_count + self.changed_count <= AT_ONCE_ROWS)

    def action_retry(self):
        """Begin work again that was interrupted, for example because the server was stopped."""
        self._check_state("checking", "writing")
        self.sudo().attempts = 0
        self._trigger()

    def action_drop(self):
        """Give the import up and remove its file and rows."""
        self._check_state("draft", "errors", "ready", "failed", "done")
        done = self.state == "done"
        self._begin_activity(False)
        self.sudo()._drop_data()
        if not done:
            self.sudo().state = "dropped"

    def action_new(self):
        """Open the form for another file of this kind."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import"),
            "res_model": self._name,
            "view_mode": "form",
            "context": {"default_kind": self.kind},
        }

    def action_view_rows(self):
        """Open all rows that were read."""
        return self._view("action_import_row")

    def action_view_errors(self):
        """Open all errors."""
        return self._view("action_import_error")

    def _view(self, name):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(f"union_assist_catalog.{name}")
        return {**action, "domain": [("import_id", "=", self.id)]}

    def action_view_records(self):
        """Open the ledger that was written."""
        self.ensure_one()
        name = PARTS[self.kind][0].name
        self.env[f"union.assist.{name}"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"union_assist_catalog.action_{name}"
        )
        return {**action, "context": {}}

    def action_template_xlsx(self):
        """Download the template as a workbook."""
        return self._download("xlsx")

    def action_template_csv(self):
        """Download the template as CSV."""
        return self._download("csv")

    def _download(self, extension):
        self.ensure_one()
        self._check_kind()
        return {
            "type": "ir.actions.act_url",
            "url": f"/assist/import/template/{self.kind}.{extension}",
            "target": "download",
        }

    def action_error_file(self):
        """Download the rows with errors, with what is wrong, to be corrected and uploaded."""
        self.ensure_one()
        self.check_access("read")
        if not self.file:
            raise UserError(
                self.env._("The uploaded file has been removed; only the list of errors is left.")
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/assist/import/{self.id}/errors",
            "target": "download",
        }

    # -- the work ----------------------------------------------------------------------------------

    def _begin(self, state, at_once):
        self._begin_activity(False)
        self.sudo().write(
            {
                "state": state,
                "problem": False,
                "attempts": 0,
                "queued_on": fields.Datetime.now(),
            }
        )
        if at_once:
            self._run()
        else:
            self._trigger()

    def _trigger(self):
        self.env.ref("union_assist_catalog.cron_import").sudo()._trigger()

    @api.model
    def _cron_process(self):
        """Do the work that waits, first come first served."""
        step = self.env["ir.cron"]._commit_progress
        jobs = self.search([("state", "in", WAITING)], order="queued_on, id")
        step(remaining=len(jobs))
        for job in jobs:
            job._process()
            if not step(1):
                break

    def _process(self):
        """Do the work of one import in a transaction of its own.

        When the process is killed, the record stays as it was and the next run begins again;
        work that kills it every time is given up.
        """
        if self.attempts >= MAX_ATTEMPTS:
            self._fail(
                self.env._(
                    "The work was begun %(times)s times and never came to an end: the server was"
                    " stopped, or it ended the work for its time or memory. Divide the file, or"
                    " ask whoever runs the server.",
                    times=self.attempts,
                )
            )
            return
        self.attempts += 1
        self.env["ir.cron"]._commit_progress()
        try:
            self._run(background=True)
            self.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            _logger.info("Import %s met another change and begins again", self.id)
            self._trigger()
        except UserError as error:
            self.env.cr.rollback()
            self._fail(str(error))
        except Exception:
            self.env.cr.rollback()
            _logger.exception("Import %s stopped", self.id)
            self._fail(
                self.env._(
                    "An error of the program stopped it; nothing was written. The server's log"
                    " says more: import %(number)s.",
                    number=self.id,
                )
            )

    def _as_user(self):
        """Return the record in the environment of who imports, for every right is theirs."""
        user = self.create_uid
        return (
            self.with_user(user)
            .with_company(self.company_id)
            .with_context(lang=user.lang, tz=user.tz, allowed_company_ids=self.company_id.ids)
        )

    def _run(self, background=False):
        """Do what the state asks for, as the user who imports."""
        self.ensure_one()
        job = self._as_user()
        job._check_kind()
        if job.state == "checking":
            job._check_file(background)
        else:
            job._write_rows(background)
        if background:
            job._tell()

    def _check_file(self, background):
        content = self._get_content()
        report = self._begin_progress(estimate_rows(content)) if background else lambda done: None
        check = ImportCheck(self, PARTS[self.kind], report)
        check.run(content)
        self.sudo().checksum = hashlib.sha256(content).hexdigest()
        self._conclude(check)
        if self.error_ids:
            state = "errors"
        elif self.new_count + self.changed_count:
            state = "ready"
        else:
            # All of it is in the ledgers already.
            self._finish()
            return
        self.sudo().state = state

    def _write_rows(self, background):
        report = lambda done: None  # noqa: E731
        if background:
            report = self._begin_progress(self.new_count + self.changed_count)
        check = ImportCheck(self, PARTS[self.kind], report)
        errors = self.error_row_count
        # Others have worked meanwhile.
        check.validate()
        self._conclude(check)
        if self.error_row_count > (errors if self.only_good else 0):
            self.sudo().write({"state": "errors", "only_good": False})
            return
        check.store()
        self._finish()

    def _conclude(self, check):
        counts = check.count()
        self.env.cr.execute(
            SQL(
                "SELECT count(*) FROM union_assist_import_row WHERE import_id = %s AND has_error",
                self.id,
            )
        )
        error_rows = self.env.cr.fetchone()[0]
        totals = {
            f"{action}_count": sum(found[action] for found in counts.values())
            for action in ("new", "changed", "unchanged")
        }
        self.sudo().write(
            {
                "counts": counts,
                "error_row_count": error_rows,
                "sent_back_count": self._count_sent_back(),
                **totals,
            }
        )
        self.invalidate_recordset(
            ["row_ids", "error_ids", "shown_row_ids", "shown_error_ids"], flush=False
        )

    def _count_sent_back(self):
        """Return how many verified linkages the good rows send back to verification."""
        self.env.cr.execute(
            SQL(
                "SELECT count(DISTINCT linkage.id) FROM union_assist_linkage linkage"
                " JOIN union_assist_household household ON household.id = linkage.household_id"
                " JOIN union_assist_import_row row ON row.import_id = %s AND NOT row.has_error"
                " AND row.household_key = household.id"
                " WHERE linkage.state = 'verified' AND (row.household_action = 'changed'"
                " AND (row.persons <> household.persons OR row.household_status = 'left'"
                " AND household.status <> 'left') OR row.linkage_action = 'changed'"
                " AND row.linkage_key = linkage.id AND (row.share <> linkage.share"
                " OR row.date_to IS NOT NULL AND row.date_to IS DISTINCT FROM linkage.date_to))",
                self.id,
            )
        )
        return self.env.cr.fetchone()[0]

    def _finish(self):
        self.sudo().write({"state": "done", "finished_on": fields.Datetime.now()})
        if self.error_row_count:
            # Who corrects them needs them.
            return
        self.sudo()._drop_data()

    def _fail(self, problem):
        self.sudo().write({"state": "failed", "problem": problem})
        self._as_user()._tell()

    def _get_attachments(self):
        return (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_field", "=", "file"),
                    ("res_id", "in", self.ids),
                ]
            )
        )

    def _get_content(self):
        return self._get_attachments().raw or b""

    # -- telling -----------------------------------------------------------------------------------

    def _begin_progress(self, total):
        """Return a function to call with the number of rows that have been done."""
        self.ensure_one()
        registry, job_id = self.env.registry, self.id
        done = 0

        def report(more):
            nonlocal done
            done += more
            with registry.cursor() as cr:
                cr.execute(
                    SQL(
                        "INSERT INTO union_assist_import_progress (import_id, done, total)"
                        " VALUES (%s, %s, %s) ON CONFLICT (import_id)"
                        " DO UPDATE SET done = excluded.done, total = excluded.total",
                        job_id,
                        done,
                        total,
                    )
                )

        report(0)
        return report

    def _tell(self):
        """Tell who imports how it went: now, if they are there, and by an activity."""
        name = self.display_name
        messages = {
            "ready": self.env._("%(file)s is checked and in order: import it now.", file=name),
            "errors": self.env._(
                "%(file)s has errors in %(count)s rows: nothing was written.",
                file=name,
                count=self.error_row_count,
            ),
            "done": self.env._(
                "%(file)s is imported: %(new)s new, %(changed)s changed.",
                file=name,
                new=self.new_count,
                changed=self.changed_count,
            ),
            "failed": self.env._("The import of %(file)s stopped.", file=name),
        }
        message = messages.get(self.state)
        if not message:
            return
        kind = {"done": "success", "ready": "success", "errors": "warning", "failed": "danger"}
        self.env.user._bus_send(
            "simple_notification",
            {"message": message, "type": kind[self.state], "sticky": self.state != "done"},
        )
        self._begin_activity(message if self.state != "done" else False)

    def _begin_activity(self, summary):
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        if summary:
            self.sudo().activity_schedule(
                "mail.mail_activity_data_todo", user_id=self.create_uid.id, summary=summary
            )

    # -- personal data -----------------------------------------------------------------------------

    def _drop_rows(self):
        # The progress stays: it was written beside this transaction, which cannot delete it.
        self.env.cr.execute(
            SQL("DELETE FROM union_assist_import_row WHERE import_id = ANY(%s)", self.ids)
        )
        self.env["union.assist.import.row"].invalidate_model()
        self.invalidate_recordset(["row_ids", "shown_row_ids"], flush=False)

    def _drop_data(self):
        """Remove the file and the rows; errors hold no personal data and stay."""
        self._drop_rows()
        self.write({"file": False})

    @api.autovacuum
    def _gc_data(self):
        limit = fields.Datetime.now() - timedelta(days=self._get_keep_days())
        old = self.sudo().search(
            Domain("create_date", "<", limit)
            & Domain("state", "not in", ("dropped", *WAITING))
            & (Domain("file", "!=", False) | Domain("row_ids", "!=", False))
        )
        old._drop_data()
        given_up = old.filtered(lambda job: job.state != "done")
        given_up.activity_unlink(["mail.mail_activity_data_todo"])
        given_up.state = "dropped"

    # -- templates and error files -----------------------------------------------------------------

    @api.model
    def _get_columns(self, kind):
        columns = {column.name: column for part in PARTS[kind] for column in part.columns}
        return tuple(columns.values())

    @api.model
    def _is_chinese(self):
        return (self.env.lang or "").startswith("zh")

    @api.model
    def _label(self, column):
        return column.label_zh if self._is_chinese() else column.label

    @api.model
    def _make_template(self, kind, extension):
        """Return the bytes of a template, in the user's language.

        :param extension: xlsx or csv
        """
        columns = self._get_columns(kind)
        mark = self.env._("Example: ")
        header = tuple(map(self._label, columns))
        choices = self._get_template_choices(kind)
        examples = []
        for number in range(max(len(column.examples) for column in columns)):
            row = [
                column.examples[number] if number < len(column.examples) else ""
                for column in columns
            ]
            for place, column in enumerate(columns):
                labels = choices.get(column.name)
                if row[place] and labels and column.name != "supplier_id":
                    row[place] = labels[min(number, len(labels) - 1)]
            examples.append([mark + row[0], *row[1:]])
        if extension == "csv":
            return make_csv(header, examples)
        values = self.env._("Allowed Values")
        listed = {name: labels for name, labels in choices.items() if labels}
        places = {column.name: place for place, column in enumerate(columns)}
        depth = max(map(len, listed.values()), default=0)
        return make_xlsx(
            [
                Sheet(
                    self.env._("Data"),
                    header,
                    examples,
                    widths=tuple(max(14, 2 * len(title) + 2) for title in header),
                    required=frozenset(
                        place
                        for place, column in enumerate(columns)
                        if column.required or column.new
                    ),
                    text=frozenset(range(len(columns))),
                    choices=tuple(
                        (
                            places[name],
                            "='{0}'!${1}$2:${1}${2}".format(
                                values, chr(65 + number), len(labels) + 1
                            ),
                        )
                        for number, (name, labels) in enumerate(listed.items())
                    ),
                ),
                Sheet(
                    self.env._("How to Fill In"),
                    (
                        self.env._("Header"),
                        self.env._("Other Headers That Are Understood"),
                        self.env._("Needed"),
                        self.env._("What Goes There"),
                    ),
                    [self._describe_column(column) for column in columns]
                    + [[], [self.env._("Notes")], *([text] for text in self._get_notes(kind))],
                    widths=(24, 50, 22, 80),
                ),
                Sheet(
                    values,
                    tuple(header[places[name]] for name in listed),
                    [
                        [labels[row] if row < len(labels) else "" for labels in listed.values()]
                        for row in range(depth)
                    ],
                    widths=(28,) * len(listed),
                ),
            ]
        )

    @api.model
    def _get_template_choices(self, kind):
        """Return ``{column: labels}`` of what may stand in a column."""

        def labels(model, field, only=None):
            selection = self.env[model]._fields[field]._description_selection(self.env)
            return [label for value, label in selection if only is None or value in only]

        choices = {
            "region_status": lambda: labels("union.assist.region.status", "kind"),
            "household_status": lambda: labels("union.assist.household", "status"),
            "linkage_state": lambda: labels(
                "union.assist.linkage", "state", ("draft", "submitted")
            ),
            "mechanism_id": lambda: (
                self.env["union.assist.mechanism"].search([("active", "=", True)]).mapped("name")
            ),
            "supplier_id": lambda: (
                self.env["res.partner"]
                .search([("assist_supplier_kind", "!=", False)], order="name")
                .mapped("name")
            ),
        }
        return {
            column.name: choices[column.name]()
            for column in self._get_columns(kind)
            if column.name in choices
        }

    @api.model
    def _describe_column(self, column):
        what = {
            "text": self.env._("Text."),
            "code": self.env._("Kept as it is written. Format the cells as text."),
            "region_code": self.env._(
                "6, 9 or 12 digits; zeros at the end may be there or not. Format the cells as text."
            ),
            "identity_number": self.env._(
                "18 characters. Format the cells as text before you type or paste: Excel keeps only"
                " 15 digits of a number. The number itself is not stored."
            ),
            "whole_number": self.env._("A whole number from 1 up."),
            "amount": self.env._("An amount in the company's currency, 0 or more."),
            "share": self.env._(
                "Above 0 and at most 1, or in percent. Empty: the whole household."
            ),
            "date": self.env._("A day, for example 2021-03-01."),
            "choice": self.env._("One of the values in the sheet of allowed values."),
        }[column.convert]
        if column.name == "supplier_id":
            what = self.env._("Name or unified social credit code of a registered supplier.")
        needed = ""
        if column.required:
            needed = self.env._("Always")
        elif column.new:
            needed = self.env._("For what is new")
        others = [label for label in column.labels() if label != self._label(column)]
        return [self._label(column), ", ".join(others), needed, what]

    @api.model
    def _get_notes(self, kind):
        notes = [
            self.env._("An empty cell leaves what is known already as it is."),
            self.env._(
                "Rows that begin with “%s” are not imported.", self.env._("Example: ").strip()
            ),
            self.env._("All rows are checked before anything is written."),
            self.env._("A file may be imported again: what is known already is not changed."),
        ]
        if kind == "household_linkage":
            notes.append(
                self.env._(
                    "A household with several linkages has a row for each; the rows say the same"
                    " of the household."
                )
            )
        if "linkage" in kind:
            notes.append(
                self.env._(
                    "Linkages come in as draft or submitted. They are verified here, not by import."
                )
            )
        if kind == "region":
            notes.append(
                self.env._(
                    "Level and what a division is part of follow from its code. Divisions that are"
                    " not in the list stay as they are."
                )
            )
        return notes

    def _make_error_file(self):
        """Return the bytes of a workbook with the faulty rows and what is wrong with them."""
        self.ensure_one()
        errors = {}
        for error in self.error_ids.sorted(lambda error: (error.number, error.id)):
            errors.setdefault(error.number, []).append(error)
        columns = {
            plain_header(label): column.name
            for column in self._get_columns(self.kind)
            for label in column.labels()
        }
        language = 1 if self._is_chinese() else 0
        own = tuple(labels[language] for labels in REPORT_HEADERS.values())
        reports = {plain_header(label) for labels in REPORT_HEADERS.values() for label in labels}
        header, kept, rows, marked = (), [], [], set()
        try:
            for number, cells in read_rows(self._get_content()):
                if not header:
                    kept = [
                        place
                        for place, cell in enumerate(cells)
                        if plain_header(cell) not in reports
                    ]
                    header = tuple(cell_text(cells[place]) for place in kept)
                    names = [columns.get(plain_header(title)) for title in header]
                elif number in errors:
                    wrong = {error.column_name for error in errors[number]}
                    marked |= {
                        (len(rows), place + 3) for place, name in enumerate(names) if name in wrong
                    }
                    rows.append(
                        [
                            str(number),
                            "、".join(
                                dict.fromkeys(
                                    error.column for error in errors[number] if error.column
                                )
                            ),
                            "\n".join(
                                f"{error.column}: {error.reason}" if error.column else error.reason
                                for error in errors[number]
                            ),
                            *(
                                cell_text(cells[place]) if place < len(cells) else ""
                                for place in kept
                            ),
                        ]
                    )
        except TableFileError:
            # Not even a table: what is wrong is all there is to say.
            rows = []
        listed = {row[0] for row in rows}
        whole = [
            [str(number or ""), error.column or "", error.reason]
            for number, found in errors.items()
            if str(number) not in listed
            for error in found
        ]
        marked = {(row + len(whole), place) for row, place in marked}
        return make_xlsx(
            [
                Sheet(
                    self.env._("Errors"),
                    own + header,
                    whole + rows,
                    widths=(8, 20, 60),
                    text=frozenset(range(len(own) + len(header))),
                    marked=frozenset(marked),
                )
            ]
        )

    def _get_template_name(self, kind):
        return {
            "region": self.env._("Template divisions"),
            "household": self.env._("Template households"),
            "linkage": self.env._("Template linkages"),
            "household_linkage": self.env._("Template households and linkages"),
        }[kind]

    def _get_error_file_name(self):
        self.ensure_one()
        name = (self.file_name or self.env._("Import")).rpartition(".")[0] or self.file_name
        return self.env._("%(file)s - errors.xlsx", file=name)

    def _log_error_file(self):
        """Note that somebody takes personal data out of the system."""
        self.ensure_one()
        personal = [column.name for column in self._get_columns(self.kind) if column.personal]
        if personal:
            self.env["union.assist.export.log"]._log(
                "union.assist.household",
                personal,
                self.error_row_count,
                self.env._("Error file of an import"),
                self.display_name,
            )

    # -- words -------------------------------------------------------------------------------------

    @api.model
    def _get_selection_choices(self, model_name, field_name):
        """Return ``{plain text: value}`` of a selection: technical value and all its labels."""
        field = self.env[model_name]._fields[field_name]
        choices = {}
        for lang in self._get_langs():
            env = self.with_context(lang=lang).env
            choices.update(
                (plain_header(label), value) for value, label in field._description_selection(env)
            )
        choices.update((plain_header(value), value) for value in field.get_values(self.env))
        return choices

    @api.model
    def _get_mechanism_choices(self):
        choices = {}
        for lang in self._get_langs():
            mechanisms = self.env["union.assist.mechanism"].with_context(lang=lang)
            for mechanism in mechanisms.search([("active", "=", True)]):
                choices[plain_header(mechanism.name)] = mechanism.id
                choices[plain_header(mechanism.code)] = mechanism.id
        return choices

    @api.model
    def _get_langs(self):
        return list({"en_US", *dict(self.env["res.lang"].get_installed())})

    def _explain_file(self, reason):
        return {
            "empty": self.env._("The file is empty."),
            "no_rows": self.env._("There is no row below the header."),
            "old_excel": self.env._(
                "This is a file of an old Excel (.xls). Save it as .xlsx or as CSV."
            ),
            "broken": self.env._("This is no sound XLSX file. Open it and save it anew."),
            "encoding": self.env._(
                "The characters of the file are neither UTF-8 nor GB18030. Save it as CSV UTF-8,"
                " or as .xlsx."
            ),
            "too_large": self.env._("The file is too large. Divide it, for example by county."),
            "too_long": self.env._(
                "The file has more than %(rows)s rows. Divide it, for example by county.",
                rows=f"{MAX_ROWS:,}",
            ),
            "quotes": self.env._(
                "From this row on the quotation marks do not match: a cell with a quotation mark"
                " begins and ends with one and doubles those within. A spreadsheet program does"
                " that when it saves CSV."
            ),
        }[reason]

    def _explain_header(self, missing, some):
        labels = ", ".join(map(self._label, missing))
        if some:
            return self.env._(
                "These columns are missing: %(columns)s. Add them, or begin with the template.",
                columns=labels,
            )
        return self.env._(
            "The first row is not the header that is expected (%(columns)s …). Begin with the"
            " template, or choose what else the file holds.",
            columns=labels,
        )

    def _explain_empty(self):
        return self.env._("This is empty, and it is always needed.")

    def _explain_empty_of_new(self):
        return self.env._("This is empty, and it is needed for a household that is not known yet.")

    def _explain_cell(self, error, column, allowed=None):
        """Say what is wrong with a cell; no reason repeats personal data."""
        value = "" if column.personal else error.value[:60]
        if error.reason == "choice":
            return self._explain_choice(column, value)
        return {
            "excel_error": self.env._("The spreadsheet could not calculate this: %s.", value),
            "excel_identity": self.env._(
                "Excel took this for a number and lost its last digits. Format the column as text"
                " and enter the number again."
            ),
            "excel_scientific": self.env._(
                "The spreadsheet took this code for a number and changed it. Format the column as"
                " text and enter the code again."
            ),
            "code": self.env._("“%s” is no code.", value),
            "region_code": self.env._(
                "“%s” is no division code: that has 6 digits down to the county, 9 for a township"
                " and 12 for a village.",
                value,
            ),
            "whole_number": self.env._("“%s” is no whole number from 1 up.", value),
            "amount": self.env._("“%s” is no amount of 0 or more.", value),
            "share": self.env._("“%s” is no share above 0 and up to 1 (or 100%%).", value),
            "date": self.env._("“%s” is no day. Write it like 2021-03-01.", value),
            "state": self.env._(
                "A linkage comes in as draft or submitted. Whoever vouches for it verifies it here."
            ),
            "ambiguous": self.env._(
                "Several suppliers are called “%s”. Give the unified social credit code instead.",
                value,
            ),
        }[error.reason]

    def _explain_choice(self, column, value):
        if column.name == "supplier_id":
            return self.env._(
                "There is no supplier “%s”. Give the registered name or the unified social credit"
                " code, or register it first.",
                value,
            )
        return self.env._(
            "“%(value)s” is not one of: %(allowed)s.",
            value=value,
            allowed=", ".join(self._get_template_choices(self.kind)[column.name]),
        )
