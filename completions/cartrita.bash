# bash completion for cartrita: the program itself knows what may follow.
_cartrita()
{
	local word line words cut
	read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
	[[ ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]] && words+=("")
	word=${words[-1]} COMPREPLY=()
	cut=${word%"${word##*[=:]}"} # bash breaks words there and wants only the rest
	while IFS=$'\t' read -r line _; do
		if [[ $line == :files ]]; then
			compopt -o filenames 2>/dev/null
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${word#"$cut"}")
		elif [[ -n $line ]]; then
			COMPREPLY+=("${line#"$cut"}")
		fi
	done < <("${words[0]/#\~/$HOME}" __complete -- "${words[@]:1}" 2>/dev/null)
}
complete -F _cartrita cartrita
