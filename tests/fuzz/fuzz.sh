#!/bin/sh
# Fuzzes every target, two at a time, so many seconds each, and says what came of it:
#
#     sh tests/run.sh fuzz [SECONDS [TARGET...]]
#
# What was found interesting stays in build/fuzz/corpus/TARGET for the next time; what a target
# failed on is in build/fuzz/found, to be made small with -minimize_crash=1 and kept, when it is
# mended, in tests/fuzz/regressions/TARGET.
set -eu
cd "$(dirname "$0")/../.."
seconds="${1:-60}"
[ $# = 0 ] || shift
build=build/fuzz
export ASAN_OPTIONS="detect_stack_use_after_return=1:strict_string_checks=1"
export UBSAN_OPTIONS="print_stacktrace=1"

launcher=
command -v ccache >/dev/null && launcher=-DCMAKE_CXX_COMPILER_LAUNCHER=ccache
# What was compiled in one clone serves the others.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
echo "== fuzz: building in $build"
cmake --preset fuzz $launcher >/dev/null
cmake --build --preset fuzz

targets="${*:-$(find tests/fuzz -name '*_fuzz.cpp' | sed 's,.*/\(.*\)_fuzz.cpp,\1,' | sort)}"
echo "== fuzz: $(echo "$targets" | wc -w) targets, $seconds s each"
mkdir -p $build/log $build/found
# shellcheck disable=SC2016
echo "$targets" | tr ' ' '\n' | xargs -P 2 -I TARGET sh -c '
    target=$1 build=$2 seconds=$3
    mkdir -p $build/corpus/$target
    old=
    [ -d tests/fuzz/regressions/$target ] && old=tests/fuzz/regressions/$target
    $build/tests/fuzz/${target}_fuzz -max_total_time=$seconds -timeout=10 -rss_limit_mb=2048 \
        -max_len=2048 -print_final_stats=1 -artifact_prefix=$build/found/$target- \
        $build/corpus/$target tests/fuzz/seeds/$target $old >$build/log/$target.log 2>&1
    echo $? >$build/log/$target.rc' - TARGET $build "$seconds"

printf '%-10s %12s %10s %8s  %s\n' target executions 'a second' edges result
failed=0 total=0
for target in $targets; do
    log=$build/log/$target.log
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
    edges=$(grep -o 'cov: [0-9]*' "$log" | tail -1 | cut -c6-)
    result=ok
    if [ "$(cat "$build/log/$target.rc")" != 0 ]; then
        result="FAILED, see $log"
        failed=1
    fi
    total=$((total + ${runs:-0}))
    printf '%-10s %12s %10s %8s  %s\n' "$target" "${runs:-?}" "${rate:-?}" "${edges:-?}" "$result"
done
printf '%-10s %12s\n' all $total
for target in $targets; do
    [ "$(cat "$build/log/$target.rc")" = 0 ] || { echo "== $target"; tail -40 "$build/log/$target.log"; }
done
exit $failed
