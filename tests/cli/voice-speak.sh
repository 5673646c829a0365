# Text becomes sound: in files and pipes, in one piece or in several, and never half of it in silence.
. "$(dirname "$0")/lib.sh"
need jq od
export TMPDIR="$work"

sandbox() { run sandbox --log "$work/log" -- "$CARTRITA" --db "$work/db" "$@"; }
number() { od -An -tu4 -j "$2" -N 4 "$1" | tr -d ' '; }
size() { wc -c <"$1" | tr -d ' '; }

# 60 ms a character: 5 characters of 24000 samples a second
sandbox voice speak -o "$work/a.wav" hello
expect_status 0
expect_out ""
expect_err ""
expect "the size of the sound" 14400 "$(number "$work/a.wav" 40)"
expect "the size of the file" "14436 14444" "$(number "$work/a.wav" 4) $(size "$work/a.wav")"
expect "nobody else's" "$(umask | sed 's/^0*//;s/22/644/;s/77/600/;s/^2$/664/')" "$(stat -c %a "$work/a.wav")"
sandbox voice speak --encoding wav hello
cmp -s "$work/out" "$work/a.wav" || differ "into a pipe" "the same bytes" "$(size "$work/out")"
expect_err ""
sandbox voice speak --encoding linear16 --sample-rate 8000 hello
expect "samples alone" 4800 "$(size "$work/out")"
sandbox voice speak -p openai --encoding wav hello
expect "another voice" 14444 "$(size "$work/out")"
sandbox voice speak hello
expect "mp3 unless told" "fff3" "$(od -An -tx1 -N 2 "$work/out" | tr -d ' ')"

# what is long comes in parts, under the limit, and is one sound
i=0
while [ $i -lt 60 ]; do echo "Sentence number $i is here to be spoken."; i=$((i + 1)); done >"$work/long.txt"
run sandbox --log "$work/long.log" -- sh -c "'$CARTRITA' --db '$work/db' voice speak --json -o '$work/long.wav' - <'$work/long.txt'"
expect_status 0
parts=$(wc -l <"$work/long.log")
expect "parts" "$parts true" "$(jq -r '"\(.parts) \(.parts > 1)"' "$work/out")"
samples=$(number "$work/long.wav" 40)
expect "one header" "$((samples + 44))" "$(size "$work/long.wav")"
expect "every character but the blanks between the parts" \
	"$((($(size "$work/long.txt") - parts) * 60 * 48))" "$samples"
run sandbox -- sh -c "'$CARTRITA' --db '$work/db' voice speak - <'$work/long.txt'"
expect "frames of mp3" 0 "$(($(size "$work/out") % 144))"
if command -v soxi >/dev/null 2>&1; then
	expect "sox reads it" "$(awk "BEGIN { printf \"%.6f\", $samples / 48000 }")" "$(soxi -D "$work/long.wav")"
	sandbox voice speak -o "$work/a.flac" hello there
	if sox --help | grep -q ' flac'; then
		expect "flac" "0.660000" "$(soxi -D "$work/a.flac")"
		sox "$work/a.flac" "$work/from.wav"
		sandbox voice speak -o "$work/to.wav" hello there
		cmp -s "$work/from.wav" "$work/to.wav" || differ "flac" "the same samples" "others"
	fi
	sandbox voice speak --encoding wav hello
	expect "sox reads the pipe" "0.300000" "$(sox -t wav "$work/out" -n stat 2>&1 | sed -n 's/^Length.*: *//p')"
fi
run sandbox -- sh -c "'$CARTRITA' --db '$work/db' voice speak -o '$work/long.flac' - <'$work/long.txt'"
expect_status 0
if command -v soxi >/dev/null 2>&1 && sox --help | grep -q ' flac'; then
	expect "sox reads the parts" "$(soxi -D "$work/long.wav")" "$(soxi -D "$work/long.flac")"
	sox "$work/long.flac" "$work/from.wav"
	cmp -s "$work/from.wav" "$work/long.wav" || differ "parts of flac" "the same samples" "others"
