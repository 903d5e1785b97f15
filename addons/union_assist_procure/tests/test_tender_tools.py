import base64
import datetime
import os
import stat
import tempfile
from decimal import Decimal
from pathlib import Path

from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import TransactionCase, tagged

from ..tools import sealing
from ..tools.bid_form import Problem, read_bid, read_number
from ..tools.tender_score import Offer, get_points, rank

KEYS = (b"k" * 32, b"m" * 32)
PAST = datetime.datetime(2020, 1, 1)
FUTURE = datetime.datetime(2200, 1, 1)


@tagged("post_install", "-at_install", "union_assist")
class TestSealing(TransactionCase):
    def _fails(self, reason, function, *args):
        with self.assertRaises(sealing.SealError) as caught:
            function(*args)
        self.assertEqual(caught.exception.reason, reason)

    def test_what_is_sealed_comes_out(self):
        content = {"lots": {"1": {"price": "26.5"}}, "note": "茶"}
        sealed = sealing.seal(content, PAST, KEYS, "1/2/3")
        self.assertNotIn("26.5", sealed.token)
        self.assertNotIn(b"26.5", base64.b64decode(sealed.token))
        opened, text = sealing.open_seal(sealed.token, KEYS, "1/2/3")
        self.assertEqual(opened, content)
        self.assertEqual(sealing.digest_of(text), sealed.digest)

    def test_not_before_its_moment_whatever_the_row_says(self):
        sealed = sealing.seal({"a": 1}, FUTURE, KEYS, "x")
        self._fails("early", sealing.open_seal, sealed.token, KEYS, "x")
        self.assertEqual(sealing.read_own(sealed.token, KEYS, "x"), {"a": 1})
        with freeze_time(FUTURE - datetime.timedelta(seconds=1)):
            self._fails("early", sealing.open_seal, sealed.token, KEYS, "x")
        with freeze_time(FUTURE):
            self.assertEqual(sealing.open_seal(sealed.token, KEYS, "x")[0], {"a": 1})

    def test_another_row_another_key_another_byte(self):
        sealed = sealing.seal({"a": 1}, PAST, KEYS, "1/2/3")
        self._fails("broken", sealing.open_seal, sealed.token, KEYS, "1/2/4")
        self._fails("key", sealing.open_seal, sealed.token, KEYS[:1], "1/2/3")
        raw = bytearray(base64.b64decode(sealed.token))
        for place in (0, 9, 30, len(raw) - 1):
            changed = bytearray(raw)
            changed[place] ^= 1
            token = base64.b64encode(changed).decode()
            self._fails("broken", sealing.open_seal, token, KEYS, "1/2/3")
        for token in ("", None, "AQ==", "not base64", sealed.token[:-8]):
            self._fails("broken", sealing.open_seal, token, KEYS, "1/2/3")

    def test_an_older_key_still_opens(self):
        sealed = sealing.seal({"a": 1}, PAST, KEYS[:1], "x")
        self.assertEqual(sealing.open_seal(sealed.token, KEYS, "x")[0], {"a": 1})

    def test_neither_digest_nor_length_tell_a_price(self):
        small = sealing.seal({"price": "1"}, PAST, KEYS, "x")
        again = sealing.seal({"price": "1"}, PAST, KEYS, "x")
        large = sealing.seal({"price": "999999999.9999"}, PAST, KEYS, "x")
        self.assertNotEqual(small.digest, again.digest)
        self.assertNotEqual(small.token, again.token)
        self.assertEqual(len(small.token), len(large.token))

    def test_the_key_file_is_made_once_and_for_its_owner_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "new", "bid_keys")
            sealing.make_key_file(path)
            text = path.read_text()
            sealing.make_key_file(path)
            self.assertEqual(path.read_text(), text)
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            self.assertEqual(os.listdir(path.parent), ["bid_keys"])


