# Every row of the contract's section 9 passes, for each protocol.
. "$(dirname "$0")/lib.sh"
has_terminal || { echo "no pseudo-terminal"; exit 77; }

need jq

run provider test --faults --json
expect_status 0
jq -c '.rows[] | select(.pass | not)' "$work/out"
expect "score" true "$(jq '.passed > 100 and .failed == 0' "$work/out")"

run provider test --faults claude
expect_status 2
finish
