# Every fault, as curl sees it: its own exit status, then the HTTP status, then a mark of the body.
. "$(dirname "$0")/lib.sh"
need curl

cat >"$work/ask" <<'END'
body='"stream":'$STREAM',"messages":[{"role":"user","content":"count to 6"}]}'
url=$OPENAI_BASE_URL/chat/completions
[ "$STREAM" = gemini ] && url=$GEMINI_BASE_URL/v1beta/models/m:generateContent &&
	body='"contents":[{"parts":[{"text":"count to 6"}]}]}'
[ "$WHO" = claude ] && url=$ANTHROPIC_BASE_URL/v1/messages
code=$(curl -s -o "$DIR/body" -D "$DIR/head" -w '%{http_code}' --max-time "$MAX" -H 'x-api-key: k' \
	-H 'anthropic-version: 2026-10-21' "$url" -d '{"model":"m","max_tokens":99,'"$body")
echo "$? $code"
END
: >"$work/log"

# fault FAULT EXPECTED [MARK IN THE BODY] [NO MARK]
fault() {
	rm -f "$work/body"
	: >"$work/body"
	DIR=$work WHO=${WHO:-openai} STREAM=${STREAM:-true} MAX=${MAX:-60} \
		run sandbox --log "$work/log" --fault "$1" -- sh "$work/ask"
	command="fault $1"
	expect_out "$2"
	[ -z "${3:-}" ] || grep -qF -e "$3" "$work/body" || differ "body" "$3" "$(head -c 2000 "$work/body")"
	[ -z "${4:-}" ] || ! grep -qF -e "$4" "$work/body" || differ "body without" "$4" "$(head -c 2000 "$work/body")"
}

fault gemini:503 "0 200" "[DONE]"
fault 503 "0 503" server_is_overloaded
fault openai:429:2 "0 429" rate_limit_exceeded
grep -qi '^retry-after: 2' "$work/head" || differ "retry-after" 2 "$(cat "$work/head")"
STREAM=gemini fault 429:2 "0 429" '"retryDelay":"2.000s"'
WHO=claude fault 429 "0 429" rate_limit_error
grep -qi '^retry-after: 1' "$work/head" || differ "retry-after" 1 "$(cat "$work/head")"
WHO=claude fault 429:0 "0 429" rate_limit_error
grep -qi '^retry-after' "$work/head" && differ "no retry-after" "" "$(cat "$work/head")"
fault refused "7 000"
fault 'refused*1' "56 000"
fault reset "56 000"
fault cut-at:300 "18 200"
expect "bytes" 300 "$(wc -c <"$work/body")"
fault cut-after:3 "18 200" '" 2"' '" 3"'
STREAM=false fault cut-after:3 "18 200" "chat.completion"
MAX=1 fault stall-after:3 "28 200" '" 2"' '" 3"'
MAX=1 fault silent "28 000"
MAX=1 fault silent-after-headers "28 200"
MAX=1 fault pings "28 200" ": ping"
fault slow:1 "0 200" "[DONE]"
fault no-end "0 200" '" 6"' finish_reason\":\"stop
fault no-done "0 200" finish_reason\":\"stop "[DONE]"
STREAM=gemini fault no-done "0 200" finishReason
fault bad-chunk "0 200" "this is not JSON"
fault error-in-stream "0 200" server_is_overloaded '" 3"'
fault context-length "0 400" context_length_exceeded
fault quota "0 429" insufficient_quota
grep -qi '^retry-after' "$work/head" && differ "no retry-after" "" "$(cat "$work/head")"
STREAM=gemini fault quota "0 429" PerDay
WHO=claude fault quota "0 429" rate_limit_error
fault content-policy "0 400" content_policy_violation
STREAM=gemini fault content-policy "0 200" blockReason
fault prefill-refused "0 200" "[DONE]"
fault empty "0 200"
expect "empty" 0 "$(wc -c <"$work/body")"
fault html "0 200" "<html>"
fault shape "0 200" '"ok":true'
fault redirect "0 307"
MAX=1 fault endless "28 200" '{"endless":"aaaa' '"}'
fault down:3600 "0 503"
expect "lines of the log" 34 "$(wc -l <"$work/log")"
expect "keys in the log" 34 "$(grep -c '"key":"REDACTED"' "$work/log")"
finish
