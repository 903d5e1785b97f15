from odoo.tools import SQL

from ..tools.import_values import Column, region_level, region_parent
from .base import ROW, Part

# Below this, a region's own status is written by its model, which checks it against the others.
_LEVELS = ("province", "prefecture", "county", "township", "village")


class RegionPart(Part):
    """Divisions of a list: new ones are added and renamed ones renamed; others stay.

    Level and what a division is part of follow from its code.
    """

    name = "region"
    columns = (
        Column(
            "code",
            "Official Code",
            "区划代码",
            "region_code",
            required=True,
            aliases=("代码", "行政区划代码", "统计用区划代码"),
            examples=("610924", "610924109", "610924109201"),
        ),
        Column(
            "name",
            "Name",
            "名称",
            required=True,
            aliases=("区划名称", "单位名称"),
            examples=("紫阳县", "蒿坪镇", "示例村"),
        ),
        Column(
            "name_en", "English Name", "英文名称", examples=("Ziyang County", "Haoping Town", "")
        ),
        Column(
            "region_status", "Assistance Status", "帮扶状态", "choice", examples=("脱贫县", "", "")
        ),
        Column(
            "status_from", "Status from", "状态起始日期", "date", examples=("2020-02-27", "", "")
        ),
        Column(
            "status_source", "Status Source", "状态依据", examples=("省政府公告（示例）", "", "")
        ),
    )

    def __init__(self, check):
        super().__init__(check)
        self.chinese = "zh_CN" in dict(self.env["res.lang"].get_installed())

    def choices(self):
        return {
            "region_status": self.check.job._get_selection_choices(
                "union.assist.region.status", "kind"
            )
        }

    def convert(self, values):
        if code := values.get("code"):
            values["level"] = region_level(code)
            if parent := region_parent(code):
                values["parent_code"] = parent
        if "region_status" in values:
            for name in ("status_from", "status_source"):
                if name not in values:
                    yield (
                        name,
                        self.env._("A status needs the day from which it holds and its source."),
                    )

    def resolve(self):
        return {"region_key": SQL("own.id"), "parent_key": SQL("above.id")}, SQL(
            "LEFT JOIN union_assist_region own ON own.code = row.code"
            " LEFT JOIN union_assist_region above ON above.code = row.parent_code"
        )

    def validate(self):
        self.note_repeated(
            "code",
            self.env._("Row {row} has the same code: every division is listed once."),
            SQL("row.code"),
        )
        unknown = self.env._(
            "There is no division {code}, which this one is part of. Add it to the list, above or"
            " below this row, or correct its row."
        )
        for level in _LEVELS[1:]:
            # From the top down: what is part of a faulty row cannot be written either.
            self.note(
                "code",
                unknown,
                self.rows(
                    SQL(
                        "row.level = %s AND row.region_key IS NULL AND row.parent_key IS NULL"
                        " AND NOT EXISTS (SELECT FROM %s above"
                        " WHERE above.import_id = row.import_id AND above.code = row.parent_code"
                        " AND NOT EXISTS (SELECT FROM union_assist_import_error error"
                        " WHERE error.import_id = above.import_id"
                        " AND error.number = above.number))",
                        level,
                        ROW,
                    )
                ),
                code=SQL("row.parent_code"),
            )
        self.note(
            "region_status",
            self.env._(
                "The region has this status already from {date}, in force on that day. End the"
                " earlier one first, or leave the status out."
            ),
            self.rows(
                SQL("row.region_status IS NOT NULL"),
                SQL(
                    "JOIN union_assist_region_status other ON other.region_id = row.region_key"
                    " AND other.kind = row.region_status"
                    " AND other.date_from <> row.status_from"
                    " AND (other.date_to IS NULL OR other.date_to >= row.status_from)"
                ),
            ),
            date=SQL("other.date_from"),
        )

    def _names(self):
        """Return the SQL of the region's names in all languages, as the row has them."""
        if not self.chinese:
            return SQL(
                "coalesce(region.name, '{}') || jsonb_build_object('en_US',"
                " coalesce(row.name_en, row.name))"
            )
        # Without an English name, the Chinese one stands for it.
        english = SQL(
            "coalesce(row.name_en, CASE WHEN region.name->>'en_US' IS DISTINCT FROM"
            " coalesce(region.name->>'zh_CN', region.name->>'en_US')"
            " THEN region.name->>'en_US' ELSE row.name END)"
        )
        return SQL(
            "coalesce(region.name, '{}') || jsonb_build_object('en_US', %s, 'zh_CN', row.name)",
            english,
        )

    def _lacks_status(self):
        return SQL(
            "(row.region_status IS NOT NULL AND NOT EXISTS (SELECT FROM"
            " union_assist_region_status status WHERE status.region_id = row.region_key"
            " AND status.kind = row.region_status AND status.date_from = row.status_from))"
        )

    def action(self):
        return SQL(
            "CASE WHEN region.id IS NULL THEN 'new' WHEN %s OR %s IS DISTINCT FROM region.name"
            " THEN 'changed' ELSE 'unchanged' END",
            self._lacks_status(),
            self._names(),
        ), SQL("LEFT JOIN union_assist_region region ON region.id = row.region_key")

    def store(self):
        # Only who may write regions gets here, whatever the statements below would do.
        regions = self.env["union.assist.region"]
        regions.check_access("write")
        cr = self.env.cr
        new = self.insert(
            regions._name,
            {
                "code": SQL("row.code"),
                "name": self._names(),
                "level": SQL("row.level"),
                "parent_id": SQL("row.parent_key"),
            },
            SQL(
                "%s row LEFT JOIN union_assist_region region ON FALSE"
                " WHERE %s AND %s ORDER BY row.number",
                ROW,
                self.good,
                self.is_new(),
            ),
        )
        self.check.report(len(new))
        if new:
            cr.execute(
                SQL(
                    "UPDATE union_assist_region region SET parent_id = above.id"
                    " FROM %s row JOIN union_assist_region above ON above.code = row.parent_code"
                    " WHERE %s AND region.code = row.code AND region.parent_id IS NULL"
                    " AND region.id = ANY(%s)",
                    ROW,
                    self.good,
                    new.ids,
                )
            )
            regions._parent_store_compute()
        cr.execute(
            SQL(
                "UPDATE union_assist_region region SET name = %(names)s, write_uid = %(uid)s,"
                " write_date = %(now)s FROM %(row)s row"
                " WHERE %(good)s AND %(changed)s AND region.id = row.region_key"
                " AND %(names)s IS DISTINCT FROM region.name",
                names=self._names(),
                uid=self.env.uid,
                now=cr.now(),
                row=ROW,
                good=self.good,
                changed=self.is_changed(),
            )
        )
        cr.execute(
            SQL(
                "SELECT region.id, region_status, status_from, status_source FROM %s row"
                " JOIN union_assist_region region ON region.code = row.code"
                " WHERE %s AND %s ORDER BY number",
                ROW,
                self.good,
                self._lacks_status(),
            )
        )
        names = ("region_id", "kind", "date_from", "source")
        self.env["union.assist.region.status"].create(
            [dict(zip(names, status, strict=True)) for status in cr.fetchall()]
        )
        regions.invalidate_model()
