# A slow reader, one that goes away, and Ctrl-C: bounded, cancelled, recorded, never half a line.
. "$(dirname "$0")/lib.sh"
need jq sqlite3
export CARTRITA_DB="$work/reader.db"
sandbox() { eval "$("$CARTRITA" sandbox --background --db "$CARTRITA_DB" "$@")"; }
end_sandbox() { kill "$CARTRITA_SANDBOX_PID"; }
# wait_for COMMAND...: until it succeeds, a minute at most
wait_for() {
	for _ in $(seq 600); do
		"$@" && return 0
		sleep 0.1
	done
	differ "waited in vain for" "$*" ""
	return 1
}
running() { [ "$("$CARTRITA" stream --list --json 2>/dev/null | jq length)" = "$1" ]; }
# begin_unread OPTION...: with somebody at the other end of its output (3) who does not read yet
begin_unread() {
	"$CARTRITA" stream -q "$@" >"$work/pipe" 2>"$work/err" &
	pid=$!
	exec 3<"$work/pipe"
}
logged() { sqlite3 "$CARTRITA_DB" "SELECT count(*) FROM provider_logs WHERE state='$1'"; }

sandbox
# each longer than what one turn of the loop may take (1 MB of events) and a pipe holds
for n in $(seq 6); do
	echo "{\"message\":\"count to 25000\",\"session_id\":\"s$n\"}"
done >"$work/many"

# while nobody reads, providers are not read from: sessions do not come to their end
command="a reader that stands still"
mkfifo "$work/pipe"
begin_unread --input "$work/many" --max-concurrent 4 --buffer-size 100
wait_for running 4
sleep 1
expect "all still run" 4 "$("$CARTRITA" stream --list --json | jq length)"
expect "none has ended" 0 "$(logged completed)"
# ... and go on when it does, without a loss
cat <&3 >"$work/out"
exec 3<&-
wait "$pid"
status=$?
expect_status 0
expect "all of it" "6 150006" "$(jq -rs '[([.[] | select(.type == "completion")] | length), ([.[] | select(.type == "token")] | length)] | join(" ")' "$work/out")"
expect "in order" "" "$(jq -rs 'group_by(.session_id)[] | select([.[] | select(.type == "token") | .position] != [range(25001)]) | .[0].session_id' "$work/out")"

# nor by a process that comes to a full connection late (stopped while the answers pile up there)
end_sandbox
rm "$CARTRITA_DB"*
sandbox --latency 500
command="a reader that stands still, and answers that are there already"
begin_unread --input "$work/many" --max-concurrent 1 --buffer-size 100
wait_for running 1
kill -STOP "$pid"
sleep 2
kill -CONT "$pid"
sleep 1
expect "it has not ended" "0 1" "$(logged completed) $(logged pending)"
kill -KILL "$pid"
wait "$pid" 2>/dev/null
exec 3<&-
end_sandbox
sandbox

# killed before its reader had all: what was not written is not complete for who runs it again
rm "$CARTRITA_DB"*
filler=$(head -c 3000 /dev/zero | tr '\0' x)
for n in $(seq 40); do
	echo "{\"message\":\"count to 3\",\"session_id\":\"k$n\",\"metadata\":{\"filler\":\"$filler\"}}"
done >"$work/batch"
command="killed while nobody reads"
begin_unread --input "$work/batch"
answered() { [ "$(logged completed 2>/dev/null)" = 40 ]; }
wait_for answered
sleep 1
kill -KILL "$pid"
wait "$pid" 2>/dev/null
cat <&3 >"$work/out"
exec 3<&-
expect "it was cut short" true "$([ "$(grep -c '"type":"completion"' "$work/out")" -lt 40 ] && echo true)"
"$CARTRITA" stream -q --input "$work/batch" --skip-completed >>"$work/out" 2>"$work/err"
status=$?
expect_status 0
expect "all of them, in one run or the other" 40 \
	"$(jq -r 'select(.type == "completion") | .session_id' "$work/out" | sort -u | wc -l | tr -d ' ')"
"$CARTRITA" stream -q --input "$work/batch" --skip-completed >"$work/out" 2>"$work/err"
expect "nothing is left to do" "" "$(cat "$work/out")"

