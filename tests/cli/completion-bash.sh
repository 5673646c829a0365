# bash itself, with the completion function that is installed.
. "$(dirname "$0")/lib.sh"
need bash
complete_line() { # LINE: the candidates, joined by blanks
	command="bash: $1"
	bash --norc -c '
		. "$2/cartrita.bash"
		COMP_LINE=$1 COMP_POINT=${#1}
		read -ra COMP_WORDS <<<"$1"
		PATH=${3%/*}:$PATH
		_cartrita
		echo "${COMPREPLY[*]}"' bash "$1" "$COMPLETIONS" "$CARTRITA" 2>&1
}
expect "commands" "provider" "$(complete_line "cartrita prov")"
expect "subcommands" "stats" "$(complete_line "cartrita provider st")"
expect "after a blank" "list stats logs circuit" "$(complete_line "cartrita provider " | sed 's/ \(health\|test\)//g')"
expect "options" "--limit" "$(complete_line "cartrita provider logs --lim")"
expect "choices" "day" "$(complete_line "cartrita provider stats --by d")"
expect "choices after =" "always" "$(complete_line "cartrita --color=al")"
expect "providers" "claude" "$(complete_line "cartrita provider logs -p cl")"
expect "who can search" "tavily github" "$(complete_line "cartrita search -p ")"
expect "who hears or speaks" "openai huggingface deepgram" "$(complete_line "cartrita voice speak -p ")"
expect "models" "aura aura-2" "$(complete_line "cartrita voice speak -m aura")"
expect "what is said of a model" "aura-2	deepgram" "$("$CARTRITA" __complete -- voice speak -m aura-2)"
expect "nothing" "" "$(complete_line "cartrita nosuch sub")"
cd "$work" && touch some-file.yaml
expect "files" "some-file.yaml" "$(complete_line "cartrita --config some")"
finish
