#!/usr/bin/env bash
# The whole path with the command line of clients/python: register, ask for production, wait, fetch.
#
#   command_line.sh MODEL TEAM VERSION.json ARTIFACT_DIR REASON DEPLOY_DIR
#
# RISK_TIER is that of a new model, low when not set; WAIT limits the wait for the decision, 1h when not set.
# Exit codes are those of registry-portal: 3 promotion ended otherwise, 4 still waiting, 5 not allowed, 6 conflict.
set -eu -o pipefail

[ $# -eq 6 ] || { echo "usage: command_line.sh MODEL TEAM VERSION.json ARTIFACT_DIR REASON DEPLOY_DIR" >&2; exit 2; }

version=$(registry-portal register "$1" --create-model --team "$2" --risk-tier "${RISK_TIER:-low}" \
    --content "$3" --artifact "$4")
promotion=$(registry-portal request "$1" "$version" --to production --reason "$5")
registry-portal wait "$promotion" --timeout "${WAIT:-1h}"
registry-portal fetch "$1" --into "$6"
