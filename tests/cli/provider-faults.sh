# Every row of the contract's section 9 passes, for each protocol.
. "$(dirname "$0")/lib.sh"
has_terminal || { echo "no pseudo-terminal"; exit 77; }

run provider test --faults
expect_status 0
grep FAIL "$work/out"
grep -q '^[1-9][0-9]* passed, 0 failed$' "$work/out" || differ "score" "N passed, 0 failed" "$(tail -3 "$work/out")"

run provider test --faults claude
expect_status 2
finish
