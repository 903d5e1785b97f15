import base64
import io
import re
from datetime import timedelta
from unittest.mock import patch

from PIL import Image

from odoo.tests import HttpCase, tagged
from odoo.tools import config

from ..tools.catalogue_query import read_query
from .common import UnionAssistCatalogCommon

PATH = "/assist/catalogue"
#: What must never leave the house; seeded into every corner that a page could reach.
SECRETS = {
    "household": "HH-SECRET-4711",
    "head": "Headname Secretzhang",
    "household_note": "ill-since-spring",
    "contact": "Contactperson Secretli",
    "phone": "13900004711",
    "mail": "secret4711@example.com",
    "street": "Secretstreet 47",
    "supplier_note": "owes-us-money",
    "cost": "7.7713",
    "seller_price": "6.6617",
    "internal_code": "INTERNAL-4711",
    "internal_note": "internal-note-4711",
    "document_note": "document-note-4711",
}


def picture(color, size=(1200, 900)):
    data = io.BytesIO()
    Image.new("RGB", size, color).save(data, "JPEG")
    return base64.b64encode(data.getvalue())


class PublicCatalogueCommon(UnionAssistCatalogCommon):
    """A catalogue that holds what a test makes, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.criteria().unlink()
        cls.env["union.assist.catalogue.entry"].search([]).unlink()
        cls.mizhi = cls.env.ref("union_assist_catalog.region_610827")
        cls.tea_maker.assist_region_id = cls.county
        cls.orchard.assist_region_id = cls.mizhi
        cls.tea, cls.fruit = cls.env["product.category"].create(
            [{"name": "Zq Tea"}, {"name": "Zq Fruit"}]
        )

    @classmethod
    def criteria(cls):
        return cls.env["union.assist.catalogue.criterion"].search([("active", "in", (True, False))])

    @classmethod
    def make_product(cls, name="Green Tea", **values):
        """Make a product; without criteria it is listed at once."""
        return cls.env["product.template"].create(
            {
                "name": name,
                "list_price": 38,
                "categ_id": cls.tea.id,
                "assist_supplier_id": cls.tea_maker.id,
                "assist_origin_id": cls.county.id,
                **values,
            }
        )

    @classmethod
    def entry(cls, product):
        return cls.env["union.assist.catalogue.entry"].search(
            [("product_tmpl_id", "=", product.id)]
        )

    @classmethod
    def make_criterion(cls, code):
        cls.env["union.assist.catalogue.criterion"].create(
            {"name": code, "code": code, "remedy": "Mend it.", "source": "A test"}
        )

    @classmethod
    def exclude(cls, product):
        until = cls.env.company._assist_today() + timedelta(days=30)
        cls.entry(product)._decide("exclude", "Withdrawn", until)

    @classmethod
    def lift(cls, count, supplier=None, region=None, prefix="H"):
        """Have a supplier lift so many households, verified."""
        households = [
            cls.make_household(f"{prefix}-{number}", region_id=(region or cls.county).id)
            for number in range(count)
        ]
        for household in households:
            cls.make_linkage(household, supplier, state="verified")
        return households

    @classmethod
    def certify(cls, code, products=None, **values):
        return cls.env["union.assist.certificate"].create(
            {
                "type_id": cls.env.ref(f"union_assist_catalog.certificate_type_{code}").id,
                "partner_id": cls.tea_maker.id,
                "product_tmpl_ids": [(6, 0, products.ids if products else [])],
                "number": "NO-2026-1",
                "date_from": "2026-01-01",
                "date_to": "2999-06-30",
                "review_due": "2999-01-31",
                "file": base64.b64encode(b"%PDF-1.4\n%%EOF\n"),
                "state": "verified",
                **values,
            }
        )


@tagged("post_install", "-at_install", "union_assist")
class TestPublicCatalogue(HttpCase, PublicCatalogueCommon):
    def get(self, path=PATH, lang="en-US", **kwargs):
        headers = {"Accept-Language": lang, **kwargs.pop("headers", {})}
        return self.url_open(path, headers=headers, allow_redirects=False, **kwargs)

    def names(self, path):
        """Return the names of the goods on a page, in order."""
        answer = self.get(path)
        self.assertEqual(answer.status_code, 200, path)
        return re.findall(r"<strong>(.*?)</strong>", answer.text)

    def counts(self, path, facet):
        """Return the counts of a filter on a page: ``{value: goods}``."""
        body = self.get(path).text
        section = re.search(rf'<section[^>]*data-facet="{facet}".*?</section>', body, re.S)
        if not section:
            return {}
        found = re.findall(r'data-value="([^"]*)".*?<small>(\d+)</small>', section[0], re.S)
        return {value: int(count) for value, count in found}

    # -- the list

    def test_nothing_is_recommended(self):
        answer = self.get()
        self.assertEqual(answer.status_code, 200)
        self.assertIn("No goods are recommended yet", answer.text)

    def test_only_listed_goods_are_shown(self):
        listed = self.make_product("Listed Tea")
        left = self.make_product("Left Tea")
        self.exclude(left)
        self.env["product.template"].create({"name": "Office Chair"})
        self.assertEqual(self.names(PATH), ["Listed Tea"])
        self.assertEqual(self.counts(PATH, "category"), {str(self.tea.id): 1})
        self.assertNotIn(f"{PATH}/{left.id}<", self.get(f"{PATH}/sitemap.xml").text)
        self.assertIn(f"{PATH}/{listed.id}<", self.get(f"{PATH}/sitemap.xml").text)

    def test_search(self):
        tea = self.make_product("Ziyang Tea", assist_specification="100 g tin")
        tea.with_context(lang="zh_CN").name = "紫阳绿茶"
        self.make_product(
            "Apples",
            assist_supplier_id=self.orchard.id,
            assist_origin_id=self.mizhi.id,
            categ_id=self.fruit.id,
        )
        for text, expected in {
            "ziyang t": ["Ziyang Tea"],
            "紫阳绿": ["Ziyang Tea"],
            "tin 100": ["Ziyang Tea"],
            "orchard": ["Apples"],
            "米脂": ["Apples"],
            "mizhi": ["Apples"],
            "mizhi tea": [],
            "ＴＥＡ": ["Ziyang Tea"],
            "%": [],
            "_": [],
            "'); --": [],
            "100% \\": [],
        }.items():
            with self.subTest(text=text):
                self.assertEqual(self.names(self.url(q=text)), expected)

    def url(self, **parameters):
        return read_query({name: str(value) for name, value in parameters.items()}).url(PATH)

    def test_filters_and_their_counts(self):
        self.make_product("Tea 1")
        self.make_product("Tea 2")
        apples = self.make_product(
            "Apples",
            assist_supplier_id=self.orchard.id,
            assist_origin_id=self.mizhi.id,
            categ_id=self.fruit.id,
        )
        self.certify("assist_county", apples, partner_id=self.orchard.id)
        cases = {
            ("category", self.fruit.id): ["Apples"],
            ("county", "610827"): ["Apples"],
            ("county", "610800"): ["Apples"],
            ("certificate", "assist_county"): ["Apples"],
            ("kind", "cooperative"): ["Apples"],
            ("kind", "agent"): [],
            ("category", 2**31 - 1): [],
            ("county", "999999"): [],
            ("certificate", "nonsense"): [],
        }
        for (name, value), expected in cases.items():
            with self.subTest(name=name, value=value):
                self.assertEqual(self.names(self.url(**{name: value})), expected)
        self.assertEqual(
            self.counts(PATH, "category"), {str(self.tea.id): 2, str(self.fruit.id): 1}
        )
        self.assertEqual(self.counts(PATH, "county"), {"610924": 2, "610827": 1})
        self.assertEqual(self.counts(PATH, "kind"), {"sme": 2, "cooperative": 1})
        self.assertEqual(self.counts(PATH, "certificate"), {"assist_county": 1})
        # A filter does not narrow its own choices, but those of the others.
        narrowed = self.url(county="610924")
        self.assertEqual(self.counts(narrowed, "county"), {"610924": 2, "610827": 1})
        self.assertEqual(self.counts(narrowed, "category"), {str(self.tea.id): 2})
        self.assertEqual(self.counts(narrowed, "certificate"), {})
        self.assertEqual(self.names(self.url(county="610924", kind="cooperative")), [])

    def test_order(self):
        today = self.env.company._assist_today()
        for name, price, days in (("B", 10, 3), ("C", 30, 2), ("A", 20, 1)):
            product = self.make_product(name, list_price=price)
            self.entry(product).listed_since = today - timedelta(days=days)
        self.assertEqual(self.names(PATH), ["A", "C", "B"])
        self.assertEqual(self.names(f"{PATH}?sort=price"), ["B", "A", "C"])
        self.assertEqual(self.names(f"{PATH}?sort=price_desc"), ["C", "A", "B"])
        self.assertEqual(self.names(f"{PATH}?sort=name"), ["A", "B", "C"])

    def test_pages(self):
        self.make_products(50)
        pages = [self.names(f"{PATH}?sort=name&page={page}") for page in (1, 2, 3)]
        self.assertEqual([len(names) for names in pages], [24, 24, 2])
        self.assertEqual(sum(pages, []), sorted(sum(pages, [])))
        self.assertEqual(len(set(sum(pages, []))), 50)
        # Too far is the last page, which search engines learn of.
        last = self.get(f"{PATH}?sort=name&page=9999")
        self.assertIn("Goods 050", last.text)
        self.assertIn('page=3"', re.search(r'<link rel="canonical"[^>]*>', last.text)[0])
        self.assertEqual(self.names(f"{PATH}?sort=name&page=9999&limit=1000&size=1000"), pages[2])

    def make_products(self, count, **values):
        return self.env["product.template"].create(
            [
                {
                    "name": f"Goods {number:03}",
                    "list_price": number,
                    "categ_id": self.tea.id,
                    "assist_supplier_id": self.tea_maker.id,
                    "assist_origin_id": self.county.id,
                    **values,
                }
                for number in range(1, count + 1)
            ]
        )

    def test_bad_parameters_do_no_harm(self):
        self.make_product()
        for query in (
            "page=0",
            "page=-1",
            "page=abc",
            "page=99999999999999999999",
            "page=٣",
            "page=1&page=2",
            "category=abc",
            "category=-1",
            "category=99999999999",
            "county=61",
            "county=%00",
            "county=610924%27%20OR%201=1",
            "certificate=%27;DROP",
            "kind=Robert%27)",
            "sort=list_price;",
            "sort=",
            "lang=xx_XX",
            "lang=../..",
            "q=" + "a" * 5000,
            "q=" + "a%20" * 500,
            "q=%00%01%1f",
            "q=%ff%fe",
            "q[]=1&county[]=2",
            "context=%7B%7D&debug=1&model=res.partner&domain=[]&fields=vat",
            "unknown=1",
        ):
            with self.subTest(query=query):
                answer = self.get(f"{PATH}?{query}")
                self.assertEqual(answer.status_code, 200)
                self.assertIn("<h1>", answer.text)
                self.assertLess(len(answer.content), 60_000)
        self.assertEqual(self.url_open(PATH, data={"q": "x"}).status_code, 405)

    def test_empty_result_helps(self):
        self.make_product()
        body = self.get(f"{PATH}?q=nothing-like-it&lang=en_US").text
        self.assertIn("Nothing was found", body)
        self.assertIn('class="ua-button" href="/assist/catalogue?lang=en_US"', body)

    def test_what_a_visitor_types_is_escaped(self):
        self.make_product()
        body = self.get(f"{PATH}?q=%3Cscript%3Ealert(1)%3C/script%3E%22%3E").text
        self.assertNotIn("<script>alert", body)
        self.assertIn("&lt;script&gt;alert", body)

    # -- languages

    def test_languages(self):
        product = self.make_product("Millet", assist_specification="Bag")
        product.with_context(lang="zh_CN").write(
            {"name": "米脂小米", "assist_specification": "袋装"}
        )
        chinese = "消费帮扶产品推荐目录"
        for accepted, lang, html_lang, name in (
            ("zh-CN,zh;q=0.9,en;q=0.8", "", "zh-CN", "米脂小米"),
            ("zh-TW", "", "zh-CN", "米脂小米"),
            ("en-GB,en;q=0.9", "", "en-US", "Millet"),
            ("fr", "", "zh-CN", "米脂小米"),
            ("", "", "zh-CN", "米脂小米"),
            ("en", "?lang=zh_CN", "zh-CN", "米脂小米"),
            ("zh-CN", "?lang=en_US", "en-US", "Millet"),
            ("zh-CN", "?lang=xx_XX", "zh-CN", "米脂小米"),
        ):
            for path in (PATH, f"{PATH}/{product.id}"):
                with self.subTest(accepted=accepted, lang=lang, path=path):
                    answer = self.get(path + lang, lang=accepted)
                    self.assertIn(f'<html lang="{html_lang}"', answer.text)
                    self.assertEqual(answer.headers["Content-Language"], html_lang)
                    self.assertIn(name, answer.text)
            self.assertEqual(chinese in self.get(PATH + lang, lang=accepted).text, name != "Millet")
        # The language chosen stays with the links.
        body = self.get(f"{PATH}?lang=zh_CN&q=小米", lang="en").text
        self.assertIn(f'href="{PATH}/{product.id}?lang=zh_CN"', body)
        self.assertIn(f'{PATH}?q=%E5%B0%8F%E7%B1%B3&amp;lang=en_US"', body)

    # -- one product

    def test_product_page(self):
        product = self.make_product(
            "Green Tea",
            assist_specification="100 g tin",
            assist_shelf_life_days=540,
            assist_storage="Cool and dry",
            assist_mechanism_id=self.order_purchase.id,
            assist_origin_story="Terraces <b>high</b> above the river.",
        )
        self.certify("assist_county", product, number="ZY-2026-7")
        self.certify("linkage_proof", number="NOT-PUBLIC-1", date_to=False)
        self.certify("assist_prefecture", product, number="OLD-1", state="draft")
        for path in (f"{PATH}/{product.id}", f"{PATH}/green-tea-{product.id}"):
            answer = self.get(path)
            self.assertEqual(answer.status_code, 200)
        for text in (
            "Green Tea",
            "100 g tin",
            "38.00",
            self.tea.name,
            "540 days",
            "Cool and dry",
            self.order_purchase.name,
            "Terraces &lt;b&gt;high&lt;/b&gt; above the river.",
            f"{self.county.name}, {self.county.parent_id.name}",
            "Tea Maker",
            "County SME",
            "ZY-2026-7",
            "January 31, 2999",
            "data:image/png;base64,",
        ):
            self.assertIn(text, answer.text)
        for text in ("NOT-PUBLIC-1", "OLD-1"):
            self.assertNotIn(text, answer.text)
        self.assertIn(
            f'<link rel="canonical" href="{product.get_base_url()}{PATH}/{product.id}"',
            answer.text,
        )
        self.assertIn('property="og:title" content="Green Tea', answer.text)

    def test_product_that_is_not_listed(self):
        left = self.make_product("Gone Tea", assist_origin_story="Gone Story")
        self.exclude(left)
        answer = self.get(f"{PATH}/{left.id}")
        self.assertEqual(answer.status_code, 410)
        self.assertIn("No longer recommended", answer.text)
        for text in ("Gone Tea", "Gone Story", "Tea Maker", "38.00"):
            self.assertNotIn(text, answer.text)
        self.assertEqual(answer.headers["X-Robots-Tag"], "noindex")
        chair = self.env["product.template"].create({"name": "Office Chair"})
        self.make_criterion("complete")
        never = self.make_product("Never In", assist_origin_id=False)
        self.assertFalse(self.entry(never).listed)
        paths = [
            str(chair.id),
            str(never.id),
            "0",
            "-1",
            "999999999",
            "99999999999999999999",
            "abc",
            "abc-",
            "1e3",
            "%00",
            "٣",
        ]
        for path in paths:
            with self.subTest(path=path):
                answer = self.get(f"{PATH}/{path}")
                self.assertEqual(answer.status_code, 404)
                self.assertNotIn("Office Chair", answer.text)
                self.assertNotIn("Never In", answer.text)
        self.assertIn("Not in the catalogue", self.get(f"{PATH}/abc").text)

    def test_archived_product_is_gone(self):
        product = self.make_product("Archived Tea")
        self.make_criterion("on_sale")
        product.active = False
        self.assertEqual(self.get(f"{PATH}/{product.id}").status_code, 410)
        self.assertEqual(self.names(PATH), [])

    # -- households

    def test_minimum_cell(self):
        product = self.make_product()
        self.assertNotIn("ouseholds in", self.get(f"{PATH}/{product.id}").text)
        self.lift(4)
        four = self.get(f"{PATH}/{product.id}").text
        self.assertIn("too few in one county to publish their number", four)
        self.assertNotIn("ua-households", four)
        self.lift(1, prefix="FIFTH")
        five = self.get(f"{PATH}/{product.id}").text
        self.assertRegex(five, r'Linked to <b class="ua-households">5</b> households in Ziyang')
        today = self.env.company._assist_today()
        self.assertIn(f"{today:%B} {today.day}, {today.year}", five)
        chinese = self.get(f"{PATH}/{product.id}", lang="zh-CN").text
        self.assertRegex(chinese, r'与紫阳县 <b class="ua-households">5</b> 户农户建立联结')

    def test_minimum_cell_is_a_dated_rule(self):
        product = self.make_product()
        self.lift(6)
        self.env.ref("union_assist_catalog.parameter_minimum_cell").value = 7
        self.assertNotIn("ua-households", self.get(f"{PATH}/{product.id}").text)
        self.env.ref("union_assist_catalog.parameter_minimum_cell").date_to = "2020-12-31"
        self.assertNotIn("ua-households", self.get(f"{PATH}/{product.id}").text)

    def test_small_counties_enter_no_figure(self):
        product = self.make_product()
        self.lift(7)
        self.lift(3, region=self.mizhi, prefix="M")
        body = self.get(f"{PATH}/{product.id}").text
        self.assertEqual(re.findall(r'ua-households">(\d+)<', body), ["7"])
        self.assertNotIn("Mizhi", body)
        self.assertIn("There are more in other counties", body)
        for number in ("10", "3"):
            self.assertNotRegex(body, rf">{number}<")

    def test_households_are_whole_and_counted_once(self):
        """A household with two mechanisms, or shared with another supplier, counts as one."""
        product = self.make_product()
        households = self.lift(5)
        shared = self.make_household("SHARED")
        ours = self.make_linkage(shared, state="submitted")
        theirs = self.make_linkage(shared, self.orchard, state="submitted")
        self.make_split({ours: 0.5, theirs: 0.5})
        (ours | theirs).action_verify()
        impact = self.env["union.assist.catalogue.public"]._get_impact(
            self.tea_maker, self.env.company._assist_today()
        )
        self.assertEqual([cell["households"] for cell in impact["cells"]], [6])
        self.assertEqual(len(households), 5)
        self.assertIn('ua-households">6<', self.get(f"{PATH}/{product.id}").text)

    # -- what must not leave the house

    def test_nothing_secret_is_public(self):
        s = SECRETS
        self.tea_maker.write(
            {"phone": s["phone"], "email": s["mail"], "street": s["street"]}
            | {"comment": s["supplier_note"]}
        )
        self.env["res.partner"].create(
            {"name": s["contact"], "parent_id": self.tea_maker.id, "email": s["mail"]}
        )
        product = self.make_product(
            standard_price=7.7713,
            default_code=s["internal_code"],
            description=s["internal_note"],
            image_1920=picture("green"),
            seller_ids=[(0, 0, {"partner_id": self.tea_maker.id, "price": 6.6617})],
        )
        self.certify("assist_county", product, note=s["document_note"])
        household = self.make_household(
            s["household"], head_name=s["head"], note=s["household_note"]
        )
        self.make_linkage(household, state="verified")
        self.lift(5)
        gone = self.make_product("Gone", default_code=s["internal_code"])
        self.exclude(gone)
        paths = [
            PATH,
            f"{PATH}?sort=name",
            f"{PATH}/{product.id}",
            f"{PATH}/{gone.id}",
            f"{PATH}/0",
            f"{PATH}/sitemap.xml",
        ]
        paths += [f"{PATH}?q={value}" for value in ("HH-SECRET", "Secretzhang", "139000")]
        for path in paths:
            for lang in ("en", "zh-CN"):
                body = self.get(path, lang=lang).text
                for name, secret in SECRETS.items():
                    with self.subTest(path=path, secret=name):
                        if f"q={secret}" not in path:
                            self.assertNotIn(secret, body)
        # Nor can they be found by searching for them.
        for secret in SECRETS.values():
            self.assertEqual(self.names(self.url(q=secret)), [], secret)

    def test_public_user_has_no_rights_on_what_is_shown(self):
        public = self.env.ref("base.public_user")
        for model in (
            "union.assist.catalogue.entry",
            "union.assist.catalogue.public",
            "union.assist.household",
            "union.assist.verification",
            "union.assist.certificate",
        ):
            self.assertFalse(self.env[model].with_user(public).has_access("read"), model)

    # -- pictures

    def test_pictures(self):
        product = self.make_product(image_1920=picture("green"))
        further = self.env["union.assist.product.image"].create(
            {"product_tmpl_id": product.id, "image_1920": picture("blue"), "name": "The terraces"}
        )
        body = self.get(f"{PATH}/{product.id}").text
        self.assertIn("The terraces", body)
        addresses = set(re.findall(rf"{PATH}/picture/[^\s\"]+", body))
        self.assertEqual(len(addresses), 6)
        for address in addresses:
            answer = self.get(address)
            self.assertEqual(answer.status_code, 200, address)
            self.assertEqual(answer.headers["Content-Type"], "image/jpeg")
            for word in ("public", "immutable", "max-age=31536000"):
                self.assertIn(word, answer.headers["Cache-Control"])
            width = int(address.split("/")[-2])
            self.assertLessEqual(max(Image.open(io.BytesIO(answer.content)).size), width)
            again = self.get(address, headers={"If-None-Match": answer.headers["ETag"]})
            self.assertEqual(again.status_code, 304)
        self.assertIn('loading="lazy"', body)
        address = f"{PATH}/picture/{product.id}/0/256/wrong"
        self.assertEqual(self.get(address).status_code, 200)
        self.assertNotIn("immutable", self.get(address).headers["Cache-Control"])
        self.exclude(product)
        for address in addresses:
            self.assertEqual(self.get(address).status_code, 404)
        self.assertTrue(further.exists())

    def test_no_other_picture_can_be_had(self):
        ours = self.make_product(image_1920=picture("green"))
        other = self.env["product.template"].create(
            {"name": "Secret Chair", "image_1920": picture("red")}
        )
        hidden = self.make_product("Hidden", image_1920=picture("red"))
        its_picture = self.env["union.assist.product.image"].create(
            {"product_tmpl_id": hidden.id, "image_1920": picture("red")}
        )
        self.exclude(hidden)
        attachment = self.env["ir.attachment"].create({"name": "x", "raw": b"secret"})
        checksum = "0" * 40
        for path in (
            f"{other.id}/0/256/{checksum}",
            f"{hidden.id}/0/256/{checksum}",
            f"{hidden.id}/{its_picture.id}/256/{checksum}",
            f"{ours.id}/{its_picture.id}/256/{checksum}",
            f"{ours.id}/{attachment.id}/256/{checksum}",
            f"{ours.id}/{other.id}/256/{checksum}",
            f"{ours.id}/0/1920/{checksum}",
            f"{ours.id}/0/128/{checksum}",
            f"{ours.id}/0/0/{checksum}",
            f"{ours.id}/99999999999/256/{checksum}",
            f"99999999999/0/256/{checksum}",
            f"0/0/256/{checksum}",
            f"{ours.id}/-1/256/{checksum}",
        ):
            with self.subTest(path=path):
                self.assertEqual(self.get(f"{PATH}/picture/{path}").status_code, 404)

    # -- speed and caches

    def test_number_of_queries_does_not_grow(self):
        def count(path):
            return self.record_queries(lambda: self.assertEqual(self.get(path).status_code, 200))

        first = self.make_products(5, image_1920=picture("green", (300, 225)))
        self.certify("assist_county", first)
        self.lift(5)
        paths = [
            PATH,
            f"{PATH}?q=goods",
            f"{PATH}?county=610924&kind=sme&certificate=assist_county&category={self.tea.id}",
            f"{PATH}/{first[0].id}",
            f"{PATH}/sitemap.xml",
        ]
        few = {path: count(path) for path in paths}
        others = self.env["res.partner"].create(
            [
                {"name": f"Maker {n}", "is_company": True, "assist_supplier_kind": "agent"}
                for n in range(10)
            ]
        )
        counties = self.env["union.assist.region"].search([("level", "=", "county")], limit=10)
        for maker, county in zip(others, counties, strict=True):
            maker.assist_region_id = county
            goods = self.make_products(
                5,
                image_1920=picture("red", (300, 225)),
                assist_supplier_id=maker.id,
                assist_origin_id=county.id,
                categ_id=self.fruit.id,
            )
            self.certify("assist_province", goods, partner_id=maker.id)
        self.lift(20, prefix="MORE")
        many = {path: count(path) for path in paths}
        for path in paths:
            self.assert_same_queries(few[path], many[path], path)
            self.assertLess(len(many[path]), 45, path)

    def test_caches_and_weight(self):
        self.make_products(30, image_1920=picture("green", (300, 225)))
        product = self.entry(self.make_product())
        with patch.dict(config.options, {"test_enable": False}):
            for path in (PATH, f"{PATH}/{product.product_tmpl_id.id}"):
                answer = self.get(path)
                self.assertEqual(answer.headers["Cache-Control"], "public, max-age=300")
                self.assertEqual(answer.headers["Vary"], "Accept-Language")
                self.assertNotIn("Set-Cookie", answer.headers)
                self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
                again = self.get(path, headers={"If-None-Match": answer.headers["ETag"]})
                self.assertEqual(again.status_code, 304)
                self.assertFalse(again.content)
                # No script, and one small sheet of style.
                self.assertNotIn("<script", answer.text)
                self.assertLess(len(answer.content), 60_000)
                sheets = re.findall(r'rel="stylesheet" href="([^"]+)"', answer.text)
                self.assertEqual(len(sheets), 1)
                self.assertIn("assets_public", sheets[0])
                self.assertLess(len(self.get(sheets[0]).content), 15_000)
            self.assertEqual(self.get(f"{PATH}/0").headers["Cache-Control"], "public, max-age=60")

    def test_a_page_is_the_same_for_everybody(self):
        self.make_product()
        with patch.dict(config.options, {"test_enable": False}):
            anonymous = self.get(PATH).text
            self.authenticate("assist_operator", "assist_operator")
            self.assertEqual(self.get(PATH).text, anonymous)

    def test_robots_and_sitemap(self):
        product = self.make_product()
        robots = self.get("/robots.txt").text
        self.assertIn("Disallow: /\n", robots)
        self.assertIn(f"Allow: {PATH}", robots)
        self.assertIn(f"Sitemap: {product.get_base_url()}{PATH}/sitemap.xml", robots)
        sitemap = self.get(f"{PATH}/sitemap.xml")
        self.assertEqual(sitemap.headers["Content-Type"], "application/xml; charset=utf-8")
        self.assertIn(f"<loc>{product.get_base_url()}{PATH}/{product.id}</loc>", sitemap.text)
        self.assertIn('content="noindex, follow"', self.get(f"{PATH}?q=tea").text)
        self.assertNotIn("noindex", self.get(PATH).text)

    # -- ways in

    def test_links_to_the_catalogue(self):
        link = 'href="/assist/catalogue"'
        self.assertNotIn(link, self.get("/web/login").text)
        product = self.make_product()
        self.assertIn(link, self.get("/web/login").text)
        action = product.with_user(self.viewer).action_open_public_page()
        self.assertEqual(self.get(action["url"]).status_code, 200)
        self.assertTrue(product.assist_public_qr)
        self.exclude(product)
        self.assertFalse(product.assist_public_qr)
        catalogue = self.entry(product).catalogue_id
        self.assertEqual(self.get(catalogue.action_open_public_page()["url"]).status_code, 200)

    def test_link_in_the_portal(self):
        link = 'href="/assist/catalogue"'
        contact = self.env["res.partner"].create(
            {"name": "Contact", "email": "contact@example.com"}
        )
        self.env["res.users"].create(
            {
                "login": "public_contact",
                "password": "public_contact",
                "partner_id": contact.id,
                "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
            }
        )
        self.authenticate("public_contact", "public_contact")
        self.assertNotIn(link, self.get("/my/home").text)
        contact.parent_id = self.tea_maker
        self.assertIn(link, self.get("/my/home").text)
