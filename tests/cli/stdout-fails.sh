# A reader that has gone ends the program as SIGPIPE does; what cannot be written is an error.
. "$(dirname "$0")/lib.sh"

command="cartrita help | (exit)"
expect "status after a closed pipe" 141 "$(
	{ (trap '' PIPE; sleep 0); mkfifo "$work/pipe"; exec 3<>"$work/pipe"; exec 3>&-; } 2>/dev/null
	bash -c 'set +o pipefail; { "$0" help; echo $? >"$1"; } | exec true; cat "$1"' "$CARTRITA" "$work/status" >/dev/null
	attempts=0
	while [ "$(cat "$work/status")" != 141 ] && [ $attempts -lt 200 ]; do
		attempts=$((attempts + 1))
		bash -c '{ "$0" help; echo $? >"$1"; } | exec true' "$CARTRITA" "$work/status"
	done
	cat "$work/status")"

if [ -e /dev/full ]; then
	command="cartrita help >/dev/full"
	"$CARTRITA" help >/dev/full 2>"$work/err"
	expect "status on a full disk" 1 $?
	expect_err "cartrita: cannot write to standard output: No space left on device"
fi

command="cartrita help >&-"
"$CARTRITA" help >&- 2>"$work/err"
expect "status without a stdout" 1 $?
expect_err "cartrita: cannot write to standard output: Bad file descriptor"

command="cartrita version <&- 2>&-"
expect "without stdin and stderr" "$("$CARTRITA" version)" "$("$CARTRITA" version <&- 2>&-)"
finish
