#!/usr/bin/env bash
# Fetch the artifacts of the version in production and verify each against its SHA-256.
#
#   fetch_production.sh MODEL DIR
#
# DIR must not exist: it appears complete and verified, or not at all. Prints the version on standard output.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

[ $# -eq 2 ] || die 2 "usage: fetch_production.sh MODEL DIR"
[ ! -e "$2" ] || die 2 "$2 exists already"
need_settings

production=$(api GET "models/$(url_part "$1")/production/")
version=$(printf '%s' "$production" | json_field version)
say "$1 $version is in production, manifest $(printf '%s' "$production" | json_field manifest_digest)"

partial="$2.partial.$$"
trap 'rm -rf "$partial"' EXIT
mkdir -p "$partial"

fetch() { # URL FILE: the token is sent to the registry only, never to a storage service it points to
    case $1 in
    "$REGISTRY_URL"/*) authorised_curl --fail --location --output "$2" "$1" ;;
    /*) authorised_curl --fail --location --output "$2" "$REGISTRY_URL$1" ;;
    *) curl --silent --show-error --fail --location --retry 3 --output "$2" "$1" ;;
    esac
}

printf '%s' "$production" | json_rows artifacts path sha256 url | while IFS="$(printf '\t')" read -r path digest url; do
    case "/$path/" in
    //* | */../* | */./* | *\\*) die 7 "the registry names an unsafe path: $path" ;;
    esac
    mkdir -p "$(dirname "$partial/$path")"
    fetch "$url" "$partial/$path" || die 6 "cannot fetch $path"
    [ "$(sha256_of "$partial/$path")" = "$digest" ] || die 7 "$path does not have the SHA-256 $digest"
    say "verified $path sha256 $digest"
done

mv "$partial" "$2"
printf '%s\n' "$version"
