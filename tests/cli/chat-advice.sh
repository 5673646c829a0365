# A failure is one line that names the provider, and a line that says what to do.
. "$(dirname "$0")/lib.sh"

# advises FAULT STATUS TEXT HINT
advises() {
	run sandbox --fault "$1" -- "$CARTRITA" chat --no-stdin --no-fallback --retries 0 \
		--first-token-timeout 0.5 --idle-timeout 0.5 count to 5
	expect_status "$2"
	expect_out ""
	expect "$1: two lines" 2 "$(wc -l <"$work/err" | tr -d ' ')"
	expect "$1: what went wrong" 1 "$(head -1 "$work/err" | grep -cF "cartrita: $3")"
	expect "$1: what to do" 1 "$(tail -1 "$work/err" | grep -cF -e "$4")"
}
advises 401 4 "claude answered 401" "check the key: ANTHROPIC_API_KEY"
advises 402 5 "claude answered 402" "credit"
advises 429 5 "claude answered 429" "-p NAME"
advises 429:50 5 "claude answered 429" "try again in 50 s"
advises 503 1 "claude answered 503" "-p NAME"
advises refused 1 "claude: cannot connect to 127.0.0.1" "cartrita provider list"
advises silent 6 "claude said nothing" "--first-token-timeout"
advises stall-after:2 6 "claude fell silent" "--idle-timeout"
advises context-length 1 "claude answered 400: prompt is too long" "cartrita model list"

# of several, the last one is the error, and where the others are is said
run sandbox --fault 503 -- "$CARTRITA" chat --no-stdin --retries 0 hi
expect_err_has "cartrita: openai answered 503"
expect_err_has "cartrita provider logs show last"

# a circuit that is open: when it closes, and how to make it
run sandbox --fault claude:503 -- sh -c 'export PROVIDER_CIRCUIT_THRESHOLD=1
	"$CARTRITA" chat -q --no-stdin --no-fallback --retries 0 hi 2>/dev/null
	"$CARTRITA" chat --no-stdin --no-fallback hi'
expect_status 7
expect_err_has "cartrita provider circuit reset claude"

# the key that was refused is named by where it came from
cat >"$work/c.yaml" <<Q
providers:
  filed: {kind: claude}
  told: {kind: claude, key_command: echo key-from-a-command}
Q
printf 'filed key-from-the-file\n' >"$work/keys"
chmod 600 "$work/keys"
run sandbox --fault 401 -- sh -c 'for p in filed told; do
	sed -i "s|{kind: claude|{base_url: $ANTHROPIC_BASE_URL, kind: claude|" "$HOME/c.yaml"
	"$CARTRITA" --config "$HOME/c.yaml" chat --no-stdin --no-fallback -p $p hi; done'
expect_err_has "cartrita key set filed"
expect_err_has "providers.told.key_command"

run sandbox --fault claude -- true
expect_status 2
expect_err_has "what shall go wrong with claude? claude:FAULT"

# what lies on our side is no address of theirs
http_proxy=http://127.0.0.1:9 ANTHROPIC_BASE_URL=http://192.0.2.1 ANTHROPIC_API_KEY=key-that-goes-nowhere \
	run chat --no-stdin --no-fallback --retries 0 hi
expect_status 1
expect_err_has "claude: cannot connect to the proxy"
expect_err_has "cartrita doctor"
finish
