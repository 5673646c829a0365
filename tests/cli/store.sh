# The store looks after itself.
. "$(dirname "$0")/lib.sh"
need sqlite3 jq
export CARTRITA_DB="$work/s.db"

run store stats
expect_status 8
run store prune
expect_status 2
run store prune --older-than 1d
expect_status 8
[ -e "$work/s.db" ] && differ "nothing is made by looking" "no file" "a file"

run --db "$work/s.db" sandbox -- sh -c 'for i in 1 2 3; do "$CARTRITA" chat -q --no-stdin hi; done'
run store stats --json
expect_status 0
expect "requests" "3 3 0" "$(jq -r '[.requests, .attempts, .bodies_dropped] | join(" ")' "$work/out")"
run store check
expect_status 0
expect_out ok
run store backup "$work/copy.db"
expect_status 0
expect "mode" 600 "$(stat -c %a "$work/copy.db")"
run store backup "$work/copy.db"
expect_status 2
sqlite3 "$work/s.db" "UPDATE provider_rollups SET requests = 9"
run store check
expect_status 8
expect_out_has "attempts, there are 3"
run --db "$work/copy.db" store prune --older-than 0s --json
expect_out '{"deleted":3}'
run --db "$work/copy.db" provider stats --json
expect "statistics stay" 3 "$(jq '.[0].requests' "$work/out")"

# the ceiling: 1 MB
printf 'store: {max_size_mb: 1}\n' >"$work/config.yaml"
export CARTRITA_CONFIG="$work/config.yaml"
head -c 400000 /dev/zero | tr '\0' a >"$work/long"
run --db "$work/small.db" sandbox -- sh -c 'for i in 1 2 3 4 5 6 7 8; do "$CARTRITA" chat -q <"$HOME/long" >/dev/null; done'
run --db "$work/small.db" store stats --json
[ "$(jq .bodies_dropped "$work/out")" -gt 0 ] || differ "ceiling" "bodies are dropped" "$(cat "$work/out")"
finish
