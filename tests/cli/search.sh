# search and extract: what they print, what they refuse, what they leave behind.
. "$(dirname "$0")/lib.sh"
need sqlite3 jq

sql() { sqlite3 "$work/s.db" "$1"; }
# with FAULTS COMMAND...: against a sandbox of its own that goes wrong like that, with a store of its own
with() {
	faults=$1
	shift
	env -u CARTRITA_DB "$CARTRITA" sandbox --fault "$faults" -- "$CARTRITA" "$@" \
		>"$work/out" 2>"$work/err" </dev/null
	status=$?
	command="$faults: cartrita $*"
}

# without a key nothing is asked
run search hello
expect_status 3
expect_out ""
expect_err_has "TAVILY_API_KEY"

eval "$("$CARTRITA" --db "$work/s.db" sandbox --background --log "$work/log")"
trap 'kill $CARTRITA_SANDBOX_PID; rm -rf "$work"' EXIT

run search -n 2 two words
expect_status 0
expect_out " 1. [sandbox] Result 1 for: two words
    https://sandbox.example/two-words/1
    [sandbox] tavily here, no real search: this is result 1 of 2 for: two words

 2. [sandbox] Result 2 for: two words
    https://sandbox.example/two-words/2
    [sandbox] tavily here, no real search: this is result 2 of 2 for: two words"
expect_err ""
run search --json -n 1 --include-domain docs.example x
expect_out '{"results":[{"title":"[sandbox] Result 1 for: x","url":"https://docs.example/x/1","snippet":"[sandbox] tavily here, no real search: this is result 1 of 1 for: x","score":1}],"total":1,"provider":"tavily"}'
run search --answer -n 1 x
expect "the answer is first" "[sandbox] tavily here, no real search. You asked: x" "$(head -1 "$work/out")"
expect "and stands apart" "" "$(sed -n 2p "$work/out")"
if has_terminal; then
	TERM=dumb script -qec "stty cols 30; \"$CARTRITA\" search --answer -n 1 x 2>/dev/null" /dev/null \
		</dev/null | tr -d '\r' >"$work/out"
	command="search --answer on a terminal"
	expect_out_has "[sandbox] tavily here"
	[ "$(widest)" -le 30 ] || differ width 30 "$(widest)"
fi
run search --json --answer x
expect "in JSON too" "[sandbox] tavily here, no real search. You asked: x" "$(jq -r .answer "$work/out")"
expect "ten are asked for" 10 "$(jq '.results | length' "$work/out")"
run search find nothing
expect_status 0
expect_out ""
expect_err "cartrita: nothing was found"
run search --json find nothing
expect_out '{"results":[],"total":0,"provider":"tavily"}'
run search --json -n 40 x
expect "no more than it finds" 20 "$(jq .total "$work/out")"
expect_err_has "at most 20 results"

# what is no search
for bad in "" "-n 0 x" "-n 10000 x" "-n -1 x" "-n abc x" "--depth deep x" "--topic sport x" \
	"--time-range hour x" "--type things x" "--include-domain no_dot x" \
	"--exclude-domain http://a.example x" "--type code x" "-p claude x" "--no-such x"; do
	run search $bad
	expect_status 2
	expect_out ""
done
run search "  "
expect_status 2
expect_err_has "the query is empty"
run search "$(printf 'a\377b')"
expect_status 2
expect_err_has "not valid UTF-8"
run search -p nobody x
expect_status 3
run search -p claude x
expect_err_has "who can: tavily"
run chat -p tavily --no-stdin x
expect_status 2
expect_err_has "it cannot chat"

# journal, metrics, and what --no-log leaves of them
expect "a row says what was asked" "advanced|news|1" "$(run search --depth advanced --topic news -n 1 kept words
	sql "SELECT request_data->>'depth', request_data->>'topic', json_array_length(response_data->'results')
		FROM provider_logs WHERE request_data->>'query'='kept words'")"
expect "metrics" "tavily|search|1" "$(sql "SELECT DISTINCT provider, model, success FROM provider_metrics")"
run search --no-log secret words
expect "no content" 0 "$(sql "SELECT count(*) FROM provider_logs WHERE request_data LIKE '%secret%' OR response_data LIKE '%secret%'")"
run provider stats --json
expect "stats" '"tavily"' "$(jq '.[0].provider' "$work/out")"
expect "the key is in no row" 0 "$(sqlite3 "$work/s.db" .dump | grep -c sandbox-no-key-tavily)"

