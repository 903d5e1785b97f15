"""The project's own tool: gets Odoo, sets it up, runs and checks it (see the Makefile)."""
