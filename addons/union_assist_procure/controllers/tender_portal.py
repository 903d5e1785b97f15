from werkzeug.exceptions import NotFound

from odoo import fields, http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.tender_bid import get_bid_keys
from ..tools.bid_form import LARGEST, MOST_DAYS, NOTE_LENGTH, PLACES, read_bid
from ..tools.sealing import SealError, read_own

MODEL = "union.assist.tender.invitation"
PAGE_SIZE = 20

# All that a supplier enters for a lot; everything else of the form is ignored.
LOT_FIELDS = ("price", "quantity", "days", "note")


class TenderPortal(CustomerPortal):
    """Tenders that a supplier is invited to, and its own sealed bid.

    A bid that is still sealed is decrypted here and nowhere else, for the user who handed it in.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "assist_tender_count" in counters:
            values["assist_tender_count"] = len(self._get_invitations())
        return values

    def _get_invitations(self, *domain):
        """Return the invitations of the supplier that a portal user works for."""
        invitations = request.env[MODEL]
        user = request.env.user
        # Staff read invitations as well: these pages are for those who bid.
        if not user._is_portal() or not invitations.has_access("read"):
            return invitations
        return invitations.search(
            [
                ("supplier_id", "=", user.commercial_partner_id.id),
                ("invited_on", "!=", False),
                *domain,
            ]
        )

    def _find_invitation(self, tender_id):
        """Return the supplier's own invitation to a tender, with all rights."""
        invitation = self._get_invitations(("tender_id", "=", tender_id)).sudo()
        if not invitation:
            raise NotFound()
        return invitation

    @http.route(
        ["/my/assist/tenders", "/my/assist/tenders/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_tenders(self, page=1):
        """List the tenders that the supplier is invited to, those to bid for first."""
        found = self._get_invitations().sudo()
        found = found.sorted(
            lambda row: (
                row.tender_id.state != "called" or row.tender_id.is_due,
                -row.tender_id.deadline.timestamp(),
            )
        )
        pager = portal_pager(url="/my/assist/tenders", total=len(found), page=page, step=PAGE_SIZE)
        return request.render(
            "union_assist_procure.portal_my_tenders",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "assist_tenders",
                "invitations": found[pager["offset"] : pager["offset"] + PAGE_SIZE],
                "pager": pager,
            },
        )

    @http.route(
        "/my/assist/tenders/<int:tender_id>",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def portal_my_tender(self, tender_id, done=None, **post):
        """Show a tender; take a bid for it (``POST``) until the deadline."""
        invitation = self._find_invitation(tender_id)
        errors = {}
        if request.httprequest.method == "POST":
            entered = self._read_entered(invitation, post)
            errors = self._hand_in(invitation, entered)
            if not errors:
                return request.redirect(f"/my/assist/tenders/{tender_id}?done=bid")
        else:
            entered = self._read_own_bid(invitation)
        return self._render_tender(invitation, entered, errors, done)

    @http.route(
        "/my/assist/tenders/<int:tender_id>/withdraw",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_withdraw_bid(self, tender_id):
        """Withdraw the bid, until the deadline."""
        invitation = self._find_invitation(tender_id)
        if invitation._withdraw():
            return request.redirect(f"/my/assist/tenders/{tender_id}?done=withdrawn")
        return self._render_tender(
            invitation, self._read_own_bid(invitation), {"": self._get_late_message(invitation)}
        )

    @http.route(
        "/my/assist/tenders/<int:tender_id>/document/<int:document_id>", type="http", auth="user"
    )
    def portal_tender_document(self, tender_id, document_id):
        """Download a document of a tender that the supplier is invited to."""
        document = self._find_invitation(tender_id).tender_id.document_ids.filtered(
            lambda file: file.id == document_id
        )
        if not document:
            raise NotFound()
        stream = request.env["ir.binary"]._get_stream_from(document)
        return stream.get_response(as_attachment=True)

    # -- the form ----------------------------------------------------------------------------------

    def _render_tender(self, invitation, entered, errors, done=None):
        tender = invitation.tender_id
        response = request.render(
            "union_assist_procure.portal_my_tender",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "assist_tender",
                "invitation": invitation,
                "tender": tender,
                "bid": invitation.bid_ids,
                "is_open": tender.state == "called" and not tender.is_due,
                "entered": entered,
                "errors": errors,
                "labels": self._get_labels(),
                "events": invitation.env["union.assist.tender.event"].search(
                    [
                        ("tender_id", "=", tender.id),
                        "|",
                        ("invitation_id", "=", invitation.id),
                        "&",
                        ("invitation_id", "=", False),
                        ("kind", "!=", "requested"),
                    ],
                    limit=50,
                ),
                "result": tender._get_public_result() if tender.state == "awarded" else [],
                "done": done,
                "note_length": NOTE_LENGTH,
            },
        )
        # Prices of a sealed bid stay in no cache.
        response.headers["Cache-Control"] = "no-store"
        return response

    def _get_labels(self):
        return {
            "price": request.env._("Unit price"),
            "quantity": request.env._("Quantity"),
            "days": request.env._("Days to deliver"),
            "note": request.env._("Note"),
        }

    def _read_entered(self, invitation, post):
        """Return what was typed, as it was typed: ``{lot id: {field: text}, "note": text}``."""
        entered = {
            lot.id: {name: str(post.get(f"{name}-{lot.id}") or "") for name in LOT_FIELDS}
            for lot in invitation.tender_id.lot_ids
        }
        return {**entered, "note": str(post.get("note") or "")}

    def _read_own_bid(self, invitation):
        """Return the sealed bid for the form of the user who handed it in; else an empty form."""
        entered = self._read_entered(invitation, {})
        bid = invitation.bid_ids
        tender = invitation.tender_id
        if bid.state != "sealed" or tender.state != "called":
            return entered
        try:
            content = read_own(bid.sealed, get_bid_keys(request.env), invitation._get_binding())
        except (SealError, UserError):
            return entered
        if content.get("owner") != self._get_owner():
            return entered
        tender._log("shown", invitation)
        for lot in tender.lot_ids:
            entered[lot.id].update(content["lots"].get(str(lot.id), {}))
        return {**entered, "note": content.get("note") or "", "is_shown": True}

    def _get_owner(self):
        """Return by whom a sealed bid is handed in, and shown to: this user with this password.

        Whoever is given access to the supplier's account later sees no price of it.
        """
        request.env.cr.execute(
            "SELECT encode(sha256(convert_to(coalesce(password, ''), 'UTF8')), 'hex')"
            "  FROM res_users WHERE id = %s",
            [request.env.uid],
        )
        return [request.env.uid, request.env.cr.fetchone()[0]]

    def _hand_in(self, invitation, entered):
        """Seal what was typed; return what is wrong with it by name of the input."""
        env = request.env
        tender = invitation.tender_id
        lots, problems = read_bid(entered, {lot.id: lot.quantity for lot in tender.lot_ids})
        errors = {
            f"{problem.field}-{problem.row}": self._explain(
                tender.lot_ids.browse(problem.row), problem
            )
            for problem in problems
        }
        if len(entered["note"]) > NOTE_LENGTH:
            errors["note"] = env._("The note is longer than %s characters.", NOTE_LENGTH)
        if not lots and not errors:
            errors[""] = env._("Enter a unit price for one lot at least.")
        if errors:
            return errors
        content = {
            "lots": lots,
            "note": entered["note"].strip(),
            "owner": self._get_owner(),
            "supplier": invitation.supplier_id.name,
            "tender": tender.name,
        }
        try:
            if not invitation._submit(content):
                return {"": self._get_late_message(invitation)}
        except UserError as error:
            return {"": str(error)}
        return {}

    def _get_late_message(self, invitation):
        if invitation.tender_id.state == "cancelled":
            return request.env._("Nothing was changed: the tender is cancelled.")
        return request.env._(
            "Nothing was changed: the deadline has passed. It is %(now)s by the server's clock.",
            now=fields.Datetime.context_timestamp(request.env.user, fields.Datetime.now()).strftime(
                "%Y-%m-%d %H:%M:%S"
            ),
        )

    def _explain(self, lot, problem):
        env = request.env
        where = {"lot": lot.product_id.display_name, "field": self._get_labels()[problem.field]}
        return {
            "missing": lambda: env._("%(lot)s, %(field)s: enter it to bid for this lot.", **where),
            "number": lambda: env._("%(lot)s, %(field)s: this is not a number.", **where),
            "positive": lambda: env._("%(lot)s, %(field)s: it has to be above 0.", **where),
            "large": lambda: env._(
                "%(lot)s, %(field)s: at most %(most)s.",
                most=MOST_DAYS if problem.field == "days" else f"{LARGEST:f}",
                **where,
            ),
            "whole": lambda: env._("%(lot)s, %(field)s: whole days only.", **where),
            "places": lambda: env._(
                "%(lot)s, %(field)s: at most %(places)s decimals.", places=PLACES, **where
            ),
            "exceeds": lambda: env._(
                "%(lot)s, %(field)s: more than the %(quantity)s asked for.",
                quantity=f"{lot.quantity:g}",
                **where,
            ),
            "long": lambda: env._(
                "%(lot)s, %(field)s: longer than %(length)s characters.",
                length=NOTE_LENGTH,
                **where,
            ),
        }[problem.reason]()
