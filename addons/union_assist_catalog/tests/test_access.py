import ast

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import UnionAssistCatalogCommon

# What each role may do with each model: r(ead), w(rite), c(reate), u(nlink).
ALL = "rwcu"
READERS = ("official", "viewer", "federation", "operator")
MATRIX = {
    "union.assist.certificate": {
        "portal": "r",
        "official": "rwc",
        "viewer": "r",
        "federation": "r",
        "operator": ALL,
        "manager": ALL,
    },
    "union.assist.certificate.decide": {"official": ALL, "operator": ALL, "manager": ALL},
    "union.assist.certificate.type": {
        "portal": "r",
        "internal": "r",
        **dict.fromkeys(READERS, "r"),
        "manager": ALL,
    },
    "union.assist.document.rule": {"internal": "r", **dict.fromkeys(READERS, "r"), "manager": ALL},
    "union.assist.goods.class": {"internal": "r", **dict.fromkeys(READERS, "r"), "manager": ALL},
    "union.assist.admission": {**dict.fromkeys(READERS, "r"), "operator": ALL, "manager": ALL},
    "union.assist.admission.event": {**dict.fromkeys(READERS, "r"), "manager": "r"},
    "union.assist.admission.step": dict.fromkeys(("official", "federation", "manager"), "rwc"),
    "union.assist.assortment": {**dict.fromkeys(READERS, "r"), "manager": "r"},
    "union.assist.catalogue": {"portal": "r", **dict.fromkeys(READERS, "r"), "manager": ALL},
    **dict.fromkeys(
        ("union.assist.catalogue.edition.line", "union.assist.catalogue.edition.picture"),
        {**dict.fromkeys(READERS, "r"), "manager": "r"},
    ),
    "union.assist.catalogue.edition": {
        **dict.fromkeys(READERS, "r"),
        **dict.fromkeys(("federation", "manager"), ALL),
    },
    **dict.fromkeys(
        ("union.assist.catalogue.comparison", "union.assist.catalogue.change"),
        dict.fromkeys((*READERS, "manager"), ALL),
    ),
    **dict.fromkeys(
        ("union.assist.catalogue.publish", "union.assist.catalogue.publish.gap"),
        dict.fromkeys(("federation", "manager"), ALL),
    ),
    "union.assist.catalogue.criterion": {
        "portal": "r",
        **dict.fromkeys(READERS, "r"),
        "manager": ALL,
    },
    "union.assist.catalogue.decision": {
        **dict.fromkeys(("federation", "operator", "manager"), "rwc"),
    },
    **dict.fromkeys(
        (
            "union.assist.catalogue.entry",
            "union.assist.catalogue.movement",
            "union.assist.catalogue.reason",
        ),
        {"portal": "r", **dict.fromkeys(READERS, "r"), "manager": "r"},
    ),
    "union.assist.alliance": {**dict.fromkeys(READERS, "r"), "operator": ALL, "manager": ALL},
    # Nobody: its methods are not to be called from outside.
    "union.assist.catalogue.public": {},
    "union.assist.household": {
        "official": "rwc",
        "viewer": "r",
        "federation": "r",
        "operator": ALL,
        "manager": ALL,
    },
    "union.assist.household.consent": {"official": "rwc", "operator": ALL, "manager": ALL},
    "union.assist.household.member": {"official": ALL, "operator": ALL, "manager": ALL},
    "union.assist.household.status": {
        "official": ALL,
        "viewer": "r",
        "federation": "r",
        "operator": ALL,
        "manager": ALL,
    },
    "union.assist.consent.withdrawal": dict.fromkeys(("official", "operator", "manager"), "rwc"),
    "union.assist.export.log": {"manager": "r"},
    "union.assist.identity.mixin": {},
    "union.assist.state.mixin": {},
    "union.assist.identity.rotation": {"manager": "rwc"},
    "union.assist.import": {"official": "rwc", "operator": "rwc", "manager": ALL},
    "union.assist.import.error": {"official": "r", "operator": "r", "manager": "r"},
    "union.assist.import.progress": {"manager": "r"},
    "union.assist.import.row": {"official": "r", "operator": "r", "manager": "r"},
    "union.assist.linkage": {
        "official": "rwc",
        "viewer": "r",
        "federation": "r",
        "operator": ALL,
        "manager": ALL,
        "portal": "r",
    },
    "union.assist.linkage.payment": {
        "official": "rwc",
        "viewer": "r",
        "federation": "r",
        "operator": ALL,
        "manager": ALL,
    },
    **dict.fromkeys(
        ("union.assist.household.split", "union.assist.household.split.line"),
        {
            "official": ALL,
            "viewer": "r",
            "federation": "r",
            "operator": ALL,
            "manager": ALL,
        },
    ),
    "union.assist.spot.check": {
        "official": ALL,
        "viewer": "r",
        "federation": "r",
        "operator": ALL,
        "manager": ALL,
    },
    "union.assist.spot.check.line": {
        "official": "rw",
        "viewer": "r",
        "federation": "r",
        "operator": "rw",
        "manager": "rw",
    },
    "union.assist.linkage.review": {"official": ALL, "operator": ALL, "manager": ALL},
    **dict.fromkeys(
        ("union.assist.figures", "union.assist.figures.line"),
        {**dict.fromkeys(READERS, ALL), "manager": ALL},
    ),
    "union.assist.verification": {**dict.fromkeys(READERS, "r"), "manager": "r"},
    "union.assist.mechanism": {**dict.fromkeys(READERS, "r"), "manager": ALL},
    "union.assist.overview.card": {**dict.fromkeys(READERS, "r"), "manager": ALL},
    "union.assist.parameter": {"internal": "r", **dict.fromkeys(READERS, "r"), "manager": ALL},
    "union.assist.price.evidence": {
        "viewer": "r",
        "official": "rwc",
        "federation": "rwc",
        "operator": ALL,
        "manager": ALL,
    },
    "union.assist.score": {**dict.fromkeys(READERS, "r"), "manager": "r"},
    "union.assist.score.part": {**dict.fromkeys(READERS, "r"), "manager": ALL},
    "union.assist.removal.reason": {**dict.fromkeys(READERS, "r"), "manager": ALL},
    "union.assist.product.image": {
        "internal": "r",
        **dict.fromkeys(READERS, "r"),
        "operator": ALL,
        "manager": ALL,
    },
    "union.assist.region.contact": {
        "internal": "r",
        "official": ALL,
        "viewer": "r",
        "federation": "r",
        "operator": ALL,
        "manager": ALL,
    },
    "union.assist.region": {"internal": "r", **dict.fromkeys(READERS, "r"), "manager": ALL},
    "union.assist.region.status": {
        "internal": "r",
        **dict.fromkeys(READERS, "r"),
        "manager": ALL,
    },
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}


