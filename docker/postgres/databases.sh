#!/bin/bash
# PostgreSQL's image runs this once, when its data directory is empty: a database and an owner for each service.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres \
  --set=airflow_password="$AIRFLOW_DB_PASSWORD" --set=marquez_password="$MARQUEZ_DB_PASSWORD" <<'SQL'
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE DATABASE airflow OWNER airflow;
CREATE ROLE marquez LOGIN PASSWORD :'marquez_password';
CREATE DATABASE marquez OWNER marquez;
SQL
