# For tests of the real binary, named in CARTRITA. Each has a home of its own, without keys.
# What a command printed is in $work/out and $work/err, its exit status in $status.
set -u
[ -x "${CARTRITA:-}" ] || { echo "CARTRITA must name the binary"; exit 2; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failures=0 status=0 command=
for name in $(env | sed -n 's/^\([A-Za-z_0-9]*\)=.*/\1/p'); do
	case $name in *_KEY|*_TOKEN|*_BASE_URL|CARTRITA_*|XDG_*|COLUMNS|NO_COLOR) unset "$name" ;; esac
done
export HOME="$work" TERM=dumb LC_ALL=C

run() {
	"$CARTRITA" "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	command="cartrita $*"
}

# differ WHAT EXPECTED OUTPUT
differ() {
	failures=$((failures + 1))
	printf '%s: %s\n--- EXPECTED\n%s\n--- OUTPUT\n%s\n---\n' "$command" "$1" "$2" "$3"
}

expect_status() {
	[ "$status" -eq "$1" ] || differ "exit status" "$1" "$status
$(cat "$work/err")"
}

expect_out() { [ "$(cat "$work/out")" = "$1" ] || differ "stdout" "$1" "$(cat "$work/out")"; }
expect_err() { [ "$(cat "$work/err")" = "$1" ] || differ "stderr" "$1" "$(cat "$work/err")"; }
expect_out_has() { grep -qF -e "$1" "$work/out" || differ "stdout has" "$1" "$(cat "$work/out")"; }
expect_err_has() { grep -qF -e "$1" "$work/err" || differ "stderr has" "$1" "$(cat "$work/err")"; }

# expect NAME EXPECTED OUTPUT: for anything else
expect() { [ "$2" = "$3" ] || differ "$1" "$2" "$3"; }

need() {
	for program; do
		command -v "$program" >/dev/null 2>&1 || { echo "no $program"; exit 77; }
	done
}

# A machine may have no pseudo-terminals (a bare chroot).
has_terminal() { script -qec true /dev/null </dev/null >/dev/null 2>&1; }

# The width of the longest line of $work/out, in columns.
widest() { sed 's/\x1b\[[0-9;]*m//g' "$work/out" | LC_ALL=C.UTF-8 wc -L; }

# on_terminal COLUMNS ARGUMENT...: run on a terminal that wide
on_terminal() {
	columns=$1
	shift
	command="cartrita $* ($columns columns)"
	script -qec "stty cols $columns; \"$CARTRITA\" $* 2>/dev/null" /dev/null </dev/null >"$work/out.raw" 2>&1
	status=$?
	tr -d '\r' <"$work/out.raw" >"$work/out"
	: >"$work/err"
}

finish() { exit $((failures > 0)); }
