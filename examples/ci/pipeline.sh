#!/usr/bin/env bash
# The whole path: register, upload, seal, ask for production, wait for the decision, fetch what is in production.
#
#   pipeline.sh MODEL.json VERSION.json ARTIFACT_DIR REASON DEPLOY_DIR
#
# WAIT_SECONDS limits the wait for the decision, 3600 when not set.
set -eu -o pipefail
here=$(dirname "$0")
. "$here/lib.sh"

[ $# -eq 5 ] || die 2 "usage: pipeline.sh MODEL.json VERSION.json ARTIFACT_DIR REASON DEPLOY_DIR"
model=$(json_field name <"$1")

version=$("$here/register.sh" "$1" "$2" "$3")
promotion=$("$here/promote.sh" "$model" "$version" production "$4")
"$here/wait.sh" "$promotion" "${WAIT_SECONDS:-3600}"
deployed=$("$here/fetch_production.sh" "$model" "$5")
[ "$deployed" = "$version" ] || die 4 "$model $deployed took over production while $version was on its way"
say "$model $version is in production and verified in $5"
