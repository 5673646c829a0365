# What `cartrita stream` writes: events of one session and of many, in order, each ended once.
. "$(dirname "$0")/lib.sh"
need jq

# stream INPUT OPTION...: against a sandbox that goes wrong as $fault says
fault=
stream() {
	input=$1
	shift
	command="cartrita stream $* <<< $input"
	printf '%s' "$input" | "$CARTRITA" sandbox ${fault:+--fault "$fault"} -- "$CARTRITA" stream "$@" \
		>"$work/out" 2>"$work/err"
	status=$?
}
# events FILTER: of stdout, one after the other, by blanks
events() { jq -r "$1" "$work/out" | tr '\n' ' ' | sed 's/ $//'; }
text() { jq -rj 'select(.type == "token") | .token' "$work/out"; }

# one session: a prompt; standard input is left alone
stream 'not json' count to 3
expect_status 0
expect "types" "start token token token token completion" "$(events .type)"
expect "text" "[sandbox] 1 2 3" "$(text)"
expect "positions" "0 1 2 3" "$(events 'select(.type == "token") | .position')"
expect "the same session" 1 "$(jq -r .session_id "$work/out" | sort -u | wc -l | tr -d ' ')"
expect "times" 6 "$(jq -r .timestamp "$work/out" | grep -c '^20..-..-..T..:..:..\....Z$')"
expect "completion" '[4,0,"stop","claude",true,true,true,true]' "$(jq -c 'select(.type == "completion") |
	[.total_tokens, .response_from, .finish_reason, .provider, .usage.output_tokens == 4, .cost_usd > 0,
	.duration_ms >= 0, .duration * 1000 == .duration_ms]' "$work/out")"
expect "start" true "$(jq -c 'select(.type == "start") | (.request_id | length == 36) and .provider == "claude" and
	(.model | length > 0)' "$work/out")"
stream 'two' count - to
expect "a dash reads standard input, too" "[sandbox] claude here, no real model. You said: count to

two" "$(text)"

# many: each by its own name, with its own metadata, in order
for n in $(seq 1 60); do
	echo "{\"message\":\"count to $n\",\"session_id\":\"s$n\",\"metadata\":{\"n\":$n,\"x\":[null,\"é\"]}}"
done >"$work/many"
stream "$(cat "$work/many")" --max-concurrent 20
expect_status 0
expect "each is completed once" 60 "$(jq -r 'select(.type == "completion") | .session_id' "$work/out" | sort -u | wc -l | tr -d ' ')"
expect "none is lost or doubled" "" "$(jq -rs 'group_by(.session_id)[] | . as $all | .[0].metadata.n as $n |
	[.[] | select(.type == "token")] | select(length != $n + 1 or
	[.[].position] != [range($n + 1)] or ([.[].token] | join("")) != ([range(1; $n + 1) | " \(.)"] | "[sandbox]" + join("")) or
	($all | map(.metadata) | unique) != [{"n":$n,"x":[null,"é"]}]) | .[0].session_id' "$work/out")"
expect "not one more than may run at once" true "$(jq -s 'reduce .[] as $e ([0,0];
	if $e.type == "start" then [.[0]+1, ([.[0]+1, .[1]] | max)]
	elif $e.type == "completion" then [.[0]-1, .[1]] else . end) | .[1] <= 20' "$work/out")"

# members of a request
stream '{"messages":[{"role":"system","content":"brief"},{"role":"user","content":"a"},{"role":"assistant","content":"b"},
{"role":"user","content":"count to 2"}],"stream":false,"provider":"openai","temperature":0,"max_tokens":99,"stop":["zz"],
"user":"ann","context":null,"agent_override":"assistant","conversation_id":null,"session_id":null}' -p claude
expect "a request over three lines is none" 3 "$(grep -c '"error"' "$work/out")"
stream "$(printf '\357\273\277{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},%s' \
	'{"role":"user","content":"count to 2"}],"stream":false,"model":"openai/gpt-5.5","stop":"zz","metadata":null}')"
expect_status 0
expect "a whole answer is one token" "start token completion" "$(events .type)"
expect "asked of" openai "$(events 'select(.type == "completion") | .provider')"
expect "text" "[sandbox] 1 2" "$(text)"
expect "metadata is null" null "$(jq -c .metadata "$work/out" | sort -u)"