@tagged("post_install", "-at_install", "union_assist")
class TestAccess(UnionAssistCatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        contact = cls.env["res.partner"].create({"name": "Contact", "parent_id": cls.tea_maker.id})
        cls.household = cls.make_household("SECRET-1", head_name="Zhang", note="Ill")
        cls.linkage = cls.make_linkage(cls.household, state="verified")
        cls.roles = {
            "public": cls.env.ref("base.public_user"),
            "portal": new_test_user(
                cls.env, "assist_portal", "base.group_portal", partner_id=contact.id
            ),
            "internal": new_test_user(cls.env, "assist_internal", "base.group_user"),
            "viewer": cls.viewer,
            "federation": cls.federation,
            "official": cls.official,
            "operator": cls.operator,
            "manager": cls.manager,
        }

    def test_matrix(self):
        for model, granted in MATRIX.items():
            for role, user in self.roles.items():
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model, role=role, operation=operation):
                        self.assertEqual(
                            self.env[model].with_user(user).has_access(operation),
                            letter in granted.get(role, ""),
                        )

    def test_matrix_is_complete(self):
        own = self.env["ir.model.data"].search(
            [("module", "=", "union_assist_catalog"), ("model", "=", "ir.model")]
        )
        names = set(self.env["ir.model"].browse(own.mapped("res_id")).mapped("model"))
        own_models = {name for name in names if name.startswith("union.assist.")}
        self.assertEqual(own_models, set(MATRIX))

    def test_personal_data_is_for_operators(self):
        for name in ("head_name", "note"):
            self.assertTrue(self.household.with_user(self.operator).read([name])[0][name])
            for role in ("internal", "viewer", "federation"):
                household = self.household.with_user(self.roles[role])
                with self.assertRaises(AccessError):
                    household.read([name])
                with self.assertRaises(AccessError):
                    household.search([(name, "ilike", "Zhang")])
            self.assertTrue(self.household.with_user(self.official).read([name])[0][name])
        self.assertNotIn("head_name", self.household.with_user(self.viewer).read()[0])
        self.assertNotIn("Zhang", self.household.display_name)
        self.assertNotIn("Zhang", self.linkage.display_name)
        bodies = (self.household | self.household.linkage_ids.household_id).message_ids
        self.assertNotIn("Zhang", str(bodies.read(["body", "subject", "record_name"])))

    def test_steps_are_for_operators(self):
        for role in ("public", "portal", "internal", "viewer", "federation"):
            linkage = self.linkage.with_user(self.roles[role])
            for step in ("action_revoke", "action_submit", "action_verify"):
                with self.subTest(role=role, step=step), self.assertRaises(AccessError):
                    getattr(linkage, step)()
        self.assertEqual(self.linkage.state, "verified")

    def test_an_official_of_another_county_sees_nothing_of_it(self):
        other = self.env.ref("union_assist_catalog.region_610827")
        self.official.assist_region_ids = other
        household = self.household.with_user(self.official)
        linkage = self.linkage.with_user(self.official)
        for record in (household, linkage):
            self.assertFalse(record.search([("id", "in", record.ids)]))
            with self.assertRaises(AccessError):
                record.read(["display_name"])
        with self.assertRaises(AccessError):
            linkage.action_revoke()
        with self.assertRaises(AccessError):
            household.create({"code": "SECRET-2", "region_id": self.county.id})
        self.assertTrue(household.create({"code": "SECRET-3", "region_id": other.id}))

    def test_portal_supplier_sees_its_figures_and_no_household(self):
        portal = self.roles["portal"]
        supplier = self.tea_maker.with_user(portal)
        self.assertEqual(supplier.assist_person_count, 4)
        with self.assertRaises(AccessError):
            supplier.read(["assist_linkage_ids"])
        with self.assertRaises(AccessError):
            self.orchard.with_user(portal).read(["assist_person_count"])
        with self.assertRaises(AccessError):
            supplier.write({"assist_supplier_kind": "agent"})
        with self.assertRaises(AccessError):
            supplier.action_view_assist_linkages()

    def test_partners_stay_readable_without_a_role(self):
        for name in ("internal", "portal"):
            partner = self.tea_maker.with_user(self.roles[name])
            names = [field for field in partner.fields_get() if field.startswith("assist_")]
            self.assertEqual(partner.read(names)[0]["assist_person_count"], 4)
            self.assertNotIn("assist_linkage_ids", names)

    def test_buyers_of_other_apps_can_open_a_product_with_its_origin(self):
        product = self.env["product.template"].create(
            {"name": "Tea", "assist_origin_id": self.county.id}
        )
        found = product.with_user(self.roles["internal"]).web_read(
            {"assist_origin_id": {"fields": {"display_name": {}}}}
        )
        self.assertTrue(found[0]["assist_origin_id"]["display_name"])

    def test_figures_do_not_depend_on_the_company(self):
        company = self.env["res.company"].create({"name": "Second"})
        other = new_test_user(
            self.env,
            "assist_second",
            "union_assist_catalog.group_user",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertEqual(self.tea_maker.with_user(other).assist_person_count, 4)
        self.tea_maker.company_id = self.env.company
        with self.assertRaises(AccessError):
            self.tea_maker.with_user(other).read(["assist_person_count"])

    def test_every_menu_opens_for_who_sees_it(self):
        root = self.env.ref("union_assist_catalog.menu_root")
        own = self.env["ir.model.data"].search(
            [("module", "=", "union_assist_catalog"), ("model", "=", "ir.ui.menu")]
        )
        opened = 0
        for role in ("official", "viewer", "federation", "operator", "manager"):
            user = self.roles[role]
            menus = self.env["ir.ui.menu"].with_user(user).browse(own.mapped("res_id"))
            visible = menus._visible_menu_ids()
            for menu in menus.filtered(lambda menu, visible=visible: menu.id in visible):
                if not menu.action or menu.action._name != "ir.actions.act_window":
                    continue
                action = menu.action.sudo()
                with self.subTest(role=role, menu=menu.complete_name):
                    model = self.env[action.res_model].with_user(user)
                    views = model.get_views([*action.views, (action.search_view_id.id, "search")])
                    self.assertTrue(views["views"])
                    domain = ast.literal_eval(action.domain or "[]")
                    model.search_read(domain, ["display_name"], limit=5)
                opened += 1
        self.assertGreater(opened, 15)
        self.assertNotIn(
            root.id, self.env["ir.ui.menu"].with_user(self.roles["internal"])._visible_menu_ids()
        )
