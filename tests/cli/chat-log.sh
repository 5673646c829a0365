# What is said on stderr while a call goes on, and what --no-log leaves in the store.
. "$(dirname "$0")/lib.sh"
need jq sqlite3

# only who answered in the end is said to have answered, also where nothing was shown meanwhile
run sandbox --fault 'claude:503,gemini:cut-after:2' -- "$CARTRITA" chat --retries 0 count to 5
expect_status 0
expect_err "cartrita: openai answers instead of claude: claude answered 503: [sandbox] fault: status 503, as planned"
run sandbox --fault cut-after:2 -- "$CARTRITA" chat --retries 0 --json count to 5
expect_status 1
expect "nobody is said to answer" 0 "$(grep -c 'answers instead' "$work/err")"

# -v sums up; -vv has each attempt, wait and reason
run sandbox -- "$CARTRITA" chat -v count to 2
expect "one line" 1 "$(wc -l <"$work/err" | tr -d ' ')"
expect_err_has "claude-sonnet-5-5 has answered after"
expect_err_has "1 attempt, "
run sandbox --fault 'claude:503*1' -- "$CARTRITA" chat -vv count to 2
expect_err_has "claude: attempt 1 asks for claude-sonnet-5-5"
expect_err_has "candidates: claude/claude-sonnet-5-5, gemini/"
expect_err_has "; again in "
expect_err_has "claude: attempt 2 asks for claude-sonnet-5-5"
expect_err_has "claude: answered with 200 in "
run sandbox -- env -u ANTHROPIC_API_KEY "$CARTRITA" chat -v count to 2
expect_err_has "claude is skipped: no key for claude"

# the same in the document, and in what is kept
export CARTRITA_DB="$work/reasons.db"
run --db "$CARTRITA_DB" sandbox --fault 'claude:429:1*1' -- "$CARTRITA" chat --json count to 2
expect "waited, and why" '[0,"rate limited"] true' \
	"$(jq -r '.metadata.attempts | ([.[0] | .waited_ms, .reason] | tojson) + " " +
		(.[1].waited_ms >= 1000 | tostring)' "$work/out")"
COLUMNS=200 run provider logs show last
expect_out_has "claude answered 429: [sandbox] fault: status 429, as planned; rate limited"
expect_out_has "after a wait of 1"
unset CARTRITA_DB

# a reader that is gone is told nothing, as SIGPIPE would have it
run sandbox -- sh -c '"$CARTRITA" chat --stream count to 2 | true'
expect_err ""

# --no-log: tokens and times are there, words of either side are not, nor errors that may quote them
export CARTRITA_DB="$work/quiet.db"
run --db "$CARTRITA_DB" sandbox --fault claude:400 -- "$CARTRITA" chat --no-log --user ann \
	-p gemini repeat: PRIVATE-WORD
expect_status 0
run provider logs --json
expect "usage" '["ann","completed",true]' "$(jq -c '.[0] | [.user_id,.state,.usage.total_tokens > 0]' "$work/out")"
run provider logs show last
expect_out_has "--no-log"
expect "no words kept" "" "$(sqlite3 "$CARTRITA_DB" .dump | grep -a PRIVATE-WORD)"
run --db "$CARTRITA_DB" sandbox --fault claude:400 -- "$CARTRITA" chat --no-log -p claude hello
expect_status 2
run provider logs show last --json
expect "no words of the provider" "null,invalid_request,null" \
	"$(jq -r '[.attempts[0].message, .attempts[0].error, .error.message] | map(. // "null") | join(",")' "$work/out")"
finish
