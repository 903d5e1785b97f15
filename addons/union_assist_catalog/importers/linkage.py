from odoo.tools import SQL

from ..tools.import_values import CellError, Column
from ..tools.table_file import plain_header
from .base import ROW, Part

# Fields that a verification vouches for; the key is household, supplier, mechanism, first day.
_FOLLOWED = {"date_to": "date_to", "share": "share"}
_PLAIN = {"promised_amount": "promised_amount", "note": "linkage_note"}


class LinkagePart(Part):
    """Linkages, known by household, supplier, mechanism and first day.

    They come in as draft or submitted, never as verified.
    """

    name = "linkage"
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
            "supplier_id",
            "Supplier",
            "供应商",
            "choice",
            required=True,
            aliases=("供应商名称", "统一社会信用代码", "供应商统一社会信用代码", "带贫主体"),
            examples=("某某茶业有限公司", "某某专业合作社"),
        ),
        Column(
            "mechanism_id",
            "Mechanism",
            "带贫机制",
            "choice",
            required=True,
            aliases=("机制", "联结机制", "利益联结机制"),
            examples=("订单收购", "务工就业"),
        ),
        Column(
            "date_from",
            "First Day",
            "起始日",
            "date",
            required=True,
            aliases=("开始日期", "起始日期"),
            examples=("2021-03-01", "2021-03-01"),
        ),
        Column(
            "date_to",
            "Last Day",
            "结束日",
            "date",
            aliases=("结束日期", "截止日期"),
            examples=("2021-12-31", ""),
        ),
        Column("share", "Share", "份额", "share", examples=("1", "50%")),
        Column(
            "promised_amount",
            "Promised per Year",
            "每年承诺金额",
            "amount",
            aliases=("承诺金额",),
            examples=("3600", "2400"),
        ),
        Column("linkage_note", "Linkage Note", "带贫关系备注", aliases=("合同编号",)),
        Column(
            "linkage_state",
            "Linkage State",
            "带贫关系状态",
            "choice",
            aliases=("提交状态",),
            examples=("草稿", "待核实"),
        ),
    )

    def choices(self):
        states = self.check.job._get_selection_choices("union.assist.linkage", "state")
        for text, value in states.items():
            if value not in ("draft", "submitted"):
                states[text] = CellError("state")
        suppliers = {}
        for supplier in self.env["res.partner"].search_fetch(
            [("assist_supplier_kind", "!=", False)], ["name", "company_registry"]
        ):
            for text in {supplier.name, supplier.company_registry}:
                if text:
                    key = plain_header(text)
                    known = suppliers.get(key, supplier.id)
                    suppliers[key] = supplier.id if known == supplier.id else CellError("ambiguous")
        return {
            "linkage_state": states,
            "supplier_id": suppliers,
            "mechanism_id": self.check.job._get_mechanism_choices(),
        }

    def resolve(self):
        # Of several linkages with the same key, the one that counts most is meant.
        return {"household_key": SQL("household.id"), "linkage_key": SQL("linkage.id")}, SQL(
            "%s LEFT JOIN LATERAL (SELECT id FROM union_assist_linkage"
            " WHERE household_id = household.id AND supplier_id = row.supplier_id"
            " AND mechanism_id = row.mechanism_id AND date_from = row.date_from"
            " ORDER BY array_position(ARRAY['verified', 'expired', 'submitted', 'draft'],"
            " state::text), id DESC LIMIT 1) linkage ON TRUE",
            SQL("")
            if len(self.check.parts) > 1
            else SQL(
                "LEFT JOIN union_assist_household household ON household.code = row.household_code"
            ),
        )

    def validate(self):
        if len(self.check.parts) == 1:
            self.note(
                "household_code",
                self.env._(
                    "There is no household with this code. Import the households first, or choose"
                    " households with their linkages."
                ),
                self.rows(SQL("row.household_code IS NOT NULL AND row.household_key IS NULL")),
            )
            if mine := self.restricted():
                self.note(
                    "household_code",
                    self.env._("This household is outside the counties that you are in charge of."),
                    self.rows(
                        SQL("household.region_id NOT IN %s", mine),
                        SQL(
                            "JOIN union_assist_household household"
                            " ON household.id = row.household_key"
                        ),
                    ),
                )
        self.note_repeated(
            "household_code",
            self.env._("Row {row} has the same household, supplier, mechanism and first day."),
            SQL("row.household_code, row.supplier_id, row.mechanism_id, row.date_from"),
        )
        known = SQL("LEFT JOIN union_assist_linkage linkage ON linkage.id = row.linkage_key")
        self.note(
            "date_to",
            self.env._("The last day of a linkage is not before its first day."),
            self.rows(SQL("row.date_to < row.date_from")),
        )
        self.note(
            "household_code",
            self.env._(
                "This linkage was revoked. Whoever may do so submits it again by hand before it"
                " can be changed here."
            ),
            self.rows(SQL("linkage.state = 'revoked' AND (%s)", self._differs()), known),
        )

    def _differs(self):
        return self.changed_by({**_FOLLOWED, **_PLAIN}, SQL("linkage"))

    def action(self):
        return SQL(
            "CASE WHEN linkage.id IS NULL THEN 'new' WHEN %s"
            " OR row.linkage_state = 'submitted' AND linkage.state = 'draft' THEN 'changed'"
            " ELSE 'unchanged' END",
            self._differs(),
        ), SQL("LEFT JOIN union_assist_linkage linkage ON linkage.id = row.linkage_key")

    def store(self):
        linkages = self.env["union.assist.linkage"]
        new = self.insert(
            linkages._name,
            {
                "household_id": SQL("household.id"),
                "region_id": SQL("household.region_id"),
                "supplier_id": SQL("row.supplier_id"),
                "mechanism_id": SQL("row.mechanism_id"),
                "date_from": SQL("row.date_from"),
                "date_to": SQL("row.date_to"),
                "share": SQL("coalesce(row.share, 1.0)"),
                "persons": SQL("round((household.persons * coalesce(row.share, 1.0))::numeric, 2)"),
                "promised_amount": SQL("coalesce(row.promised_amount, 0.0)"),
                "note": SQL("row.linkage_note"),
                # Payments come later; each would be asked for its currency.
                "paid_amount": SQL("0.0"),
                "state": SQL("coalesce(row.linkage_state, 'draft')"),
            },
            SQL(
                "%s row JOIN union_assist_household household"
                " ON household.code = row.household_code"
                " WHERE %s AND %s ORDER BY row.number",
                ROW,
                self.good,
                self.is_new(),
            ),
        )
        self.check.report(len(new))
        self.write_changes(linkages._name, _FOLLOWED, "linkage_key")
        self.env.cr.execute(
            SQL(
                "SELECT linkage.id FROM %s row JOIN union_assist_linkage linkage"
                " ON linkage.id = row.linkage_key WHERE %s AND %s"
                " AND row.linkage_state = 'submitted' AND linkage.state = 'draft'",
                ROW,
                self.good,
                self.is_changed(),
            )
        )
        linkages.browse(row[0] for row in self.env.cr.fetchall()).action_submit()
        self.update(linkages._name, _PLAIN, "linkage_key")
