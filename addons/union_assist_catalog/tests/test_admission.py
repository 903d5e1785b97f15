import functools
from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import GROUP, UnionAssistCatalogCommon, admit_suppliers, make_applications

STEPS = ("apply", "recommend", "return", "admit", "suspend", "readmit", "remove")


@tagged("post_install", "-at_install", "union_assist")
class TestAdmission(UnionAssistCatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admission = make_applications(cls.tea_maker)
        cls.today = cls.env.company._assist_today()
        contact = cls.env["res.partner"].create({"name": "Ann", "parent_id": cls.tea_maker.id})
        cls.colleague = new_test_user(
            cls.env, "admission_portal", "base.group_portal", partner_id=contact.id
        )
        stranger = cls.env["res.partner"].create({"name": "Bob", "parent_id": cls.orchard.id})
        cls.stranger = new_test_user(
            cls.env, "admission_stranger", "base.group_portal", partner_id=stranger.id
        )
        cls.other_official = new_test_user(
            cls.env,
            "admission_official",
            f"{GROUP}county",
            assist_region_ids=[(6, 0, cls.env.ref("union_assist_catalog.region_610827").ids)],
        )
        cls.fraud = cls.env.ref("union_assist_catalog.removal_reason_origin")
        cls.users = {
            "public": cls.env.ref("base.public_user"),
            "colleague": cls.colleague,
            "stranger": cls.stranger,
            "internal": new_test_user(cls.env, "admission_internal", "base.group_user"),
            "viewer": cls.viewer,
            "official": cls.official,
            "other_official": cls.other_official,
            "federation": cls.federation,
            "operator": cls.operator,
            "manager": cls.manager,
        }

    def take(self, step, user=None, reason="Because", cause=None, date=None):
        """Take a step through the dialog, as its user would."""
        admission = self.admission.with_user(user or self.manager)
        action = getattr(admission, f"action_{step}")()
        if action:
            wizard = Form(
                self.env[action["res_model"]]
                .with_user(user or self.manager)
                .with_context(**action["context"])
            )
            if reason:
                wizard.reason = reason
            if step in ("suspend", "remove"):
                wizard.cause_id = cause or self.fraud
            if date:
                wizard.date = date
            wizard.save().action_confirm()
        self.env.invalidate_all()

    def move_to(self, state):
        path = {
            "draft": (),
            "applied": ("apply",),
            "returned": ("apply", "return"),
            "recommended": ("apply", "recommend"),
            "admitted": ("apply", "recommend", "admit"),
            "suspended": ("apply", "recommend", "admit", "suspend"),
            "removed": ("apply", "recommend", "admit", "remove"),
        }
        for step in path[state]:
            self.take(step)

    def test_the_way_to_admission_and_out(self):
        self.assertEqual(self.tea_maker.assist_admission_state, "draft")
        self.take("apply", self.operator)
        self.assertEqual(self.tea_maker.assist_admission_state, "applied")
        self.take("return", self.official, reason="Fewer households")
        self.take("apply", self.operator)
        self.take("recommend", self.official, reason=False)
        self.take("admit", self.federation, reason=False)
        self.assertEqual(self.tea_maker.assist_admission_state, "admitted")
        self.assertEqual(self.admission.admitted_on, self.today)
        self.take("suspend", self.federation, reason="Labels")
        self.take("readmit", self.federation, reason="Labels were mended")
        self.take("remove", self.federation, reason="Labels again")
        events = self.admission.event_ids.sorted("id")
        self.assertEqual(
            [(event.state_from, event.state_to, event.role) for event in events],
            [
                ("draft", "applied", "operator"),
                ("applied", "returned", "county"),
                ("returned", "applied", "operator"),
                ("applied", "recommended", "county"),
                ("recommended", "admitted", "federation"),
                ("admitted", "suspended", "federation"),
                ("suspended", "admitted", "federation"),
                ("admitted", "removed", "federation"),
            ],
        )
        self.assertEqual(events[1].reason, "Fewer households")
        self.assertEqual(events[1].user_id, self.official)
        self.assertEqual(events[-1].cause_id, self.fraud)
        self.assertEqual(
            self.env["res.partner"].search([("assist_admission_state", "=", "removed")])
            & self.tea_maker,
            self.tea_maker,
        )

    def test_who_may_take_which_step(self):
        allowed = {
            ("draft", "apply"): {"operator", "manager"},
            ("applied", "recommend"): {"official", "manager"},
            ("applied", "return"): {"official", "manager"},
            ("returned", "apply"): {"operator", "manager"},
            ("recommended", "admit"): {"federation", "manager"},
            ("recommended", "return"): {"federation", "manager"},
            ("admitted", "suspend"): {"federation", "manager"},
            ("admitted", "remove"): {"federation", "manager"},
            ("suspended", "readmit"): {"federation", "manager"},
            ("suspended", "remove"): {"federation", "manager"},
            ("removed", "readmit"): {"federation", "manager"},
        }
        states = dict.fromkeys(state for state, _step in allowed)
        for state in states:
            with self.cr.savepoint() as savepoint:
                self.move_to(state)
                for step in STEPS:
                    for role, user in self.users.items():
                        admission = self.admission.with_user(user)
                        with self.subTest(state=state, step=step, role=role):
                            if role in allowed.get((state, step), ()):
                                self.assertTrue(admission._check_step(step))
                                continue
                            with self.assertRaises(UserError):
                                getattr(admission, f"action_{step}")()
                            with self.assertRaises(UserError):
                                admission._take_step(step, reason="x", cause=self.fraud)
                self.assertEqual(self.admission.state, state)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_supplier_submits_its_own_application_alone(self):
        # The portal's page acts for the supplier: its users have no right on the model itself.
        with self.assertRaises(AccessError):
            self.admission.with_user(self.stranger).sudo()._take_step("apply")
        self.admission.with_user(self.colleague).sudo()._take_step("apply")
        event = self.admission.event_ids
        self.assertEqual((event.role, event.user_id), ("supplier", self.colleague))
        for step in ("recommend", "return"):
            with self.assertRaises(AccessError):
                self.admission.with_user(self.colleague).sudo()._take_step(step, reason="x")

    def test_nobody_writes_the_state(self):
        partner = self.tea_maker
        for user in (self.operator, self.manager, self.env.user):
            admission = self.admission.with_user(user)
            for values in (
                {"state": "admitted"},
                {"state_since": self.today},
                {"admitted_on": self.today},
                {"event_ids": [Command.create({"state_to": "admitted"})]},
            ):
                with self.assertRaises(UserError):
                    admission.write(values)
            with self.assertRaises(UserError):
                partner.with_user(user).write({"assist_admission_state": "admitted"})
            supplier = {"supplier_id": self.orchard.id}
            named = {"name": "X", "is_company": True, "assist_supplier_kind": "sme"}
            other = partner.with_user(user)
            for model, values in (
                (admission, {**supplier, "state": "admitted"}),
                (admission.with_context(default_state="admitted"), supplier),
                (other, {**named, "assist_admission_state": "admitted"}),
                (other.with_context(default_assist_admission_state="admitted"), named),
            ):
                self.assert_not_admitted(model, values)
        result = self.env["res.partner"].load(
            [".id", "assist_admission_state"], [[str(partner.id), "admitted"]]
        )
        self.assertFalse(result["ids"])
        result = self.env["union.assist.admission"].load(
            [".id", "state"], [[str(self.admission.id), "admitted"]]
        )
        self.assertFalse(result["ids"])
        self.assertEqual(partner.assist_admission_state, "draft")

    def assert_not_admitted(self, model, values):
        """Whether refused or ignored: what is created so is not admitted."""
        with self.cr.savepoint() as savepoint:
            try:
                record = model.create(values)
                self.env.flush_all()
                self.env.invalidate_all()
            except UserError:
                return
            state = "state" if "state" in record._fields else "assist_admission_state"
            self.assertIn(record[state], (False, "draft"))
            savepoint.rollback()

    def test_the_history_is_append_only(self):
        self.take("apply")
        event = self.admission.event_ids
        values = {
            "admission_id": self.admission.id,
            "step": "admit",
            "state_from": "applied",
            "state_to": "admitted",
            "date": self.today,
            "user_id": self.env.uid,
            "role": "federation",
        }
        for role, user in self.users.items():
            with self.subTest(role=role):
                with self.assertRaises(AccessError):
                    event.with_user(user).create(values)
                with self.assertRaises(UserError):
                    event.with_user(user).write({"reason": "Another"})
                with self.assertRaises(UserError):
                    event.with_user(user).unlink()
        for call in (lambda: event.sudo().write({"reason": "x"}), event.sudo().unlink):
            with self.assertRaisesRegex(UserError, "append-only"):
                call()
        with self.assertRaisesRegex(UserError, "kept with its history"):
            self.admission.unlink()

    def test_reasons_and_grounds(self):
        self.move_to("applied")
        with self.assertRaises(AssertionError):  # the dialog asks for it
            self.take("return", reason=False)
        with self.assertRaisesRegex(UserError, "Give the reason"):
            self.admission._take_step("return", reason="  ")
        self.take("recommend")
        self.take("admit")
        for step in ("suspend", "remove"):
            with self.assertRaisesRegex(UserError, "Give the reason"):
                self.admission._take_step(step, cause=self.fraud)
        with self.assertRaisesRegex(UserError, "on which ground"):
            self.admission._take_step("remove", reason="x")
        self.take("remove")
        with self.assertRaisesRegex(UserError, "Give the reason"):
            self.admission._take_step("readmit")

    def test_days(self):
        with self.assertRaisesRegex(UserError, "before that day"):
            self.admission._take_step("apply", date=self.today + timedelta(days=1))
        self.admission._take_step("apply", date="2021-03-02")
        with self.assertRaisesRegex(UserError, "last step on 2021-03-02"):
            self.admission._take_step("recommend", date="2021-03-01")
        self.take("recommend", self.official, date="2021-03-09")
        self.take("admit", self.federation, date="2021-03-18")
        for day, state in (
            ("2021-03-01", "draft"),
            ("2021-03-02", "applied"),
            ("2021-03-17", "recommended"),
            ("2021-03-18", "admitted"),
        ):
            day = self.env["union.assist.admission"]._fields["state_since"].to_date(day)
            self.assertEqual(self.admission._get_state_on(day), state)
        self.assertEqual(str(self.admission.admitted_on), "2021-03-18")

    def test_what_is_missing(self):
        self.assertFalse(self.admission.missing)
        self.tea_maker.phone = False
        self.admission.claimed_households = 0
        self.assertEqual(self.admission.missing, "Phone, Households Declared")
        with self.assertRaisesRegex(UserError, "lacks: Phone, Households Declared"):
            self.admission.with_user(self.operator).action_apply()

    def test_what_was_declared_stays_while_others_decide(self):
        self.take("apply")
        with self.assertRaisesRegex(UserError, "after it is returned"):
            self.admission.with_user(self.operator).goods = "Wine"
        self.take("return")
        self.admission.with_user(self.operator).goods = "Wine"
        with self.assertRaisesRegex(UserError, "stays that of its supplier"):
            self.admission.supplier_id = self.orchard

    def test_one_application_of_each_supplier(self):
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.admission.create({"supplier_id": self.colleague.partner_id.id})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.admission.contact_id = self.stranger.partner_id
        with mute_logger("odoo.sql_db"):
            result = self.admission.load(["supplier_id/.id"], [[str(self.tea_maker.id)]])
        self.assertIn("has an application already", result["messages"][0]["message"])

    def test_an_applicant_stays_a_supplier(self):
        self.take("apply")
        for values in (
            {"assist_supplier_kind": False},
            {"is_company": False, "parent_id": self.orchard.id},
        ):
            with self.assertRaisesRegex(ValidationError, "stays a supplier"), self.cr.savepoint():
                self.tea_maker.write(values)
        self.tea_maker.assist_supplier_kind = "agent"

    def test_queues(self):
        model = self.env["union.assist.admission"]

        def queue(user):
            return self.admission.with_user(user).search([("my_turn", "=", True)])

        for state, users in (
            ("draft", self.operator),
            ("applied", self.official),
            ("recommended", self.federation),
            ("admitted", self.env["res.users"]),
        ):
            with self.cr.savepoint() as savepoint:
                self.move_to(state)
                for user in self.operator | self.official | self.federation | self.other_official:
                    turn = user in users
                    with self.subTest(state=state, user=user.login):
                        self.assertEqual(self.admission in queue(user).with_user(1), turn)
                        if user != self.other_official:
                            self.assertEqual(self.admission.with_user(user).my_turn, turn)
                            self.assertEqual(
                                self.admission.id
                                in model.with_user(user).search([("my_turn", "!=", True)]).ids,
                                not turn,
                            )
                savepoint.rollback()
            self.env.invalidate_all()

    def test_activities_go_to_who_is_next(self):
        self.take("apply")
        activity = self.admission.activity_ids
        self.assertIn(self.official, activity.user_id)
        self.assertNotIn(self.other_official, activity.user_id)
        self.assertNotIn(self.federation, activity.user_id)
        self.take("recommend", self.official)
        self.assertIn(self.federation, self.admission.activity_ids.user_id)
        self.assertNotIn(self.official, self.admission.activity_ids.user_id)
        self.take("admit", self.federation)
        self.assertFalse(self.admission.activity_ids)

    def test_the_supplier_is_told(self):
        self.admission.contact_id = self.colleague.partner_id
        self.colleague.partner_id.email = "ann@example.com"
        self.take("apply")
        mails = self.env["mail.mail"].search([("model", "=", self.admission._name)])
        self.take("return", self.official, reason="Fewer <b>households</b>")
        mail = self.env["mail.mail"].search([("model", "=", self.admission._name)]) - mails
        self.assertEqual(mail.recipient_ids, self.colleague.partner_id)
        self.assertIn("Fewer &lt;b&gt;households", mail.body_html)
        self.assertIn("/my/assist/application", mail.body_html)
        self.assertIn("Fewer", str(self.admission.message_ids[0].body))

    def test_officials_see_their_own_county_alone(self):
        self.take("apply")
        for user in (self.other_official, self.colleague, self.users["internal"]):
            for record in (self.admission, self.admission.event_ids):
                with self.assertRaises(AccessError):
                    record.with_user(user).read(["display_name"])
        self.assertTrue(self.admission.with_user(self.official).read(["goods"]))
        with self.assertRaises(AccessError):
            self.admission.with_user(self.official).goods = "Wine"
        with self.assertRaisesRegex(UserError, "that you may see"):
            self.tea_maker.with_user(self.other_official).action_assist_recommend()
        action = self.tea_maker.with_user(self.official).action_assist_recommend()
        self.assertEqual(action["context"]["default_admission_ids"], self.admission.ids)

    def test_companies(self):
        company = self.env["res.company"].create({"name": "Second"})
        supplier = self.env["res.partner"].create(
            {"name": "Mill", "assist_supplier_kind": "sme", "company_id": company.id}
        )
        admission = admit_suppliers(supplier)
        self.assertEqual(admission.company_id, company)
        for record in (admission, admission.event_ids):
            record = record.with_user(self.operator)
            with self.assertRaises(AccessError):
                record.read(["display_name"])
            self.assertFalse(record.search([("id", "in", record.ids)]))

    def test_steps_of_many_take_as_many_queries(self):
        suppliers = self.env["res.partner"].create(
            [
                {
                    "name": f"S{index}",
                    "is_company": True,
                    "assist_supplier_kind": "sme",
                    "email": f"s{index}@example.com",
                }
                for index in range(60)
            ]
        )
        admissions = make_applications(suppliers)
        for step in ("apply", "recommend", "admit"):
            counts = []
            for part in (admissions[:5], admissions[5:10], admissions[10:]):
                counts.append(self.record_queries(functools.partial(part._take_step, step)))
            self.assert_same_queries(counts[1], counts[2], step)
        self.assertEqual(set(admissions.mapped("state")), {"admitted"})

    def test_obstacles(self):
        product = self.env["product.product"].create({"name": "Tea"})

        def obstacles(partner):
            return partner._assist_order_obstacles(product, self.today)

        self.assertFalse(obstacles(self.official.partner_id))
        self.assertIn("has not applied", obstacles(self.orchard)[0])
        for state, words in (
            ("draft", "has not applied"),
            ("applied", "county has to recommend"),
            ("returned", r"returned \(Because\)"),
            ("recommended", "federation has to audit"),
            ("suspended", r"suspended since .* \(Because\)"),
            ("removed", r"removed from the programme on .* \(Because\)"),
        ):
            with self.cr.savepoint() as savepoint:
                self.move_to(state)
                [obstacle] = obstacles(self.colleague.partner_id)
                self.assertRegex(obstacle, words)
                savepoint.rollback()
            self.env.invalidate_all()
        admit_suppliers(self.orchard)
        self.assertFalse(obstacles(self.orchard))
