# bench_stats.sh [ROUNDS [ROWS]]: `provider stats`, `provider logs` and `--version` as whole
# processes, the first two on a store of ROWS requests, against sqlite3 with the same queries; and
# that none of them loads libcurl. CARTRITA, RACE and SEED_STORE name the programs. The promise
# is 2 ms and twice sqlite3 at most, in an optimized build.
set -u
rounds=${1:-201} rows=${2:-100000}
: "${CARTRITA:?} ${RACE:?} ${SEED_STORE:?}"
command -v sqlite3 >/dev/null 2>&1 || { echo "no sqlite3"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
export HOME="$work"
db=$work/store.db
"$SEED_STORE" "$db" "$rows" >"$work/seed" || { cat "$work/seed"; exit 1; }

# The last day: rows for the part of an hour at its beginning, then what is summed for each hour.
now=$(date +%s)000
since=$((now - 86400000))
hour=$(((since + 3599999) / 3600000 * 3600000))
stats="BEGIN; SELECT start,provider,model,user_id,requests,successes,fallbacks,input_tokens,
output_tokens,cost_usd_nanos,duration_sum,last_used_at,length(durations),length(first_tokens)
FROM provider_rollups WHERE span=3600000 AND start>=$hour ORDER BY start DESC;
SELECT created_at,provider,model,user_id,1,success,fallback,input_tokens,output_tokens,
ifnull(cost_usd_nanos,0),iif(success,duration,0),created_at,first_token_ms
FROM provider_metrics WHERE created_at>=$since AND created_at<$hour; COMMIT"
logs="SELECT rowid,request_id,created_at,provider,model,state,duration,error_data,attempts
FROM provider_logs ORDER BY created_at DESC LIMIT 20"

"$RACE" -n "$rounds" "provider stats" "$CARTRITA" --db "$db" provider stats -- \
	"sqlite3, same query" sqlite3 "$db" "$stats" || exit
"$RACE" -n "$rounds" "provider logs" "$CARTRITA" --db "$db" provider logs -- \
	"sqlite3, same query" sqlite3 "$db" "$logs" || exit
"$RACE" -n "$rounds" "version" "$CARTRITA" --version -- "true" true || exit

for words in "--version" "provider stats" "provider logs" "provider list" "model list"; do
	# shellcheck disable=SC2086
	loaded=$(LD_DEBUG=files "$CARTRITA" --db "$db" $words 2>&1 >/dev/null | grep -c 'libcurl.*generating link map')
	[ "$loaded" -eq 0 ] || { echo "$words: loads libcurl"; exit 1; }
done
echo "none of them, nor 'provider list' or 'model list', loads libcurl"
