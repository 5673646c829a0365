# Bad input is refused with its status, a clear line, and what to do; nothing is sent.
. "$(dirname "$0")/lib.sh"

# refuses STATUS TEXT ARGUMENT...
refuses() {
	expected=$1 text=$2
	shift 2
	run "$@"
	expect_status "$expected"
	expect_err_has "$text"
	expect_out ""
}

refuses 3 "ANTHROPIC_API_KEY" chat --no-stdin hi
expect_err_has "sandbox"
expect_err_has "cartrita: no key for claude, gemini or openai"
run chat --no-stdin --json -p gemini hi
expect_status 3
expect_out_has '"message":"no key for gemini","provider":"gemini"'
export ANTHROPIC_API_KEY=sk-ant-test-0123456789
refuses 2 "empty" chat --no-stdin ""
refuses 2 "--temperature" chat --temprature 1 hi
refuses 2 "temperature" chat -t 9 --no-stdin hi
refuses 2 "max-tokens" chat --max-tokens abc --no-stdin hi
refuses 2 "max-tokens" chat --max-tokens 0 --no-stdin hi
refuses 2 "timeout" chat --timeout -1 --no-stdin hi
refuses 2 "KEY=VALUE" chat -o nonsense --no-stdin hi
refuses 2 "do not go together" chat --stream --no-stream --no-stdin hi
refuses 3 "claude" chat -p cluade --no-stdin hi
refuses 3 "claude-sonnet-5-5" chat -m claude-3-5-sonnet-20241022 --no-stdin hi
refuses 3 "gpt-6.1-sol" chat -m gpt-4-turbo-preview --no-stdin hi
refuses 3 "unknown model" chat -m no-such-thing --no-stdin hi
refuses 3 "OPENAI_API_KEY" chat -p openai --no-stdin hi
refuses 2 "not valid UTF-8" chat "$(printf 'a\377b')"
ANTHROPIC_BASE_URL=nonsense refuses 3 "ANTHROPIC_BASE_URL" chat --no-stdin hi
refuses 2 "cannot read" chat -s @/no/such/file --no-stdin hi
FALLBACK_CHAIN=gemini,nobody refuses 3 "nobody" chat --no-stdin hi

printf 'chat:\n  primary: claude\n  primery: x\n' >"$work/bad.yaml"
refuses 3 "bad.yaml:3" --config "$work/bad.yaml" chat --no-stdin hi

command="invalid UTF-8 on stdin"
printf 'caf\351' | "$CARTRITA" chat summarise >"$work/out" 2>"$work/err"
status=$?
expect_status 2
expect_err_has "standard input is not valid UTF-8 (byte 4)"

run chat --json --no-stdin -m claude-3-opus-20240229 hi
expect_status 3
expect_out_has '"code":"unknown_model"'

[ -e "$work/.local/share/cartrita/cartrita.db" ] && differ "nothing was journaled" "no store" "a store"
# too few descriptors are said, whatever lacks them
for n in 4 5 6 7 8 9 10 11 12; do
	command="chat with $n descriptors"
	(ulimit -n $n; OPENAI_API_KEY=key OPENAI_BASE_URL=http://127.0.0.1:1/v1 \
		"$CARTRITA" chat --no-fallback --retries 0 -p openai hi) </dev/null >"$work/out" 2>"$work/err"
	status=$?
	[ $status -gt 0 ] && [ $status -lt 128 ] || expect_status 1
done
finish
