from .demo.editions import load


def post_init_hook(env):
    """Publish the editions of the demonstration, where demo data were asked for."""
    if env.ref("union_assist_catalog.edition_first", raise_if_not_found=False):
        load(env)


def uninstall_hook(env):
    """Let published editions go with their tables: their guards would keep them.

    Without their lines the products of the demonstration can go as well.
    """
    env["union.assist.catalogue.edition"]._drop_guards()
    env.cr.execute("DELETE FROM union_assist_catalogue_edition_line")
    env.invalidate_all()
