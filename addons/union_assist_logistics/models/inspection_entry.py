import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# What the screen shows at once; more are found by searching.
LIST_LIMIT = 80
# What an inspector sends of one item.
RESULT_KEYS = frozenset(("readings", "answer", "note"))


class UnionAssistInspectionEntry(models.AbstractModel):
    """What the quick entry screen of inspections reads and writes.

    Everything is read and written with the user's own rights. Sending the same result twice
    changes nothing: a screen that lost its connection sends it again until it is answered.
    """

    _name = "union.assist.inspection.entry"
    _description = "Quick Entry of Inspections"

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------
    @api.model
    def get_open_inspections(self, term=""):
        """List the inspections that wait for results, those begun first, then by arrival.

        :param str term: a part of the lot, product, supplier or number; all when empty
        :return: list of dictionaries, see ``_get_summaries``
        """
        domain = Domain("state", "=", "draft")
        term = str(term or "").strip()
        if term:
            domain &= Domain.OR(
                Domain(name, "ilike", term) for name in ("lot_id", "product_id", "supplier_id")
            ) | Domain("name", "ilike", term)
        inspections = self.env["union.assist.quality.inspection"].search(
            domain, order="id", limit=LIST_LIMIT
        )
        summaries = self._get_summaries(inspections)
        summaries.sort(key=lambda summary: not summary["recorded"])
        return summaries

    @api.model
    def get_inspection(self, inspection_id):
        """Return all that the screen shows of one inspection, with its items.

        :raise AccessError: the user may not read it
        :raise UserError: there is no such inspection
        """
        inspection = self._get_record("union.assist.quality.inspection", inspection_id)
        [summary] = self._get_summaries(inspection)
        goods = inspection.sudo()
        return {
            **summary,
            "instructions": goods.instructions or "",
            "note": inspection.note or "",
            "produced": fields.Date.to_string(goods.production_date) or "",
            "expires": self._get_day(goods.expiration_date),
            "safety_failed": inspection.safety_failed,
            "can_record": inspection.state == "draft" and inspection.has_access("write"),
            "lines": [self._get_line(line) for line in inspection.line_ids],
            **self._get_extras(inspection),
        }

    @api.model
    def find_by_code(self, code):
        """Find the open inspections of the lot whose bar or QR code was read.

        Understood are the lot's number, a GS1 code with the lot in it (AI 10, and the product
        in AI 01), the number of an inspection, and an address that ends in one of them.

        :param str code: what the scanner read
        :return: list of dictionaries as of ``get_open_inspections``, one at least
        :raise UserError: nothing waits for results under this code
        """
        code = str(code or "").strip()
        found = self._search_code(code) if code else None
        if not found:
            raise UserError(
                self.env._(
                    "“%(code)s” is no lot that waits for results here. Check that its receipt was"
                    " validated and that its inspection was not handed over already.",
                    code=code,
                )
            )
        return self._get_summaries(found)

    def _search_code(self, code):
        inspections = self.env["union.assist.quality.inspection"]
        open_ones = Domain("state", "=", "draft")
        for name in dict.fromkeys((code, code.rstrip("/").rsplit("/", 1)[-1])):
            found = inspections.search(
                open_ones & (Domain("lot_id.name", "=", name) | Domain("name", "=", name)),
                limit=LIST_LIMIT,
            )
            if found:
                return found
        parts = self._parse_gs1(code)
        if "10" not in parts:
            return inspections
        domain = open_ones & Domain("lot_id.name", "=", parts["10"])
        gtin = parts.get("01") or parts.get("02")
        if gtin:
            # The product may carry its GTIN with or without leading zeros; or have none.
            same = {gtin.lstrip("0").zfill(length) for length in (8, 12, 13, 14)}
            named = inspections.search(domain & Domain("product_id.barcode", "in", list(same)))
            if named:
                return named
        return inspections.search(domain, limit=LIST_LIMIT)

    def _parse_gs1(self, code):
        """Return ``{application identifier: value}`` of a GS1 code; empty when it is none."""
        nomenclature = self.env.ref(
            "barcodes_gs1_nomenclature.default_gs1_nomenclature", raise_if_not_found=False
        )
        if not nomenclature:
            return {}
        # People type brackets around identifiers, as they are printed below the bars.
        parts = nomenclature.sudo().gs1_decompose_extended(code.replace("(", "").replace(")", ""))
        return {part["ai"]: part["string_value"] for part in parts or ()}

    def _get_summaries(self, inspections):
        # Who may read an inspection may read what it is about.
        return [
            {
                "id": inspection.id,
                "number": inspection.name,
                "product": inspection.product_id.with_context(
                    display_default_code=False
                ).display_name,
                "lot": inspection.lot_id.name,
                "quantity": inspection.quantity,
                "unit": inspection.uom_id.name,
                "supplier": inspection.supplier_id.name or "",
                "arrived": self._get_day(inspection.create_date),
                "state": inspection.state,
                "result": inspection.result or "",
                "recorded": inspection.recorded_count,
                "total": inspection.line_count,
            }
            for inspection in inspections.sudo()
        ]

    def _get_day(self, moment):
        if not moment:
            return ""
        return fields.Date.to_string(fields.Datetime.context_timestamp(self, moment).date())

    def _get_extras(self, inspection):
        """What else the screen shows of an inspection; to be extended."""
        return {}

    def _get_line(self, line):
        """What the screen shows of one item."""
        return {
            "id": line.id,
            "name": line.name,
            "kind": line.kind,
            "criterion": line.criterion,
            "limit_type": line.limit_type or "",
            "min_value": line.min_value,
            "max_value": line.max_value,
            "unit": line.unit or "",
            "safety": line.safety,
            "standard": line.standard or "",
            "readings": [line.value] if line.recorded else [],
            "reading_count": 1,
            "answer": line.answer or "",
            "note": line.note or "",
            "verdict": line.verdict or "",
            "recorded_by": line.sudo().recorded_by_id.name or "",
            "version": self._get_version(line),
        }

    def _get_version(self, line):
        """A mark of what is recorded: another mark, other results."""
        return hashlib.sha256(repr(self._get_content(line)).encode()).hexdigest()[:16]

    def _get_content(self, line):
        return (line.recorded, line.value, line.answer, line.note or "")

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------
    @api.model
    def save_result(self, line_id, result, version=None):
        """Record the result of one item.

        :param int line_id: the item's line
        :param dict result: what was entered; keys that are absent stay as they are
        :param str version: the mark of the results that the inspector saw before; without it
            what others recorded meanwhile is replaced
        :return: ``{"line": …, "recorded": count, "result": …}``, and ``"conflict"``: who
            recorded something else meanwhile, when nothing was written for that reason
        :raise UserError: the inspection is closed, or the result cannot be understood
        """
        line = self._get_record("union.assist.quality.inspection.line", line_id)
        line.check_access("write")
        other = line.recorded_by_id - self.env.user
        conflict = version and other and version != self._get_version(line)
        if not conflict:
            vals = self._prepare_result(line, result)
            if vals:
                line.write(vals)
        return {
            "line": self._get_line(line),
            "recorded": line.inspection_id.recorded_count,
            "result": line.inspection_id.result or "",
            "safety_failed": line.inspection_id.safety_failed,
            "conflict": other.name if conflict else "",
        }

    def _prepare_result(self, line, result):
        """Values to write for what the screen sent; refuses what it does not know."""
        if not isinstance(result, dict) or not RESULT_KEYS.issuperset(result):
            raise UserError(self.env._("This is no result of an inspection: reload the page."))
        vals = {}
        if "readings" in result:
            readings = [self._to_number(line, value) for value in result["readings"] or ()]
            vals["recorded"] = bool(readings)
            vals["value"] = readings[0] if readings else 0.0
        if "answer" in result:
            vals["answer"] = result["answer"] or False
        if "note" in result:
            vals["note"] = str(result["note"] or "").strip() or False
        return vals

    def _to_number(self, line, value):
        if isinstance(value, bool) or not isinstance(value, int | float) or value - value:
            raise UserError(
                self.env._(
                    "“%(item)s”: “%(value)s” is no number. Enter the measured value in figures.",
                    item=line.name,
                    value=value,
                )
            )
        return float(value)

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------
    def _get_record(self, model, record_id):
        records = self.env[model]
        record = records.browse(record_id if isinstance(record_id, int) else 0).exists()
        if not record:
            raise UserError(self.env._("This inspection does not exist any more."))
        record.check_access("read")
        return record