# a reader that goes: as SIGPIPE would have it, and each session is recorded
rm "$CARTRITA_DB"*
command="a reader that goes away"
{ "$CARTRITA" stream --input "$work/many" --max-concurrent 5 2>"$work/err"; echo $? >"$work/status"; } | head -n 3 >"$work/out"
expect "as by SIGPIPE" 141 "$(cat "$work/status")"
expect_err ""
expect "not one was forgotten" 0 "$(logged pending)"
expect "five had begun" 5 "$(sqlite3 "$CARTRITA_DB" "SELECT count(*) FROM provider_logs")"
expect "sessions, too" "5 0" "$(sqlite3 -separator ' ' "$CARTRITA_DB" "SELECT count(*), sum(state='running') FROM stream_sessions")"
command="no standard output"
"$CARTRITA" stream count to 3 >&- 2>"$work/err"
status=$?
expect_status 1
expect_err_has "cannot write"
if [ -e /dev/full ]; then
	command="a full disk"
	"$CARTRITA" stream count to 3 >/dev/full 2>"$work/err"
	status=$?
	expect_status 1
	expect_err "cartrita: cannot write events: No space left on device"
fi
end_sandbox

# Ctrl-C: each session ends with an event of its own, whoever still reads
sandbox --rate 5
command="Ctrl-C"
# (a shell has its background jobs ignore SIGINT)
"$CARTRITA" stream --input "$work/many" --max-concurrent 3 >"$work/out" 2>"$work/err" &
pid=$!
wait_for grep -q '"position":2' "$work/out"
kill -TERM "$pid"
wait "$pid"
status=$?
expect_status 130
expect "ended" "cancelled cancelled cancelled" "$(jq -r 'select(.type == "error") | .code' "$work/out" | paste -sd' ')"
expect "what was delivered" true "$(jq -s '(map(select(.type == "token")) | length) == (map(select(.type == "error") | .tokens_delivered) | add)' "$work/out")"
expect "whole lines" "" "$(tail -c 1 "$work/out" | tr -d '\n')"
command="Ctrl-C while nobody reads"
begin_unread --input "$work/many" --max-concurrent 3 --buffer-size 1
wait_for running 3
kill -TERM "$pid"
wait "$pid"
status=$?
expect_status 130
exec 3<&-
# ... and again: at once, by the signal itself
command="Ctrl-C again while nobody reads"
end_sandbox
sandbox
begin_unread --input "$work/many" --max-concurrent 3
wait_for running 3
sleep 1
while kill -TERM "$pid" 2>/dev/null; do
	sleep 0.2
done
wait "$pid"
status=$?
expect_status 143
exec 3<&-
# who only is slow is waited for
command="Ctrl-C while somebody reads slowly"
read_slowly() {
	while [ "$(dd bs=16384 count=1 2>/dev/null | tee -a "$work/out" | wc -c)" -gt 0 ]; do
		sleep 0.1
	done
}
: >"$work/out"
begin_unread --input "$work/many" --max-concurrent 3 --buffer-size 3000
wait_for running 3
sleep 1
kill -TERM "$pid"
read_slowly <&3
wait "$pid"
status=$?
expect_status 130
exec 3<&-
expect "ended, too" "cancelled cancelled cancelled" "$(jq -r 'select(.type == "error") | .code' "$work/out" | paste -sd' ')"
end_sandbox

# timeout(1) signals a process and its group: that is one signal, not a second one
sandbox --rate 5
command="two signals at once"
"$CARTRITA" stream --input "$work/many" --max-concurrent 3 >"$work/out" 2>"$work/err" &
pid=$!
wait_for grep -q '"position":2' "$work/out"
# (together for sure, however late a busy machine lets this script send the second)
kill -STOP "$pid"
kill -TERM "$pid"
kill -HUP "$pid"
kill -CONT "$pid"
wait "$pid"
status=$?
expect_status 130
expect "ended" "cancelled cancelled cancelled" "$(jq -r 'select(.type == "error") | .code' "$work/out" | paste -sd' ')"

# while it is stopped itself (Ctrl-Z), its provider is not silent
command="stopped for a while"
"$CARTRITA" stream -q --idle-timeout 1 --retries 0 count to 25 >"$work/out" 2>"$work/err" &
pid=$!
wait_for grep -q '"position":2' "$work/out"
kill -STOP "$pid"
sleep 3
kill -CONT "$pid"
wait "$pid"
status=$?
expect_status 0
expect "all of it, at once" "26 0" "$(jq -rs '[map(select(.type == "token")), map(select(.type == "recovered"))] | map(length) | join(" ")' "$work/out")"
end_sandbox

# what has gathered while it stood still comes in one go: not faster than the store takes it
for n in $(seq 24); do
	echo "{\"message\":\"count to 12000\",\"session_id\":\"g$n\"}"
done >"$work/many"
cat >"$work/pause" <<'EOF'
"$CARTRITA" stream --input "$1/many" 2>"$1/err.stream" | { sleep 1; cat >"$1/out.stream"; }
EOF
run sandbox --db "$CARTRITA_DB" -- sh "$work/pause" "$work"
expect "nothing is left out of the store" "" "$(cat "$work/err.stream")"
expect "all of them" 24 "$(grep -c '"type":"completion"' "$work/out.stream")"
finish
