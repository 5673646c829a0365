# A session: questions, answers, and every command that is about them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tmux.sh"
need sqlite3 jq
db() { sqlite3 "$work/s.db" "$1"; }
session="'$CARTRITA' --db '$work/s.db' chat"

terminal 100 50 tmux-256color "$session"
see "the prompt says who answers" "sandbox claude/claude-sonnet-5-5>"
enter 'hello **bold** and `code`'
see "the answer is rendered" "You said: hello bold and code"
has() { [ "$(db "SELECT count(*) FROM $1")" = "$2" ]; }
settled "the conversation is kept" has messages 2

enter "/help"
see "every command is listed" "/quit"
enter "/help set"
see "and helped with" "takes a setting back"
press C-l
enter "/qiut"
see "a near miss" "Did you mean '/quit'?"
enter "/set temperature 9"
see "settings have limits" "temperature must be from 0 to 2, or default"
enter "/set temprature 1"
see "and near misses" "Did you mean 'temperature'?"
enter "/set temperature 0.5"
see "a setting" "temperature 0.5"
enter "/set temperature default"
see "is taken back" "temperature default"
enter "/set max-tokens 77"
see "another" "max-tokens 77"
enter "/set effort"
see "a setting's value" "effort default"
press C-l
enter "/model no-such-model"
see "an unknown model" "unknown model 'no-such-model'"
enter "/model gemini-3.8-flash"
see "the prompt follows" "sandbox gemini/gemini-3.8-flash>"
enter "/provider openai"
see "the prompt follows" "sandbox openai/"
enter "/provider nobody"
see "an unknown provider" "nobody"
enter "/provider claude"
see "back" "sandbox claude/claude-sonnet-5-5>"
press C-l
enter "/system Answer in one word."
see "the system prompt" "  Answer in one word."
enter "count to 3"
see "a second question" "[sandbox] 1 2 3"
expect "the request has the settings" "77|Answer in one word." "$(db "SELECT request_data FROM provider_logs ORDER BY created_at DESC LIMIT 1" | jq -r '[(.max_tokens | tostring), .system] | join("|")')"
enter "/usage"
see "usage" "2 questions, 2 answered"
enter "/undo"
see "undo" "undone: count to 3"
enter "/retry"
see "retry asks the question before" "bold and code"
enter "/undo"
see "undo again" "undone: hello **bold**"
press C-l
enter "/undo"
see "no more" "nothing"

press C-l
enter "/new"
see "new" "a new conversation"
enter "count to 4"
see "in another conversation" "[sandbox] 1 2 3 4"
settled "there are two" has conversations 2
press C-l
enter "/list"
see "the list has this one" "count to 4"
first=$(db "SELECT substr(id, -12) FROM conversations WHERE title LIKE 'hello%'")
second=$(db "SELECT substr(id, -12) FROM conversations WHERE title LIKE 'count%'")
see "and the other one" "$first"
enter "/resume $second"
see "resume shows where it stood" "2 messages"
enter "/save $work/saved.md"
see "save" "2 messages written to"
expect "what was saved" "# count to 4
## System
Answer in one word.
## You
count to 4
## claude/claude-sonnet-5-5
[sandbox] 1 2 3 4" "$(grep -v '^$' "$work/saved.md")"
enter "/resume 0123-none"
see "resume of none" "0123-none"

printf 'from a file' >"$work/note.txt"
press C-l
enter "/file $work/nothing-here"
see "no such file" "nothing-here"
enter "/file $work/note.txt"
see "a file waits" "goes with the next question (1 so far"
see "and the prompt says so" "claude-sonnet-5-5 +1>"
enter "what is in it?"
see "it is sent" "from a file"
see "once" "claude-sonnet-5-5>"

cat >"$work/editor" <<'END'
#!/bin/sh
env >"$(dirname "$0")/editor.env"
printf ' and an edited line\n' >>"$1"
END
chmod +x "$work/editor"
press C-d
ended 0

terminal 100 50 tmux-256color "EDITOR='$work/editor' $session -m claude-haiku-4-5"
see "another session, with its own model" "claude-haiku-4-5>"
enter "/edit begun"
see "what the editor leaves is sent" "You said: begun and an edited line"
expect "no key for the editor" "" "$(grep -E 'API_KEY|TOKEN' "$work/editor.env")"
enter "/web on"
see "the web" "web on"
enter "what is new?"
see "answers come with sources" "https://sandbox.example/what-is-new/5"
enter "/web maybe"
see "on or off" "web must be one of on|off, or default"
enter "/set web off"
see "off again" "web off"
enter "/quit"
ended 0
finish
