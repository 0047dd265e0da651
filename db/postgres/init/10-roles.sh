#!/bin/bash
# Run when the data folder is made, and by hand after a change of passwords: the role Weir works as, which owns its database and nothing else,
# and one that may only look. Passwords become what /run/secrets/weir says.
set -euo pipefail
secret() { cat "/run/secrets/weir/$1"; }

psql --set=ON_ERROR_STOP=1 --quiet --no-psqlrc --username "$POSTGRES_USER" --dbname postgres --set=superuser="$POSTGRES_USER" \
  --set=postgres="$(secret postgres_password)" --set=weir="$(secret database_password)" --set=monitor="$(secret monitor_password)" <<'SQL'
SELECT 'CREATE ROLE weir LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'weir') \gexec
SELECT 'CREATE DATABASE weir OWNER weir' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'weir') \gexec
SELECT 'CREATE ROLE weir_monitor LOGIN IN ROLE pg_monitor CONNECTION LIMIT 5'
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'weir_monitor') \gexec
ALTER ROLE weir PASSWORD :'weir';
ALTER ROLE weir_monitor PASSWORD :'monitor';
ALTER ROLE :"superuser" PASSWORD :'postgres';
SQL
