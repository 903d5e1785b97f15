from odoo import http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request
from odoo.tools import email_normalize

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..models.admission import OPEN_STATES

COMPANY_FIELDS = (
    "name",
    "company_registry",
    "assist_supplier_kind",
    "assist_region_id",
    "assist_legal_representative",
    "street",
    "phone",
    "email",
)
CONTACT_FIELDS = {"contact_name": "name", "contact_phone": "phone"}
APPLICATION_FIELDS = ("goods", "mechanism_ids", "claimed_households")
LENGTHS = {"goods": 4000}
MESSAGES = ("saved", "submitted")


class ApplicationPortal(CustomerPortal):
    """The application of a company to become a supplier, by its own people.

    There is one page and no number in its address: whose application it shows follows from who
    is logged in, so that there is no way to another one's.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "assist_application_count" in counters:
            values["assist_application_count"] = int(self._may_apply())
        return values

    def _may_apply(self):
        user = request.env.user
        return user._is_portal() and not user.commercial_partner_id.sudo().assist_union_kind

    def _get_applicant(self):
        """Return the company that the user speaks for; none when it is there for itself."""
        partner = request.env.user.commercial_partner_id.sudo()
        return partner if partner.is_company else partner.browse()

    def _get_application(self, company):
        return (
            company.assist_admission_ids
            if company
            else request.env["union.assist.admission"].sudo()
        )

    # --------------------------------------------------
    # Routes
    # --------------------------------------------------

    @http.route("/my/assist/application", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_assist_application(self, message=None, **_kwargs):
        """Show the application: a form while it is the supplier's turn, else what became of it."""
        if not self._may_apply():
            return request.redirect("/my")
        return self._render_application(message=message if message in MESSAGES else None)

    @http.route("/my/assist/application", type="http", auth="user", website=True, methods=["POST"])
    def portal_save_assist_application(self, **post):
        """Save the application as a draft, or submit it."""
        if not self._may_apply():
            return request.redirect("/my")
        submit = post.get("action") == "submit"
        given = self._read_application(post)
        company = self._get_applicant()
        if company and not self._get_application(company):
            given["name"] = company.name  # a company that others deal with keeps its name
        values, errors = self._check_application(company, given, submit)
        if errors:
            return self._render_application(given=given, errors=errors)
        try:
            with request.env.cr.savepoint():
                application = self._save_application(company, values)
                if submit:
                    application._take_step("apply")
        except (UserError, ValidationError) as error:
            return self._render_application(given=given, failure=error.args[0])
        return request.redirect(
            f"/my/assist/application?message={'submitted' if submit else 'saved'}"
        )

    # --------------------------------------------------
    # What is on the page
    # --------------------------------------------------

    def _render_application(self, given=None, errors=None, failure=None, message=None):
        company = self._get_applicant()
        application = self._get_application(company)
        is_open = not application or application.state in OPEN_STATES
        regions = (
            request.env["union.assist.region"]
            .sudo()
            .with_context(hierarchical_naming=False)
            .search([("level", "=", "county")])
        )
        return request.render(
            "union_assist_catalog.portal_my_assist_application",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "assist_application",
                "company": company,
                "application": application,
                "is_open": is_open,
                "values": given or self._get_application_values(company, application),
                "errors": errors or {},
                "failure": failure,
                "message": message,
                "missing": application._get_missing().values() if application and is_open else (),
                "may_rename": not company or (application and is_open),
                "is_contact": self._is_contact(company),
                "kinds": request.env["res.partner"]
                ._fields["assist_supplier_kind"]
                ._description_selection(request.env),
                "regions": regions.grouped("parent_id"),
                "mechanisms": request.env["union.assist.mechanism"].sudo().search([]),
                # The page shows suppliers their documents: a company is one from its first draft.
                "documents_url": "/my/assist/documents" if company.assist_supplier_kind else None,
            },
        )

    def _is_contact(self, company):
        """Whether the user is a person of the company, not the company's own account."""
        return request.env.user.partner_id.sudo() != company

    def _get_application_values(self, company, application):
        """Return what the form shows of what is on file, all as text but the mechanisms."""
        values = {name: company[name] or "" for name in COMPANY_FIELDS}
        values["assist_region_id"] = str(company.assist_region_id.id or "")
        person = request.env.user.partner_id.sudo()
        values |= {name: person[field] or "" for name, field in CONTACT_FIELDS.items()}
        values["goods"] = application.goods or ""
        values["mechanism_ids"] = application.mechanism_ids.ids
        values["claimed_households"] = str(application.claimed_households or "")
        return values

    # --------------------------------------------------
    # What comes back
    # --------------------------------------------------

    def _read_application(self, post):
        """Take what the form may hold out of what was posted, and nothing else."""
        names = (*COMPANY_FIELDS, *CONTACT_FIELDS, "goods", "claimed_households")
        given = {name: str(post.get(name) or "").strip() for name in names}
        chosen = request.httprequest.form.getlist("mechanism_ids")
        given["mechanism_ids"] = [int(value) for value in chosen if value.isdecimal()]
        return given

    def _check_application(self, company, given, submit):
        """Return the values to write, and what is wrong by field."""
        env = request.env
        values, errors = dict(given), {}
        for name, value in given.items():
            if isinstance(value, str) and len(value) > LENGTHS.get(name, 200):
                errors[name] = env._("This is too long.")
        if not given["name"]:
            errors["name"] = env._("Enter the name as it is on the business licence.")
        if given["company_registry"]:
            partners = company or env["res.partner"].sudo()
            if message := partners._assist_credit_code_error(given["company_registry"]):
                errors["company_registry"] = message
            elif partners._assist_find_same_credit_code(given["company_registry"]):
                errors["company_registry"] = env._(
                    "This company is registered already. Ask your colleagues or the operator for"
                    " an account of that company."
                )
        kinds = dict(env["res.partner"]._fields["assist_supplier_kind"]._description_selection(env))
        if given["assist_supplier_kind"] not in kinds:
            errors["assist_supplier_kind"] = env._("Choose what kind of company it is.")
        values["assist_region_id"] = self._find(
            "union.assist.region", given["assist_region_id"], [("level", "=", "county")]
        )
        if given["assist_region_id"] and not values["assist_region_id"]:
            errors["assist_region_id"] = env._("Choose one of the counties.")
        if given["email"] and not email_normalize(given["email"]):
            errors["email"] = env._("This is no e-mail address.")
        mechanisms = env["union.assist.mechanism"].sudo().browse(given["mechanism_ids"]).exists()
        values["mechanism_ids"] = [(6, 0, mechanisms.ids)]
        households = given["claimed_households"] or "0"
        if households.isdecimal() and int(households) <= 1_000_000:
            values["claimed_households"] = int(households)
        else:
            errors["claimed_households"] = env._("Enter a whole number.")
        if submit:
            needed = [name for name in (*COMPANY_FIELDS, "goods") if name not in ("name", "email")]
            if self._is_contact(company):
                needed += ["contact_name", "contact_phone"]
            for name in (*needed, "mechanism_ids"):
                if not given[name]:
                    errors.setdefault(name, env._("This is needed to submit the application."))
            if not values["claimed_households"]:
                errors.setdefault(
                    "claimed_households", env._("This is needed to submit the application.")
                )
        return values, errors

    def _find(self, model, value, domain):
        if not value.isdecimal():
            return False
        found = request.env[model].sudo().search([("id", "=", int(value)), *domain])
        return found.id

    def _save_application(self, company, values):
        """Write the file of the company and its application; return the application."""
        person = request.env.user.partner_id.sudo()
        application = self._get_application(company)
        if application and application.state not in OPEN_STATES:
            raise UserError(
                request.env._(
                    "The application has been submitted. It can be changed after it is returned."
                )
            )
        file = {name: values[name] or False for name in COMPANY_FIELDS}
        if not company:
            company = person.create(
                {
                    **file,
                    "is_company": True,
                    "country_id": request.env.company.country_id.id,
                    "lang": person.lang,
                    "tz": person.tz,
                }
            )
            person.parent_id = company
        else:
            company.write(file)
        if self._is_contact(company):
            person.write(
                {field: values[name] for name, field in CONTACT_FIELDS.items() if values[name]}
            )
        declared = {name: values[name] for name in APPLICATION_FIELDS}
        declared["contact_id"] = person.id
        if application:
            application.write(declared)
        else:
            application = application.create({**declared, "supplier_id": company.id})
        return application
