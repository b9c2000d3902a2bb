#!/bin/sh
# Makes and updates Temporal's two databases. Runs before each start of the server, also after an upgrade, and changes
# nothing where they are up to date.
set -eu
: "${POSTGRES_SEEDS:?}" "${POSTGRES_USER:?}" "${POSTGRES_PWD:?}"
export SQL_PLUGIN=postgres12 SQL_HOST="$POSTGRES_SEEDS" SQL_PORT="${DB_PORT:-5432}" SQL_USER="$POSTGRES_USER" SQL_PASSWORD="$POSTGRES_PWD"

for schema in temporal visibility; do
  case $schema in
    temporal) export SQL_DATABASE="${DBNAME:-temporal}" ;;
    visibility) export SQL_DATABASE="${VISIBILITY_DBNAME:-temporal_visibility}" ;;
  esac
  temporal-sql-tool create-database
  # Keeps the version of a database that has one.
  temporal-sql-tool setup-schema --version 0.0
  temporal-sql-tool update-schema --schema-name "postgresql/v12/$schema"
done
