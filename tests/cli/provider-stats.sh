# Counts and members on a seeded store; tables fit the terminal.
. "$(dirname "$0")/lib.sh"
need sqlite3 jq
[ -x "${SEED_STORE:-}" ] || { echo "no seed_store"; exit 77; }
export CARTRITA_DB="$work/stats.db"
"$SEED_STORE" "$CARTRITA_DB" 3000 >/dev/null || exit 2

sums='[length, (map(.requests) | add), (map(.successes) | add), (map(.total_tokens) | add)] | map(tostring) | join(" ")'
real() { sqlite3 -separator ' ' "$CARTRITA_DB" "SELECT count(DISTINCT $1),count(*),sum(success),sum(total_tokens) FROM provider_metrics"; }
for case in "model:provider||model" "provider:provider" "user:user_id" "day:created_at/86400000" \
	"hour:created_at/3600000"; do
	run provider stats --time all --by "${case%%:*}" --json
	expect_status 0
	expect "sums" "$(real "${case#*:}")" "$(jq -r "$sums" "$work/out")"
done

run provider stats -t all --json
expect "members" "provider,model,requests,successes,failures,success_rate,avg_duration_ms,p50_duration_ms,p95_duration_ms,p99_duration_ms,p50_first_token_ms,input_tokens,output_tokens,total_tokens,cost_usd,fallbacks,last_used_at" \
	"$(jq -r '.[0] | keys_unsorted | join(",")' "$work/out")"
expect "rates" true "$(jq 'all(.success_rate * .requests - .successes | . < 0.001 and . > -0.001)' "$work/out")"
run provider stats -t all --by provider --json
expect "model of a provider's line" null "$(jq -c '.[0].model' "$work/out")"
run provider stats -t 0.5
expect_status 0

# no terminal: never cut
run provider stats -t all
expect "lines" 7 "$(wc -l <"$work/out" | tr -d ' ')"
expect_out_has "FALLBACKS"
has_terminal || finish
for columns in 40 80 200; do
	for form in "stats -t all" "stats -t all --by day" "logs" "circuit status" "list"; do
		on_terminal $columns provider $form
		expect_status 0
		expect "at most $columns columns" yes "$([ "$(widest)" -le $columns ] && echo yes || widest)"
	done
done
on_terminal 200 provider stats -t all
expect_out_has "FALLBACKS"
finish
