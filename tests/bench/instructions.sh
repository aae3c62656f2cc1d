#!/bin/sh
# Instructions for each message or delivery, by callgrind: the same on every run, however busy the
# machine is. Needs valgrind.
#
#     sh tests/bench/instructions.sh build/release [NAME...]     names: build/.../instructions
set -eu
build="${1:?the build folder}"
shift
program="$build/tests/bench/instructions"
command -v valgrind >/dev/null || { echo "valgrind is not installed" >&2; exit 1; }
[ -x "$program" ] || { echo "$program is not built" >&2; exit 1; }
[ $# -gt 0 ] || set -- codec/read_fields/64B codec/decode_say/64B codec/encode_msg/64B \
    codec/read_classic/64B codec/encode_classic/64B tail/turn/1000seats \
    hub/v2/1000members/1shards flush/v2/1000members/1shards flush/classic/1000members/1shards \
    turn/v2/2members/1shards

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
printf '%-40s %14s\n' scenario "instructions each"
for name in "$@"; do
    items="$(valgrind --tool=callgrind --callgrind-out-file="$work/out" --collect-atstart=no \
        --toggle-collect='netchat::bench::countedStep(netchat::bench::Scenario&)' \
        "$program" "$name" 20 2>"$work/errors")" || { cat "$work/errors" >&2; exit 1; }
    sum="$(sed -n 's/^\(totals\|summary\): //p' "$work/out" | head -1)"
    printf '%-40s %14s\n' "$name" "$((sum / items))"
done
