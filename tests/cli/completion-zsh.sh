# zsh itself, on a terminal of its own (zpty), with the completion that is installed.
. "$(dirname "$0")/lib.sh"
need zsh
has_terminal || { echo "no pseudo-terminal"; exit 77; }
zsh -fc 'zmodload zsh/zpty' 2>/dev/null || { echo "no zpty"; exit 77; }

# In the inner shell a completion prints what is offered instead of showing it.
cat >"$work/inner.zsh" <<'END'
PS1= TERM=dumb
unsetopt zle_bracketed_paste prompt_cr prompt_sp
autoload -Uz compinit && compinit -u -D
compadd() {
	local -a found
	builtin compadd -O found "$@"
	(( $#found )) && print -r -- "${(j: :)found}" >>$HOME/found
}
END
cat >"$work/outer.zsh" <<'END'
zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner "PATH=${(q)2}:\$PATH; fpath=(${(q)3} \$fpath); cd ${(q)4}; source ./inner.zsh; : >ready"
for ((i = 0; i < 200; i++)); do [[ -e $4/ready ]] && break; sleep 0.05; done
zpty -w -n inner "$1"$'\t'
for ((i = 0; i < 60; i++)); do [[ -s $4/found ]] && break; sleep 0.05; done
zpty -d inner
END
complete_line() {
	rm -f "$work/found" "$work/ready"
	timeout 30 zsh -f "$work/outer.zsh" "$1" "${CARTRITA%/*}" "$COMPLETIONS" "$work" >/dev/null 2>&1
	head -1 "$work/found" 2>/dev/null
}
touch "$work/some-file.yaml"
expect "commands" "provider" "$(complete_line "cartrita prov")"
expect "subcommands" "stats" "$(complete_line "cartrita provider st")"
expect "options" "--limit" "$(complete_line "cartrita provider logs --lim")"
expect "choices" "day" "$(complete_line "cartrita provider stats --by d")"
expect "providers" "claude" "$(complete_line "cartrita provider logs -p cl")"
expect "files" "some-file.yaml" "$(complete_line "cartrita --config some")"
finish
