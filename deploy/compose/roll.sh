#!/bin/sh
# Gives each service the image and the configuration of now, one after the other. New containers start beside the old ones, which go when the
# new ones are healthy. api-gateway has the port, so its old container goes first: clients are refused until the new one listens.
set -eu
docker compose run --rm migrate
for service in auth-service manifest-service blob-service notifier garbage-collector; do
  old=$(docker compose ps --quiet "$service")
  # One that does not run has no old container; the last line starts it.
  [ -n "$old" ] || continue
  count=$(printf '%s\n' "$old" | wc -l)
  docker compose up --no-deps --no-recreate --wait --scale "$service=$((count * 2))" "$service"
  # Uploads under way are let to their end. Container numbers have no blanks.
  # shellcheck disable=SC2086
  docker stop $old
  # shellcheck disable=SC2086
  docker rm $old
done
docker compose up --no-deps --force-recreate --wait api-gateway
docker compose up --wait
