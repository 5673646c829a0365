# The cases of the Autobahn test suite, both ways, where it can be had: pip install kosoku.
# (12 and 13 are of compression, which is not asked for.)
. "$(dirname "$0")/lib.sh"
need kosoku
export NO_PROXY=127.0.0.1
cd "$work" || exit 2

# wait_for FILE PATTERN: what it matches, once it is there
wait_for() {
	until grep -q "$2" "$1" 2>/dev/null; do sleep 0.1; done
	grep -o "$2" "$1"
}

kosoku -m fuzzingserver -x '12.*' -x '13.*' -o client 127.0.0.1:0 >"$work/out" 2>"$work/err" &
suite=$!
"$WS_ECHO" "$(wait_for "$work/err" 'ws://[0-9.:]*')"
expect "the client's own status" 0 $?
wait $suite
status=$? command="kosoku against the client"
expect_status 0
expect_out_has " cases passed"

"$WS_ECHO" >"$work/port" &
server=$!
port=$(wait_for "$work/port" '[0-9][0-9]*')
kosoku -m fuzzingclient -x '12.*' -x '13.*' -o server "ws://127.0.0.1:$port" >"$work/out" 2>"$work/err"
status=$? command="kosoku against the server"
kill $server
expect_status 0
expect_out_has " cases passed"
finish
