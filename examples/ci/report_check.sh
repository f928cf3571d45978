#!/usr/bin/env bash
# Report the result of a check that this pipeline ran, bound to the evidence it was run on.
#
#   report_check.sh PROMOTION_ID NAME passed|failed|error SUMMARY [URL]
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

[ $# -ge 4 ] || die 2 "usage: report_check.sh PROMOTION_ID NAME passed|failed|error SUMMARY [URL]"
case $3 in
passed | failed | error) ;;
*) die 2 "$3 is not a result: passed, failed or error" ;;
esac
need_settings

base="promotions/$(url_part "$1")/"
evidence=$(api GET "$base" | json_field evidence_digest)
post "${base}checks/" "$(json_object name "$2" status "$3" summary "$4" url "${5:-}" evidence_digest "$evidence")" >/dev/null
say "reported check $2 as $3"
