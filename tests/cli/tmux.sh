# For tests in a real terminal: a tmux server of the test's own. Sourced after lib.sh. Nothing
# sleeps for a fixed time: what is waited for is looked for on the screen, for a minute at most.
need tmux
export TMUX_TMPDIR="$work"
unset TMUX
history_file="$work/.local/state/cartrita/history"

mux() { tmux -f /dev/null -L test "$@"; }
screen() { mux capture-pane -p -t test 2>/dev/null; }

# terminal COLUMNS ROWS TERM COMMAND...: run it in a new terminal, as its only process
terminal() {
	columns=$1 rows=$2 term=$3
	shift 3
	mux kill-server 2>/dev/null
	mux new-session -d -s test -x "$columns" -y "$rows" \
		"env TERM=$term $*; echo status=\$? >'$work/status'; exec cat >/dev/null"
}

# press KEY...: as tmux names them; type TEXT: as it is
press() { mux send-keys -t test "$@"; }
type() { mux send-keys -t test -l "$1"; }
enter() { type "$1"; press Enter; }

# see WHAT TEXT: wait until the screen shows it
see() {
	for _ in $(seq 600); do
		screen | grep -qF -e "$2" && return 0
		sleep 0.1
	done
	command=$1
	differ "the screen shows" "$2" "$(screen)"
	return 1
}

# gone WHAT TEXT: wait until the screen no longer shows it
gone() {
	for _ in $(seq 600); do
		screen | grep -qF -e "$2" || return 0
		sleep 0.1
	done
	command=$1
	differ "the screen no longer shows" "$2" "$(screen)"
}

# ended STATUS: wait until the command is over
ended() {
	for _ in $(seq 600); do
		[ -s "$work/status" ] && break
		sleep 0.1
	done
	command="the session"
	expect "exit status" "status=$1" "$(cat "$work/status" 2>/dev/null)"
	rm -f "$work/status"
}

# settled WHAT COMMAND...: wait until it succeeds
settled() {
	command=$1
	shift
	for _ in $(seq 600); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	differ "in time" "$*" "not yet"
}

eval "$("$CARTRITA" --db "$work/s.db" sandbox --background ${SANDBOX_OPTIONS:-})"
trap 'mux kill-server 2>/dev/null; kill $CARTRITA_SANDBOX_PID; rm -rf "$work"' EXIT
