#!/bin/sh
# Make the database of a new installation, or bring the addons of an existing one up to date.
# A database that is still being made carries another name, so a start that was cut short leaves
# nothing half-made behind: the next start begins again.
set -eu
addons="union_assist_catalog union_assist_procure union_assist_logistics"
: "${PGDATABASE:?name of the database}"
: "${UNION_ASSIST_IDENTITY_KEY_FILE:?path of the keys of identity numbers}"

# Only where there is none: the fingerprints in a database are worth nothing without their key.
if [ ! -e "$UNION_ASSIST_IDENTITY_KEY_FILE" ]; then
    (
        umask 077
        python -c 'import secrets; print(secrets.token_hex(32))' >"$UNION_ASSIST_IDENTITY_KEY_FILE.new"
    )
    mv "$UNION_ASSIST_IDENTITY_KEY_FILE.new" "$UNION_ASSIST_IDENTITY_KEY_FILE"
fi

found=$(psql -d postgres -tA -v name="$PGDATABASE" <<'SQL'
SELECT count(*) FROM pg_database WHERE datname = :'name'
SQL
)
if [ "$found" = 0 ]; then
    docker/odoo-bin db init --force --language zh_CN --country CN "${PGDATABASE}_new"
    # shellcheck disable=SC2086
    docker/odoo-bin module install -d "${PGDATABASE}_new" $addons
    docker/odoo-bin shell --no-http -d "${PGDATABASE}_new" <docker/first_database.py
    docker/odoo-bin db rename "${PGDATABASE}_new" "$PGDATABASE"
else
    # shellcheck disable=SC2086
    docker/odoo-bin module upgrade --outdated -d "$PGDATABASE" $addons
fi
echo "Database $PGDATABASE is ready."
