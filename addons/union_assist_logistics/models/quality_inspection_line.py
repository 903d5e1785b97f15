from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.formula import FormulaError
from ..tools.reading_entry import EntryError, parse_entry
from .quality_criterion import READING_DIGITS

# What an inspector enters; everything else of a line is frozen when it is made.
RESULT_FIELDS = frozenset(
    (
        "value",
        "recorded",
        "entry",
        "reading_ids",
        "answer",
        "choice",
        "text",
        "photo_ids",
        "note",
        "defect_count",
        "counted",
    )
)


class UnionAssistQualityInspectionLine(models.Model):
    """The result of one item on one lot."""

    _name = "union.assist.quality.inspection.line"
    _inherit = ["union.assist.quality.criterion"]
    _description = "Quality Inspection Line"

    inspection_id = fields.Many2one(
        "union.assist.quality.inspection", required=True, index=True, ondelete="cascade"
    )
    item_id = fields.Many2one(
        "union.assist.quality.plan.item",
        "Plan Item",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    company_id = fields.Many2one(related="inspection_id.company_id", store=True, index=True)
    state = fields.Selection(related="inspection_id.state")
    reading_ids = fields.One2many("union.assist.quality.reading", "line_id", "All Readings")
    entry = fields.Char(
        "Measured",
        compute="_compute_entry",
        inverse="_inverse_entry",
        help="All readings, separated by blanks, e.g. 15.2 15.4. A unit may follow: 200 µg/kg."
        " “<0.05” or “ND” where nothing was detected.",
    )
    value = fields.Float(
        compute="_compute_value",
        inverse="_inverse_value",
        store=True,
        digits=READING_DIGITS,
        min_display_digits=0,
        help="The figure that decides, in the item's unit: the reading, the worst of several,"
        " their mean or the formula's result.",
    )
    recorded = fields.Boolean(
        compute="_compute_value",
        inverse="_inverse_value",
        store=True,
        help="All readings were taken. With it a value of zero is a result.",
    )
    answer = fields.Selection([("pass", "Conforms"), ("fail", "Does Not Conform")])
    choice = fields.Char(help="The option that was found.")
    text = fields.Char(help="What was found, as written on the goods.")
    photo_ids = fields.Many2many(
        "ir.attachment", "union_assist_quality_line_photo_rel", string="Photos"
    )
    verdict = fields.Selection(
        [("pass", "Pass"), ("fail", "Fail"), ("skipped", "Left Out")],
        compute="_compute_verdict",
        store=True,
    )
    note = fields.Char("Remark")
    recorded_by_id = fields.Many2one("res.users", "Recorded by", readonly=True)

    @api.depends("reading_ids.number", "reading_ids.line_value", "reading_ids.below")
    @api.depends_context("lang")
    def _compute_entry(self):
        for line in self:
            line.entry = "; ".join(
                self._say_reading(reading.value, reading.unit, reading.below)
                for reading in line.reading_ids.sorted("number")
            )

    @api.depends(
        "kind",
        "limit_type",
        "min_value",
        "max_value",
        "judged_by",
        "formula",
        "reading_count",
        "reading_ids.number",
        "reading_ids.line_value",
    )
    def _compute_value(self):
        for line in self:
            if line.kind != "measure":
                line.recorded, line.value = line.recorded, 0.0
                continue
            values = line.reading_ids.sorted("number").mapped("line_value")
            line.recorded = len(values) >= line.reading_count
            line.value = 0.0
            if line.recorded:
                try:
                    line.value, _keeps = line._judge_readings(values)
                except FormulaError:
                    # Refused where it is entered; until it is mended there is no result.
                    line.recorded = False

    @api.depends(
        "kind",
        "limit_type",
        "min_value",
        "max_value",
        "value",
        "recorded",
        "answer",
        "choice",
        "choices_pass",
        "choices_fail",
        "text",
        "photo_ids",
        "skipped",
        "sample_size",
        "accept_number",
        "defect_count",
        "counted",
    )
    def _compute_verdict(self):
        for line in self:
            line.verdict = line._get_verdict()

    def _get_verdict(self):
        """Judge what was recorded: "pass", "fail" or False while something is missing."""
        self.ensure_one()
        if self.skipped or self.sample_size:
            return self._judge_sample()
        if self.kind == "measure":
            if not self.recorded:
                return False
            return "pass" if self._judge(self.value) else "fail"
        if self.kind == "choice":
            found = {choice["name"]: choice["pass"] for choice in self.choices}
            if self.choice not in found:
                return False
            return "pass" if found[self.choice] else "fail"
        if self.answer == "pass" and (
            (self.kind == "text" and not (self.text or "").strip())
            or (self.kind == "photo" and not self.photo_ids)
        ):
            return False
        return self.answer

    # ------------------------------------------------------------------
    # Entering results
    # ------------------------------------------------------------------
    @api.onchange("entry")
    def _onchange_entry(self):
        """Judge what is typed at once; what cannot be read is said and kept as it is."""
        try:
            readings = self._parse_entry(self.entry)
        except UserError as error:
            return {"warning": {"title": self.env._("Not a Reading"), "message": str(error)}}
        self.reading_ids = [fields.Command.clear()] + [
            fields.Command.create({"number": number, **reading})
            for number, reading in enumerate(readings, 1)
        ]
        return {}

    def _inverse_entry(self):
        for line in self:
            line._set_readings(line._parse_entry(line.entry))

    def _inverse_value(self):
        for line in self.filtered(lambda record: record.kind == "measure"):
            if line.recorded and line.reading_count > 1:
                raise UserError(
                    self.env._(
                        "“%(item)s” takes %(count)s readings: enter each of them.",
                        item=line.name,
                        count=line.reading_count,
                    )
                )
            readings = [{"value": line.value, "unit": False, "below": False}]
            line._set_readings(readings if line.recorded else [])

    def _parse_entry(self, text):
        """Return the values of the readings that a text names.

        :raise UserError: naming what cannot be read or converted
        """
        self.ensure_one()
        try:
            entries = parse_entry(text)
        except EntryError as error:
            raise UserError(
                self.env._(
                    "“%(item)s”: “%(text)s” cannot be read. Write numbers with a point, separated"
                    " by blanks; where each has its own unit, by semicolons.",
                    item=self.name,
                    text=error.text,
                )
            ) from error
        return [
            {
                "value": entry.value,
                "unit": entry.unit or False,
                "below": entry.below,
                "line_value": self._convert_reading(entry.value, entry.unit),
            }
            for entry in entries
        ]

    def _set_readings(self, readings):
        """Make these the readings of a line; those that did not change keep who took them."""
        self.ensure_one()
        kept = self.reading_ids.sorted("number")
        kept[len(readings) :].unlink()
        missing = []
        for number, vals in enumerate(readings, 1):
            vals = {name: vals[name] for name in ("value", "unit", "below")}
            if number > len(kept):
                missing.append({"line_id": self.id, "number": number, **vals})
                continue
            reading = kept[number - 1]
            changed = {name: value for name, value in vals.items() if reading[name] != value}
            if reading.number != number:
                changed["number"] = number
            if changed:
                reading.write(changed)
        self.env["union.assist.quality.reading"].create(missing)

    def _say_reading(self, value, unit, below):
        if below and not value:
            return self.env._("ND")
        sign = "<" if below else ""
        return f"{sign}{value:.10g} {unit or ''}".strip()

    def _say_result(self):
        """What was found, as documents say it."""
        self.ensure_one()
        if self.kind == "measure":
            if not self.reading_ids:
                return f"{self.value:.10g} {self.unit or ''}".strip() if self.recorded else ""
            if len(self.reading_ids) == 1 and self.judged_by != "formula":
                reading = self.reading_ids
                unit = "" if reading.below and not reading.value else reading.unit or self.unit
                return f"{self._say_reading(reading.value, '', reading.below)} {unit or ''}".strip()
            return f"{self.value:.6g} {self.unit or ''} ({self.entry})"
        if self.sample_size:
            if not self.counted:
                return ""
            return self.env._(
                "%(count)s of %(size)s nonconforming",
                count=self.defect_count,
                size=self.sample_size,
            )
        if self.kind == "choice":
            return self.choice or ""
        answers = dict(self._fields["answer"]._description_selection(self.env))
        return self.kind == "text" and self.text or answers.get(self.answer, "")

    def write(self, vals):
        """Record results: only while the inspection is open, and who did it."""
        if self.env.su:
            return super().write(vals)
        frozen = vals.keys() - RESULT_FIELDS
        if frozen:
            raise AccessError(
                self.env._(
                    "Items and limits of an inspection come from its plan and stay as they are"
                    " (%(fields)s). Change the plan for later inspections.",
                    fields=", ".join(sorted(frozen)),
                )
            )
        self._check_open()
        if "value" in vals:
            vals = {"recorded": True, **vals}
        vals = self._check_sample(vals)
        if vals.get("choice"):
            self._check_choice(vals["choice"])
        self.check_access("write")
        # The inspector is kept with the result: the decider must be somebody else.
        self._keep_inspector()
        result = super().write(vals)
        if "photo_ids" in vals:
            self._keep_photos()
        self._leave_report(vals)
        return result

    def _assist_get_closed(self):
        """Those of inspections that are decided or cancelled: their photos stay."""
        return self.filtered(lambda line: line.inspection_id._assist_get_closed())

    def _keep_inspector(self):
        """Keep who recorded these results last, and that they had a hand in the inspection."""
        lines = self.sudo()
        lines.write({"recorded_by_id": self.env.uid})
        lines.inspection_id.filtered(
            lambda inspection: self.env.user not in inspection.inspector_ids
        ).write({"inspector_ids": [fields.Command.link(self.env.uid)]})

    def _check_open(self):
        """Refuse to change results of inspections that are handed over or decided."""
        closed = self.inspection_id.filtered(lambda inspection: inspection.state != "draft")
        if closed and not self.env.su:
            raise UserError(
                self.env._(
                    "Inspection %(inspection)s is not open for results any more."
                    " Send it back to recording first.",
                    inspection=closed[0].display_name,
                )
            )

    def _check_choice(self, choice):
        for line in self:
            names = [option["name"] for option in line.choices or ()]
            if choice not in names:
                raise UserError(
                    self.env._(
                        "“%(choice)s” is no option of “%(item)s”. Choose one of: %(options)s.",
                        choice=choice,
                        item=line.name,
                        options=", ".join(names) or "–",
                    )
                )

    def _keep_photos(self):
        """Give photos that were just taken to the line, so that the decider sees them."""
        for line in self:
            photos = line.photo_ids
            others = photos.filtered(lambda photo: not (photo.mimetype or "").startswith("image/"))
            if others:
                raise UserError(
                    self.env._(
                        "“%(item)s”: %(files)s are no pictures.",
                        item=line.name,
                        files=", ".join(others.mapped("name")),
                    )
                )
            # Only one's own upload that belongs to nothing yet: linking gives no rights.
            photos.sudo().filtered(
                lambda photo: not photo.res_id and photo.create_uid == self.env.user
            ).write({"res_model": line._name, "res_id": line.id, "public": False})
            # What belongs elsewhere may go there; the result keeps a picture of its own.
            others = photos.sudo().filtered(
                lambda photo, line=line: (photo.res_model, photo.res_id) != (line._name, line.id)
            )
            if others:
                own = others.sudo(False).copy(
                    {"res_model": line._name, "res_id": line.id, "public": False}
                )
                line.sudo().photo_ids = photos - others | own

    def _after_reading(self):
        """Keep who read, and refuse readings that a formula cannot be computed with."""
        if not self.env.su:
            self._keep_inspector()
        for line in self.filtered(lambda record: record.judged_by == "formula"):
            values = line.reading_ids.sorted("number").mapped("line_value")
            if len(values) < line.reading_count:
                continue
            try:
                line._judge_readings(values)
            except FormulaError as error:
                raise UserError(
                    self.env._(
                        "“%(item)s”: %(problem)s", item=line.name, problem=line._say_error(error)
                    )
                ) from error

    # ------------------------------------------------------------------
    # Sampling
    # ------------------------------------------------------------------
    skipped = fields.Boolean("Left Out", readonly=True)
    sample_size = fields.Integer(readonly=True, help="Units inspected; 0: judged for the lot.")
    sample_of = fields.Integer("Units in the Lot", readonly=True)
    sample_uom_id = fields.Many2one("uom.uom", "Unit Drawn", readonly=True)
    code_letter = fields.Char(readonly=True, help="Of the sampling plan, after arrows.")
    sample_aql = fields.Char("AQL", readonly=True)
    accept_number = fields.Integer("Ac", readonly=True, help="The lot passes with at most so many.")
    reject_number = fields.Integer("Re", readonly=True, help="The lot fails from so many on.")
    defect_count = fields.Integer("Nonconforming Units", help="Found in the sample.")
    counted = fields.Boolean(
        help="The sample was inspected. Tick it by hand when every unit of it conforms."
    )

    _defects_in_sample = models.Constraint(
        "CHECK (defect_count >= 0 AND (sample_size = 0 OR defect_count <= sample_size))",
        "Nonconforming units are counted in the sample: from 0 to the units drawn.",
    )

    @api.depends("sample_size", "accept_number")
    @api.depends_context("lang")
    def _compute_criterion(self):
        result = super()._compute_criterion()
        for line in self.filtered("sample_size"):
            line.criterion = self.env._(
                "At most %(accept)s of %(size)s nonconforming",
                accept=line.accept_number,
                size=line.sample_size,
            )
        return result

    @api.onchange("defect_count")
    def _onchange_defect_count(self):
        if self.defect_count:
            self.counted = True

    def _judge_sample(self):
        """Return the verdict on a counted sample: False before it was counted.

        Of an item that is left out of a skipped lot it is neither pass nor fail.
        """
        self.ensure_one()
        if self.skipped:
            return "skipped"
        if not self.counted:
            return False
        return "pass" if self.defect_count <= self.accept_number else "fail"

    def _check_sample(self, vals):
        """Refuse results of left-out items and counts that are none; return what to write."""
        count = vals.get("defect_count")
        for line in self:
            if line.skipped and vals.keys() - {"note"}:
                raise UserError(
                    self.env._(
                        "“%(item)s” is left out of %(inspection)s: inspect the lot in full to"
                        " record it.",
                        item=line.name,
                        inspection=line.inspection_id.display_name,
                    )
                )
            if count is not None and not 0 <= count <= line.sample_size:
                raise UserError(
                    self.env._(
                        "“%(item)s” of %(inspection)s: %(count)s nonconforming units of a sample of"
                        " %(size)s. Enter a number from 0 to the sample's.",
                        item=line.name,
                        inspection=line.inspection_id.display_name,
                        count=count,
                        size=line.sample_size,
                    )
                )
        return vals if count is None else {"counted": True, **vals}

    # ------------------------------------------------------------------
    # Lab reports
    # ------------------------------------------------------------------
    report_line_id = fields.Many2one(
        "union.assist.lab.report.line",
        "From Report",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The result was taken over from this item of a lab report.",
    )

    def _leave_report(self, vals):
        """What is entered by hand does not come from a report any more."""
        if vals.keys() & (RESULT_FIELDS - {"note", "photo_ids"}):
            self.filtered("report_line_id").sudo().write({"report_line_id": False})
