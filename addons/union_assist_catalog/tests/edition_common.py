import base64
import io

from PIL import Image

from .common import UnionAssistCatalogCommon


class EditionCommon(UnionAssistCatalogCommon):
    """A catalogue of its own with two products, and no criterion that keeps them out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["union.assist.catalogue.criterion"].search([]).active = False
        cls.catalogue = cls.env["union.assist.catalogue"].create({"name": "Test Catalogue"})
        cls.today = cls.env.company._assist_today()
        cls.category = cls.env["product.category"].create({"name": "陕茶茗品"})
        cls.tea = cls.make_product(
            "紫阳富硒绿茶",
            default_code="TEA-1",
            barcode="6901234567892",
            image_1920=cls.make_picture("green"),
            assist_storage="阴凉干燥",
            assist_shelf_life_days=540,
        )
        cls.apples = cls.make_product(
            "山地苹果", assist_supplier_id=cls.orchard.id, list_price=59.9, default_code="APL"
        )

    @classmethod
    def make_product(cls, name, **values):
        return cls.env["product.template"].create(
            {
                "name": name,
                "list_price": 38.0,
                "categ_id": cls.category.id,
                "assist_supplier_id": cls.tea_maker.id,
                "assist_origin_id": cls.county.id,
                "assist_specification": "80 g",
                **values,
            }
        )

    @classmethod
    def make_picture(cls, color, size=(600, 500), kind="PNG"):
        output = io.BytesIO()
        Image.new("RGB", size, color).save(output, kind)
        return base64.b64encode(output.getvalue())

    @classmethod
    def make_edition(cls, title="秋季目录", **values):
        return cls.env["union.assist.catalogue.edition"].create(
            {
                "title": title,
                "catalogue_id": cls.catalogue.id,
                "lang": "en_US",
                "publisher": "省总工会",
                **values,
            }
        )

    @classmethod
    def publish(cls, **values):
        edition = cls.make_edition(**values)
        edition._publish()
        return edition

    @classmethod
    def entry(cls, product):
        return cls.env["union.assist.catalogue.entry"].search(
            [("catalogue_id", "=", cls.catalogue.id), ("product_tmpl_id", "=", product.id)]
        )

    @classmethod
    def line(cls, edition, product):
        return edition.line_ids.filtered(lambda line: line.product_tmpl_id == product)
