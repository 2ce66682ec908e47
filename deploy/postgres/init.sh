#!/bin/bash
# Runs once, on an empty data directory: a role per duty, a database per service, the two vaults.
# No role can connect to another's databases, so the main realm cannot read the restricted one.
set -euo pipefail

create_role() { # NAME VARIABLE; psql reads the password from the variable, so no process list shows it
  psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres -v role="$1" <<SQL
\set password \`printenv $2\`
CREATE ROLE :"role" LOGIN PASSWORD :'password';
-- A stopped process keeps its locks; the relay's lease must not wait for it (architecture, 4).
ALTER ROLE :"role" SET idle_in_transaction_session_timeout = '10s';
SQL
}

create_database() { # NAME OWNER
  psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres -v db="$1" -v owner="$2" <<'SQL'
CREATE DATABASE :"db" OWNER :"owner";
REVOKE ALL ON DATABASE :"db" FROM PUBLIC;
SQL
}

# Up to twelve connections for a process, fourteen processes of the two realms. In force when the image restarts
# the server after this.
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres -c 'ALTER SYSTEM SET max_connections = 200'

create_role lianxin LIANXIN_DB_PASSWORD
create_role vault VAULT_DB_PASSWORD
create_role restricted RESTRICTED_DB_PASSWORD
create_role restricted_vault RESTRICTED_VAULT_DB_PASSWORD

create_database vault vault
create_database restricted_vault restricted_vault
for service in intake dispatch supervision feedback evaluation analytics; do
  create_database "$service" lianxin
  create_database "restricted_$service" restricted
done
create_database reference lianxin  # both realms read what it publishes
