# Recordings are written down: by whom, in which form, and what is no recording is refused.
. "$(dirname "$0")/lib.sh"
need jq sha256sum

# wav FILE SAMPLES RATE: samples of 16 bits, one channel
le() { printf "\\$(printf %03o $(($1 & 255)))\\$(printf %03o $(($1 >> 8 & 255)))\\$(printf %03o $(($1 >> 16 & 255)))\\$(printf %03o $(($1 >> 24 & 255)))"; }
wav() {
	{
		printf RIFF; le $(($2 * 2 + 36)); printf 'WAVEfmt '; le 16
		printf '\1\0\1\0'; le "$3"; le $(($3 * 2)); printf '\2\0\20\0'
		printf data; le $(($2 * 2)); head -c $(($2 * 2)) /dev/zero
	} >"$1"
}
wav "$work/talk.wav" 16000 8000
sum=$(sha256sum <"$work/talk.wav" | cut -d' ' -f1)

sandbox() { run sandbox --log "$work/log" -- "$CARTRITA" --db "$work/db" "$@"; }
heard='[sandbox] deepgram here, no real ear. You sent 32044 bytes of audio/wav, 2000 ms.'

sandbox voice transcribe "$work/talk.wav"
expect_status 0
expect_out "$heard"
expect_err ""
expect "whole and unchanged" "$sum" "$(tail -1 "$work/log" | jq -r .recording_sha256)"
sandbox voice transcribe -p openai "$work/talk.wav"
expect_out_has "[sandbox] openai here"
expect "whole in a form" "$sum" "$(tail -1 "$work/log" | jq -r .recording_sha256)"
sandbox voice transcribe -p hf "$work/talk.wav"
expect_out_has "[sandbox] huggingface here"
expect "its address" "/huggingface/hf-inference/models/openai/whisper-large-v3" \
	"$(tail -1 "$work/log" | jq -r .path)"

# through a pipe, a file from its middle on, and without a name that says what it is
cp "$work/talk.wav" "$work/talk"
run sandbox --log "$work/log" -- sh -c "cat '$work/talk.wav' | '$CARTRITA' voice transcribe -; '$CARTRITA' voice transcribe '$work/talk'"
expect_out "$heard
$heard"
expect "from a pipe" "$sum" "$(tail -1 "$work/log" | jq -r .recording_sha256)"
sandbox voice transcribe https://example.com/talk.mp3
expect_out_has "You sent the address https://example.com/talk.mp3."

# forms
sandbox voice transcribe --json "$work/talk.wav"
expect "members" "$heard|0.5|en|2000|14|deepgram|nova-3" \
	"$(jq -r '[.transcript,.confidence,.language,.duration_ms,(.words|length),.provider,.model]|join("|")' "$work/out")"
expect "a word" '{"word":"[sandbox]","start_ms":0,"end_ms":142,"confidence":0.5}' "$(jq -c '.words[0]' "$work/out")"
expect "metadata" "2000 true" "$(jq -r '"\(.usage.audio_ms) \(.metadata.request_id != null)"' "$work/out")"
sandbox voice transcribe --format srt "$work/talk.wav"
expect "times" "00:00:00,000" "$(sed -n 2p "$work/out" | cut -d' ' -f1)"
sandbox voice transcribe --format vtt --diarize "$work/talk.wav"
expect "vtt" "WEBVTT" "$(head -1 "$work/out")"
expect_out_has "<v Speaker 0>[sandbox]"
sandbox voice transcribe --words "$work/talk.wav"
expect "words" "0.000	0.142	[sandbox]" "$(head -1 "$work/out")"
sandbox voice transcribe -o "$work/text" "$work/talk.wav"
expect_out ""
expect "in a file" "$heard" "$(cat "$work/text")"

# samples without a header
head -c 32000 /dev/zero >"$work/samples"
sandbox voice transcribe --encoding linear16 --sample-rate 8000 "$work/samples"
expect_out_has "32000 bytes of application/octet-stream, 2000 ms."
sandbox voice transcribe -p openai --encoding linear16 --sample-rate 8000 "$work/samples"
expect_out_has "32044 bytes of audio/wav, 2000 ms."

