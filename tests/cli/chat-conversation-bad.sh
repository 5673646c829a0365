# Conversations where things go wrong: no store, a full disk, tampering, many at once, no room.
. "$(dirname "$0")/lib.sh"
need sqlite3

sql() { sqlite3 "$work/s.db" "$1"; }
eval "$("$CARTRITA" --db "$work/s.db" sandbox --background)"
trap 'kill $CARTRITA_SANDBOX_PID; rm -rf "$work"' EXIT

# without a store that can be used
mkdir "$work/dir.db"
printf 'this is no database, but it is long enough to look like a file of one\n%.0s' 1 2 3 4 5 6 7 8 9 >"$work/text.db"
for db in dir text; do
	for option in -c "--conversation last"; do
		run --db "$work/$db.db" chat $option count to 2
		expect_status 8
		expect_out ""
	done
	run --db "$work/$db.db" chat --json count to 2
	expect_status 0
	expect_out_has '"conversation_id":null'
	run --db "$work/$db.db" conversation list
	expect_status 8
done
run chat count to 1
sqlite3 "$work/s.db" ".backup '$work/new.db'"
sqlite3 "$work/new.db" "PRAGMA user_version=999"
run --db "$work/new.db" chat -c count to 2
expect_status 8
expect_err_has "a newer cartrita made it"
run --db "$work/new.db" conversation list
expect_status 0
expect_out_has "count to 1"

# a full disk: before the question nothing is asked, after it the answer is shown all the same
run chat -c count to 2
limited() { # BLOCKS ARGUMENT...
	command="ulimit -f $*"
	# stdout is a pipe: the limit is for files
	{ (ulimit -f "$1"; shift; "$CARTRITA" "$@" </dev/null; echo "status $?" >&2) 2>"$work/err" |
		cat >"$work/out"; }
	status=$(sed -n 's/^status //p' "$work/err")
}
limited 1 chat -c count to 3
expect_status 8
expect_out ""
expect_err_has "s.db: File too large"
rows=$(sql "SELECT count(*) FROM provider_logs")
sqlite3 "$work/s.db" "PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null
limited 200 chat -c --json count to 30000
expect_status 8
expect "the whole answer" 1 "$(grep -c "29999 30000" "$work/out")"
expect_err_has "not kept in the conversation"
expect "documents" 1 "$(wc -l <"$work/out")"
expect "nothing by half" "4" "$(sql "SELECT count(*) FROM messages")"
expect "the request is known" "$((rows + 1))" "$(sql "SELECT count(*) FROM provider_logs")"
limited 1 chat --json count to 3
expect_status 0
expect_out_has '"conversation_id":null'
run chat -c --dry-run more
expect_status 0
expect_out_has '{"role":"user","content":"count to 2"},{"role":"assistant","content":"[sandbox] 1 2"},{"role":"user","content":"more"}'

# a message that was tampered with
run chat -c count to 3
sql "UPDATE messages SET content='[sandbox] 9 9' WHERE content='[sandbox] 1 2'"
run chat -c --dry-run more
expect_err_has "is damaged (its checksum is wrong)"
expect_out_has '"messages":[{"role":"user","content":"count to 1"},{"role":"assistant","content":"[sandbox] 1"},{"role":"user","content":"count to 3"}'
run conversation show last
expect_status 0
expect_err_has "is damaged"
if grep -q "9 9" "$work/out"; then differ "show" "not what is damaged" "$(cat "$work/out")"; fi
run conversation show last --json
expect_out_has '"content":null'
expect_out_has '"intact":false'

# twenty at once: branches, and nothing is lost
cat >"$work/many" <<'S'
i=0
while [ $i -lt 20 ]; do
	"$CARTRITA" chat --no-stdin -c "count to 4" >"$1/out.$i" 2>"$1/err.$i" || echo $? >>"$1/failed" &
	i=$((i + 1))
done
wait
S
before=$(sql "SELECT count(*) FROM messages")
sh "$work/many" "$work"
command="20 x chat -c"
[ ! -e "$work/failed" ] || differ "failures" none "$(cat "$work/failed" "$work"/err.*)"
expect "messages" $((before + 40)) "$(sql "SELECT count(*) FROM messages")"
expect "of one conversation" 1 "$(sql "SELECT count(DISTINCT conversation_id) FROM messages")"
expect "each question has its answer" 20 "$(sql "SELECT count(*) FROM messages a JOIN messages q ON a.parent_id=q.id WHERE q.content='count to 4'")"
branches=$(sql "SELECT count(*)-count(DISTINCT parent_id) FROM messages WHERE content='count to 4'")
expect "each branch is said" "$([ "$branches" -gt 0 ] && echo yes)" \
	"$(grep -qs "gone on elsewhere" "$work"/err.* && echo yes)"
run conversation show last --all --json
expect "all of them are shown" $((before + 40)) "$(grep -o '"intact"' "$work/out" | wc -l)"

# deleted by another process while the answer comes
run chat count to 1
id=$(sql "SELECT id FROM conversations ORDER BY updated_at DESC LIMIT 1")
rows=$(sql "SELECT count(*) FROM provider_logs")
(
	for _ in $(seq 400); do
		[ "$(sql "SELECT count(*) FROM provider_logs")" -gt "$rows" ] && break
		sleep 0.05
	done
	"$CARTRITA" -q --db "$work/s.db" conversation delete --yes "$id"
) &
run sandbox --rate 20 --db "$work/s.db" -- "$CARTRITA" --db "$work/s.db" chat --conversation "$id" count to 60
wait $!
expect_status 8
expect_out_has "59 60"
expect_err_has "was deleted meanwhile"
expect "the request is recorded" completed "$(sql "SELECT state FROM provider_logs WHERE conversation_id='$id' ORDER BY created_at DESC LIMIT 1")"
expect "it stays deleted" 0 "$(sql "SELECT count(*) FROM messages WHERE conversation_id='$id'")"

# no room: the oldest turns are left out, and it is said
mkdir -p "$work/.config/cartrita"
echo '{"models":[{"id":"claude-sonnet-5-5","provider":"claude","context":300,"max_output":100}]}' >"$work/.config/cartrita/models.json"
run chat count to 100
run chat -c count to 101
run chat -c --json count to 3
expect_status 0
expect_err_has "oldest 2 of 5 messages were left out"
expect_out_has '"warnings":["the oldest 2 of 5 messages were left out: claude-sonnet-5-5 has room for 300 tokens"]'
run chat -c --dry-run more
expect_out_has '"messages":[{"role":"user","content":"count to 101"}'
run conversation show last --json
expect "all of it is kept" 6 "$(grep -o '"intact"' "$work/out" | wc -l)"

# ... for the model that has none, not for the one before it in the chain
echo '{"models":[{"id":"gemini-3.8-flash","provider":"gemini","context":300,"max_output":100}]}' >"$work/.config/cartrita/models.json"
run chat -c --json count to 4
expect_out_has '"warnings":[]'
run sandbox --fault claude:503 -- "$CARTRITA" --db "$work/s.db" chat -c --retries 0 --json count to 5
expect_out_has '"warnings":["the oldest 2 of 9 messages were left out: gemini-3.8-flash has room for 300 tokens"]'
run chat -c --json count to 6
expect_out_has '"warnings":[]'
finish
