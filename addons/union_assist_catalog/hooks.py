def uninstall_hook(env):
    """Let published editions go with their tables: their guards would keep them.

    Without their lines the products of the demonstration can go as well.
    """
    env["union.assist.catalogue.edition"]._drop_guards()
    env.cr.execute("DELETE FROM union_assist_catalogue_edition_line")
    env.invalidate_all()
