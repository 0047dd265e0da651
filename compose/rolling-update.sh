#!/bin/sh
# Puts new replicas in the place of the present ones, one by one, under load: after a new release, or after a change in .env.
#
#   git pull && compose/rolling-update.sh
#
# A new replica is healthy before an old one is told to stop, so there are never fewer than before. The old one lets its requests end,
# tells its sockets to reconnect (they resume elsewhere), and hands back the runs it cannot finish within WEIR_SHUTDOWN_GRACE_SECONDS.
# If a new one does not become healthy it is removed, the old ones go on, and the exit code is 1. Needs room for one more replica.
#
# Builds the image, or pulls it where WEIR_PULL_POLICY says so. Project and files are those "docker compose" would take here.
set -eu
cd "$(dirname "$0")/.."

# How long a new replica may take until it is ready (s).
PATIENCE=${WEIR_UPDATE_PATIENCE:-120}

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
replicas() { docker compose ps --all --quiet api; }
name_of() { docker inspect --format '{{.Name}}' "$1" | cut -c 2-; }

fresh=
give_up() {
  trap - EXIT INT TERM
  [ -z "$fresh" ] || { docker stop "$fresh" && docker rm "$fresh"; } >/dev/null 2>&1 || true
}
trap give_up EXIT
trap 'give_up; fail "Interrupted. Every replica that is there serves; run this again to replace the rest."' INT TERM

# Resolves when the new replica is ready; fails when it has ended or the time is up.
wait_for() {
  deadline=$(($(date +%s) + PATIENCE))
  while :; do
    case $(docker inspect --format '{{.State.Status}} {{.State.Health.Status}}' "$1") in
      'running healthy') return 0 ;;
      'running '*) ;;
      *) return 1 ;;
    esac
    [ "$(date +%s)" -lt "$deadline" ] || return 1
    sleep 1
  done
}

old=$(replicas)
count=$(printf '%s' "$old" | grep -c . || true)
[ "$count" -gt 0 ] || fail 'No replica is there to be replaced. Start everything with: docker compose up -d --wait'

WEIR_COMMIT=${WEIR_COMMIT:-$(git rev-parse --short=12 HEAD 2>/dev/null || true)}
export WEIR_COMMIT
if [ "$(docker compose config api | sed -n 's/^ *pull_policy: //p' | head -n 1)" = never ]; then
  say 'Building the image ...'
  docker compose build --quiet api
else
  docker compose pull --quiet api
fi

# New secrets and tables first: tables of a release also fit the one before it.
docker compose run --rm --no-deps -T secrets >/dev/null
docker compose run --rm --no-deps -T migrate >/dev/null

number=0
for id in $old; do
  number=$((number + 1))
  started=$(date +%s)
  before=$(replicas)
  docker compose --progress quiet up -d --no-deps --no-recreate --scale "api=$((count + 1))" api
  fresh=$(replicas | while read -r one; do case $before in *"$one"*) ;; *) printf '%s' "$one" ;; esac; done)
  [ -n "$fresh" ] || fail 'docker compose started no new replica. Is somebody else updating?'
  name=$(name_of "$fresh")
  if ! wait_for "$fresh"; then
    docker logs --tail 20 "$fresh" >&2
    fail "$name did not become ready and is removed; its last words are above. The other replicas go on."
  fi
  fresh=
  gone=$(name_of "$id")
  # As long as it needs, and at most its stop_grace_period.
  docker stop "$id" >/dev/null
  docker rm "$id" >/dev/null
  say "$number of $count: $name serves, $gone has gone ($(($(date +%s) - started)) s)"
done
say "All $count replicas are new${WEIR_COMMIT:+ (commit $WEIR_COMMIT)}."
