# provider test with who only searches: one small search, past the circuit, journaled as user test.
. "$(dirname "$0")/lib.sh"
need sqlite3 jq

sql() { sqlite3 "$work/s.db" "$1"; }
eval "$("$CARTRITA" --db "$work/s.db" sandbox --background --log "$work/log" --fault "tavily:500*6")"
trap 'kill $CARTRITA_SANDBOX_PID; rm -rf "$work"' EXIT

# a failure is told, and does not count towards the circuit
run provider test tavily --json
expect_status 1
expect "the document" "provider_error tavily 500 1" \
	"$(jq -r '.error | "\(.code) \(.provider) \(.status) \(.attempts | length)"' "$work/out")"
run provider circuit status --json
expect "no failure counts" 0 "$(jq 'map(select(.provider == "tavily")) | .[0].failures // 0' "$work/out")"

# a circuit that is open is passed, and closed by a success
PROVIDER_CIRCUIT_THRESHOLD=5 run search --no-fallback --retries 4 x
expect "open" open "$("$CARTRITA" provider circuit status --json | jq -r '.[] | select(.provider == "tavily") | .state')"
run provider test tavily
expect_status 0
expect_out_has "Provider     tavily"
expect_out_has "Content      [sandbox] Result 1 for: cartrita"
expect_err ""
expect "closed" closed "$("$CARTRITA" provider circuit status --json | jq -r '.[] | select(.provider == "tavily") | .state')"

run provider test github --json
expect_status 0
expect "the document" "github search sandbox/repository-1 stop 200" \
	"$(jq -r '"\(.provider) \(.model) \(.content) \(.finish_reason) \(.attempts[0].status)"' "$work/out")"
expect "one search" 1 "$(grep -c '"path":"/github/search/repositories"' "$work/log")"
expect "of one result" "cartrita 1" \
	"$(sql "SELECT request_data->>'query' || ' ' || (request_data->>'limit') FROM provider_logs WHERE provider = 'github'")"
expect "journaled" "tavily github" \
	"$(sql "SELECT group_concat(provider, ' ') FROM (SELECT provider FROM provider_logs
		WHERE user_id = 'test' AND state = 'completed' AND model = 'search' ORDER BY rowid)")"

# what makes no sense
for name in tavily github; do
	run provider test -m gpt $name
	expect_status 2
	expect_out ""
	expect_err_has "$name has no models"
	env -u TAVILY_API_KEY -u GITHUB_API_KEY -u GITHUB_TOKEN "$CARTRITA" provider test $name >"$work/out" 2>"$work/err"
	status=$? command="provider test $name, without a key"
	expect_status 3
	expect_out ""
done
finish
