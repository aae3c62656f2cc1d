#!/bin/sh
# The main job in one go: builds netchat, starts a server, lets three people talk (one of them in the
# original's dialect), drops a file to all of them, compares it byte by byte, prints what each saw,
# and has the harness prove it with more. From any folder: sh samples/demo.sh
set -eu
cd "$(dirname "$0")/.."
say() { printf '\n== %s\n' "$*"; }

netchat=${NETCHAT:-}
if [ -z "$netchat" ]; then
    sh .ci/setup build
    say "building in build/release"
    cmake --preset release -DNETCHAT_TESTS=OFF >/dev/null
    cmake --build --preset release --target netchat
    netchat=$PWD/build/release/netchat
fi

work=$(mktemp -d)
finish() {
    exec 3>&- 4>&- 5>&- || true
    [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
    wait
    rm -rf "$work"
}
trap finish EXIT

# await FILE TEXT: until a line of FILE has TEXT; what a person would do by looking.
await() {
    tries=0
    until grep -qF -- "$2" "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -le 200 ] || { echo "no '$2' in $1:"; cat "$1" "$work"/*.err; exit 1; } >&2
        sleep 0.05
    done
}

say "starting a server on a free port"
"$netchat" serve --port 0 --data "$work/data" >"$work/server.out" 2>"$work/server.err" &
server=$!
await "$work/server.out" "listening on"
cat "$work/server.out"
address=$(sed -n 's/^netchat listening on //p' "$work/server.out")

say "three people join the lobby: alice and bob, and dora in the classic dialect"
person() { # NICK OPTIONS: a client that reads what is typed, commands too, from a pipe
    nick=$1
    shift
    mkfifo "$work/$nick.in"
    "$netchat" connect "$address" --nick "$nick" --downloads "$work/$nick" --commands "$@" \
        <"$work/$nick.in" >"$work/$nick.out" 2>"$work/$nick.err" &
}
mkdir "$work/alice" "$work/bob" "$work/dora"
person alice
exec 3>"$work/alice.in"
await "$work/alice.out" "you are in lobby"
person bob
exec 4>"$work/bob.in"
await "$work/alice.out" "bob joined"
person dora --classic
exec 5>"$work/dora.in"
await "$work/alice.out" "dora joined"
await "$work/bob.out" "dora joined"

say "they talk"
echo "hello, who is here?" >&3
await "$work/bob.out" "hello, who is here?"
await "$work/dora.out" "hello, who is here?"
echo "bob is; 100% sure" >&4
await "$work/alice.out" "100% sure"
await "$work/dora.out" "100% sure"
echo "and dora, with the original's protocol" >&5
await "$work/alice.out" "and dora"
await "$work/bob.out" "and dora"

say "alice drops a file of 1 MiB for everyone"
head -c 1048576 /dev/urandom >"$work/holiday.jpg"
echo "!upload $work/holiday.jpg" >&3
await "$work/bob.out" "received"
await "$work/dora.out" "received"
for nick in bob dora; do
    cmp "$work/holiday.jpg" "$work/$nick/holiday.jpg" && echo "$nick has the same bytes"
done
exec 3>&- 4>&- 5>&-
for nick in alice bob dora; do
    say "what $nick saw"
    cat "$work/$nick.out"
done

say "and many more: the harness starts a server of its own and judges who got what"
"$netchat" harness --bots 40 --messages 25 --files 2 --classic-share 0.25
