#!/usr/bin/env bash
# Register one version with its artifacts and seal it.
#
#   register.sh MODEL.json VERSION.json ARTIFACT_DIR
#
# MODEL.json is {"name", "team", "risk_tier", "description"} and is used only when the model does not exist yet.
# VERSION.json is {"version" or "bump", "metrics", "parameters", "metadata", "lineage"}.
# Every file under ARTIFACT_DIR becomes an artifact under its own path. Prints the version on standard output.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

[ $# -eq 3 ] || die 2 "usage: register.sh MODEL.json VERSION.json ARTIFACT_DIR"
[ -r "$1" ] && [ -r "$2" ] || die 2 "cannot read $1 or $2"
[ -d "$3" ] || die 2 "$3 is not a folder"
need_settings

model=$(json_field name <"$1")
[ -n "$model" ] || die 2 "$1 has no name"
base="models/$(url_part "$model")/"

found=$(find_one "$base")
if [ -z "$found" ]; then
    post models/ "$(cat "$1")" >/dev/null
    say "created model $model"
fi

wanted=$(json_field version <"$2")
known=$([ -z "$wanted" ] || find_one "${base}versions/$(url_part "$wanted")/")
if [ "$(printf '%s' "$known" | json_field state)" = ready ]; then
    say "$model $wanted is registered already"
    printf '%s\n' "$wanted"
    exit 0
fi

version=$(post "${base}versions/" "$(cat "$2")" | json_field version)
target="${base}versions/$(url_part "$version")/"

(cd "$3" && find . -type f | LC_ALL=C sort) | while IFS= read -r file; do
    path=${file#./}
    digest=$(sha256_of "$3/$path")
    api PUT "${target}artifacts/$(url_path "$path")" --header 'Content-Type: application/octet-stream' \
        --header "Repr-Digest: $(repr_digest "$digest")" --upload-file "$3/$path" >/dev/null
    say "uploaded $path sha256 $digest"
done

post "${target}seal/" '{}' >/dev/null
say "registered $model $version"
printf '%s\n' "$version"
