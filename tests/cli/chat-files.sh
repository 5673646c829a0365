# Attachments: what is sent, what is refused before anything is sent, what the journal has of it.
. "$(dirname "$0")/lib.sh"
need jq base64
cd "$work" || exit 2
printf '\211PNG\r\n\032\n\000\000\000\015IHDR\000\000\000\001' >a.png
printf '%%PDF-1.4 x' >b.pdf
printf 'ID3\004\000\000\000\000' >c.mp3
echo "some text" >notes.txt
echo "<p>no image</p>" >fake.png
: >empty
printf 'a\000b' >binary.png
mkfifo fifo

# body ARGUMENT...: the request's body as --dry-run has it in $work/out
body() {
	run sandbox -- "$CARTRITA" chat --dry-run "$@"
	expect_status 0
	tail -n 1 "$work/out" >"$work/body" && mv "$work/body" "$work/out"
}

# each vendor's form
body -p claude -f a.png -f b.pdf -f notes.txt "what is it?"
expect "claude" "image|$(base64 -w0 a.png)|document|$(base64 -w0 b.pdf)|what is it?

notes.txt:
\`\`\`
some text
\`\`\`" "$(jq -r '.messages[0].content | [.[0].type, .[0].source.data, .[1].type, .[1].source.data, .[2].text] | join("|")' out)"
body -p gemini -f c.mp3 hear
expect "gemini" "audio/mpeg|$(base64 -w0 c.mp3)|hear" "$(jq -r '.contents[0].parts | [.[0].inlineData.mimeType, .[0].inlineData.data, .[1].text] | join("|")' out)"
body -p openai -f a.png see
expect "chat" "image_url|data:image/png;base64,$(base64 -w0 a.png)|see" "$(jq -r '.messages[0].content | [.[0].type, .[0].image_url.url, .[1].text] | join("|")' out)"
run sandbox -- env OPENAI_API=responses "$CARTRITA" chat -p openai --json --dry-run -f b.pdf read
expect "responses" "input_file|b.pdf|read" "$(jq -r '.body.input[0].content | [.[0].type, .[0].filename, .[1].text] | join("|")' out)"
body -f notes.txt
expect "no prompt" "notes.txt:
\`\`\`
some text
\`\`\`" "$(jq -r '.messages[0].content' out)"

# a command for a shell that is too long for one word of it
awk 'BEGIN { for (i = 0; i < 20000; i++) print "a line of text" }' >long.txt
run sandbox -- "$CARTRITA" chat --dry-run=curl -f long.txt x
expect_out_has "--data-binary @- <<'CARTRITA'"
sh -n out || differ "curl command" "a command" "no command"

# all four protocols of the sandbox count them
for form in claude gemini openai; do
	run sandbox -- "$CARTRITA" chat -p $form -f a.png -f b.pdf see
	expect_status 0
	expect_out "[sandbox] $form here, no real model. You said: see (and 2 files)"
done
run sandbox -- env OPENAI_API=responses "$CARTRITA" chat -p openai -f a.png see
expect_out_has "see (and 1 files)"
run sandbox -- sh -c '"$CARTRITA" chat -f - see <a.png'
expect_out_has "see (and 1 files)"
run sandbox -- sh -c 'echo "from a pipe" | "$CARTRITA" chat -f notes.txt first'
expect_out "[sandbox] claude here, no real model. You said: first

from a pipe


notes.txt:
\`\`\`
some text
\`\`\`"

# refused WORDS ARGUMENT...: exit 2, and nothing is sent
refused() {
	words=$1
	shift
	: >sent
	run sandbox --log sent -- "$CARTRITA" chat "$@" x
	expect_status 2
	expect_err_has "$words"
	expect_out ""
	expect "nothing is sent" "" "$(cat sent)"
}
refused "cannot attach empty: it is empty" -f empty
refused "cannot attach binary.png: it is binary data" -f binary.png
refused "cannot attach fifo: it is a FIFO" -f fifo
refused "cannot attach /dev/zero: it is a device" -f /dev/zero
refused "cannot attach none: No such file or directory" -f none
refused "cannot attach none/*.c: no file has such a name" -f 'none/*.c'
refused "claude-sonnet-5-5 takes no audio: c.mp3" -p claude -f c.mp3
refused "gpt-6.1-sol takes no audio" -p openai -f c.mp3
refused "standard input can be read once" -f - -f -
refused "private address" -f 'http://user@127.0.0.1/private address'
head -c 7900000 /dev/zero | tr '\0' x >tail
cat a.png tail >large.png
refused "at most 10 MB in base64: large.png has 10.0 MB" -m claude-sonnet-5-5 -f large.png
cat b.pdf tail tail tail tail >large.pdf
refused "at most 32 MB" -p claude -f large.pdf
refused "at most 20 MB" -p gemini -f large.pdf
run sandbox --log sent -- "$CARTRITA" chat --json -f empty x
expect_status 2
expect "code" invalid_request "$(jq -r .error.code out)"

# the first that takes it is asked where nobody was named
run sandbox -- "$CARTRITA" chat -f c.mp3 hear
expect_status 0
expect_out_has "gemini here"
expect_err_has "gemini answers instead of claude: claude-sonnet-5-5 takes no audio: c.mp3"
run sandbox -- "$CARTRITA" chat --json -f c.mp3 hear
expect "skipped" "claude|true|invalid_request" "$(jq -r '.metadata.attempts[0] | [.provider, .skipped, .error] | map(tostring) | join("|")' out)"
run sandbox -- "$CARTRITA" chat --dry-run -f c.mp3 hear
expect_out_has "gemini/v1beta"
run sandbox -- "$CARTRITA" chat --fallback openai -f c.mp3 hear
expect_status 2

# a text that is named like an image
run sandbox -- "$CARTRITA" chat -f fake.png look
expect_status 0
expect_err "cartrita: fake.png is text, whatever its name says: taken as that"
expect_out_has "<p>no image</p>"

# folders
mkdir -p d/.git d/sub
echo hidden >d/.git/config
echo hidden >d/.env
echo one >d/a
echo two >d/sub/b
cp binary.png d
run sandbox -- "$CARTRITA" chat -v -f d/ read
expect_status 0
expect_err_has "attached d/a: text, 4 bytes"
expect_err_has "left out d/binary.png: it is binary data"
expect "hidden ones" "" "$(grep -h hidden out err)"
run sandbox -- "$CARTRITA" chat -f d/ read
expect_err "cartrita: d/: 2 files attached, 1 left out (-v lists them)"
run sandbox -- "$CARTRITA" chat -q -f d/ read
expect_err ""
rm -r d/a d/sub
refused "it holds nothing that a model takes" -f d

# URLs: the sandbox is one, of which nobody is let in without a key
run sandbox -- sh -c '"$CARTRITA" chat -f "$CARTRITA_SANDBOX/nothing?token=abc" x'
expect_status 2
expect_err_has "/nothing: it answers with status 404"
expect "the query" "" "$(grep token err)"
run sandbox -- "$CARTRITA" chat -f http://127.0.0.1:1/x x
expect_status 1
expect_err_has "cannot attach http://127.0.0.1:1/x: "

# the journal has what it was, not what was in it
run sandbox --db journal.db -- "$CARTRITA" chat -f a.png see
run --db journal.db provider logs show last
expect_out_has "  [a.png: image/png, 20 bytes]"
run --db journal.db provider logs show last --json
expect "request" "a.png|image/png|20|$(sha256sum a.png | cut -d' ' -f1)" "$(jq -r '.request.messages[0].attachments[0] | [.name, .mime, .bytes, .sha256] | map(tostring) | join("|")' out)"
expect "its content" "" "$(grep -F "$(base64 -w0 a.png)" out)"

# a conversation that is gone on with later still sees it
run sandbox --db journal.db -- "$CARTRITA" chat --json --dry-run -p gemini -c "and now?"
expect "conversation" "image/png|$(base64 -w0 a.png)|and now?" \
	"$(jq -r '.body.contents | [.[0].parts[0].inlineData.mimeType, .[0].parts[0].inlineData.data, .[2].parts[0].text] | join("|")' out)"
finish