@tagged("post_install", "-at_install", "union_assist")
class TestTenderScore(TransactionCase):
    def _offer(self, key, price, **values):
        defaults = {"amount": price * 100, "quality": 80.0, "persons": 10.0}
        return Offer(key=key, price=price, **{**defaults, **values})

    def test_points(self):
        points = get_points(
            [
                self._offer("a", 20.0, quality=90.0, persons=150.0, cap_left=1000.0),
                self._offer("b", 25.0, quality=60.0, persons=75.0),
                self._offer("c", 40.0, persons=0.0, cap_left=-5.0),
            ]
        )
        self.assertEqual(points["a"], {"price": 100, "quality": 90, "cap": 50, "persons": 100})
        self.assertEqual(points["b"], {"price": 80, "quality": 60, "cap": 100, "persons": 50})
        self.assertEqual(points["c"], {"price": 50, "quality": 80, "cap": 0, "persons": 0})

    def test_rank_by_weights(self):
        cheap = self._offer("cheap", 20.0, persons=10.0)
        kind = self._offer("kind", 22.0, persons=100.0)
        by_price = rank([kind, cheap], {"price": 100})
        self.assertEqual([(row.key, row.rank) for row in by_price], [("cheap", 1), ("kind", 2)])
        by_people = rank([cheap, kind], {"price": 50, "persons": 50})
        self.assertEqual([row.key for row in by_people], ["kind", "cheap"])
        self.assertAlmostEqual(by_people[0].score, (90.9091 + 100) / 2, 3)
        with self.assertRaises(ValueError):
            rank([cheap], {"price": 0})

    def test_ties(self):
        same = [self._offer("a", 20.0), self._offer("b", 20.0), self._offer("c", 30.0)]
        self.assertEqual([row.rank for row in rank(same, {"price": 1})], [1, 1, 3])
        equal = [self._offer("dear", 30.0), self._offer("cheap", 20.0)]
        self.assertEqual([row.key for row in rank(equal, {"quality": 1})], ["cheap", "dear"])
        self.assertEqual([row.rank for row in rank(equal, {"quality": 1})], [1, 2])

    @given(
        st.lists(
            st.tuples(
                st.floats(0.01, 1e6),
                st.floats(0, 100),
                st.floats(0, 1e4),
                st.none() | st.floats(-1e6, 1e6),
            ),
            min_size=1,
            max_size=8,
        ),
        st.tuples(*[st.floats(0, 100)] * 3),
    )
    def test_scores_stay_within_bounds_and_order(self, rows, weights):
        offers = [
            Offer(key, price, price * 10, quality, persons, left)
            for key, (price, quality, persons, left) in enumerate(rows)
        ]
        results = rank(
            offers, dict(zip(("price", "quality", "cap", "persons"), (1, *weights), strict=True))
        )
        self.assertEqual({row.key for row in results}, set(range(len(rows))))
        self.assertEqual(results[0].rank, 1)
        for row in results:
            self.assertTrue(0 <= row.score <= 100)
        for better, worse in zip(results, results[1:], strict=False):
            self.assertGreaterEqual(better.score, worse.score)
            self.assertLessEqual(better.rank, worse.rank)


@tagged("post_install", "-at_install", "union_assist")
class TestBidForm(TransactionCase):
    def test_numbers_as_people_type_them(self):
        for text in ("1234.5", "1,234.50", " １２３４．５ ", "+1234.5"):
            self.assertEqual(read_number(text), Decimal("1234.5"))
        self.assertIsNone(read_number("  "))

    def test_a_bid(self):
        lots, problems = read_bid(
            {
                1: {"price": "26.50", "quantity": "", "days": "7", "note": " ok "},
                2: {"price": "", "quantity": "5"},
            },
            {1: 1000.0, 2: 500.0, 3: 10.0},
        )
        self.assertFalse(problems)
        self.assertEqual(
            lots, {"1": {"price": "26.5", "quantity": "1000", "days": "7", "note": "ok"}}
        )

    def test_what_is_wrong(self):
        for values, field, reason in (
            ({"price": "abc"}, "price", "number"),
            ({"price": "1e5"}, "price", "number"),
            ({"price": "nan"}, "price", "number"),
            ({"price": "1.2.3"}, "price", "number"),
            ({"price": "0"}, "price", "positive"),
            ({"price": "-5"}, "price", "positive"),
            ({"price": "10000000000"}, "price", "large"),
            ({"price": "1.23456"}, "price", "places"),
            ({"days": "7"}, "price", "missing"),
            ({"price": "5", "quantity": "11"}, "quantity", "exceeds"),
            ({"price": "5", "quantity": "0"}, "quantity", "positive"),
            ({"price": "5", "days": "1.5"}, "days", "whole"),
            ({"price": "5", "days": "9999"}, "days", "large"),
            ({"price": "5", "note": "x" * 501}, "note", "long"),
        ):
            with self.subTest(**values):
                _lots, problems = read_bid({1: values}, {1: 10.0})
                self.assertEqual(problems, [Problem(1, field, reason)])
