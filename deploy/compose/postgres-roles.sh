#!/bin/sh
# Runs once, when the database is made: the owner, which migrates, and the role that serves requests.
set -eu
owner_password="$(cat /run/secrets/database_owner_password)"
app_password="$(cat /run/secrets/database_app_password)"
psql --quiet --set ON_ERROR_STOP=1 --username postgres --dbname llmasos \
    --set owner_password="$owner_password" --set app_password="$app_password" <<'SQL'
CREATE ROLE llmasos_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE llmasos_app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'app_password';
ALTER DATABASE llmasos OWNER TO llmasos_owner;
ALTER SCHEMA public OWNER TO llmasos_owner;
CREATE EXTENSION IF NOT EXISTS vector;
GRANT USAGE ON SCHEMA public TO llmasos_app;
ALTER DEFAULT PRIVILEGES FOR ROLE llmasos_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO llmasos_app;
ALTER DEFAULT PRIVILEGES FOR ROLE llmasos_owner GRANT USAGE, SELECT ON SEQUENCES TO llmasos_app;
ALTER DEFAULT PRIVILEGES FOR ROLE llmasos_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE llmasos_owner GRANT EXECUTE ON FUNCTIONS TO llmasos_app;
SQL
