# Sessions from outside: listed, followed, stopped; replayed after a kill, and gone on with.
. "$(dirname "$0")/lib.sh"
need jq sqlite3
export CARTRITA_DB="$work/attach.db"
sandbox() { eval "$("$CARTRITA" sandbox --background --db "$CARTRITA_DB" "$@")"; }
wait_for() {
	for _ in $(seq 600); do
		"$@" && return 0
		sleep 0.1
	done
	differ "waited in vain for" "$*" ""
	return 1
}
running() { [ "$("$CARTRITA" stream --list --json | jq length)" -eq "$1" ]; }
events() { jq -r "$1" "$work/out" | paste -sd' '; }

# nothing is made by looking
run stream --list
expect_status 0
expect_out ""
expect_err "No session is running."
run stream --list --json
expect_out "[]"
run stream --attach x
expect_status 8
run stream --stop x
expect_status 2
expect_err_has "no session 'x' is running"
run stream --attach x
expect_status 2
expect_err_has "there is no session 'x' in the store"

sandbox --rate 20
cat >"$work/requests" <<'EOF'
{"message":"count to 60","session_id":"long","metadata":{"a":[1,"é"]}}
{"message":"count to 3","session_id":"short"}
{"message":"count to 60","session_id":"other"}
EOF
"$CARTRITA" stream --input "$work/requests" >"$work/live" 2>"$work/live.err" &
pid=$!
command="sessions of another process"
wait_for grep -q '"session_id":"long".*"position":5' "$work/live"
run stream --list --json
expect "those that run" '["long","other"]' "$(jq -c 'map(.session_id) | sort' "$work/out")"
expect "what is known of them" "[$pid,\"claude\",\"running\",true]" \
	"$(jq -c '.[] | select(.session_id == "long") | [.pid, .provider, .state, (.request_id | length == 36)]' "$work/out")"
run stream --list
expect_out_has "other"
expect_out_has "claude"

# one is stopped
run stream --stop other
expect_status 0
expect_out ""
wait_for grep -q '"type":"error","session_id":"other"' "$work/live"
expect "its end" cancelled "$(jq -r 'select(.session_id == "other" and .type == "error") | .code' "$work/live")"
# its end is kept with the next flush, which may come after its event
other_is_over() { ! "$CARTRITA" stream --list | grep -qF other; }
wait_for other_is_over
run stream --stop other
expect_status 2

# one is followed to its end, another is over already
run stream --attach long --from 10
expect_status 0
expect "from there on" "[range(10;61)]" "$(jq -cs '[.[] | select(.type == "token") | .position] | if . == [range(10;61)] then "[range(10;61)]" else . end' "$work/out" | tr -d '"')"
expect "nothing before it, and its end" "token completion" "$(events .type | tr ' ' '\n' | uniq | paste -sd' ')"
wait "$pid"
status=$?
expect_status 130
for id in long short other; do
	run stream --attach "$id"
	jq -c --arg id "$id" 'select(.session_id == $id)' "$work/live" >"$work/expected"
	expect "the events of $id again" "$(cat "$work/expected")" "$(jq -c . "$work/out")"
done
expect_status 130
run stream --attach long --from 1000
expect "what ended it is always told" completion "$(events .type)"

# killed: what was shown is there, and its end says so
"$CARTRITA" stream --input "$work/requests" --skip-completed >"$work/live" 2>"$work/live.err" &
pid=$!
command="a killed process"
wait_for grep -q '"session_id":"other".*"position":10' "$work/live"
# (on a busy machine the store may still have the one that was cancelled)
listed() { "$CARTRITA" stream --list --json | grep -q '"other"'; }
wait_for listed
"$CARTRITA" stream --attach other >"$work/out" 2>"$work/err" &
follower=$!
wait_for grep -q '"position":12' "$work/out"
kill -9 "$pid"
wait "$pid" 2>/dev/null
wait "$follower"
status=$?
expect_status 1
expect "interrupted" '["other","interrupted",true]' "$(jq -c 'select(.type == "error") |
	[.session_id, .code, .tokens_delivered >= 13]' "$work/out")"
