# What is said is written down live; a connection that breaks costs no word and doubles none.
. "$(dirname "$0")/lib.sh"
need jq python3 sqlite3

# wav FILE LEVEL...: half a second of each level, in percent of the scale
wav() {
	python3 - "$@" <<'END'
import struct, sys, wave
w = wave.open(sys.argv[1], 'wb')
w.setnchannels(1), w.setsampwidth(2), w.setframerate(8000)
w.writeframes(b''.join(struct.pack('<h', int(level) * 32767 // 100) * 4000 for level in sys.argv[2:]))
END
}
# the sandbox's word for each of them
words() { for level; do printf 'sandbox%s ' "$level"; done | sed 's/ $//'; }
all=$(seq 1 40)
wav "$work/talk.wav" $all
tail -c +45 "$work/talk.wav" >"$work/samples"

sandbox() { run sandbox -- "$CARTRITA" --db "$work/db" "$@"; }
faulty() {
	fault=$1
	shift
	run sandbox --fault "deepgram:$fault" -- "$CARTRITA" --db "$work/db$fault" voice listen --source "$work/talk.wav" "$@"
	command="listen with $fault"
}

sandbox voice listen --source "$work/talk.wav"
expect_status 0
expect_out "$(words $all)"
expect_err ""

# an utterance a line
wav "$work/two.wav" 10 20 0 0 30 0
sandbox voice listen --source "$work/two.wav"
expect_out "$(words 10 20)
$(words 30)"

# from pipes and redirections, with a header and without
for how in "cat '$work/talk.wav' | '$CARTRITA' voice listen" \
	"'$CARTRITA' voice listen --source - <'$work/talk.wav'" \
	"'$CARTRITA' voice listen --source - --encoding linear16 --sample-rate 8000 <'$work/samples'" \
	"cat '$work/samples' | '$CARTRITA' voice listen --encoding linear16 --sample-rate 8000"; do
	run sandbox -- sh -c "$how"
	expect_status 0
	expect_out "$(words $all)"
done

# a pause: what was said becomes final, and the connection lives
run sandbox -- sh -c "(head -c 16044 '$work/talk.wav'; until grep -q sandbox2 '$work/so-far'; do sleep 0.1; done; tail -c +16045 '$work/talk.wav') |
	'$CARTRITA' voice listen --source - >'$work/so-far'; cat '$work/so-far'"
expect "words of a pipe that paused" "$(words $all)" "$(tr '\n' ' ' <"$work/out" | sed 's/ *$//')"

# lines of JSON, with times in the source
sandbox voice listen --source "$work/two.wav" --json
expect "events" '{"type":"transcript","text":"sandbox10 sandbox20","is_final":true,"start_ms":0,"duration_ms":1500,"confidence":0.99,"speech_final":true,"channel":0}
{"type":"transcript","text":"sandbox30","is_final":true,"start_ms":1500,"duration_ms":1500,"confidence":0.99,"speech_final":true,"channel":0}' "$(cat "$work/out")"
sandbox voice listen --source "$work/two.wav" --json --interim
expect "interim results" "sandbox10|false sandbox10 sandbox20|false sandbox10 sandbox20|true sandbox30|false sandbox30|true" \
	"$(jq -r '"\(.text)|\(.is_final)"' "$work/out" | paste -sd ' ' -)"

# as fast as it is spoken
sandbox voice listen --source "$work/two.wav" --realtime
expect_status 0
expect_out_has "$(words 30)"
expect "it took its time" 1 "$(sqlite3 "$work/db" 'select duration > 2000 from provider_logs order by rowid desc limit 1')"

# every way to break: no word is missing, none comes twice
for fault in cut-after:6 cut-at:3000 cut-at:3001 'error-in-stream*3' no-end bad-chunk 'endless*1' 'reset*1' '503*2' '429:1*1' 'shape*1'; do
	faulty "$fault"
	expect_status 0
	expect_out "$(words $all)"
done
faulty cut-after:6
expect_err_has "broke off the WebSocket; connecting again in"
expect_err_has "s of sound are sent again"
for fault in 'stall-after:6*1' 'silent-after-headers*1'; do
	faulty "$fault" --idle-timeout 1
	expect_status 0
	expect_out "$(words $all)"
done
# of a container, all is sent again, and what was heard is not said again
printf 'ID3\4\0\0\0\0\0\0' >"$work/other.mp3"
head -c 30000 /dev/zero | tr '\0' '\125' >>"$work/other.mp3"
run sandbox -- "$CARTRITA" voice listen --source "$work/other.mp3"
whole=$(cat "$work/out")
run sandbox --fault deepgram:cut-after:5*1 -- "$CARTRITA" voice listen --source "$work/other.mp3"
expect_status 0
expect_out "$whole"
expect_err_has "the sound is sent again from its beginning"

# what cannot be mended
faulty 401
expect_status 4
faulty 402
expect_status 5
faulty 400
expect_status 2
faulty 503 --retries 0
expect_status 1
faulty cut-after:6 --retries 0
expect_status 1
expect_out_has "$(words 1 2 3 4)"
expect_err_has "the transcript was cut off: "
faulty cut-after:6 --retries 0 --json
expect "the error at the end" "truncated" "$(tail -1 "$work/out" | jq -r .error.code)"
faulty silent --idle-timeout 0.2
expect_status 6

# Ctrl-C (which a shell keeps from what it runs beside itself; TERM means the same): the last words are printed, and it is recorded
run sandbox -- sh -c "'$CARTRITA' --db '$work/stopped' voice listen --source '$work/talk.wav' --realtime >'$work/heard' & pid=\$!
	until grep -q sandbox2 '$work/heard'; do sleep 0.1; done; kill -TERM \$pid; wait \$pid; echo \$?"
expect "status" 130 "$(cat "$work/out")"
expect_err_has "cancelled"
expect "the line has an end" 1 "$(tail -c 1 "$work/heard" | wc -l)"
expect "recorded" "failed" "$(sqlite3 "$work/stopped" 'select state from provider_logs')"

# the journal: each connection an attempt, seconds of sound
expect "journal" "completed|deepgram|nova-3" "$(sqlite3 "$work/db" 'select state, provider, model from provider_logs limit 1')"
expect "text" "$(words $all)" "$(sqlite3 "$work/db" "select json_extract(response_data, '$.response') from provider_logs limit 1")"
expect "sound" 20000 "$(sqlite3 "$work/db" "select json_extract(response_data, '$.usage.audio_ms') from provider_logs limit 1")"
expect "attempts" "0 1" "$(sqlite3 "$work/dbreset*1" 'select success from provider_metrics order by rowid' | paste -sd ' ' -)"
run sandbox -- "$CARTRITA" --db "$work/quiet" voice listen --source "$work/two.wav" --no-log
expect "no content" 0 "$(sqlite3 "$work/quiet" "select count(*) from provider_logs where coalesce(request_data, '') || response_data like '%sandbox10%'")"

# bad input
: >"$work/empty"
echo "no sound at all" >"$work/text"
head -c 44 "$work/talk.wav" >"$work/header"
for bad in empty text header nothing.wav; do
	sandbox voice listen --source "$work/$bad"
	expect_status 2
	expect_out ""
	expect_err_has "$work/$bad"
done
# a pipe that ends before there is any sound in it
for how in ": | '$CARTRITA' voice listen" \
	": | '$CARTRITA' voice listen --encoding linear16 --sample-rate 8000" \
	": | '$CARTRITA' voice listen --encoding opus" \
	"cat '$work/header' | '$CARTRITA' voice listen"; do
	run sandbox -- sh -c "$how"
	expect_status 2
	expect_out ""
	expect_err_has "standard input"
done
sandbox voice listen --source "$work"
expect_status 2
expect_err_has "is a folder"
sandbox voice listen --source nobody-has-this-device
expect_err_has "device 'nobody-has-this-device'"
sandbox voice listen --source "$work/samples" --encoding linear16
expect_err_has "needs --sample-rate"
sandbox voice listen --source "$work/samples" --encoding morse
expect_status 2
sandbox voice listen --source "$work/other.mp3" --realtime
expect_err_has "--realtime wants samples or a WAV"
sandbox voice listen -p openai --source "$work/talk.wav"
expect_status 2
expect_err_has "openai cannot listen live"
sandbox voice listen -m deepgram/flux-general-en --source "$work/talk.wav"
expect_status 2
run voice listen --source "$work/talk.wav"
expect_status 3
expect_err_has "DEEPGRAM_API_KEY"

# a microphone, as ALSA's own plugins play one
cat >"$work/asoundrc" <<END
pcm.talk {
	type file
	slave.pcm { type null }
	file /dev/null
	infile "$work/samples16"
	format raw
}
END
wav "$work/slow.wav" 11 11 12 12 13 13 14 14
tail -c +45 "$work/slow.wav" >"$work/samples16"
export ALSA_CONFIG_PATH="$work/asoundrc"
run sandbox -- sh -c "'$CARTRITA' voice listen --source talk >'$work/spoken' & pid=\$!
	until [ -s '$work/spoken' ] || ! kill -0 \$pid 2>/dev/null; do sleep 0.1; done; kill -TERM \$pid; wait \$pid; echo \$?"
if grep -q "no sound devices\|no sound on this machine" "$work/err"; then
	echo "no ALSA: devices are not tried"
else
	expect "status" 130 "$(cat "$work/out")"
	expect "the first words" "sandbox11 sandbox12" "$(cut -d' ' -f1,2 "$work/spoken")"
fi

# the line is rewritten on a terminal
unset ALSA_CONFIG_PATH
if has_terminal; then
	run sandbox -- script -qec "'$CARTRITA' voice listen --source '$work/two.wav' --interim" /dev/null
	tr -d '\r' <"$work/out" | sed 's/\x1b\[K/<>/g' >"$work/shown"
	expect "rewritten" "<>sandbox10<>sandbox10 sandbox20<>sandbox10 sandbox20
<>sandbox30<>sandbox30" "$(cat "$work/shown")"
fi

# a header among samples would be heard as noise
for how in "--source '$work/talk.wav'" "<'$work/talk.wav'"; do
	run sandbox -- sh -c "'$CARTRITA' voice listen --encoding linear16 --sample-rate 8000 $how"
	expect_status 2
	expect_out ""
	expect_err_has "has a header of its own (audio/wav)"
done
sandbox voice listen --source "$work/talk.wav" --sample-rate 16000
expect_status 2
expect_err_has "--sample-rate and --channels go with --encoding"
finish