# the next one answers, and all of it is recorded
run sandbox --fault deepgram:503 -- "$CARTRITA" --db "$work/db" voice transcribe --retries 0 "$work/talk.wav"
expect_status 0
expect_out_has "[sandbox] openai here"
expect_err_has "openai answers instead of deepgram"
run --db "$work/db" provider logs show last --json
expect "journal" "transcribe $sum" \
	"$(jq -r '.request | "\(.task) \(.recording.sha256)"' "$work/out")"

# what is none
: >"$work/empty.wav"
echo "not a sound" >"$work/note.txt"
head -c 44 "$work/talk.wav" >"$work/header.wav"
head -c 30 "$work/talk.wav" >"$work/cut.wav"
while read -r status file why; do
	case $file in /*|-*|http*) ;; *) file=$work/$file ;; esac
	sandbox voice transcribe $file
	expect_status "$status"
	expect_err_has "$why"
done <<END
2 empty.wav is empty
2 note.txt is no recording: it is text
2 header.wav holds no sound
2 cut.wav holds no sound
2 missing.wav No such file or directory
2 / is a folder, not a recording
2 http:// the URL has no host
2 --encoding=linear16 takes one file
END
sandbox voice transcribe --encoding linear16 "$work/samples"
expect_status 2
expect_err_has "needs --sample-rate"
for args in "--json --format srt" "--json --format text" "--json -o $work/text"; do
	sandbox voice transcribe $args "$work/talk.wav"
	expect_status 2
	expect "a document" usage "$(jq -r .error.code "$work/out")"
done
sandbox voice transcribe --encoding linear17 "$work/samples"
expect_status 2
sandbox voice transcribe --encoding linear16 --sample-rate 8000 "$work/talk.wav"
expect_status 2
expect_err_has "has a header of its own (audio/wav)"
sandbox voice transcribe -p claude "$work/talk.wav"
expect_status 2
expect_err_has "claude is no provider for that"
run voice transcribe "$work/talk.wav"
expect_status 3
expect_err_has "no key for deepgram, openai or huggingface"
expect_err_has "sandbox -- cartrita voice speak -o hello.mp3 hello"

# where nothing was heard a line says so, in every form but JSON, and not with -q
if command -v python3 >/dev/null 2>&1; then
	mkfifo "$work/port"
	python3 - >"$work/port" 2>/dev/null <<'END' &
import http.server, sys

class Silence(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers['Content-Length']))
        text = b'said' if self.path.startswith('/said/') else b''
        body = (b'{"metadata":{"request_id":"r1","duration":1.0},"results":{"channels":[{"alternatives":[{"transcript":"%s",'
                b'"words":[]}]}]}}' % text)
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

server = http.server.HTTPServer(('127.0.0.1', 0), Silence)
print(server.server_port, flush=True)
server.serve_forever()
END
	server=$!
	read -r port <"$work/port"
	export DEEPGRAM_API_KEY=none DEEPGRAM_BASE_URL=http://127.0.0.1:$port NO_PROXY=127.0.0.1
	for form in "" "--format srt" "--format vtt" "--words"; do
		run voice transcribe --no-fallback $form "$work/talk.wav"
		expect_status 0
		expect_err "cartrita: nothing was heard in it"
		run voice transcribe -q --no-fallback $form "$work/talk.wav"
		expect_err ""
	done
	# what was asked for and did not come is said, and not made up
	export DEEPGRAM_BASE_URL=$DEEPGRAM_BASE_URL/said
	for form in "--words" "--format srt"; do
		run voice transcribe --no-fallback $form "$work/talk.wav"
		expect_status 1
		expect_out ""
		expect_err "cartrita: the transcript came without times"
	done
	run voice transcribe --no-fallback --diarize "$work/talk.wav"
	expect_status 0
	expect_out "said"
	expect_err "cartrita: the transcript came without speakers"
	run voice transcribe --no-fallback --json "$work/talk.wav"
	expect "the request's id, which stands in no header" r1 "$(jq -r .metadata.provider_request_id "$work/out")"
	kill $server
fi
finish
