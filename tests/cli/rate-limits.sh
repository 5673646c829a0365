# Rate limits, for all processes of one store. Those of an hour never come to their end here.
. "$(dirname "$0")/lib.sh"
need jq sqlite3

eval "$("$CARTRITA" --db "$work/s.db" sandbox --background --log "$work/log")"
trap 'kill $CARTRITA_SANDBOX_PID; rm -rf "$work"' EXIT

# limits TEXT: a fresh store, and these settings
limits() {
	rm -f "$work"/s.db*
	printf '%s\n' "$1" >"$work/c.yaml"
	export CARTRITA_CONFIG="$work/c.yaml"
}
# together COUNT ARGUMENT...: so many processes at once; documents go to out.N
together() {
	count=$1
	shift
	rm -f "$work"/out.* "$work"/status.*
	for n in $(seq "$count"); do
		("$CARTRITA" chat -q --no-stdin --json "$@" hello >"$work/out.$n" 2>/dev/null
		echo $? >"$work/status.$n") &
	done
	wait
	statuses=$(sort "$work"/status.* | uniq -c | xargs)
	command="$count at once: cartrita chat $*"
}
slots() { sqlite3 "$work/s.db" "SELECT serial FROM rate_limits WHERE key='$1'" 2>/dev/null; }

# a burst leaves, the others of all processes do not
limits 'providers: {claude: {rate_limit: 1/hour, burst: 3}}'
together 8 -p claude --no-fallback
expect "statuses" "3 0 5 5" "$statuses"
expect "codes" "5 rate_limited" "$(jq -r '.error.code // empty' "$work"/out.* | sort | uniq -c | xargs)"
expect "requests" 3 "$(grep -c . "$work/log")"
expect "each says when to come back" 5 \
	"$(jq -r '.error | select(.retry_after_ms > 3000000 and .retry_after_ms <= 3600000 and
		.provider == "claude") | 1' "$work"/out.* | wc -l | xargs)"
run chat -p claude --no-fallback hello
expect_status 5
expect_out ""
expect_err_has "cartrita: the rate limit of claude (1/hour) leaves no room for"
expect_err_has "or ask another one: -p NAME"
expect "nothing is taken by those who are refused" 3 "$(slots provider:claude)"

# the next candidate answers instead, and the document says why
run chat --json hello
expect_status 0
expect "who" 'gemini rate_limited,null' \
	"$(jq -r '.provider + " " + ([.metadata.attempts[].error | . // "null"] | join(","))' "$work/out")"

# each attempt takes a slot; what comes after a failure is the failure
limits 'providers: {claude: {rate_limit: 1/hour, burst: 1}}'
run --db "$work/s.db" sandbox --fault claude:503 -- "$CARTRITA" chat --json hello
expect_status 0
expect "attempts" "claude:provider_error claude:rate_limited gemini:null" \
	"$(jq -r '[.metadata.attempts[] | .provider + ":" + (.error // "null")] | join(" ")' "$work/out")"
limits 'providers: {claude: {rate_limit: 1/hour, burst: 1}}'
run --db "$work/s.db" sandbox --fault claude:503 -- "$CARTRITA" chat -p claude --no-fallback hello
expect_status 1

# a wait that may be waited for is: four with 5 a second and nothing at once need 600 ms
limits 'providers: {claude: {rate_limit: 5/second, burst: 1}}'
began=$(date +%s%N)
together 4 -p claude --no-fallback
expect "statuses" "4 0" "$statuses"
took=$((($(date +%s%N) - began) / 1000000))
[ "$took" -ge 600 ] || differ "took" "600 ms at least" "$took"
limits 'providers: {claude: {rate_limit: 1/second, burst: 1}}'
run chat -p claude hello
# as if it had been this very moment, however slow the machine is
sqlite3 "$work/s.db" "UPDATE rate_limits SET at_boot_ms = at_boot_ms + 86400000, ahead_us = 700000"
run chat -vv -p claude --json hello
expect_status 0
expect_err_has "the rate limit of claude (1/second): waiting 700 ms"
expect "it says how long" true "$(jq '.metadata.attempts[0].waited_ms >= 700' "$work/out")"

