#!/bin/bash
# installed.sh BUILD: what `meson install` of a build leaves behind works, and by itself.
# Each claim that fails is one line; the exit status says whether any did.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
status=0
refuse() { echo "installed: $1"; status=1; }

DESTDIR=$work/dest meson install -C "$1" --quiet || exit 1
bin=$(find "$work/dest" -path '*/bin/cartrita' -type f)
[ -x "$bin" ] || { refuse "no program"; exit 1; }
prefix=${bin%/bin/cartrita}
cd / || exit 2

# Nothing of the source, the build or the user's own settings is within its reach.
alone() { env -i HOME="$work/home" PATH="${bin%/*}:/usr/bin:/bin" LC_ALL=C.UTF-8 "$@" </dev/null; }
mkdir "$work/home"

[[ $(alone cartrita --version) == *[0-9].[0-9]* ]] || refuse "--version prints no version"
[[ $(alone cartrita model list) == *claude-* ]] || refuse "no catalogue of models"
answer=$(alone cartrita sandbox --fault claude:503 -- cartrita chat --retries 0 'Are you there?' 2>"$work/notice")
[[ $answer == *'Are you there?'* ]] || refuse "no answer from the sandbox: $answer"
grep -q 'gemini answers instead of claude' "$work/notice" || refuse "no notice of the fallback"
grep -aqF -e "$root" -e "$work" "$bin" && refuse "the program names the folder it was built in"

commands=$(alone cartrita help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
[ -n "$commands" ] || refuse "help lists no commands"
for name in $commands; do
	page=$prefix/share/man/man1/cartrita-$name.1
	[ "$name" = help ] || [ "$name" = version ] || [ -s "$page" ] || refuse "no man page: ${page##*/}"
done
[ -s "$prefix/share/man/man1/cartrita.1" ] || refuse "no man page: cartrita.1"

# The completions in their own places, put through the tests of the source's.
mkdir "$work/completions"
place() { [ -s "$prefix/share/$1" ] && ln -s "$prefix/share/$1" "$work/completions/$2" || refuse "no $1"; }
place bash-completion/completions/cartrita cartrita.bash
place zsh/site-functions/_cartrita _cartrita
place fish/vendor_completions.d/cartrita.fish cartrita.fish
for shell in bash zsh fish; do
	CARTRITA=$bin COMPLETIONS=$work/completions sh "$root/tests/cli/completion-$shell.sh" </dev/null
	case $? in 0 | 77) ;; *) refuse "completion in $shell does not work" ;; esac
done
exit $status
