# Shared by the scripts in this folder; source it, do not run it.
# Needs curl, sha256sum or shasum, and jq or python3. Works in bash 3.2 and newer.
#
# Environment: REGISTRY_URL    base address, such as https://registry.example.org
#              REGISTRY_TOKEN  API token of the pipeline's service account
# Exit codes:  0 done, 2 wrong use, 3 refused by the registry, 4 promotion ended without moving the version,
#              5 waited too long, 6 registry unreachable, 7 a file does not match its digest

say() { printf '%s\n' "$*" >&2; }

die() {
    code=$1
    shift
    say "error: $*"
    exit "$code"
}

need_settings() {
    [ -n "${REGISTRY_URL:-}" ] || die 2 "set REGISTRY_URL to the registry's address"
    [ -n "${REGISTRY_TOKEN:-}" ] || die 2 "set REGISTRY_TOKEN to an API token"
    command -v curl >/dev/null || die 2 "curl is not installed"
    command -v jq >/dev/null || command -v python3 >/dev/null || die 2 "neither jq nor python3 is installed"
    REGISTRY_URL=${REGISTRY_URL%/}
}

# json_field NAME: a top-level field of the JSON object on standard input; nothing when it is absent or null.
json_field() {
    if command -v jq >/dev/null; then
        jq -r --arg name "$1" '.[$name] | values'
    else
        python3 -c '
import json, sys
value = json.loads(sys.stdin.read() or "{}").get(sys.argv[1])
if value is not None:
    print(value)' "$1"
    fi
}

# json_rows LIST FIELD...: one line of tab-separated fields for each object of a list on standard input.
json_rows() {
    if command -v jq >/dev/null; then
        list=$1
        shift
        jq -r --arg list "$list" '.[$list][] | [.[$ARGS.positional[]]] | @tsv' --args -- "$@"
    else
        python3 -c '
import json, sys
for row in json.loads(sys.stdin.read())[sys.argv[1]]:
    print("\t".join(str(row[name]) for name in sys.argv[2:]))' "$@"
    fi
}

# json_object NAME VALUE ...: a JSON object of strings; pairs with an empty value are left out.
json_object() {
    if command -v jq >/dev/null; then
        jq -cn '$ARGS.positional as $all
            | [range(0; $all | length; 2) | {($all[.]): $all[. + 1]}] | add | with_entries(select(.value != ""))' \
            --args -- "$@"
    else
        python3 -c '
import json, sys
pairs = zip(sys.argv[1::2], sys.argv[2::2])
print(json.dumps({name: value for name, value in pairs if value}))' "$@"
    fi
}

# url_part TEXT: text escaped for one segment of an address.
url_part() {
    if command -v jq >/dev/null; then
        jq -rn --arg text "$1" '$text | @uri'
    else
        python3 -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.argv[1], safe=""))' "$1"
    fi
}

# url_path TEXT: text escaped for an address, slashes kept.
url_path() { url_part "$1" | sed 's,%2F,/,g'; }

sha256_of() {
    if command -v sha256sum >/dev/null; then
        sha256sum <"$1" | cut -d ' ' -f 1
    else
        shasum -a 256 <"$1" | cut -d ' ' -f 1
    fi
}

# repr_digest HEX: value of the Repr-Digest header (RFC 9530) for a SHA-256 in hexadecimal.
repr_digest() {
    printf 'sha-256=:%s:' "$(printf '%b' "$(printf '%s' "$1" | sed 's/../\\x&/g')" | base64 | tr -d '\n')"
}

# The token goes through a file descriptor: command lines are visible to every user of a machine.
authorised_curl() {
    curl --silent --show-error --retry 3 --retry-connrefused --connect-timeout 10 \
        --config <(printf 'header = "Authorization: Bearer %s"\n' "$REGISTRY_TOKEN") "$@"
}

# api METHOD PATH [curl options]: call the API and print the answer's body; a refusal ends the script.
api() {
    method=$1
    path=$2
    shift 2
    answer=$(mktemp)
    status=$(authorised_curl --request "$method" --header 'Accept: application/json' \
        --output "$answer" --write-out '%{http_code}' "$@" "$REGISTRY_URL/api/v1/$path") ||
        { rm -f "$answer"; die 6 "$method $path: the registry at $REGISTRY_URL does not answer"; }
    content=$(cat "$answer")
    rm -f "$answer"
    case $status in
    2??) printf '%s\n' "$content" ;;
    404) [ "${MISSING_IS_FINE:-}" = yes ] || die 3 "$method $path: $status $content" ;;
    *) die 3 "$method $path: $status $content" ;;
    esac
}

# post PATH JSON: the key is made from the request, so a job that runs twice changes nothing the second time.
post() {
    key=$(printf '%s\n%s' "$1" "$2" | sha256_of /dev/stdin)
    printf '%s' "$2" |
        api POST "$1" --header 'Content-Type: application/json' --header "Idempotency-Key: $key" --data-binary @-
}

# find_one PATH: like api GET, but prints nothing when there is no such thing.
find_one() { MISSING_IS_FINE=yes api GET "$1"; }
