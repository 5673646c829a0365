# chat goes on with what was said: -c, --conversation, and when there is nothing to go on with.
. "$(dirname "$0")/lib.sh"
need sqlite3

sql() { sqlite3 "$work/s.db" "$1"; }
json() { sed -n "s/.*\"$1\":\(\"[^\"]*\"\|[^,}]*\).*/\1/p" "$work/out" | tr -d '"'; }
# what the last request said, as "role:content role:content"
asked() {
	sql "SELECT group_concat(j.value->>'role'||':'||(j.value->>'content'),' ') FROM (SELECT
		request_data FROM provider_logs ORDER BY created_at DESC,rowid DESC LIMIT 1) r,
		json_each(r.request_data,'\$.messages') j"
}

eval "$("$CARTRITA" --db "$work/s.db" sandbox --background)"
trap 'kill $CARTRITA_SANDBOX_PID; rm -rf "$work"' EXIT

# each question begins one, with an id
run chat --json count to 1
expect_status 0
first=$(json conversation_id)
expect "kept" "2" "$(sql "SELECT messages FROM conversations WHERE id='$first'")"
run chat -c --json count to 2
expect "the same" "$first" "$(json conversation_id)"
expect "the past is sent" \
	"user:count to 1 assistant:[sandbox] 1 user:count to 2" "$(asked)"
run chat --json count to 3
second=$(json conversation_id)
[ "$second" != "$first" ] || differ "without -c" "a new one" "$second"
expect "without the past" "user:count to 3" "$(asked)"
run chat --conversation "${first#*-*-*-*-}" --json count to 4
expect "by the end of its id" "$first" "$(json conversation_id)"
run chat --conversation last --json count to 5
expect "last" "$first" "$(json conversation_id)"
run chat --conversation "$second" count to 6
expect "by its id" "user:count to 3 assistant:[sandbox] 1 2 3 user:count to 6" "$(asked)"
expect "the journal knows it" 2 "$(sql "SELECT count(*) FROM provider_logs WHERE conversation_id='$second'")"
run provider logs --json --conversation "${second#*-*-*-*-}"
expect "so do the logs" 2 "$(grep -o '"request_id"' "$work/out" | wc -l)"

# of the same user
run chat --user bob --json count to 1
bob=$(json conversation_id)
run chat --user bob -c --json count to 2
expect "bob's" "$bob" "$(json conversation_id)"
run chat -c --json count to 2
expect "nobody's" "$second" "$(json conversation_id)"
run chat --user eve -c --json count to 2
expect_status 0
expect_err_has "no conversation of user eve yet: this begins one"
[ "$(json conversation_id)" != null ] || differ "eve's" "a new one" null

# system prompt and model stay until others are named
run chat -s "be brief" -m gemini/gemini-3-flash --json count to 1
run chat -c --json count to 2
expect "model" gemini "$(json provider)"
run chat -c --dry-run more
expect_out_has '"systemInstruction":{"parts":[{"text":"be brief"}]}'
run chat -c -m claude/claude-haiku-5-5 -s "" --json count to 3
expect "another model" claude-haiku-5-5 "$(json model)"
run chat -c --dry-run=curl more
expect_out_has '"model":"claude-haiku-5-5"'
if grep -q brief "$work/out"; then differ "system" "none any more" "$(cat "$work/out")"; fi
expect_out_has '{"role":"assistant","content":"[sandbox] 1"},{"role":"user","content":"count to 2"}'

# what was attached is sent again
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\6\0\0\0\037\025\304\211\0\0\0\0IEND\256B\140\202' >"$work/cat.png"
cd "$work" || exit 2
run chat -f cat.png "what is this?"
expect_status 0
run chat -c --dry-run "and its colour?"
expect_out_has '"media_type":"image/png"'
run conversation show last
expect_out_has "[image/png cat.png, 45 bytes]"
run conversation show last --json
expect_out_has '"attachments":[{"name":"cat.png","type":"image/png","bytes":45}]'

# not kept: --no-log, a failure, a cancelled one
before=$(sql "SELECT count(*) FROM messages")
run chat --no-log --json count to 1
expect "--no-log" null "$(json conversation_id)"
run chat -c --no-log --json count to 1
expect_err_has "not kept"
case $(cat "$work/out") in *'"conversation_id":"'*) ;; *) differ "-c --no-log" "its id" "$(cat "$work/out")" ;; esac
run sandbox --fault 400 -- "$CARTRITA" --db "$work/s.db" chat -c count to 9
expect_status 2
timeout --preserve-status -s INT 2 "$CARTRITA" sandbox --rate 20 --db "$work/s.db" -- \
	"$CARTRITA" --db "$work/s.db" chat -c --stream --no-stdin count to 500 >/dev/null 2>&1
expect "nothing is added" "$before" "$(sql "SELECT count(*) FROM messages")"

# usage
run chat --conversation nosuch hi
expect_status 2
expect_err_has "no conversation ends in 'nosuch'"
expect_err_has "cartrita conversation list"
run chat --json --conversation nosuch hi
expect_status 2
expect_out_has '"code":"invalid_request"'
run chat -c --conversation last hi
expect_status 2

# a failed first question has no conversation
run sandbox --fault '400' -- "$CARTRITA" --db "$work/f.db" chat --json hi
expect_status 2
expect_out_has '"conversation_id":null'
expect "none" 0 "$(sqlite3 "$work/f.db" "SELECT count(*) FROM conversations")"
finish
