# What keys do: editing, several lines, pasting, completion, history, Ctrl-C, another width.
SANDBOX_OPTIONS="--rate 20"
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tmux.sh"
need sqlite3
db() { sqlite3 "$work/s.db" "$1"; }
session="cd '$work' && '$CARTRITA' --db '$work/s.db' chat"

terminal 100 40 tmux-256color "$session"
see "the prompt" "claude-sonnet-5-5>"
type "abcdef"
press C-c
gone "Ctrl-C clears the line" "abcdef"
enter "one\\"
see "a line that goes on" "..."
enter "two"
see "is one with the next" "You said: one two"
enter '"""'
enter 'three'
enter 'four"""'
see "quotes hold lines together" "You said: three four"
enter "half\\"
press C-c
enter "whole"
see "Ctrl-C drops what was begun" "You said: whole"

press C-l
mux set-buffer "$(printf 'pasted one\npasted two\n')"
mux paste-buffer -p -t test
see "a paste is not sent at its line ends" "pasted two"
gone "nothing is sent yet" "You said"
press Enter
see "a paste is one input" "You said: pasted one pasted two"
press C-l
mux set-buffer "$(seq -f 'line %g' 200; echo)"
mux paste-buffer -p -t test
see "a long paste is shown in short" "[paste 1: 200 lines]"
type " end"
press Enter
see "and sent whole" "line 199 line 200 end"
press C-l
mux set-buffer "$(printf 'a\033[31mb')"
mux paste-buffer -p -t test
see "a paste brings no escape sequence" "a[31mb"
press C-c

press C-l
type "/he"
press Tab
see "a command is completed" "/help "
press C-c
type "/provider cl"
press Tab
see "a provider" "/provider claude "
press C-c
type "/model claude-h"
press Tab Tab
see "models are listed" "claude-haiku-5-5"
press C-c
: >"$work/some-file.txt"
type "/file some"
press Tab
see "a file" "/file some-file.txt "
press C-c
type "/set eff"
press Tab
type "hi"
press Tab
see "a setting and its value" "/set effort high "
press C-c C-l

enter "count to 500"
see "an answer is on its way" "10 11 12"
type "typed meanwhile"
press C-c
see "Ctrl-C stops it" "(stopped)"
see "and keeps the session, and what was typed" "> typed meanwhile"
press C-c
settled "it is journaled" test "$(db "SELECT count(*) FROM provider_logs WHERE state = 'failed' AND error_data LIKE '%cancelled%'")" = 1
press C-l
enter "count to 3"
see "the next question works" "[sandbox] 1 2 3"
enter "count to 500"
see "on its way" "10 11 12"
press C-c
see "stopped" "(stopped)"
press C-l
enter "/retry"
see "what was stopped can be asked again" "10 11 12"
press C-c
see "stopped again" "(stopped)"

press C-l
type "resized"
see "a line" "> resized"
mux resize-window -t test -x 60 -y 40
settled "the line stands there once" sh -c "[ \$(tmux -L test capture-pane -p -t test | grep -c resized) = 1 ]"
type " twice"
mux resize-window -t test -x 120 -y 40
see "it can be gone on with" "> resized twice"
press C-u
enter "count to 120"
mux resize-window -t test -x 40 -y 40
see "an answer in the new width" "118 119 120"
expect "no line is wider" "" "$(screen | awk 'length > 40')"
enter " secret"
see "a blank keeps it out of the history" "You said: secret"
press C-d
ended 0

expect "history is for its owner alone" 600 "$(stat -c %a "$history_file")"
expect "and its folder" 700 "$(stat -c %a "$(dirname "$history_file")")"
expect "not what begins with a blank" "" "$(grep secret "$history_file")"
terminal 100 40 tmux-256color "$session"
see "another session" "claude-sonnet-5-5>"
press Up
see "recalls the last line" "> count to 120"
press C-r
type "four"
see "and finds earlier ones" "four"
press C-c C-c
kill -INT "$(mux list-panes -t test -F '#{pane_pid}')" 2>/dev/null
type "still there"
see "the session goes on" "> still there"
press C-u C-d
ended 0
finish
