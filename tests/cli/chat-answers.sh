# A question is answered; scripts get the answer alone, or one JSON document.
. "$(dirname "$0")/lib.sh"
need jq

run sandbox -- "$CARTRITA" chat count to 4
expect_status 0
expect_out "[sandbox] 1 2 3 4"
expect_err ""

run sandbox -- sh -c 'printf "count to 3\n" | "$CARTRITA" chat'
expect_out "[sandbox] 1 2 3"

run sandbox -- sh -c 'printf "to 3\n" | "$CARTRITA" chat count -'
expect_status 0

run sandbox -- "$CARTRITA" chat --json -p gemini count to 4
expect_status 0
expect "document" 'gemini|[sandbox] 1 2 3 4|stop|assistant|true|string' "$(jq -r '[.provider, .response, .metadata.finish_reason, .agent_type, (.usage.total_tokens == .usage.input_tokens + .usage.output_tokens), (.conversation_id | type)] | join("|")' "$work/out")"
expect "one document" 1 "$(jq -s length "$work/out")"

for api in chat responses; do
	run sandbox -- env OPENAI_API=$api "$CARTRITA" chat --json --no-stream -p openai count to 4
	expect "$api" '[sandbox] 1 2 3 4' "$(jq -r .response "$work/out")"
done

run sandbox -- "$CARTRITA" chat --max-tokens 3 count to 9
expect_status 0
expect_err_has "--max-tokens"

run sandbox --fault claude:503 -- "$CARTRITA" chat count to 2
expect_status 0
expect_out "[sandbox] 1 2"
expect "one line says so" 1 "$(grep -c 'gemini answers instead of claude' "$work/err")"

# another model of the same provider is named as what it is
run sandbox --fault "claude:401*1" -- "$CARTRITA" chat -m claude-opus-5-5 --fallback claude/claude-haiku-5-5 count to 2
expect_out "[sandbox] 1 2"
expect_err_has "claude/claude-haiku-5-5 answers instead of claude/claude-opus-5-5: claude answered 401"

run sandbox --fault claude:503 -- "$CARTRITA" chat -q count to 2
expect_err ""

# an answer without what was wanted of it: an error that says who was asked
run sandbox -- "$CARTRITA" chat --json -x count to 2
expect_status 1
expect "document" 'bad_response|claude|1|200|true' "$(jq -r '.error | [.code, .provider, (.attempts | length), .attempts[0].status, (.request_id != null and .conversation_id != null)] | join("|")' "$work/out")"
expect_err_has "logs show $(jq -r .error.request_id "$work/out")"
run sandbox -- "$CARTRITA" chat --no-log -x count to 2
expect_status 1
expect_err "cartrita: the answer holds no code block"

run sandbox -- "$CARTRITA" chat --output "$work/answer" count to 2
expect_out ""
expect "file" "[sandbox] 1 2" "$(cat "$work/answer")"

# on a terminal what broke off stays, and who begins it anew is said
if has_terminal; then
	command="an answer that breaks off, on a terminal"
	script -qec "'$CARTRITA' --db '$work/db' sandbox --fault 'openai:cut-after:3*1' -- '$CARTRITA' chat -p openai count to 5" \
		/dev/null </dev/null 2>&1 | tr -d '\r' | sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g' >"$work/out"
	expect_out_has "cartrita: the answer broke off; openai begins it anew"
	expect_out_has "[sandbox] 1 2 3 4 5"
fi
finish
