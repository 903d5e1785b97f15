#!/bin/sh
# Start Odoo with the arguments given, or the command given when it is not an Odoo option.
set -eu
if [ -n "${PGPASSWORD_FILE:-}" ]; then
    PGPASSWORD=$(cat "$PGPASSWORD_FILE")
    export PGPASSWORD
fi
case "${1:-}" in
    -* | "") exec docker/odoo-bin "$@" ;;
    *) exec "$@" ;;
esac
