from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.union_assist_catalog.tools.minimum_cell import publishable_cells

#: Whoever scans a carton reads a page, no register: as many parts and inspections at most.
MAX_PARTS = 40
MAX_INSPECTIONS = 5
MAX_REPORTS = 20
ADMITTED = ("released", "conceded", "partial")


class UnionAssistLotPublic(models.AbstractModel):
    """What everybody may see of a lot who has its code before them.

    Reads with all rights and returns plain values: what is not written into a dictionary here
    is not public. No prices, quantities, recipients or persons; households as counts, and only
    where there are enough of them in a county.
    """

    _name = "union.assist.lot.public"
    _description = "Public Page of a Lot"

    @api.model
    def _find_lot(self, token):
        return self.env["stock.lot"].sudo().search([("assist_public_token", "=", token)], limit=1)

    @api.model
    def _get_page(self, lot):
        """Describe a lot: plain values in the language of the context."""
        company = self._get_company(lot)
        goods = lot.product_id.product_tmpl_id
        page = {
            "company": company.name,
            "lot": lot.name,
            "product": goods.name,
            "specification": goods.assist_specification or "",
            "warning": self._get_warning(lot, company),
            "released": self._is_released(lot, company),
        }
        if not page["released"]:
            return page
        parts = self._get_parts(lot, company)
        return {
            **page,
            **self._describe(lot),
            "certificates": self._get_certificates(lot),
            "inspections": self._get_inspections(lot, company),
            "reports": self._get_reports(lot | parts, lot, company),
            "households": self._say_households(lot | parts, company),
            "parts": [
                {"lot": part.name, "product": part.product_id.name, **self._describe(part)}
                for part in parts[:MAX_PARTS]
            ],
        }

    @api.model
    def _get_company(self, lot):
        if lot.company_id:
            return lot.company_id
        line = self.env["stock.move.line"].sudo().search([("lot_id", "=", lot.id)], limit=1)
        return line.company_id or self.env.company

    @api.model
    def _is_released(self, lot, company):
        """Whether quality control let it pass; what no plan applies to needs no decision."""
        if lot.assist_quality_state:
            return lot.assist_quality_state in ADMITTED
        return not lot._assist_get_plan_ids(company)

    @api.model
    def _get_warning(self, lot, company):
        """Return ``recall``, ``hold``, ``expired`` or an empty text."""
        recalled = self.env["union.assist.recall"].sudo()
        if recalled.search_count(
            Domain("is_mock", "=", False)
            & Domain("state", "in", ("open", "closed"))
            & Domain("balance_ids.lot_id", "=", lot.id),
            limit=1,
        ):
            return "recall"
        if lot._assist_get_holds(company):
            return "hold"
        if not lot.expiration_date:
            return ""
        last = lot.expiration_date.astimezone(company._assist_get_zone()).date()
        return "expired" if last < company._assist_today() else ""

    @api.model
    def _describe(self, lot):
        goods = lot.product_id.product_tmpl_id
        county = goods.assist_origin_id
        supplier = goods.assist_supplier_id
        prefecture = county.parent_id
        place = county.name or ""
        if prefecture.level == "prefecture":
            place = self.env._(
                "%(county)s, %(prefecture)s", county=county.name, prefecture=prefecture.name
            )
        return {
            "county": place,
            # A farmer who delivers in person is no company: a person's name is not public.
            "supplier": supplier.name if supplier.is_company else "",
            "produced": self._format_date(lot.assist_production_date),
            "expires": self._format_date(lot.expiration_date),
        }

    @api.model
    def _format_date(self, date):
        return format_date(self.env, date, date_format="long") if date else ""

    @api.model
    def _get_parts(self, lot, company):
        """Return the lots that went into this one, over all levels, without packs between."""
        made, used = set(), set()
        for _production, _line, used_lot, _quantity, _made, made_lot, _qty in self.env[
            "union.assist.trace"
        ]._read_pairs(lot.ids, company, forward=False):
            used.add(used_lot)
            made.add(made_lot)
        return self.env["stock.lot"].sudo().browse(sorted(used - made - {lot.id}))

    @api.model
    def _get_certificates(self, lot):
        """List the public documents in force of the goods, their supplier and this batch."""
        goods = lot.product_id.product_tmpl_id
        supplier = goods.assist_supplier_id
        if not supplier:
            return []
        documents = self.env["union.assist.certificate"].sudo()
        found = documents.search(
            self.env["union.assist.catalogue.public"]._get_certificate_domain()
            & Domain("partner_id", "=", supplier.id)
            & (Domain("scope", "=", "supplier") | Domain("product_tmpl_ids", "in", goods.ids))
            & (Domain("batch", "in", (False, "", lot.name)))
        )
        return [
            {
                "type": document.type_id.name,
                "number": document.number or "",
                "until": self._format_date(document.date_end),
            }
            for document in found.sorted(
                lambda document: (document.scope, document.type_id.sequence, document.id)
            )
        ]

    @api.model
    def _get_inspections(self, lot, company):
        """List decided inspections with each item's verdict: no values and no persons."""
        inspections = (
            self.env["union.assist.quality.inspection"]
            .sudo()
            .search(
                [
                    ("lot_id", "=", lot.id),
                    ("company_id", "=", company.id),
                    ("state", "=", "decided"),
                ],
                limit=MAX_INSPECTIONS,
            )
        )
        zone = company._assist_get_zone()
        kinds = dict(
            self.env["union.assist.quality.decision"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        pages = []
        for inspection in inspections:
            decisions = inspection.decision_ids.filtered(lambda made: made.kind != "rejected")
            if not decisions:
                continue
            moment = max(decisions.mapped("decided_on"))
            pages.append(
                {
                    "date": self._format_date(moment.astimezone(zone).date()),
                    "decision": ", ".join(
                        dict.fromkeys(kinds[decision.kind] for decision in decisions)
                    ),
                    "items": [
                        {"name": self._name_item(line, company), "verdict": line.verdict}
                        for line in inspection.line_ids
                        if line.verdict
                    ],
                }
            )
        return pages

    @api.model
    def _name_item(self, line, company):
        """Name an item in the reader's language, where the plan's still has the same name.

        The inspection keeps the name that it had in the company's language.
        """
        lang = company.partner_id.lang or self.env.lang
        item = line.item_id
        same = item and item.with_context(lang=lang).name == line.name
        return (same and item.with_context(lang=self.env.lang).name) or line.name

    @api.model
    def _get_reports(self, lots, lot, company):
        """List the accepted lab reports on a lot and its parts: no values and no persons."""
        reports = self.env["union.assist.lab.report"]._get_accepted(lots, company)
        return [
            {
                "laboratory": report.laboratory_id.name,
                "number": report.number,
                "date": self._format_date(report.issued_on),
                "verdict": report.verdict,
                "parts": ", ".join(
                    f"{part.product_id.name} {part.name}" for part in (report.lot_ids & lots) - lot
                ),
            }
            for report in reports[:MAX_REPORTS]
        ]

    @api.model
    def _say_households(self, lots, company):
        """Put into sentences how many households delivered what is in lots, as far as allowed.

        Households of several lots are counted lot by lot and never added up: the largest count
        of a county is told, so that nobody is counted twice.
        """
        counts = {}
        for counties in lots._assist_get_household_counts().values():
            for county, households in counties.items():
                counts[county] = max(households, counts.get(county, 0))
        if not counts:
            return []
        try:
            minimum = self.env["union.assist.parameter"]._get_value(
                "minimum_cell", company._assist_today()
            )
        except UserError:
            # No rule says what may be published: nothing is.
            minimum = float("inf")
        published, withheld = publishable_cells(counts, minimum)
        sentences = [
            self.env._(
                "%(households)s households of %(county)s grew what is in it",
                households=households,
                county=county.sudo().name,
            )
            for county, households in published.items()
        ]
        if not sentences:
            return [
                self.env._(
                    "Rural households grew what is in it; they are too few in one county to"
                    " publish their number."
                )
            ]
        if withheld:
            sentences.append(
                self.env._(
                    "There are more in other counties, too few in one to publish their number."
                )
            )
        return sentences
