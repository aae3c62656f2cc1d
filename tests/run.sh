#!/bin/sh
# Passes the tests: installs what is missing, builds, runs. From any folder:
#
#     sh tests/run.sh            the release build
#     sh tests/run.sh all        and under AddressSanitizer/UBSan and ThreadSanitizer, and fuzzed
#     sh tests/run.sh asan       one of release, debug, asan, tsan
#     sh tests/run.sh fuzz 600   every decoder and parser, fuzzed for so many seconds each
#     sh tests/run.sh mutants    300 small faults planted in the sources: which do the tests find?
set -eu
cd "$(dirname "$0")/.."
sh .ci/setup

if [ "${1:-}" = fuzz ]; then
    shift
    exec sh tests/fuzz/fuzz.sh "$@"
fi
if [ "${1:-}" = mutants ]; then
    shift
    exec python3 tests/mutants/mutants.py "$@"
fi
case "${1:-release}" in
    all) presets="release asan tsan" ;;
    *) presets="${1:-release}" ;;
esac
launcher=
command -v ccache >/dev/null && launcher=-DCMAKE_CXX_COMPILER_LAUNCHER=ccache
# What was compiled in one clone serves the others.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
export ASAN_OPTIONS="detect_stack_use_after_return=1:strict_string_checks=1"
export UBSAN_OPTIONS="print_stacktrace=1"
export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1"

for preset in $presets; do
    echo "== $preset: building in build/$preset"
    cmake --preset "$preset" -DNETCHAT_TESTS=ON $launcher >"/tmp/netchat-cmake.$$" 2>&1 || {
        cat "/tmp/netchat-cmake.$$" >&2
        exit 1
    }
    rm -f "/tmp/netchat-cmake.$$"
    if [ "$preset" = release ] && [ "${1:-}" = all ]; then sh tests/gates.sh; fi
    cmake --build --preset "$preset"
    echo "== $preset: testing"
    ctest --preset "$preset" --parallel 4 --no-tests=error
    if [ "$preset" = release ] && [ "${1:-}" = all ]; then
        # The tests hold a fixed set of seeds; these are new ones each time, and printed.
        echo "== release: simulating what nobody has tried"
        build/release/netchat harness simulate --runs 20000 --jobs 2
    fi
done

if [ "${1:-}" = all ]; then sh tests/fuzz/fuzz.sh 15; fi