# a longer one than max_wait_s, or than there is time for, is not
limits 'chat: {max_wait_s: 2}
providers: {claude: {rate_limit: 1/hour, burst: 1}}'
run chat -p claude hello
run chat -p claude --no-fallback hello
expect_status 5
run chat -p claude --no-fallback --timeout 1 hello
expect_status 5

# users: each his own, whoever would be asked
limits 'users:
  ann: {rate_limit: 1/hour, burst: 1}
  default: {rate_limit: 1/hour, burst: 2}
  boss: {}'
for user in ann ben ben boss boss boss; do
	run chat --user $user hello
	expect_status 0
done
run chat hello
expect_status 0
for user in ann ben; do
	run chat --user $user --json hello
	expect_status 5
	expect "the error" 'rate_limited true' "$(jq -r '.error | .code + " " + (.retry_after_ms > 3000000 | tostring)' "$work/out")"
	expect_err_has "the rate limit of user $user (1/hour) leaves no room for"
	expect_err_has "section users"
done
run chat hello
expect_status 0
run chat hello
expect_status 5
expect_err_has "the rate limit of requests without a user (1/hour)"

# one that waits and is stopped gives its place back; one that is killed loses it, and no more
limits 'chat: {max_wait_s: 10000}
providers: {claude: {rate_limit: 1/hour, burst: 1}}'
run chat -p claude hello
for signal in TERM KILL; do
	"$CARTRITA" chat -q --no-stdin --timeout 20000 -p claude --no-fallback hello >/dev/null 2>&1 &
	child=$!
	for _ in $(seq 400); do
		[ "$(slots provider:claude)" = 2 ] && break
		sleep 0.05
	done
	command="waiting, then SIG$signal"
	expect "it has its place" 2 "$(slots provider:claude)"
	kill -$signal $child
	wait $child 2>/dev/null
	[ $signal = TERM ] && expect "given back" 1 "$(slots provider:claude)"
done
expect "lost" 2 "$(slots provider:claude)"
printf 'providers: {claude: {rate_limit: 1/hour, burst: 1}}\n' >"$work/c.yaml"
run chat -p claude --no-fallback --json hello
expect_status 5
expect "one place, and no more" true \
	"$(jq '.error.retry_after_ms > 3600000 and .error.retry_after_ms <= 7200000' "$work/out")"

# without a store a process keeps to them by itself
limits 'chat: {max_wait_s: 0}
providers: {claude: {rate_limit: 1/hour, burst: 3}}'
printf '{"message":"hello","session_id":"%s"}\n' a b c d e >"$work/in"
run --db /dev/null/none.db stream -q --no-fallback -p claude --input "$work/in"
expect_status 5
expect "sessions" "3 completion 2 error" \
	"$(jq -r 'select(.type == "completion" or .type == "error").type' "$work/out" | sort | uniq -c | xargs)"

# how much room is left can be seen
limits 'providers: {claude: {rate_limit: 1/hour, burst: 3}, gemini: {}}'
run chat -p claude hello
run provider circuit status --json
expect "free" '{"rate":"1/hour","burst":3,"free":2,"wait_ms":0} null' \
	"$(jq -c '.[] | select(.provider == "claude" or .provider == "gemini") | .rate_limit' "$work/out" | xargs -d '\n')"
run provider circuit status
expect_out_has "1/hour, 2 of 3 free"
sqlite3 "$work/s.db" "UPDATE rate_limits SET told_wall=at_wall, told_boot_ms=at_boot_ms, told_boot=at_boot,
	lasts_ms=3600000, bound=1, teller=1"
run chat -p claude --no-fallback hello
expect_status 5
expect_err_has "the rate limit of claude (its own) leaves no room for"
run provider circuit reset claude
run chat -p claude --no-fallback hello
expect_status 0

# a test is not held up
run provider test claude
expect_status 0

# what makes no sense is said with its line
limits 'providers:
  claude:
    rate_limit: 5/fortnight'
run config check
expect_status 3
expect_err "cartrita: $work/c.yaml:3: providers.claude.rate_limit: '5/fortnight' is no rate
as in 100/minute: from 1 to 1000000 for each second, minute, hour or day"
limits 'providers: {claude: {rate_limit: 100/minute}}'
run config show --json
expect_out_has '{"name":"providers.claude.rate_limit","value":"100/minute","origin":"'"$work"'/c.yaml:1"}'
expect_out_has '{"name":"providers.claude.burst","value":"200","origin":"default"}'
finish
