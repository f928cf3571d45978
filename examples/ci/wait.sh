#!/usr/bin/env bash
# Wait until a promotion is executed. Exit code 4 when it ends otherwise, 5 when the time is over.
#
#   wait.sh PROMOTION_ID [SECONDS] [INTERVAL]
#
# SECONDS is 3600 and INTERVAL 10 when not given.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

[ $# -ge 1 ] || die 2 "usage: wait.sh PROMOTION_ID [SECONDS] [INTERVAL]"
need_settings

deadline=$(($(date +%s) + ${2:-3600}))
told=""
while :; do
    state=$(api GET "promotions/$(url_part "$1")/" | json_field state)
    if [ "$state" != "$told" ]; then
        say "promotion $1 is $state"
        told=$state
    fi
    case $state in
    executed) exit 0 ;;
    rejected | cancelled | expired | superseded) die 4 "promotion $1 ended as $state" ;;
    esac
    [ "$(date +%s)" -lt "$deadline" ] || die 5 "promotion $1 is still $state after ${2:-3600} s"
    sleep "${3:-10}"
done
