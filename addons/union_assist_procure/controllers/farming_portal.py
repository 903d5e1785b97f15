import math
from datetime import datetime

import pytz
from psycopg2 import IntegrityError
from werkzeug.exceptions import NotFound

from odoo import fields, http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request
from odoo.tools import mute_logger

from odoo.addons.union_assist_catalog.controllers.supplier_portal import SupplierPortal

CONTRACT = "union.assist.farming.contract"
TICKET = "union.assist.weigh.ticket"

# All that a supplier enters of a weigh ticket; everything else of the form is ignored.
NUMBERS = ("gross", "tare", "moisture", "impurity", "unit_price")
CHOICES = ("household_id", "uom_id", "grade_id")
TEXTS = ("note",)
NOTE_LENGTH = 200
LARGEST = 10_000_000


class FarmingPortal(SupplierPortal):
    """A supplier's farming contracts and weigh tickets: codes of households, no names."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "assist_farming_count" in counters:
            values["assist_farming_count"] = self._count_own(CONTRACT, self._get_farming_domain())
        return values

    def _get_farming_domain(self):
        return self._get_own_domain(Domain("state", "!=", "draft"))

    def _find_contract(self, contract_id):
        """Return one of the supplier's own contracts, found with its own rights."""
        return self._find_own(CONTRACT, self._get_farming_domain(), contract_id).sudo()

    @http.route(
        ["/my/assist/farming", "/my/assist/farming/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_my_farming(self, page=1):
        """List the supplier's farming contracts with what came and what is to be paid."""
        contracts, pages = self._list_own(
            CONTRACT, self._get_farming_domain(), "/my/assist/farming", page
        )
        return self._render_page(
            "union_assist_procure.portal_my_farming",
            "assist_farming",
            contracts=contracts,
            pager=pages,
        )

    @http.route(
        [
            "/my/assist/farming/<int:contract_id>",
            "/my/assist/farming/<int:contract_id>/page/<int:page>",
        ],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_farming_contract(self, contract_id, page=1, done=None):
        """Show one contract: its households, its harvests and its weigh tickets."""
        contract = self._find_contract(contract_id)
        tickets, pages = self._list_own(
            TICKET,
            Domain("contract_id", "=", contract.id),
            f"/my/assist/farming/{contract.id}",
            page,
        )
        return self._render_page(
            "union_assist_procure.portal_farming_contract",
            "assist_farming_contract",
            contract=contract,
            tickets=tickets,
            pager=pages,
            done=done if done in ("entered", "withdrawn") else None,
        )

    @http.route(
        "/my/assist/farming/<int:contract_id>/ticket",
        type="http",
        auth="user",
        website=True,
        methods=["GET", "POST"],
    )
    def portal_weigh(self, contract_id, **_post):
        """Take a weigh ticket as a draft, which the operator confirms."""
        contract = self._find_contract(contract_id)
        if contract.state not in ("signed", "delivering"):
            raise NotFound()
        zone = contract.company_id._assist_get_zone()
        jin = request.env.ref("union_assist_catalog.uom_jin").sudo()
        units = jin | request.env.ref("uom.product_uom_kgm").sudo()
        grades = request.env["union.assist.farming.grade"].sudo().search([])
        choices = {
            "household_id": contract.line_ids.household_id,
            "uom_id": units,
            "grade_id": grades,
        }
        errors = {}
        if request.httprequest.method == "POST":
            entered = {
                name: request.httprequest.form.get(name, "").strip()
                for name in (*NUMBERS, *CHOICES, *TEXTS, "date")
            }
            vals = self._read_ticket(entered, choices, zone, errors)
            if not errors and self._create_ticket(contract, vals, errors):
                return request.redirect(f"/my/assist/farming/{contract.id}?done=entered")
        else:
            households = choices["household_id"]
            entered = dict.fromkeys((*NUMBERS, *TEXTS, "grade_id"), "") | {
                "household_id": str(households.id) if len(households) == 1 else "",
                "uom_id": str(jin.id),
                "date": datetime.now(zone).strftime("%Y-%m-%dT%H:%M"),
            }
        return self._render_page(
            "union_assist_procure.portal_weigh",
            "assist_weigh",
            contract=contract,
            entered=entered,
            errors=errors,
            choices=choices,
        )

    def _read_ticket(self, entered, choices, zone, errors):
        """Return the values of a form as sent; what is wrong goes into ``errors`` by field."""
        vals = {name: entered[name][:NOTE_LENGTH] or False for name in TEXTS}
        for name in NUMBERS:
            if not entered[name]:
                continue
            try:
                vals[name] = float(entered[name].replace(",", "").replace("，", ""))
            except ValueError:
                vals[name] = math.nan
            if not math.isfinite(vals[name]) or abs(vals[name]) > LARGEST:
                errors[name] = request.env._("Enter a number, for example 128.5.")
        if "gross" not in vals:
            errors["gross"] = request.env._("What did it weigh?")
        for name, records in choices.items():
            chosen = records.filtered(lambda record, name=name: str(record.id) == entered[name])
            vals[name] = chosen.id
        if not vals["household_id"]:
            errors["household_id"] = request.env._("Choose the household that delivered.")
        if not vals["uom_id"]:
            errors["uom_id"] = request.env._("Choose the unit of the scales.")
        try:
            moment = zone.localize(datetime.fromisoformat(entered["date"]).replace(tzinfo=None))
            vals["date"] = moment.astimezone(pytz.utc).replace(tzinfo=None)
            if vals["date"] > fields.Datetime.add(fields.Datetime.now(), hours=1):
                errors["date"] = request.env._("This is still to come.")
        except (ValueError, OverflowError):
            errors["date"] = request.env._("Enter day and time.")
        return vals

    def _create_ticket(self, contract, vals, errors):
        """Make the draft; what the rules refuse is said on the form, and nothing is lost."""
        tickets = request.env[TICKET].sudo()
        try:
            with mute_logger("odoo.sql_db"), request.env.cr.savepoint():
                ticket = tickets.create({**vals, "contract_id": contract.id})
                ticket.flush_recordset()
                return ticket
        except UserError as error:
            errors[""] = error.args[0]
        except IntegrityError as error:
            errors[""] = tickets._sql_error_to_message(error)
        return tickets

    @http.route(
        "/my/assist/farming/ticket/<int:ticket_id>/withdraw",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_withdraw_ticket(self, ticket_id):
        """Take back a draft that somebody of the supplier's own entered."""
        tickets = request.env[TICKET]
        company = request.env.user.commercial_partner_id
        ticket = tickets.has_access("read") and tickets.search(
            [
                ("id", "=", ticket_id),
                ("supplier_id", "=", company.id),
                ("state", "=", "draft"),
            ]
        )
        if not ticket or ticket.sudo().create_uid.commercial_partner_id != company:
            raise NotFound()
        contract = ticket.contract_id
        ticket.sudo().unlink()
        return request.redirect(f"/my/assist/farming/{contract.id}?done=withdrawn")
