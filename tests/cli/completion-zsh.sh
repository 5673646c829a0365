# zsh itself, in a terminal of its own (zpty), with the completion that is installed.
. "$(dirname "$0")/lib.sh"
need zsh
zsh -fc 'zmodload zsh/zpty' 2>/dev/null || { echo "no zpty"; exit 77; }
cat >"$work/complete.zsh" <<'END'
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1=; unsetopt zle_bracketed_paste; PATH=$2:\$PATH; TERM=dumb"
zpty -w z "fpath=($3 \$fpath); autoload -Uz compinit; compinit -u -D; cd $4"
zpty -w z "compadd() { local -a a; builtin compadd -O a \"\$@\"; (( \$#a )) && print -r -- \"FOUND \$a\"; builtin compadd \"\$@\" }"
zpty -w z "end() { print -r -- END; }; zle -N end; bindkey '^X' end; print -r -- READ''Y"
zpty -rm z out '*READY*'
zpty -w -n z "$1"$'\t\x18'
zpty -rm z out $'*END*'
print -r -- ${(j: :)${(uM)${(f)"${out//$'\r'/}"}:#*FOUND *}##*FOUND }
zpty -d z
END
complete_line() {
	command="zsh: $1"
	timeout 60 zsh -f "$work/complete.zsh" "$1" "${CARTRITA%/*}" "$COMPLETIONS" "$work" 2>&1
}
touch "$work/some-file.yaml"
expect "commands" "provider" "$(complete_line "cartrita prov")"
expect "subcommands" "stats" "$(complete_line "cartrita provider st")"
expect "options" "--limit" "$(complete_line "cartrita provider logs --lim")"
expect "choices" "day" "$(complete_line "cartrita provider stats --by d")"
expect "providers" "claude" "$(complete_line "cartrita provider logs -p cl")"
expect "files" "some-file.yaml" "$(complete_line "cartrita --config some")"
finish
