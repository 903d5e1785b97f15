def post_init_hook(env):
    """Walk the demo goods through the chain, where demo data were asked for."""
    if env.ref("union_assist_logistics.user_inspector", raise_if_not_found=False):
        from .demo.flow import load

        load(env)
