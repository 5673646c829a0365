# kill -9 loses nothing; Ctrl-C and a closed stdout stop the request and record what came.
. "$(dirname "$0")/lib.sh"
need sqlite3

state() { sqlite3 "$work/s.db" "SELECT $1 FROM provider_logs ORDER BY created_at DESC LIMIT 1"; }
# waits until the journal has COUNT rows
journaled() {
	for _ in $(seq 200); do
		[ "$(sqlite3 "$work/s.db" 'SELECT count(*) FROM provider_logs' 2>/dev/null)" = "$1" ] && return
		sleep 0.05
	done
}

eval "$("$CARTRITA" --db "$work/s.db" sandbox --background --rate 20)"
trap 'kill $CARTRITA_SANDBOX_PID; rm -rf "$work"' EXIT

command="kill -9 in the middle of a stream"
"$CARTRITA" chat --stream --no-stdin count to 500 >"$work/out" &
child=$!
journaled 1
expect "pending" pending "$(state state)"
kill -9 $child
wait $child 2>/dev/null
run provider logs
expect_status 0
expect "state" failed "$(state state)"
case $(state error_data) in *interrupted*) ;; *) differ "error" interrupted "$(state error_data)" ;; esac

command="Ctrl-C"
timeout --preserve-status -s INT 2 "$CARTRITA" chat --stream --no-stdin count to 500 >"$work/out" 2>"$work/err"
status=$?
expect_status 130
expect "state" failed "$(state state)"
case $(state error_data) in *cancelled*) ;; *) differ "error" cancelled "$(state error_data)" ;; esac
case $(state response_data) in *"1 2 3"*) ;; *) differ "what came is kept" "1 2 3" "$(state response_data)" ;; esac

command="closed stdout"
("$CARTRITA" chat --stream --no-stdin count to 500; echo $? >"$work/status") | head -c 20 >/dev/null
for _ in $(seq 100); do [ -s "$work/status" ] && break; sleep 0.05; done
status=$(cat "$work/status")
expect_status 141
case $(state error_data) in *cancelled*) ;; *) differ "error" cancelled "$(state error_data)" ;; esac
finish
