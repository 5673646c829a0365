# A reader that has gone ends the program as SIGPIPE does; what cannot be written is an error.
. "$(dirname "$0")/lib.sh"

need bash
# the reader is gone before the program begins
command="cartrita help | true"
bash -c 'mkfifo "$2" && { exec 3<>"$2" 4>"$2" 3>&-; "$0" help >&4; echo $? >"$1"; }' \
	"$CARTRITA" "$work/status" "$work/pipe" 2>/dev/null
expect "status after a closed pipe" 141 "$(cat "$work/status")"

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
