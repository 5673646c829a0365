# The store looks after itself.
. "$(dirname "$0")/lib.sh"
need sqlite3 jq
export CARTRITA_DB="$work/s.db"

run store stats
expect_status 8
run store prune
expect_status 2
run store prune --older-than 1d
expect_status 8
[ -e "$work/s.db" ] && differ "nothing is made by looking" "no file" "a file"

run --db "$work/s.db" sandbox -- sh -c 'for i in 1 2 3; do "$CARTRITA" chat -q --no-stdin hi; done'
run store stats --json
expect_status 0
expect "requests" "3 3 0" "$(jq -r '[.requests, .attempts, .bodies_dropped] | join(" ")' "$work/out")"
run store stats
expect_out_has " of data"
run store check
expect_status 0
expect_out ok
run store backup "$work/copy.db"
expect_status 0
expect "mode" 600 "$(stat -c %a "$work/copy.db")"
run store backup "$work/copy.db"
expect_status 2
sqlite3 "$work/s.db" "UPDATE provider_rollups SET requests = 9"
run store check
expect_status 8
expect_out_has "attempts, there are 3"

# a message that is no longer what was kept, and one whose attachment is not
cp "$work/copy.db" "$work/bad.db"
first=$(sqlite3 "$work/bad.db" "SELECT id FROM messages ORDER BY n LIMIT 1")
of=$(sqlite3 "$work/bad.db" "SELECT conversation_id FROM messages ORDER BY n LIMIT 1")
third=$(sqlite3 "$work/bad.db" "SELECT id FROM messages WHERE role='user' ORDER BY n LIMIT 1 OFFSET 1")
sqlite3 "$work/bad.db" "UPDATE messages SET content='ho' WHERE id='$first';
INSERT INTO message_parts VALUES('$third',0,'image','image/png','a.png',x'89504e47')"
run --db "$work/bad.db" store check
expect_status 8
expect_out_has "message $first of conversation $of is damaged: its checksum is wrong"
expect_out_has "message $third of conversation"
expect "problems" 2 "$(wc -l <"$work/out")"
run --db "$work/bad.db" store check --json
expect_status 8
expect "document" "false 2" "$(jq -r '"\(.ok) \(.problems | length)"' "$work/out")"

run --db "$work/copy.db" store prune --older-than 0s --json
expect_out '{"deleted":3}'
run --db "$work/copy.db" provider stats --json
expect "statistics stay" 3 "$(jq '.[0].requests' "$work/out")"

# the ceiling: 1 MB
printf 'store: {max_size_mb: 1}\n' >"$work/config.yaml"
export CARTRITA_CONFIG="$work/config.yaml"
head -c 400000 /dev/zero | tr '\0' a >"$work/long"
run --db "$work/small.db" sandbox -- sh -c 'for i in 1 2 3 4 5 6 7 8; do "$CARTRITA" chat -q <"$HOME/long" >/dev/null; done'
run --db "$work/small.db" store stats --json
[ "$(jq .bodies_dropped "$work/out")" -gt 0 ] || differ "ceiling" "bodies are dropped" "$(cat "$work/out")"
finish
