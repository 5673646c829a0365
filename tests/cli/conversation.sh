# conversation list, show, search, export, fork, delete.
. "$(dirname "$0")/lib.sh"
need sqlite3 script

sql() { sqlite3 "$work/s.db" "$1"; }

# nothing is made by looking
for sub in list "search x"; do
	run --db "$work/none.db" conversation $sub
	expect_status 0
	expect_out ""
	run --db "$work/none.db" --json conversation $sub
	expect_out "[]"
done
for sub in "show last" "export x" "fork last" "delete --yes x"; do
	run --db "$work/none.db" conversation $sub
	expect_status 2
	expect_err_has "there is no conversation yet"
done
[ ! -e "$work/none.db" ] || differ "looking" "makes nothing" "a store"

eval "$("$CARTRITA" --db "$work/s.db" sandbox --background)"
trap 'kill $CARTRITA_SANDBOX_PID; rm -rf "$work"' EXIT
run chat -s "be brief" "say: the night train to Zürich"
run chat -c count to 2
run chat "say: lunch in Geneva" --user bob
one=$(sql "SELECT id FROM conversations ORDER BY n LIMIT 1")
answer=$(sql "SELECT id FROM messages WHERE role='assistant' ORDER BY n LIMIT 1")
question=$(sql "SELECT id FROM messages WHERE content='count to 2'")
short=${one#*-*-*-*-}

run conversation list
expect_status 0
expect "newest first" "say: lunch in Geneva" "$(sed -n '2s/.*  //p' "$work/out")"
expect_out_has "$short"
run conversation list --json -n 1
expect_out_has '"title":"say: lunch in Geneva","user_id":"bob","messages_total":2,"provider":"claude"'
run conversation list --user bob
expect "rows" 2 "$(wc -l <"$work/out")"
run conversation list -n 0
expect_status 2

run conversation show "$short"
expect "as text" "say: the night train to Zürich
$one

system
be brief

user
say: the night train to Zürich

assistant (claude/claude-sonnet-5-5)" "$(sed 's/  [0-9a-f]\{12\}$//; s/  20[-0-9T:.]*Z$//' "$work/out" | head -10)"
run conversation show "$one" -n 1
expect "the last message" "[sandbox] 1 2" "$(tail -1 "$work/out")"
expect "and no other" 0 "$(grep -c '^user' "$work/out")"
run conversation show last --json
expect "last is the first of the list" "$(sql "SELECT id FROM conversations WHERE user_id='bob'")" \
	"$(sed 's/{"id":"\([^"]*\).*/\1/' "$work/out")"
for bad in nosuch "" "%" "-- --all"; do
	run conversation show $bad
	expect_status 2
done
run conversation show "$one" "$one"
expect_status 2

# what was said never moves the cursor of a terminal
printf 'say: \033[2J\007bell' | "$CARTRITA" chat >/dev/null 2>&1
on_terminal 80 conversation show last
expect "control characters" "" "$(tr -cd '\033\007' <"$work/out")"

run conversation search zurich TRAIN
expect "found" 2 "$(grep -c "^$short" "$work/out")"
run --json conversation search 'night train' -n 1
expect_out_has '"conversation_id":"'"$one"'"'
expect_out_has 'the night train to Zürich'
run conversation search --user bob train
expect_out ""
for query in '"' 'AND' 'NOT' 'x OR' '(' 'content:' '*' '!?' 'NEAR(a b)'; do
	run conversation search "$query"
	expect_status 0
done
run conversation search
expect_status 2

run conversation export "$one"
expect "Markdown" "# say: the night train to Zürich" "$(head -1 "$work/out")"
expect_out_has "## assistant (claude/claude-sonnet-5-5)"
run conversation export last --format json -o "$work/x.json"
expect_status 0
expect_out ""
"$CARTRITA" conversation show last --json >"$work/y.json"
cmp -s "$work/x.json" "$work/y.json" || differ "JSON" "$(cat "$work/y.json")" "$(cat "$work/x.json")"
expect "nobody else's to read" 600 "$(stat -c %a "$work/x.json")"
run conversation export last -o "$work/no/such"
expect_status 1

# a fork shares its past and goes its own way
run conversation fork "$one" --at "$answer"
expect_status 0
fork=$(cat "$work/out")
run chat --conversation "$fork" count to 4
run conversation show "$fork" --json
expect "messages" 4 "$(grep -o '"intact"' "$work/out" | wc -l)"
expect_out_has "\"forked_from\":\"$one\""
expect_out_has '"messages_total":4'
run conversation show "$one" --json
expect "the other is as it was" 4 "$(grep -o '"intact"' "$work/out" | wc -l)"
run conversation fork "$one" --at "$question"
expect_status 2
expect_err_has "is a question"
run conversation fork "$one" --at nosuch
expect_status 2
run conversation fork "$fork" --json
expect_out_has '{"id":"'

run conversation delete "$one"
expect_status 2
expect_err_has "--yes"
run conversation delete last --yes
expect_status 2
command="conversation delete, asked"
printf 'n\n' | script -qec "\"$CARTRITA\" conversation delete $one" /dev/null >"$work/out" 2>&1
expect_out_has 'Delete "say: the night train'
expect "no" 1 "$(sql "SELECT count(*) FROM conversations WHERE id='$one'")"
printf 'y\n' | script -qec "\"$CARTRITA\" conversation delete $one" /dev/null >"$work/out" 2>&1
expect "yes" 0 "$(sql "SELECT count(*) FROM conversations WHERE id='$one'")"
expect "its text is gone from the log" 0 "$(sql "SELECT count(*) FROM provider_logs WHERE conversation_id='$one' AND (request_data IS NOT NULL OR response_data IS NOT NULL)")"
run conversation show "$fork" --json
expect "the fork keeps what it shares" 4 "$(grep -o '"intact"' "$work/out" | wc -l)"
run conversation search 'night train'
expect_out_has "${fork#*-*-*-*-}"
run conversation delete "$one" --yes
expect_status 2
run --json conversation delete "$fork" --yes
expect_out "{\"deleted\":\"$fork\"}"

# completion of ids
run __complete -- conversation show ''
expect_out_has "last	"
newest=$(sql "SELECT substr(id,-12) FROM conversations ORDER BY updated_at DESC,n DESC LIMIT 1")
expect_out_has "$newest	"
run __complete -- conversation delete ''
expect_out_has "$newest	"
expect "what delete refuses" "" "$(grep '^last' "$work/out")"
run __complete -- chat --conversation "${newest%???????}"
expect_out_has "$newest	"

# a store that can only be read
chmod 500 "$work" 2>/dev/null
run conversation list
expect_status 0
chmod 700 "$work"

# no key is kept, whoever says it
OPENAI_API_KEY=sk-not-to-be-kept-anywhere "$CARTRITA" chat "say: sk-not-to-be-kept-anywhere" >/dev/null 2>&1
expect "keys" 0 "$(sql "SELECT count(*) FROM messages WHERE content LIKE '%not-to-be-kept%'")"
expect "titles" 0 "$(sql "SELECT count(*) FROM conversations WHERE title LIKE '%not-to-be-kept%'")"
finish