# what goes wrong before a token: retries, the next provider
fault='claude:503:1*1'
stream '' --retries 1 count to 2
expect "a retry" "start retry token token token completion" "$(events .type)"
expect "its members" '["claude",true,true]' "$(jq -c 'select(.type == "retry") | [.provider, (.reason | length > 0), .wait_ms >= 1000]' "$work/out")"
fault='claude:503'
stream '' --retries 0 count to 2
expect_status 0
expect "a fallback" '["claude","gemini",true]' "$(jq -c 'select(.type == "fallback") | [.provider, .to, (.reason | length > 0)]' "$work/out")"
expect "who answered" "gemini" "$(events 'select(.type == "completion") | .provider')"
PROVIDER_CIRCUIT_THRESHOLD=1 stream '' count to 2
expect "whose circuit opens while it is waited for" "start retry fallback token token token completion" "$(events .type)"
expect "is left, and why" '["claude","gemini",true]' "$(jq -c 'select(.type == "fallback") | [.provider, .to, (.reason | test("left alone"))]' "$work/out")"
fault='503'
stream '{"message":"a","session_id":"x","metadata":{"k":1}}' --retries 0
expect_status 1
expect "an error" '["x","provider_error","openai",503,0,1,{"k":1}]' "$(jq -c 'select(.type == "error") |
	[.session_id, .code, .provider, .status, .tokens_delivered, .line, .metadata]' "$work/out")"
expect_err_has "503"
fault='429:1000'
stream '{"message":"a"}' --no-fallback
expect_status 5
expect "how long" '["rate_limited",1000000]' "$(jq -c 'select(.type == "error") | [.code, .retry_after_ms]' "$work/out")"

# ... and after it: begun anew, or gone on with, positions going on
fault='claude:cut-after:3*1'
stream '' count to 5
expect_status 0
expect "recovered" "start token token token retry recovered token token token token token token completion" "$(events .type)"
expect "how" '["restart",3]' "$(jq -c 'select(.type == "recovered") | [.mode, .from_position]' "$work/out")"
expect "positions" "0 1 2 3 4 5 6 7 8" "$(events 'select(.type == "token") | .position')"
expect "the answer" "[sandbox] 1 2 3 4 5" "$(jq -rj --argjson from "$(events 'select(.type == "completion") | .response_from')" \
	'select(.type == "token" and .position >= $from) | .token' "$work/out")"
expect "counted" '[6,3,true]' "$(jq -c 'select(.type == "completion") | [.total_tokens, .response_from, .recovered]' "$work/out")"
fault='claude:cut-after:3'
PROVIDER_CIRCUIT_THRESHOLD=1 stream '' count to 2
expect "by another, which is said first" "start token token token retry fallback recovered token token token completion" "$(events .type)"
fault='claude:cut-after:3*1'
stream '' -m claude-haiku-4-5 count to 5
expect "a model that takes a started answer goes on" '["continue",3] [6,0]' "$(events 'if .type == "recovered" then
	[.mode, .from_position] | tojson elif .type == "completion" then [.total_tokens, .response_from] | tojson else empty end')"
expect "without a seam" "[sandbox] 1 2 3 4 5" "$(text)"
stream '{"message":"count to 5"}' --on-cut fail
expect_status 1
expect "cut" '["truncated",3]' "$(jq -c 'select(.type == "error") | [.code, .tokens_delivered]' "$work/out")"
fault=
stream "$(printf '{"message":"count to 2"}\n{"message":""}\n{"message":"a","model":"nobody/x"}\n{"message":"count to 3"}')"
expect_status 2
expect "the others go on" "2 2" "$(events 'select(.type == "error") | .type' | wc -w | tr -d ' ') $(events 'select(.type == "completion") | .type' | wc -w | tr -d ' ')"
expect_err_has "2 of 4 sessions failed, the first: "

# what is to be said of many alike is said once
fault='claude:503'
stream "$(for n in $(seq 20); do echo '{"message":"count to 2"}'; done)" --retries 0 --max-concurrent 4
expect_status 0
expect "not twenty times" true "$([ "$(grep -c . "$work/err")" -ge 1 ] && [ "$(grep -c . "$work/err")" -le 9 ] && echo true || cat "$work/err")"

# a key that is echoed goes no further, nor one that is brought along
fault=
ANTHROPIC_API_KEY=sk-ant-secret-0123456789 OTHER_API_KEY=very-secret-value-42 stream \
	'{"message":"say very-secret-value-42","session_id":"very-secret-value-42","metadata":{"k":"very-secret-value-42"}}'
expect_status 0
expect "no key" 0 "$(grep -c very-secret "$work/out")"

# a conversation goes on; nothing is begun by a line
export CARTRITA_DB="$work/talk.db"
run --db "$CARTRITA_DB" sandbox -- "$CARTRITA" chat --json hello
id=$(jq -r .conversation_id "$work/out")
command="a line with conversation_id"
echo "{\"message\":\"count to 2\",\"conversation_id\":\"$id\"}" |
	"$CARTRITA" sandbox --db "$CARTRITA_DB" -- "$CARTRITA" stream >"$work/out" 2>"$work/err"
expect "it says so" "$id" "$(events 'select(.type == "completion") | .conversation_id')"
echo '{"message":"count to 2"}' | "$CARTRITA" sandbox --db "$CARTRITA_DB" -- "$CARTRITA" stream >"$work/out" 2>"$work/err"
run conversation show "$id" --json
expect "its messages" 4 "$(jq '.messages | length' "$work/out")"
run conversation list --json
expect "no other one" 1 "$(jq length "$work/out")"
finish
