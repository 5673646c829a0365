# Request lines that are none: an error event each, which says why; the others go on.
. "$(dirname "$0")/lib.sh"
need jq

# refuse LINE SESSION WHY: between two good ones
refuse() {
	{ echo '{"message":"count to 1","session_id":"before"}'; printf "$1\n"; echo '{"message":"count to 1","session_id":"after"}'; } |
		"$CARTRITA" sandbox -- "$CARTRITA" stream -q >"$work/out" 2>"$work/err"
	status=$?
	command="cartrita stream <<< $(printf '%.80s' "$1")"
	expect_status 2
	expect "an error event" "[\"invalid_request\",$2,2,0,null]" \
		"$(jq -c 'select(.type == "error") | [.code, .session_id, .line, .tokens_delivered, .provider]' "$work/out")"
	expect "why" "$3" "$(jq -r 'select(.type == "error") | .error' "$work/out")"
	expect "the others" "after before" "$(jq -r 'select(.type == "completion") | .session_id' "$work/out" | sort | tr '\n' ' ' | sed 's/ $//')"
}
refuse 'hello' null "the line is not JSON: column 1: expected a value"
refuse '{"message":"a"' null "the line is not JSON: column 15: the text ends too early"
refuse '[]' null "the line is JSON, but no object"
refuse '"a"' null "the line is JSON, but no object"
refuse '{}' null "a request needs message, or messages"
refuse '{"session_id":"x"}' '"x"' "a request needs message, or messages"
refuse '{"session_id":"x","message":null}' '"x"' "a request needs message, or messages"
refuse '{"session_id":"x","message":"a","mesages":[]}' '"x"' "a request has no member 'mesages': did you mean 'messages'?"
refuse '{"session_id":"x","message":"a","zzzzzzzzzzzz":1}' '"x"' "a request has no member 'zzzzzzzzzzzz'"
refuse '{"session_id":"x","message":7}' '"x"' "message must be a string"
refuse '{"session_id":7,"message":"a"}' null "session_id must be a string"
refuse '{"session_id":"","message":"a"}' null "session_id must be a string of 1 to 256 bytes without control characters"
refuse '{"session_id":"a\\nb","message":"a"}' null "session_id must be a string of 1 to 256 bytes without control characters"
refuse '{"session_id":"x","message":"a","stream":1}' '"x"' "stream must be true or false"
refuse '{"session_id":"x","message":"a","temperature":"hot"}' '"x"' "temperature must be a number from 0 to 2"
refuse '{"session_id":"x","message":"a","temperature":2.5}' '"x"' "temperature must be a number from 0 to 2"
refuse '{"session_id":"x","message":"a","max_tokens":0}' '"x"' "max_tokens must be a whole number of at least 1"
refuse '{"session_id":"x","message":"a","max_tokens":1.5}' '"x"' "max_tokens must be a whole number of at least 1"
refuse '{"session_id":"x","message":"a","stop":[1]}' '"x"' "stop must be a string"
refuse '{"session_id":"x","message":"a","metadata":[1]}' '"x"' "metadata must be an object"
refuse '{"session_id":"x","message":"a","context":"s"}' '"x"' "context must be an object"
refuse '{"session_id":"x","message":"a","context":{"sytem":"s"}}' '"x"' "context has no member 'sytem' (only system)"
refuse '{"session_id":"x","message":"a","messages":[]}' '"x"' "message and messages do not go together"
refuse '{"session_id":"x","messages":[{"role":"robot","content":"a"}]}' '"x"' "role must be user, assistant or system"
refuse '{"session_id":"x","messages":[{"role":"user"}]}' '"x"' "a message has no content"
refuse '{"session_id":"x","messages":[{"role":"user","content":"a","name":"b"}]}' '"x"' "a message has no member 'name' (only role, content)"
refuse '{"session_id":"x","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}' '"x"' "the last message is not the user's"
refuse '{"session_id":"x","message":" "}' '"x"' "the prompt is empty"
refuse '{"session_id":"x","message":"a","session_id":"y"}' null 'the line is not JSON: column 34: the key "session_id" is there twice'
refuse '{"message":"a\000b"}' null "the line holds a NUL byte: that is no text"
refuse '{"message":"a\\u0000b"}' null "message must be text: it holds a NUL"
refuse '{"message":"a\377b"}' null "the line is not valid UTF-8 (byte 14)"
refuse '{"message":"\\ud800"}' null "the line is not JSON: column 13: half of a surrogate pair"

# unknown providers and models, conversations that are none: codes of their own
printf '%s\n' '{"message":"a","provider":"nobody"}' '{"message":"a","model":"nix"}' \
	'{"message":"a","conversation_id":"nix"}' '{"message":"count to 1"}' |
	"$CARTRITA" sandbox -- "$CARTRITA" stream -q >"$work/out" 2>"$work/err"
