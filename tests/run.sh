#!/bin/sh
# The tests of one build, with every sanitizer report counted as a failure.
# tests/run.sh BUILD [OPTION OF meson test]...; ends with "N passed, N failed, N skipped".
set -eu
build=$(CDPATH='' cd -- "$1" && pwd)
shift
logs=$build/sanitizer
meson=$build/meson-logs

# sum ATTRIBUTE: of all suites; a criterion file is a suite, as are all scripts together
sum() {
	grep -o '<testsuite [^>]*' "$meson/testlog.junit.xml" |
		sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" | awk '{ n += $1 } END { print n + 0 }'
}

# ended WORD: how many tests ended like that, of which meson's XML does not know all
ended() {
	sed -n "s/^$1: *\([0-9][0-9]*\) *\$/\1/p" "$meson/testlog.txt" | awk 'END { print $1 + 0 }'
}

rm -rf "$logs" "$meson/testlog.junit.xml" "$meson/testlog.txt"
mkdir -p "$logs"
# A report may come from a process whose status nobody looks at: each goes to a file. (gcc's
# UBSan writes to stderr all the same; there it ends the process, as it does with clang.)
export ASAN_OPTIONS="log_path=\"$logs/asan\":detect_stack_use_after_return=1"
export UBSAN_OPTIONS="log_path=\"$logs/ubsan\":halt_on_error=1:print_stacktrace=1"
[ -w /dev/shm ] || echo "tests/run.sh: criterion needs /dev/shm, which cannot be written here" >&2
status=0
meson test -C "$build" --print-errorlogs "$@" </dev/null || status=1
if ! [ -f "$meson/testlog.junit.xml" ]; then
	echo "tests/run.sh: the tests did not run" >&2
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi
failed=$(($(sum errors) + $(sum failures)))
ended_badly=$(($(ended Fail) + $(ended Timeout) + $(ended 'Unexpected Pass')))
[ "$failed" -ge "$ended_badly" ] || failed=$ended_badly
[ "$failed" -eq 0 ] || status=1
skipped=$(sum skipped)
passed=$(($(sum tests) - failed - skipped))
for log in "$logs"/*; do
	[ -e "$log" ] || continue
	echo "--- a sanitizer's report: $log"
	cat "$log"
	failed=$((failed + 1)) status=1
done
[ "$passed" -gt 0 ] || status=1
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
