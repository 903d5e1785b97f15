from .models.res_company import NOTE_SEQUENCE


def post_init_hook(env):
    """Walk the demo goods through the chain, where demo data were asked for."""
    if env.ref("union_assist_logistics.user_inspector", raise_if_not_found=False):
        from .demo import flow, packing, proof, recall, routes

        flow.load(env)
        routes.load(env)
        packing.load(env)
        proof.load(env)
        recall.load(env)


def uninstall_hook(env):
    """Remove the delivery notes' sequences: made by company, they have no external id."""
    env["ir.sequence"].sudo().with_context(active_test=False).search(
        [("code", "=", NOTE_SEQUENCE)]
    ).unlink()
