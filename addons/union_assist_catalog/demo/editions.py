"""Editions of the demonstration, published as the federation publishes them.

The second differs from the first: two products came in, one became dearer.
"""

CATALOG = "union_assist_catalog."
CHEAPER = 8.8  # yuan, of the millet in the first edition; synthetic as all prices


def load(env):
    """Publish the first two editions of the demo data."""
    env = env(context={**env.context, "lang": "zh_CN", "tz": "Asia/Shanghai"})
    catalogue = env.ref(f"{CATALOG}catalogue_recommended")
    federation = env.ref(f"{CATALOG}user_federation")
    first, second = (
        env.ref(f"{CATALOG}edition_{name}").with_user(federation) for name in ("first", "second")
    )
    millet = env.ref(f"{CATALOG}product_millet")
    late = [env.ref(f"{CATALOG}product_{name}").id for name in ("shiitake", "winter_jujube")]
    entries = catalogue.entry_ids.filtered(
        lambda entry: entry.listed and entry.product_tmpl_id.id in late
    )
    price = millet.list_price
    millet.list_price = CHEAPER
    entries.listed = False
    first._publish()
    entries.listed = True
    millet.list_price = price
    second._publish()
