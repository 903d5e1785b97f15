import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import identity

_logger = logging.getLogger(__name__)

# Who reads personal data; record rules limit officials to their own counties.
PERSONAL_GROUPS = "union_assist_catalog.group_operator,union_assist_catalog.group_county"

# Rows that one statement brings to the newest keys.
CHUNK = 20_000

# Marks of the keys that fingerprints were made with, so that others are noticed.
MARKS_PARAMETER = "union_assist.identity_key_marks"


class UnionAssistIdentityMixin(models.AbstractModel):
    """People who may be known by a resident identity number that is not stored.

    The number is only ever written. What is kept is a keyed fingerprint, which nobody reads
    and by which the same person is found again, and the last four digits.
    A number belongs to one record of all the models that have this, archived ones included.
    """

    _name = "union.assist.identity.mixin"
    _description = "Person Known by an Identity Number"

    identity_number = fields.Char(
        compute="_compute_identity_number",
        inverse="_inverse_identity_number",
        search="_search_identity_number",
        groups=PERSONAL_GROUPS,
        copy=False,
        exportable=False,
        help="Only entered, never shown or stored: what is kept is a fingerprint that finds the"
        " same person elsewhere, and the last four digits.",
    )
    identity_hash = fields.Char(groups=fields.NO_ACCESS, copy=False, exportable=False)
    identity_version = fields.Integer(
        groups=fields.NO_ACCESS,
        copy=False,
        exportable=False,
        help="Number of keys that the fingerprint was made with.",
    )
    identity_last4 = fields.Char(
        "Last Four Digits",
        groups=PERSONAL_GROUPS,
        copy=False,
        index="btree_not_null",
        help="Of the identity number, for people to recognise.",
    )

    def _compute_identity_number(self):
        self.identity_number = False

    def _inverse_identity_number(self):
        entered = self.filtered("identity_number")
        keys = entered and self._load_identity_keys(remember=True)
        numbers = {}
        for record in entered:
            number, problem = self._check_identity_number(record.identity_number)
            if problem:
                raise ValidationError(
                    self.env._(
                        "%(record)s: %(problem)s", record=record.display_name, problem=problem
                    )
                )
            numbers[record] = number
        # From here on nothing in this transaction can show it.
        self.invalidate_recordset(["identity_number"], flush=False)
        self._check_identities_free(numbers)
        for record, number in numbers.items():
            record.sudo().write(self._make_identity_values(number, keys))

    @api.onchange("identity_number")
    def _onchange_identity_number(self):
        if self.identity_number:
            _number, problem = self._check_identity_number(self.identity_number)
            if problem:
                return {"warning": {"title": self.env._("Identity number"), "message": problem}}
        return None

    def _search_identity_number(self, operator, value):
        """Find by the whole number, or those of whom none was entered."""
        self._check_field_access(self._fields["identity_number"], "read")
        if operator not in ("=", "in"):
            return NotImplemented
        wanted = value if operator == "in" else [value]
        hashes = []
        keys = any(wanted) and self._load_identity_keys()
        for text in filter(None, wanted):
            number, problem = self._check_identity_number(text)
            if problem:
                raise UserError(problem)
            hashes += identity.fingerprints(number, keys)
        if not all(wanted):
            hashes.append(False)
        found = self.sudo().with_context(active_test=False)
        return Domain("id", "in", found._search(Domain("identity_hash", "in", hashes)))

    @api.model
    def _has_field_access(self, field, operation):
        # What is kept of a number follows from the number.
        if operation == "write" and field.name == "identity_last4" and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    # -- for entering many -------------------------------------------------------------------------

    @api.model
    def _prepare_identity_values(self, numbers):
        """Return what is stored of identity numbers, to be inserted by whoever enters many.

        The caller asks :meth:`_find_identities` whether they are free.

        :param numbers: list of texts; empty where there is none
        :return: list of dicts with ``identity_hash``, ``identity_version``, ``identity_last4``
        :raise ValidationError: when one is no identity number; ask
            :meth:`_check_identity_number` first for a reason per number
        :raise UserError: when there are no keys
        """
        keys = any(numbers) and self._load_identity_keys(remember=True)
        values = []
        for place, text in enumerate(numbers, start=1):
            if not text:
                values.append(
                    dict.fromkeys(("identity_hash", "identity_version", "identity_last4"), None)
                )
                continue
            number, problem = self._check_identity_number(text)
            if problem:
                raise ValidationError(
                    self.env._(
                        "Identity number %(place)s of %(total)s: %(problem)s",
                        place=place,
                        total=len(numbers),
                        problem=problem,
                    )
                )
            values.append(self._make_identity_values(number, keys))
        return values

    @api.model
    def _find_identities(self, numbers):
        """Return who has which of these identity numbers, in one query for each model.

        :param numbers: valid identity numbers
        :return: ``{number as given: record of a model with this mixin, as superuser}``
        """
        keys = numbers and self._load_identity_keys()
        number_by_hash = {
            value: text
            for text in numbers
            for value in identity.fingerprints(identity.normalise(text), keys)
        }
        found = {}
        for model in self._get_identity_models():
            records = model.sudo().with_context(active_test=False)
            for record in records.search_fetch(
                [("identity_hash", "in", list(number_by_hash))], ["identity_hash"]
            ):
                found[number_by_hash[record.identity_hash]] = record
        return found

    @api.model
    def _check_identity_number(self, text):
        """Return an identity number in its normal form and what is wrong with it, if anything.

        :return: ``(number, "")`` or ``("", sentence)``; no sentence contains the number
        """
        try:
            return identity.check(text, self.env.company._assist_today()), ""
        except identity.IdentityNumberError as error:
            return "", {
                "length": self.env._("an identity number has 18 characters."),
                "old": self.env._(
                    "identity numbers of 15 digits are out of use: enter the one of 18."
                ),
                "characters": self.env._(
                    "an identity number has 17 digits and a last character that is a digit or X."
                ),
                "date": self.env._(
                    "the 7th to 14th digit of the identity number are no date of birth."
                ),
                "check": self.env._(
                    "the last character of the identity number does not fit the others:"
                    " compare it with the card."
                ),
            }[error.reason]

    # -- keys --------------------------------------------------------------------------------------

    @api.model
    def _load_identity_keys(self, remember=False):
        """Return the keys, when they are those that earlier fingerprints were made with.

        :param remember: new keys at the end of the file are taken into use
        :raise UserError: when there are none, or others
        """
        variable = identity.KEY_FILE_VARIABLE
        try:
            keys = identity.load_keys()
        except identity.KeyFileError as error:
            what = {
                "unset": self.env._("The environment variable %s names no file.", variable),
                "missing": self.env._("The file that %s names does not exist.", variable),
                "unreadable": self.env._("The file that %s names cannot be read.", variable),
                "open": self.env._(
                    "Everybody on the server may read the file that %s names: take that right"
                    " away (chmod o= …).",
                    variable,
                ),
                "empty": self.env._("There is no key in the file that %s names.", variable),
                "line": self.env._(
                    "Line %(line)s of the file that %(variable)s names is neither hexadecimal"
                    " nor base64.",
                    line=error.line,
                    variable=variable,
                ),
                "short": self.env._(
                    "The key in line %(line)s of the file that %(variable)s names has fewer than"
                    " %(bytes)s bytes.",
                    line=error.line,
                    variable=variable,
                    bytes=identity.KEY_BYTES,
                ),
            }[error.reason]
            raise UserError(
                self.env._(
                    "Identity numbers cannot be used: there is no key for them. %(what)s"
                    " Whoever runs the server makes the file as docs/data.md says; everything"
                    " else works without it.",
                    what=what,
                )
            ) from None
        parameters = self.env["ir.config_parameter"].sudo()
        marks = [identity.key_mark(key) for key in keys]
        known = (parameters.get_param(MARKS_PARAMETER) or "").split()
        if marks[: len(known)] != known:
            raise UserError(
                self.env._(
                    "The keys in the file that %(variable)s names are not those that identity"
                    " numbers were registered with: nobody would be found again. Restore the file"
                    " with all its keys, in their order. If they are lost, an administrator"
                    " forgets the registered numbers under Assistance → Configuration → Identity"
                    " Numbers.",
                    variable=variable,
                )
            )
        if remember and len(marks) > len(known):
            parameters.set_param(MARKS_PARAMETER, " ".join(marks))
        return keys

    @api.model
    def _get_identity_models(self):
        """Return all stored models that have this mixin, as empty recordsets."""
        names = self.env.registry["union.assist.identity.mixin"]._inherit_children
        return [self.env[name] for name in names if not self.env[name]._abstract]

    @api.model
    def _make_identity_values(self, number, keys):
        return {
            "identity_hash": identity.fingerprint(number, keys),
            "identity_version": len(keys),
            "identity_last4": number[-4:],
        }

    def _check_identities_free(self, numbers):
        """Refuse numbers that somebody else has.

        :param numbers: ``{record: number in its normal form}``
        """
        owners = self._find_identities(list(numbers.values()))
        for record, number in numbers.items():
            owner = owners.setdefault(number, record)
            if owner != record:
                raise ValidationError(self._explain_identity_taken(record, owner))

    @api.model
    def _explain_identity_taken(self, record, owner):
        household = owner._get_identity_household().with_user(self.env.user)
        if not household.has_access("read"):
            return self.env._(
                "%(record)s: this identity number is registered in another county. Ask the"
                " operator to compare the two registers.",
                record=record.display_name,
            )
        if owner._name == household._name:
            return self.env._(
                "%(record)s: this identity number is that of household %(code)s. Nobody is"
                " registered twice: compare the two, and correct or archive one.",
                record=record.display_name,
                code=household.code,
            )
        return self.env._(
            "%(record)s: this identity number is that of a member of household %(code)s. Nobody"
            " is registered twice: compare the two, and correct one.",
            record=record.display_name,
            code=household.code,
        )

    def _get_identity_household(self):
        """Return the household that this person is registered with."""
        raise NotImplementedError

    def _forget_identity(self):
        """Remove what is kept of the identity numbers."""
        self.sudo().write(dict.fromkeys(("identity_hash", "identity_version", "identity_last4")))

    # -- rotation ----------------------------------------------------------------------------------

    @api.model
    def _count_identities(self):
        """Return ``{version: number of fingerprints}`` over all models."""
        counts = {}
        for model in self._get_identity_models():
            for version, count in (
                model.sudo()
                .with_context(active_test=False)
                ._read_group([("identity_hash", "!=", False)], ["identity_version"], ["__count"])
            ):
                counts[version] = counts.get(version, 0) + count
        return counts

    @api.model
    def _advance_identities(self):
        """Bring all fingerprints to the newest key, in this transaction; return their number."""
        keys = self._load_identity_keys(remember=True)
        advanced = 0
        for model in self._get_identity_models():
            model.flush_model()
            table = SQL.identifier(model._table)
            while True:
                self.env.cr.execute(
                    SQL(
                        "SELECT id, identity_hash, identity_version FROM %s"
                        " WHERE identity_version < %s AND identity_hash IS NOT NULL LIMIT %s",
                        table,
                        len(keys),
                        CHUNK,
                    )
                )
                rows = self.env.cr.fetchall()
                if not rows:
                    break
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s record SET identity_hash = new.hash, identity_version = %s"
                        " FROM (SELECT unnest(%s) AS id, unnest(%s) AS hash) new"
                        " WHERE record.id = new.id",
                        table,
                        len(keys),
                        [row[0] for row in rows],
                        [identity.advance(value, version, keys) for _id, value, version in rows],
                    )
                )
                advanced += len(rows)
            model.invalidate_model()
        _logger.info("%d fingerprints brought to version %d", advanced, len(keys))
        return advanced

    @api.model
    def _forget_identities(self):
        """Remove what is kept of all identity numbers, and the marks of their keys."""
        for model in self._get_identity_models():
            known = model.sudo().with_context(active_test=False)
            known.search([("identity_hash", "!=", False)])._forget_identity()
        self.env["ir.config_parameter"].sudo().set_param(MARKS_PARAMETER, False)
