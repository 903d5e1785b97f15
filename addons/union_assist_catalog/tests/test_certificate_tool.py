from odoo.tests import BaseCase, tagged

from odoo.addons.union_assist_catalog.tools import certificates


@tagged("post_install", "-at_install", "union_assist")
class TestCertificateTool(BaseCase):
    def test_numbers_printed_on_food_have_the_right_check_digit(self):
        # As printed on packets and in notices of the authorities.
        for number in (
            "SC11464010500015",
            "SC11333019700024",
            "SC11834020305037",
            "SC12636098200051",
            "SC11532139200465",
            "SC11432010400101",
            "SC10737110203268",
        ):
            self.assertTrue(certificates.is_food_licence_number(number), number)
            wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
            self.assertFalse(certificates.is_food_licence_number(wrong), wrong)

    def test_food_licence_number_has_sc_and_14_digits(self):
        for number in ("", "SC", "11464010500015", "SC1146401050001", "QS11464010500015"):
            self.assertFalse(certificates.is_food_licence_number(number), number)
        self.assertFalse(certificates.is_food_licence_number("SC1146401050001X"))

    def test_credit_code(self):
        self.assertTrue(certificates.is_credit_code("91110000600037341L"))
        self.assertFalse(certificates.is_credit_code("91110000600037341M"))
        self.assertFalse(certificates.is_credit_code("91110000600037341l"))

    def test_files_are_known_by_their_content(self):
        known = certificates.file_mimetype
        self.assertEqual(known(b"%PDF-1.7\n..."), "application/pdf")
        self.assertEqual(known(b"\xff\xd8\xff\xe0JFIF"), "image/jpeg")
        self.assertEqual(known(b"\x89PNG\r\n\x1a\n..."), "image/png")
        for content in (b"", b"<html>%PDF-", b"GIF89a", b"PK\x03\x04", b"<svg/>"):
            self.assertIsNone(known(content), content)

    def test_days_of_reminders(self):
        self.assertEqual(certificates.parse_days("7, 90,30"), [90, 30, 7])
        self.assertEqual(certificates.parse_days("90，30，30"), [90, 30])
        self.assertEqual(certificates.parse_days(False), [])
        for text in ("0", "-1", "x", "1.5"):
            with self.assertRaises(ValueError):
                certificates.parse_days(text)

    def test_each_reminder_is_due_once(self):
        days = [90, 30, 7]
        last, given = 0, []
        for left in range(120, -5, -1):
            reminder = certificates.due_reminder(left, days, last)
            if reminder:
                given.append((left, reminder))
                last = reminder
        self.assertEqual(given, [(90, 90), (30, 30), (7, 7)])

    def test_of_missed_reminders_the_latest_is_given(self):
        self.assertEqual(certificates.due_reminder(20, [90, 30, 7], 0), 30)
        self.assertEqual(certificates.due_reminder(0, [90, 30, 7], 30), 7)
        self.assertIsNone(certificates.due_reminder(0, [90, 30, 7], 7))
        self.assertIsNone(certificates.due_reminder(-1, [90, 30, 7], 0))
        self.assertIsNone(certificates.due_reminder(5, [], 0))