# a conversation takes the results
run chat --no-stdin --json count to 1
id=$(jq -r .conversation_id "$work/out")
run search --conversation "$id" -n 1 for the talk
expect_status 0
run conversation show "$id"
expect_out_has "Search the web for: for the talk"
expect_out_has "https://sandbox.example/for-the-talk/1"
run search --conversation none-such x
expect_status 2
expect_out ""

# pages
run extract https://a.example/one
expect_out "# [sandbox] A page

tavily here, no real page: https://a.example/one"
run extract https://a.example/1 https://a.example/missing https://a.example/2
expect_status 1
expect_out_has "==> https://a.example/1 <=="
expect_out_has "==> https://a.example/2 <=="
expect_err_has "https://a.example/missing: [sandbox] this page is missing"
run extract --json https://a.example/1 https://a.example/missing
expect_status 1
expect "what could be read" https://a.example/1 "$(jq -r '.results[].url' "$work/out")"
expect "what could not" https://a.example/missing "$(jq -r '.failed_results[].url' "$work/out")"
run extract --json https://a.example/missing
expect_status 1
expect "an error" "provider_error tavily" "$(jq -r '.error.code + " " + .error.provider' "$work/out")"
for bad in "" "a.example" "ftp://a.example/" "https://"; do
	run extract $bad
	expect_status 2
	expect_out ""
done

# what goes wrong: nothing on stdout, the status of its kind
while read -r fault wanted says; do
	time=60
	[ "$fault" != silent ] || time=3
	with "tavily:$fault" search --timeout $time x
	expect_status "$wanted"
	expect_out ""
	expect_err_has "$says"
done <<END
401 4 check the key
403 4 403
400 2 400
429 5 429
432 5 432
433 5 433
500 1 500
503*1,tavily:404 2 404
reset 1 tavily
empty 1 answered with nothing
html 1 neither JSON
shape 1 no answer in it
redirect 1 redirect not followed
cut-after:3 1 broke off
silent 6 no whole answer within 3 s
END
with "tavily:503*1" search -n 1 again
expect_status 0
with "tavily:429:1*1" search -n 1 again
expect_status 0
with "tavily:empty*1" search -n 1 again
expect_status 0
with "tavily:500" search --json x
expect "the document" "provider_error 500 tavily 3" \
	"$(jq -r '.error | "\(.code) \(.status) \(.provider) \(.attempts | length)"' "$work/out")"

# who asks a code host wants no web pages instead, unless that is said
run sandbox --fault github:503 -- "$CARTRITA" search -p github --retries 0 -n 1 x
expect_status 1
expect_out ""
expect_err_has "github answered 503"
run sandbox --fault github:503 -- "$CARTRITA" search -p github --fallback tavily --retries 0 -n 1 x
expect_status 0
expect_err_has "tavily answers instead of github"

# Ctrl-C, once the request is on its way
command="Ctrl-C"
run sandbox --fault tavily:silent -- sh -c '
	env --default-signal=INT "$CARTRITA" --db "$0" search x &
	for i in $(seq 600); do
		[ "$(sqlite3 "$0" "SELECT state FROM provider_logs" 2>/dev/null)" = pending ] && break
		sleep 0.1
	done
	kill -INT $!
	wait $!' "$work/c.db"
expect_status 130
expect_out ""
expect "journaled" "failed cancelled" \
	"$(sqlite3 "$work/c.db" "SELECT state||' '||(error_data->>'code') FROM provider_logs")"

# on a terminal: fitted to it, links where it knows them
if has_terminal; then
	TERM=xterm-256color on_terminal 40 search -n 1 "'words that are rather long for so narrow a terminal'"
	expect "links" 4 "$(grep -o ']8;;' "$work/out" | wc -l)"
	sed -i 's/\x1b\]8;;[^\x1b]*\x1b\\//g' "$work/out"
	expect "its width is used, and no more" 40 "$(widest)"
	TERM=dumb on_terminal 40 search -n 1 x
	expect "none where it knows none" 0 "$(grep -c ']8;;' "$work/out")"
fi
run __complete -- search --fallback ''
expect "who searches" "tavily github" "$(cut -f1 "$work/out" | xargs)"
run __complete -- extract -p ''
expect "who reads pages" "tavily" "$(cut -f1 "$work/out" | xargs)"
finish