expect "of the same request" true "$(jq -s '(map(select(.type == "start")) | .[0].request_id) == (map(select(.type == "error")) | .[0].request_id)' "$work/out")"
expect "no gap" true "$(jq -s '[.[] | select(.type == "token") | .position] | . == [range(length)]' "$work/out")"
expect "nearly all that was shown" true "$([ "$(grep -c '"token"' "$work/out")" -ge $(($(grep -c '"token"' "$work/live") - 10)) ] && echo true)"
expect_err_has "interrupted"
run stream --list --json
expect_out "[]"
kill "$CARTRITA_SANDBOX_PID"

# run again, only what was not completed is asked
sandbox
run stream --input "$work/requests" --skip-completed --metrics
expect_status 0
expect "who was asked" other "$(events 'select(.type == "completion") | .session_id')"
expect "and who was not" 2 "$(events 'select(.type == "metrics") | .skipped')"
run stream --input "$work/requests" --skip-completed
expect_out ""

# --no-log: no content is kept, but what is done is known
printf '{"message":"say PRIVATE-WORD","session_id":"quiet","metadata":{"w":"PRIVATE-WORD"}}\n' >"$work/quiet"
run stream --no-log --input "$work/quiet"
expect_status 0
expect_out_has "PRIVATE-WORD"
expect "nothing of it" "" "$(sqlite3 "$CARTRITA_DB" .dump | grep -a PRIVATE-WORD)"
run stream --attach quiet
expect_status 2
expect_err_has "were not kept (--no-log)"
run stream --input "$work/quiet" --skip-completed
expect_out ""

# old events go, and sessions with the requests of their time; others stay
sqlite3 "$CARTRITA_DB" "UPDATE stream_sessions SET ended_at=ended_at-2*86400000 WHERE session_id='long'"
run stream count to 2
expect_status 0
run stream --attach long
expect "events are kept for a day" store_error "$(events .code)"
run stream --attach short
expect_status 0
run store prune --older-than 1d
expect_status 0
expect "pruned" 0 "$(sqlite3 "$CARTRITA_DB" "SELECT count(*) FROM stream_sessions WHERE session_id='long'")"
expect "not pruned" 1 "$(sqlite3 "$CARTRITA_DB" "SELECT count(*) FROM stream_sessions WHERE session_id='short'")"

# one that waits before anybody is asked can be seen and stopped as well; then it is known who is
cat >"$work/wait.yaml" <<'EOF'
chat: {max_wait_s: 10000}
providers: {claude: {rate_limit: 1/hour, burst: 1}}
EOF
printf '%s\n' '{"message":"count to 2","session_id":"first","provider":"claude"}' \
	'{"message":"count to 2","session_id":"waits","provider":"claude"}' >"$work/two"
command="stopped while it waits for a rate limit"
"$CARTRITA" --config "$work/wait.yaml" stream -q --max-concurrent 1 --timeout 20000 --input "$work/two" \
	>"$work/out" 2>"$work/err" &
pid=$!
waiting() { "$CARTRITA" stream --list --json | jq -e 'map(.session_id) == ["waits"]' >/dev/null; }
wait_for waiting
"$CARTRITA" stream --stop waits
wait "$pid"
status=$?
expect_status 130
expect "how" "cancelled" "$(events 'select(.session_id == "waits") | .code // empty')"
expect "who was asked" "claude" "$(sqlite3 "$CARTRITA_DB" "SELECT provider FROM stream_sessions WHERE session_id='first'")"

# a store that cannot be used: asked all the same, but not where it is needed
run stream --db /dev/null/x count to 2
expect_status 0
expect_out_has '"completion"'
run stream --db /dev/null/x --input "$work/requests" --skip-completed
expect_status 8
kill "$CARTRITA_SANDBOX_PID"
finish
