# Time in `cartrita stream`: the rate of tokens, heartbeats, time-outs, the sums; and descriptors.
. "$(dirname "$0")/lib.sh"
need jq
# milliseconds between the first and the last token
span() {
	jq -rs '[.[] | select(.type == "token") | .timestamp | (.[0:19] + "Z" | fromdateiso8601) * 1000 + (.[20:23] | tonumber)] |
		(max - min)' "$work/out"
}

# tokens are let out at the rate, whatever comes; never faster
run sandbox -- "$CARTRITA" stream --max-tokens-per-second 20 count to 20
expect_status 0
expect "all of them, one each 50 ms" "21 true" "$(grep -c '"type":"token"' "$work/out") $([ "$(span)" -ge 960 ] && echo true || span)"
expect "that takes its time" true "$(jq 'select(.type == "completion") | .duration_ms >= 980' "$work/out")"
# each session by itself
for n in 1 2 3 4 5; do echo '{"message":"count to 10"}'; done >"$work/five"
run sandbox -- "$CARTRITA" stream --max-tokens-per-second 10 --input "$work/five" --metrics
expect_status 0
expect "at once" true "$([ "$(span)" -ge 980 ] && [ "$(span)" -lt 4000 ] && echo true || span)"
expect "sums" '[5,5,0,55]' "$(jq -c 'select(.type == "metrics") | [.sessions, .completed, .failed, .tokens]' "$work/out")"
expect "between tokens" true "$(jq 'select(.type == "metrics") | .inter_token_ms | .p50 >= 90 and .p50 <= .p95 and .p95 <= .p99' "$work/out")"
expect "the last event" metrics "$(tail -n 1 "$work/out" | jq -r .type)"
# a provider that is faster is paused, not stored: far more than is held back comes whole
run sandbox -- "$CARTRITA" stream --max-tokens-per-second 5000 count to 12000
expect_status 0
expect "all, in order" true "$(jq -s '[.[] | select(.type == "token") | .position] == [range(12001)]' "$work/out")"
# what is held back cannot outlast the session's time
run sandbox -- "$CARTRITA" stream --max-tokens-per-second 2 --timeout 1 count to 100
expect_status 6
expect "out of time" '["timeout",true]' "$(jq -cs '(map(select(.type == "token")) | length) as $n |
	.[] | select(.type == "error") | [.code, .tokens_delivered == $n]' "$work/out")"
run sandbox -- "$CARTRITA" stream --max-tokens-per-second 2 --timeout 1 count to 9
expect "also when all of it has come: the same request" '[6,"timeout",true]' "$(jq -cs --argjson status "$status" '(map(select(.type == "start")) | .[0].request_id) as $id |
	.[] | select(.type == "error") | [$status, .code, .request_id == $id]' "$work/out")"

# heartbeats in the silence, and only there
run sandbox --fault claude:silent -- "$CARTRITA" stream --heartbeat 0.2 --first-token-timeout 1.5 count to 3
expect_status 0
expect "several" true "$([ "$(grep -c '"heartbeat"' "$work/out")" -ge 4 ] && echo true || cat "$work/out")"
expect "then the answer" gemini "$(jq -r 'select(.type == "completion") | .provider' "$work/out")"
run sandbox -- "$CARTRITA" stream --heartbeat 60 count to 3
expect "none" 0 "$(grep -c '"heartbeat"' "$work/out")"
STREAM_HEARTBEAT_INTERVAL=0.2 run sandbox --fault claude:silent -- "$CARTRITA" stream --timeout 1 --no-fallback a
expect_status 6
expect "by the environment, too" true "$([ "$(grep -c '"heartbeat"' "$work/out")" -ge 2 ] && echo true || cat "$work/out")"
expect "a time-out" timeout "$(jq -r 'select(.type == "error") | .code' "$work/out")"

# fewer descriptors than sessions: lowered, and said; all are answered
for n in $(seq 40); do echo '{"message":"count to 2"}'; done >"$work/forty"
command="few descriptors"
(ulimit -n 72; "$CARTRITA" sandbox -- "$CARTRITA" stream --input "$work/forty" --max-concurrent 5000) >"$work/out" 2>"$work/err"
status=$?
expect_status 0
expect_err "cartrita: at most 8 sessions at once, not 5000: a process may open 72 descriptors here (ulimit -n)"
expect "all" 40 "$(grep -c '"completion"' "$work/out")"
command="few descriptors, one session"
(ulimit -n 72; "$CARTRITA" sandbox -- "$CARTRITA" stream count to 2) >"$work/out" 2>"$work/err"
status=$?
expect_status 0
expect_err ""
# ... and with next to none: an error that says so, and no abort
echo '{"message":"hello"}' >"$work/one"
command="next to no descriptors"
for n in $(seq 8 24); do
	(ulimit -n "$n"; exec "$CARTRITA" stream --input "$work/one") >"$work/out" 2>"$work/err"
	status=$?
	[ "$status" -lt 128 ] || differ "status with $n" "below 128" "$status: $(cat "$work/err")"
	[ -s "$work/err" ] || differ "an error with $n" "one" "none"
done

# there is room for all of them from the start: a table of descriptors that grows stops every stream
mkfifo "$work/lines" "$work/events"
"$CARTRITA" stream --max-concurrent 400 <"$work/lines" >"$work/events" 2>"$work/err" &
pid=$!
exec 3>"$work/lines" 4<"$work/events"
echo 'no request' >&3
read -r event <&4 || differ "an event of the first line" "one" "none"
size=$(sed -n 's/^FDSize:[[:space:]]*//p' "/proc/$pid/status")
[ "$size" -ge 400 ] || differ "room for descriptors" "400 and more" "$size"
exec 3>&- 4<&-
wait "$pid"
finish
