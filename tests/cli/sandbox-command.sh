# A command runs against the sandbox, with its environment and none of the user's keys.
. "$(dirname "$0")/lib.sh"

run sandbox -- sh -c 'exit 7'
expect_status 7
run sandbox -- sh -c 'kill -9 $$'
expect_status 137
run sandbox -- nosuchprogram
expect_status 127
expect_err_has "cannot run nosuchprogram"

OPENAI_API_KEY=real-key-1 GITHUB_TOKEN=real-key-2 ANTHROPIC_AUTH_TOKEN=real-key-3 NO_PROXY=own.example \
	run sandbox -- env
expect_status 0
expect_out_has "ANTHROPIC_BASE_URL=http://127.0.0.1:"
expect_out_has "OPENAI_API_KEY=sandbox-no-key-openai"
expect_out_has "NO_PROXY=127.0.0.1,localhost,own.example"
expect "real keys" "" "$(grep real-key "$work/out")"

run sandbox -- sh -c 'touch "$CARTRITA_DB" && echo "${CARTRITA_DB%/*}"'
expect_status 0
[ -e "$(cat "$work/out")" ] && differ "folder removed" "" "$(cat "$work/out")"
run sandbox --db "$work/mine.db" -- sh -c 'echo "$CARTRITA_DB"'
expect_out "$work/mine.db"

run sandbox --fault claude:resett -- true
expect_status 2
expect_err_has "unknown fault 'resett'"
expect_err_has "did you mean 'reset'?"
run sandbox extra
expect_status 2
run sandbox --
expect_status 2
expect_err_has "no command after '--'"
run sandbox --background -- true
expect_status 2
run sandbox --log "$work/no/folder" -- true
expect_status 1
finish
