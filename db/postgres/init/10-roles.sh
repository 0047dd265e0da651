#!/bin/bash
# Run once, when the data folder is made: the role Weir works as, which owns its database and nothing else, and one that may only look.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --quiet --no-psqlrc --username "$POSTGRES_USER" --dbname postgres \
  --set=weir="$(cat /run/secrets/weir/database_password)" --set=monitor="$(cat /run/secrets/weir/monitor_password)" <<'SQL'
CREATE ROLE weir LOGIN PASSWORD :'weir';
CREATE DATABASE weir OWNER weir;
CREATE ROLE weir_monitor LOGIN PASSWORD :'monitor' IN ROLE pg_monitor CONNECTION LIMIT 5;
SQL
