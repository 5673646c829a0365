# fish itself, with the completion that is installed.
. "$(dirname "$0")/lib.sh"
need fish
complete_line() {
	command="fish: $1"
	PATH=${CARTRITA%/*}:$PATH fish --no-config -c \
		'source $argv[2]/cartrita.fish; complete -C $argv[1]' "$1" "$COMPLETIONS" 2>&1 | cut -f1 | paste -sd' '
}
expect "commands" "provider" "$(complete_line "cartrita prov")"
expect "subcommands" "stats" "$(complete_line "cartrita provider st")"
expect "options" "--limit" "$(complete_line "cartrita provider logs --lim")"
expect "choices" "day" "$(complete_line "cartrita provider stats --by d")"
expect "choices after =" "--color=always" "$(complete_line "cartrita --color=al")"
expect "providers" "claude" "$(complete_line "cartrita provider logs -p cl")"
cd "$work" && touch some-file.yaml
expect "files" "some-file.yaml" "$(complete_line "cartrita --config some")"
finish
