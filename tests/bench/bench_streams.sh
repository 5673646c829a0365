# bench_streams.sh [SESSIONS [TOKENS [RATE]]]: many answers at once through `cartrita stream`, against
# the sandbox on loopback. CARTRITA, STREAMS, COUNT_BYTES and HTTP_BYTES name the programs.
#
# Two cores: the sandbox and what reads the events share one, the program that is measured
# (cartrita stream, then bare libcurl which only counts the bytes of the same streams) has
# the other. Where it may, the sandbox runs with real-time priority, as does the reader, above it: a
# token that waits for them would count as one that waited in the program. The paced streams are measured
# twice: as any process, and with real-time priority for who is measured, too, where it may: then
# the core is its own, and no other process of the machine shows in what a token waits. (Its threads
# have one priority then: that the store's has a lower one counts for the first time only.)
# Promised: with 1,000 streams of 50 tokens a second on a core of their own none lost, doubled or out of
# order, each at most 5 ms late (p99), 64 MiB at most.
set -u
sessions=${1:-1000} tokens=${2:-200} rate=${3:-50}
: "${CARTRITA:?} ${STREAMS:?} ${COUNT_BYTES:?} ${HTTP_BYTES:?}"
for tool in taskset chrt; do
	command -v $tool >/dev/null 2>&1 || { echo "no $tool"; exit 77; }
done

work=$(mktemp -d) || exit 2
trap '[ -z "${CARTRITA_SANDBOX_PID:-}" ] || kill "$CARTRITA_SANDBOX_PID"; rm -rf "$work"' EXIT
export HOME=$work
unset XDG_CONFIG_HOME XDG_DATA_HOME CARTRITA_CONFIG CARTRITA_DB
ulimit -n "$(ulimit -Hn)"

cores=$(taskset -cp $$ | sed 's/.*: //; s/-/,/g' | tr ',' '\n')
theirs=$(echo "$cores" | head -n 1) ours=$(echo "$cores" | tail -n 1)
for class in '-f 5' '-o 0'; do
	chrt $class true 2>/dev/null && break
done
above="chrt ${class% *} $((${class#* } + (${class#* } > 0)))"
shared="taskset -c $ours chrt -o 0" own="taskset -c $ours chrt $class"
core=$shared
failed=0

# sandbox OPTION...: a fresh one, and a fresh store
sandbox() {
	[ -z "${CARTRITA_SANDBOX_PID:-}" ] || kill "$CARTRITA_SANDBOX_PID"
	rm -f "$work"/db*
	eval "$(chrt $class taskset -c "$theirs" "$CARTRITA" sandbox --db "$work/db" --background "$@")"
}

# streams SESSIONS TOKENS OPTION...: through cartrita
streams() {
	n=$1 k=$2
	shift 2
	$above taskset -c "$theirs" "$STREAMS" -n "$n" -k "$k" "$@" $core "$CARTRITA" stream \
		--provider openai --max-concurrent "${at_once:-$n}" ${more:-} 2>"$work/err" || failed=1
	head -n 3 "$work/err"
}

# bare SESSIONS TOKENS PROGRAM OPTION...: the same without it
bare() {
	n=$1 k=$2 program=$3
	shift 3
	$core "$program" -n "$n" -k "$k" "$@" -H 'Authorization: Bearer sandbox' \
		-H 'Content-Type: application/json' -d "{\"model\":\"sandbox\",\"stream\":true,\
\"messages\":[{\"role\":\"user\",\"content\":\"count to $k\"}]}" \
		"$OPENAI_BASE_URL/chat/completions" || failed=1
}

echo "$sessions streams of $tokens tokens, $rate tokens a second each"
sandbox --rate "$rate" --stamps
streams "$sessions" "$tokens"
bare "$sessions" "$tokens" "$COUNT_BYTES" -s

if [ "$own" != "$shared" ] && [ "$ours" != "$theirs" ]; then
	echo "the same, on a core of their own"
	core=$own
	sandbox --rate "$rate" --stamps
	streams "$sessions" "$tokens"
	bare "$sessions" "$tokens" "$COUNT_BYTES" -s
	core=$shared
fi

echo "$sessions streams of $tokens tokens, as fast as they are taken"
sandbox
streams "$sessions" "$tokens"
bare "$sessions" "$tokens" "$HTTP_BYTES"
bare "$sessions" "$tokens" "$COUNT_BYTES"

many=$((sessions * 5))
[ "$many" -le 5000 ] || many=5000
echo "$many streams of $((tokens / 5)) tokens, $((rate / 5)) tokens a second each"
sandbox --rate "$((rate / 5))" --stamps
streams "$many" "$((tokens / 5))"

at_once=$(((sessions + 9) / 10))
echo "$sessions streams, $at_once at once: 10 % are cut, 10 % stall, 5 % get a 429"
printf 'circuit:\n  threshold: 1000000\n' >"$work/config.yaml"
sandbox --rate 1000 --fault '429@5,cut-after:20@10,stall-after:5@10'
CARTRITA_CONFIG=$work/config.yaml more='--idle-timeout 1'
export CARTRITA_CONFIG
streams "$sessions" "$tokens" -f -w "$at_once"
exit $failed
