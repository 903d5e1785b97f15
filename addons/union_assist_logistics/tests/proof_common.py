import base64
import io
import json
import uuid

from PIL import Image

from odoo.tests import new_test_user

from .delivery_note_common import DeliveryNoteCommon

#: A signature of three strokes, in widths of its field.
STROKES = [[0.1, 0.1, 0.2, 0.3, 0.3, 0.1], [0.4, 0.1, 0.4, 0.35], [0.5, 0.2, 0.8, 0.22]]


def make_photo(size=(64, 48), kind="JPEG", place=True):
    """Return a picture as a telephone takes it: with the place in its EXIF data."""
    image = Image.new("RGB", size, (180, 90, 30))
    exif = Image.Exif()
    exif[0x010F] = "Phone of Zhang San"
    if place:
        exif.get_ifd(0x8825)[1] = "N"
        exif.get_ifd(0x8825)[2] = (34.0, 15.0, 30.0)
    output = io.BytesIO()
    image.save(output, kind, exif=exif)
    return output.getvalue()


class ProofCommon(DeliveryNoteCommon):
    """Deliveries that have left, with printed notes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.tea | cls.rice).invoice_policy = "delivery"
        cls.operator = new_test_user(
            cls.env, "proof_operator", "union_assist_catalog.group_operator", lang="en_US"
        )
        cls.keeper = new_test_user(
            cls.env, "proof_keeper", "union_assist_logistics.group_warehouse", lang="en_US"
        )
        cls.viewer = new_test_user(
            cls.env, "proof_viewer", "union_assist_catalog.group_user", lang="en_US"
        )
        cls.receipts = cls.env["union.assist.delivery.receipt"]

    @classmethod
    def _make_shipped(cls, count=1, **values):
        pickings = cls._make_deliveries(count, **values)
        cls.report._render("union_assist_logistics.action_report_delivery_note", pickings.ids)
        for picking in pickings:
            picking.button_validate()
        assert set(pickings.mapped("state")) == {"done"}
        return pickings

    def _entry(self, picking, *differences, **values):
        """Return what the page sends: all in order, but for (row, kind, quantity, photos…)."""
        rows = self.receipts._get_rows(picking)
        lines = [{"checked": True, "differences": []} for _row in rows]
        for row, kind, quantity, *photos in differences:
            lines[row - 1]["differences"].append(
                {"kind": kind, "quantity": quantity, "remark": f"{kind}!", "photos": photos}
            )
        return {
            "key": str(uuid.uuid4()),
            "goods": self.receipts._get_rows_digest(rows),
            "lines": lines,
            "strokes": STROKES,
            "name": "王收货",
            "role": "库管",
            "remark": "",
            "moment": 0,
            **values,
        }

    def _sign(self, picking, *differences, **values):
        receipt, _new = self.receipts._sign(picking, self._entry(picking, *differences, **values))
        return receipt

    def _post_sign(self, picking, entry):
        return self.url_open(
            f"/assist/delivery/{picking.assist_note_token}/sign",
            data={"entry": json.dumps(entry)},
        )

    def _post_photo(self, picking, key, content):
        return self.url_open(
            f"/assist/delivery/{picking.assist_note_token}/photo",
            data={"key": key},
            files={"file": ("IMG_1.jpg", content)},
        )

    def _read_pdf(self, picking):
        return "".join(self._read(base64.b64decode(picking.assist_receipt_pdf)))
