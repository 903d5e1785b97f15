import inspect

from odoo.exceptions import AccessError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}
# The ORM checks the caller of these, and of `init` there is none.
OF_THE_ORM = {"create", "write", "unlink", "default_get", "init"}


def each(names, granted):
    """Return the same rights by role for several models of ours."""
    return dict.fromkeys((f"union.assist.{name}" for name in names.split()), granted)


class AccessMatrix:
    """Tests what each role may do with each model of an addon, and which methods it opens."""

    addon = ""
    #: ``{model: {role: "rwcu"}}`` of all the addon's models; what is missing is forbidden.
    matrix = {}
    #: ``{model: "method method"}``: what anybody can call by RPC besides the methods of the ORM.
    #: Whoever adds one sees to it that it checks its caller's rights, and that they are tested.
    public = {}
    #: ``{role: XML id of its group}``
    roles = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(cls.env, f"matrix_{role}", group)
            for role, group in cls.roles.items()
        }

    def _get_records(self, name):
        """Return a record of a model to call its methods on, or none."""
        records = self.env[name].sudo()
        return records if records._abstract else records.search([], limit=1)

    def test_matrix(self):
        for model, granted in self.matrix.items():
            for role, user in self.users.items():
                found = "".join(
                    letter
                    for letter, operation in OPERATIONS.items()
                    if self.env[model].with_user(user).has_access(operation)
                )
                with self.subTest(model=model, role=role):
                    self.assertEqual(found, granted.get(role, ""))

    def test_matrix_is_complete(self):
        own = {
            name
            for name, model in self.env.registry.items()
            if model._original_module == self.addon and name.startswith("union.")
        }
        self.assertEqual(own, set(self.matrix))

    def test_every_model_with_a_company_is_kept_to_it(self):
        rules = self.env["ir.rule"].search([("groups", "=", False)])
        kept = {rule.model_id.model for rule in rules if "company" in (rule.domain_force or "")}
        for name in self.matrix:
            model = self.env[name]
            company = model._fields.get("company_id")
            if not model._transient and not model._abstract and company and company.store:
                with self.subTest(model=name):
                    self.assertIn(name, kept)

    def _public_methods(self):
        """Return what this addon defines and RPC can call: ``{model: {method}}``."""
        found = {}
        for name, model in self.env.registry.items():
            methods = {
                attribute
                for base in model.__mro__
                if base.__module__.startswith(f"odoo.addons.{self.addon}.")
                for attribute, function in vars(base).items()
                if inspect.isfunction(function)
                and not attribute.startswith("_")
                and not getattr(getattr(model, attribute), "_api_private", False)
            } - OF_THE_ORM
            if methods:
                found[name] = methods
        return found

    def test_public_methods_are_known(self):
        known = {name: set(methods.split()) for name, methods in self.public.items()}
        self.assertEqual(self._public_methods(), known)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_strangers_call_none_of_them(self):
        """Who has no rights to a record does nothing with it by any method without arguments."""
        called = 0
        for name, methods in self._public_methods().items():
            records = self._get_records(name)
            for role in ("public", "employee"):
                stranger = records.with_user(self.users[role])
                if not records or stranger.has_access("read"):
                    continue
                for method in sorted(methods):
                    function = getattr(stranger, method)
                    parameters = inspect.signature(function).parameters.values()
                    if any(
                        parameter.default is parameter.empty
                        and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
                        for parameter in parameters
                    ):
                        continue
                    called += 1
                    with self.subTest(model=name, method=method, role=role), self.cr.savepoint():
                        try:
                            screen = function()
                        except AccessError:
                            continue
                        # To be told which screen to open gives nobody what is on it.
                        self.assertIn("res_model", screen or {})
        self.assertGreater(called, 3)
