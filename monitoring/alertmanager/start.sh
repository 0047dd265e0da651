#!/bin/sh
# Entry of Alertmanager's container: its configuration is made of the template with what is configured, then it takes this process's place.
# Only the image's own shell and awk are needed; what is written lies in /tmp (a tmpfs when the root file system is read-only).
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
configuration=/tmp/alertmanager.yml
ALERT_HOME=$home awk -f "$home/render.awk" "$home/alertmanager.yml.template" > "$configuration"
# Debian's package has another name for it.
program=$(command -v alertmanager || command -v prometheus-alertmanager)
exec "$program" --config.file="$configuration" "$@"
