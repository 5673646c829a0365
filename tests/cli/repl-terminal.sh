# Terminals: several widths, one that cannot do anything, one that disappears; the spinner.
SANDBOX_OPTIONS="--latency 1500"
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tmux.sh"
need sqlite3
db() { sqlite3 "$work/s.db" "$1"; }
session="'$CARTRITA' --db '$work/s.db' chat"
table='repeat:| name | what it is |
|---|---|
| 漢字 | a very long text that does not fit into a narrow terminal |
| b | `code` |

- one 😀
  - two

end'

for width in 40 80 132; do
	terminal $width 50 tmux-256color "$session"
	see "the prompt at $width" ">"
	mux set-buffer "$table"
	mux paste-buffer -p -t test
	press Enter
	see "the spinner says who is asked" "claude/claude-sonnet-5-5"
	see "a nested list at $width" "  ◦ two"
	see "the end at $width" "end"
	command="a table at $width"
	screen >"$work/screen"
	expect "columns" 2 "$(grep -cE '^(name|漢字) +│ ' "$work/screen")"
	expect "width" "" "$(LC_ALL=C.UTF-8 awk -v w=$width 'length > w' "$work/screen")"
	expect "the spinner is gone" "" "$(grep -E '[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]' "$work/screen")"
	press C-d
	ended 0
done

command="one-shot"
terminal 80 20 tmux-256color "$session '**a** b'"
see "a spinner there, too" "claude/claude-sonnet-5-5"
see "and the answer is rendered" "You said: a b"
gone "without it" "claude/claude-sonnet-5-5"
ended 0
terminal 80 20 tmux-256color "$session --raw '**a** b'"
see "--raw is as it is" "You said: **a** b"
ended 0
terminal 80 20 tmux-256color "$session '**a** b' | cat"
see "so is a pipe" "You said: **a** b"
ended 0

terminal 80 20 dumb "$session"
see "a prompt on a terminal that can do nothing" "claude-sonnet-5-5>"
enter "**a** \\"
enter "b"
see "raw" "You said: **a**"
expect "no escape sequence" "" "$(mux capture-pane -pe -t test | grep "$(printf '\033')")"
type "abc"
press C-c
enter "/usage"
see "Ctrl-C drops the line" "1 questions, 1 answered"
press C-d
ended 0

: >"$history_file"
terminal 80 20 tmux-256color "$session"
see "the prompt" ">"
enter "count to 3"
see "an answer" "[sandbox] 1 2 3"
pid=$(mux list-panes -t test -F '#{pane_pid}')
before=$(db 'SELECT count(*) FROM messages')
enter "count to 5"
settled "it is on its way" sh -c "[ \"\$(sqlite3 '$work/s.db' \"SELECT count(*) FROM provider_logs WHERE state = 'pending'\")\" = 1 ]"
mux kill-server
settled "a session without its terminal ends" sh -c "! kill -0 $pid"
settled "and leaves nothing pending" sh -c "[ \"\$(sqlite3 '$work/s.db' \"SELECT count(*) FROM provider_logs WHERE state = 'pending'\")\" = 0 ]"
command="what was said"
expect "is kept" "$before" "$(db 'SELECT count(*) FROM messages')"
expect "with the history" 2 "$(grep -c '^count' "$history_file")"

terminal 80 20 tmux-256color "$session"
see "the prompt" ">"
type "unfinished"
see "a line" "unfinished"
kill -HUP "$(pgrep -P "$(mux list-panes -t test -F '#{pane_pid}')" 2>/dev/null || mux list-panes -t test -F '#{pane_pid}')"
settled "SIGHUP at the prompt ends it" sh -c "[ -s '$work/status' ] || ! tmux -L test has-session 2>/dev/null"
finish
