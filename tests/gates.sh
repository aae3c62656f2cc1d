#!/bin/sh
# What must hold before anything runs: formatting, shell scripts, and what clang-tidy finds in the
# sources that changed. Says which files break it and how to mend them; exit 1 then.
#
#     sh tests/gates.sh [BASE]      BASE: the commit that changes are counted from (default: HEAD~1)
set -eu
cd "$(dirname "$0")/.."
base="${1:-HEAD~1}"
failed=0

echo "== gates: clang-format"
if ! git ls-files '*.h' '*.cpp' | xargs clang-format-14 --dry-run -Werror 2>/tmp/netchat-format.$$; then
    sed -n 's/^\([^:]*\):[0-9]*:.*error.*/\1/p' /tmp/netchat-format.$$ | sort -u
    echo "format them: clang-format-14 -i FILE..." >&2
    failed=1
fi
rm -f /tmp/netchat-format.$$

echo "== gates: shellcheck"
git ls-files '*.sh' .ci | xargs shellcheck || failed=1

if ! cmake --preset debug -DNETCHAT_TESTS=ON >/dev/null; then
    echo "== gates: clang-tidy has no list of how the sources are compiled" >&2
    failed=1
elif ! git rev-parse --quiet --verify "$base" >/dev/null; then
    echo "== gates: clang-tidy is left out; there is no commit $base here"
else
    changed=$(git diff --name-only --diff-filter=d "$base" -- 'protocol/*.cpp' 'modes/*.cpp' 'harness/*.cpp' 'cmd/*.cpp')
    echo "== gates: clang-tidy, $(echo "$changed" | grep -c . || true) files changed since $base"
    if [ -n "$changed" ]; then
        # Half a minute each. At most 8: a change of everything is read by people.
        echo "$changed" | head -n 8 | xargs -P 2 -n 2 clang-tidy-14 -p build/debug --quiet \
            --warnings-as-errors='*' 2>/dev/null || failed=1
    fi
fi
exit $failed
