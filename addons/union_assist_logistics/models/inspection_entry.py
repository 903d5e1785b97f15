import base64
import binascii
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from odoo.addons.union_assist_catalog.tools.certificates import file_mimetype

from ..tools.scanned import read_code

# What the screen shows at once; more are found by searching.
LIST_LIMIT = 80
# What an inspector sends of one item.
RESULT_KEYS = frozenset(
    ("readings", "defects", "answer", "choice", "text", "note", "photos", "removed_photos")
)
# Pictures are made smaller on the device; what is larger than this was not.
MAX_PHOTO = 4 * 1024 * 1024
MAX_PHOTOS = 12


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
            "samples": inspection.sample_count,
            "sampling": inspection.sampling_summary or "",
            "units": inspection.sample_units or "",
            "mode_reason": inspection._say_mode_reason(),
            "can_record": inspection.state == "draft" and inspection.has_access("write"),
            "lines": [self._get_line(line) for line in inspection.line_ids],
            "notices": self._get_notices(inspection),
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
        code = read_code(code)
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
        token = code.rstrip("/").rsplit("/", 1)[-1]
        if "/" in code:  # the lot's public address, as printed on labels
            lots = self.env["stock.lot"].sudo().search([("assist_public_token", "=", token)])
            found = inspections.search(open_ones & Domain("lot_id", "in", lots.ids))
            if found:
                return found
        for name in dict.fromkeys((code, token)):
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

    def _get_notices(self, inspection):
        """What the inspector has to know besides the items: ``[{"text", "blocking"}]``."""
        notices = []
        if inspection.report_missing:
            notices.append(
                {
                    "text": self.env._(
                        "A checked lab report is missing on: %(items)s. Without it the results"
                        " cannot be handed over.",
                        items=inspection.report_missing,
                    ),
                    "blocking": True,
                }
            )
        return notices

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
            "severity": line.severity,
            "method": line.method or "",
            "judged_by": line.judged_by,
            "formula": line.formula or "",
            "reading_unit": line._get_reading_unit(),
            "reading_names": line._split_names(line.reading_names),
            "reading_count": line.reading_count,
            "readings": [
                line._say_reading(reading.value, reading.unit, reading.below)
                for reading in line.reading_ids.sorted("number")
            ],
            "value": line.value if line.recorded else None,
            "choices": line.choices or [],
            "choice": line.choice or "",
            "text": line.text or "",
            "photos": [{"id": photo.id, "name": photo.name} for photo in line.sudo().photo_ids],
            "skipped": line.skipped,
            "sample_size": line.sample_size,
            "sample_of": line.sample_of,
            "sample_unit": line.sudo().sample_uom_id.name or "",
            "accept": line.accept_number,
            "reject": line.reject_number,
            "defects": line.defect_count if line.counted else None,
            "from_report": line.sudo().report_line_id.report_id.number or "",
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
        readings = [
            (reading.value, reading.unit or "", reading.below)
            for reading in line.reading_ids.sorted("number")
        ]
        texts = [line[name] or "" for name in ("answer", "choice", "text", "note")]
        return (readings, texts, line.counted, line.defect_count)

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
            # The line takes what it judges; what is computed of it is read again.
            line.flush_recordset()
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
            vals["entry"] = "; ".join(
                str(reading).strip() for reading in self._to_list(result["readings"])
            )
        if "defects" in result:
            vals |= self._prepare_defects(line, result["defects"])
        for name in ("answer", "choice"):
            if name in result:
                vals[name] = result[name] or False
        for name in ("text", "note"):
            if name in result:
                vals[name] = str(result[name] or "").strip() or False
        photos = self._prepare_photos(line, result)
        if photos:
            vals["photo_ids"] = photos
        return vals

    def _prepare_defects(self, line, count):
        if count is None:
            return {"counted": False, "defect_count": 0}
        if not isinstance(count, int) or isinstance(count, bool):
            raise UserError(
                self.env._("“%(item)s”: count the nonconforming units in figures.", item=line.name)
            )
        return {"counted": True, "defect_count": count}

    def _prepare_photos(self, line, result):
        """Commands that add pictures, each once, and take away those that were removed."""
        kept = line.sudo().photo_ids
        removed = (
            kept.filtered(lambda photo: photo.id in self._to_list(result["removed_photos"]))
            if "removed_photos" in result
            else kept.browse()
        )
        commands = [Command.unlink(photo.id) for photo in removed]
        attachments = self.env["ir.attachment"]
        sums = set((kept - removed).mapped("checksum"))
        for photo in self._to_list(result.get("photos")):
            content = self._to_picture(line, photo)
            checksum = attachments._compute_checksum(content)
            if checksum in sums:
                continue  # it was sent before, and the answer was lost
            sums.add(checksum)
            if len(sums) > MAX_PHOTOS:
                raise UserError(
                    self.env._(
                        "“%(item)s” takes %(count)s photos at most.",
                        item=line.name,
                        count=MAX_PHOTOS,
                    )
                )
            name = str(photo.get("name") or "photo.jpg")[:80]
            commands.append(
                Command.link(
                    attachments.create(
                        {"name": name, "raw": content, "res_model": line._name, "res_id": line.id}
                    ).id
                )
            )
        return commands

    def _to_picture(self, line, photo):
        """The bytes of a picture that was sent; refuses what is none."""
        content = b""
        if isinstance(photo, dict):
            try:
                content = base64.b64decode(str(photo.get("data") or ""), validate=True)
            except (binascii.Error, ValueError):
                content = b""
        if len(content) > MAX_PHOTO or not (file_mimetype(content) or "").startswith("image/"):
            raise UserError(
                self.env._(
                    "“%(item)s”: this is no JPEG or PNG picture of at most %(size)s MB. Take it"
                    " again.",
                    item=line.name,
                    size=MAX_PHOTO // (1024 * 1024),
                )
            )
        return content

    def _to_list(self, value):
        return value if isinstance(value, list) else []

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