fi
# a part that is begun anew: what stands before it stays
run sandbox --fault 'slow:0,cut-after:5*1' -- sh -c "'$CARTRITA' --db '$work/db' voice speak -o '$work/anew.flac' - <'$work/long.txt'"
expect_status 0
cmp -s "$work/anew.flac" "$work/long.flac" || differ "begun anew" "the same bytes" "others"

# broken off: a file begins anew, a pipe ends with what was written
run sandbox --fault deepgram:cut-after:5*1 -- "$CARTRITA" --db "$work/db" voice speak -o "$work/b.wav" hello again
expect_status 0
expect "begun anew" $((11 * 60 * 48 + 44)) "$(size "$work/b.wav")"
run sandbox --fault cut-after:5*1 -- "$CARTRITA" --db "$work/db" voice speak hello again
expect_status 1
expect_err_has "the answer was cut off after"
run sandbox --fault cut-after:5*1 -- "$CARTRITA" --db "$work/db" voice speak --encoding wav hello again
expect "a pipe that must know the length loses nothing" $((11 * 60 * 48 + 44)) "$(size "$work/out")"
for fault in empty html shape; do
	rm -f "$work/c.mp3"
	run sandbox --fault $fault -- "$CARTRITA" --db "$work/db2" voice speak --no-fallback -o "$work/c.mp3" hello
	expect_status 1
	expect "no file of $fault" "" "$(ls "$work" | grep c.mp3)"
done
run sandbox --fault silent -- "$CARTRITA" --db "$work/db3" voice speak --no-fallback --retries 0 --idle-timeout 0.3 -o "$work/c.mp3" hello
expect_status 6
expect_err_has "--idle-timeout SECONDS gives it more time"
echo old >"$work/d.mp3"
run sandbox --fault 401 -- "$CARTRITA" --db "$work/db" voice speak -o "$work/d.mp3" hello
expect_status 4
expect "what was there stays" old "$(cat "$work/d.mp3")"

# journal and counts
sandbox voice speak --json -o "$work/e.mp3" hello
expect "document" "mp3 5 deepgram aura-2-thalia-en" "$(jq -r '[.encoding,.characters,.provider,.model]|join(" ")' "$work/out")"
run --db "$work/db" provider logs show last --json
expect "by its digest" "speak hello $(size "$work/e.mp3")" \
	"$(jq -r '"\(.request.task) \(.request.text) \(.response.audio.bytes)"' "$work/out")"

# bad input
for args in "--encoding mp4 hello" "--json hello" "-o $work hello" "-o $work/none/x.mp3 hello" \
	"--device nowhere -o $work/g.mp3 hello"; do
	sandbox voice speak $args
	expect_status 2
done
sandbox voice speak ""
expect_status 2
expect_err_has "there is nothing to speak"
run sandbox -- sh -c "printf 'a\\377b' | '$CARTRITA' voice speak -o '$work/f.mp3' -"
expect_status 2
expect_err_has "not valid UTF-8"
sandbox voice speak -p deepgram --voice alloy -o "$work/v.mp3" hello
expect_status 0
expect_err_has "at deepgram a voice is a model (-m): --voice is not sent"
sandbox voice speak -p huggingface hello
expect_status 2
expect "no files are left" "" "$(ls "$work" | grep -E 'cartrita|\.[A-Za-z0-9]{6}$')"

# heard: every sample, in order, through ALSA's own plugins
alsa=/usr/share/alsa/alsa.conf
if [ -e $alsa ]; then
	printf 'pcm.to_file { type file; slave.pcm "null"; file "%s"; format "raw" }\n' "$work/heard" >"$work/asound"
	export ALSA_CONFIG_PATH=$alsa:$work/asound
	sandbox voice speak --device to_file hello
	if ! grep -q "no sound devices" "$work/err"; then
		expect_status 0
		expect "all was heard" 14400 "$(size "$work/heard")"
		sandbox voice speak --encoding linear16 --sample-rate 24000 hello
		cmp -s "$work/out" "$work/heard" || differ "what was heard" "the same samples" "others"
		sandbox voice speak --device nowhere hello
		expect_status 2
		expect_err_has "no sound device 'nowhere'"
		sandbox voice speak --device to_file --encoding mp3 hello
		expect_status 2
	fi
fi
finish
