# Where an answer is to go and what is to be asked is checked before anything is sent.
. "$(dirname "$0")/lib.sh"
need jq
export CARTRITA_DB="$work/asked.db"

# refuses TEXT ARGUMENT...
refuses() {
	text=$1
	shift
	run --db "$CARTRITA_DB" sandbox -- "$CARTRITA" chat --no-stdin hi "$@"
	expect_status 2
	expect_err_has "$text"
	expect_out ""
}

refuses "--output: cannot write $work/no/such: No such file" --output "$work/no/such"
refuses "--output: cannot write $work: Is a directory" --output "$work"
refuses "--output is empty" --output ""
refuses "--user is not valid UTF-8" --user "$(printf 'a\377')"
refuses "--stop is not valid UTF-8" --stop "$(printf 'a\377')"
refuses "--fallback is empty" --fallback ""
refuses "--fallback: a name is empty" --fallback gemini,
refuses "--fallback: a name is empty" --fallback gemini,,openai
[ -e "$CARTRITA_DB" ] && differ "nothing was asked" "no store" "a store"

# a device is written to, not replaced; a link stays one; the mode is what the umask leaves
mkfifo "$work/pipe"
cat "$work/pipe" >"$work/piped" &
run sandbox -- "$CARTRITA" chat --output "$work/pipe" count to 2
wait $!
expect_status 0
expect "through the pipe" "[sandbox] 1 2" "$(cat "$work/piped")"
[ -p "$work/pipe" ] || differ "the pipe" "a pipe" "$(ls -l "$work/pipe")"
ln -s file "$work/link"
echo old >"$work/file"
run sandbox -- sh -c 'umask 027; "$CARTRITA" chat --output "$HOME/link" count to 2'
expect "through the link" "[sandbox] 1 2" "$(cat "$work/file")"
[ -L "$work/link" ] || differ "the link" "a link" "$(ls -l "$work/link")"
expect "mode" 640 "$(stat -c %a "$work/file")"

# --dry-run: as a call would go, as one document with --json, with what is left out
run sandbox -- "$CARTRITA" chat --dry-run --json -s system -t 1 hi
expect_status 0
expect "document" 'POST|REDACTED|system|hi' \
	"$(jq -r '[.method, .headers["x-api-key"], .body.system, .body.messages[0].content] | join("|")' "$work/out")"
expect_err_has "temperature"
run sandbox -- "$CARTRITA" chat --dry-run=curl --json hi
expect "command" "curl -X POST" "$(jq -r .command "$work/out" | head -1 | cut -c1-12)"
run sandbox -- env -u ANTHROPIC_API_KEY "$CARTRITA" chat --dry-run --json hi
expect "the first with a key" "1" "$(jq -r .url "$work/out" | grep -c gemini)"
run sandbox -- env -u ANTHROPIC_API_KEY "$CARTRITA" chat --dry-run -p claude hi
expect_status 3
finish