status=$? command="unknown names"
expect_status 3
expect "codes" "1 unknown_provider,2 unknown_model,3 invalid_request" "$(jq -r 'select(.type == "error") | "\(.line) \(.code)"' "$work/out" | sort | paste -sd,)"
expect "of no session" "null null null" "$(jq -r 'select(.type == "error") | .session_id' "$work/out" | paste -sd' ')"

# the same name twice at once; afterwards it is free again
printf '%s\n' '{"message":"count to 30","session_id":"x"}' '{"message":"count to 2","session_id":"x"}' |
	"$CARTRITA" sandbox --rate 100 -- "$CARTRITA" stream -q >"$work/out" 2>"$work/err"
status=$? command="a session_id that runs"
expect_status 2
expect "refused" '["x",2,"a session of this session_id is running"]' "$(jq -c 'select(.type == "error") | [.session_id, .line, .error]' "$work/out")"
expect "the first goes on" 31 "$(jq -c 'select(.type == "completion") | .total_tokens' "$work/out")"
printf '%s\n' '{"message":"count to 2","session_id":"x"}' '{"message":"count to 3","session_id":"x"}' |
	"$CARTRITA" sandbox -- "$CARTRITA" stream -q --max-concurrent 1 >"$work/out" 2>"$work/err"
status=$? command="a session_id that is free again"
expect_status 0
expect "both" "3 4" "$(jq -r 'select(.type == "completion") | .total_tokens' "$work/out" | paste -sd' ')"

# ... as soon as its last event is there
cat >"$work/again" <<'EOF'
mkfifo "$1/lines"
"$CARTRITA" stream -q <"$1/lines" >"$1/events" 2>"$1/err" &
exec 3>"$1/lines"
for n in $(seq 20); do
	echo '{"message":"count to 2","session_id":"x"}' >&3
	for _ in $(seq 5000); do
		[ "$(grep -cE '"type":"(completion|error)"' "$1/events")" -ge "$n" ] && break
		sleep 0.01
	done
done
exec 3>&-
wait $!
EOF
run sandbox -- sh "$work/again" "$work"
command="a session_id that is free since a moment"
expect_status 0
expect "all" 20 "$(grep -c '"type":"completion"' "$work/events")"

# what can be read of metadata comes back with the refusal, too
for line in '{"message":1,"metadata":{"row":7}}' '{"metadata":{"row":7},"messag":"a"}' \
	'{"message":"a","temperature":9,"metadata":{"row":7},"session_id":"x"}'; do
	echo "$line" | "$CARTRITA" sandbox -- "$CARTRITA" stream -q >"$work/out" 2>"$work/err"
	status=$? command="metadata: $line"
	expect_status 2
	expect "metadata" '{"row":7}' "$(jq -c .metadata "$work/out")"
done

# lines without end, blank ones, none at all
{ head -c 17000000 /dev/zero | tr '\0' 'x'; printf '\n\n \r\n{"message":"count to 1"}\r\n'; } |
	"$CARTRITA" sandbox -- "$CARTRITA" stream -q >"$work/out" 2>"$work/err"
status=$? command="a line over 16 MiB"
expect_status 2
expect "refused" '[1,"the line is over 16 MiB"]' "$(jq -c 'select(.type == "error") | [.line, .error]' "$work/out")"
expect "the next" 2 "$(jq -c 'select(.type == "completion") | .total_tokens' "$work/out")"
{ printf '{"message":"'; head -c 3000000 /dev/zero | tr '\0' 'x'; printf ' y"}'; } |
	"$CARTRITA" sandbox -- "$CARTRITA" stream -q >"$work/out" 2>"$work/err"
status=$? command="a long line without its end"
expect_status 0
command="no input"
"$CARTRITA" sandbox -- "$CARTRITA" stream >"$work/out" 2>"$work/err" </dev/null
status=$?
expect_status 0
expect_out ""
"$CARTRITA" sandbox -- "$CARTRITA" stream >"$work/out" 2>"$work/err" <&-
status=$?
expect_status 0

# a file
printf '{"message":"count to 1"}\n' >"$work/requests"
run sandbox -- "$CARTRITA" stream --input "$work/requests"
expect_status 0
expect_out_has '"completion"'
run stream --input "$work/none"
expect_status 2
expect_err_has "--input: cannot read $work/none: No such file or directory"
run stream --input "$work"
expect_status 2
expect_err_has "--input: cannot read $work: Is a directory"

# options that make no sense
for wrong in "--max-concurrent 0" "--max-concurrent 5001" "--buffer-size 0" "--heartbeat 0" "--input $work/requests a prompt" \
	"--skip-completed a prompt" "--continue" "--file x" "--from 3" "--list --attach x" "--attach x a prompt" \
	"--stop x --from 1" "--attach x --from -1" "--flush-interval x"; do
	run stream $wrong
	expect_status 2
	expect_out ""
done
finish
