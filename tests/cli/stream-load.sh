# Many sessions at once while providers go wrong: each ends in the right answer or in its own error,
# and neither memory nor descriptors have grown since the first hundred. $STREAMS looks at every event.
. "$(dirname "$0")/lib.sh"

printf 'circuit:\n  threshold: 1000000\n' >"$work/config.yaml"
export CARTRITA_CONFIG="$work/config.yaml"
# what a sanitizer keeps of freed memory is no growth of ours
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:quarantine_size_mb=0:thread_local_quarantine_size_kb=0"

# load PLAN OPTION... : $sessions sessions; what streams says is in $work/out
load() {
	plan=$1
	shift
	run sandbox --rate 2000 --seed 7 --fault "$plan" --log "$work/log" -- \
		"$STREAMS" -n "$sessions" -k 40 "$@"
	command="a load with $plan"
	expect_status 0
	expect_out_has "; 0 wrong;"
	cut -c 1-2000 "$work/err"
}

sessions=300
load '429@5,cut-after:20@10,stall-after:5@10' -f -g -w 100 \
	"$CARTRITA" stream --max-concurrent 40 --idle-timeout 1
for fault in 429 cut-after:20 stall-after:5; do
	grep -q "\"fault\":\"$fault" "$work/log" || differ "the log has" "$fault" "none"
done
grep -q ' 0 recovered' "$work/out" && differ "recovered" "some" "$(cat "$work/out")"

# where nothing is repaired and nobody else is asked, each is told of its own trouble
sessions=200
load '503@10,cut-after:20@10,stall-after:5@10' -f \
	"$CARTRITA" stream --max-concurrent 40 --idle-timeout 1 --no-fallback --retries 0 --on-cut fail
grep -q ' 0 failed' "$work/out" && differ "failed" "some" "$(cat "$work/out")"

# and where nothing goes wrong, nothing fails
sessions=200
load "reset*1" -f "$CARTRITA" stream --max-concurrent 200 --provider gemini
grep -q '200 completed, 0 failed' "$work/out" ||
	differ "completed" "200" "$(cat "$work/out" "$work/err")"
finish
