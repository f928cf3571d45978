#!/usr/bin/env bash
# Ask for a version to be promoted. Prints the promotion's id on standard output.
#
#   promote.sh MODEL VERSION staging|production REASON
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

[ $# -eq 4 ] || die 2 "usage: promote.sh MODEL VERSION staging|production REASON"
case $3 in
staging | production) ;;
*) die 2 "$3 is not a stage to ask for: staging or production" ;;
esac
need_settings

id=$(post promotions/ "$(json_object model "$1" version "$2" target_stage "$3" reason "$4")" | json_field id)
say "asked to promote $1 $2 to $3: promotion $id"
printf '%s\n' "$id"
