#!/bin/sh
# man.sh ROOT BINARY: every command of `cartrita help`, and every option, stands in a man page.
cd "${1:-.}" || exit 2
binary=$2
status=0
refuse() { echo "$1"; status=1; }

# commands HELP-ARGUMENTS...: the names under "Commands:"
commands() { "$binary" help "$@" | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p'; }
long_options() { "$binary" help "$@" | sed -n 's/^  .*--\([a-z-]*\).*/\1/p'; }

check() { # PAGE COMMAND...
	page=$1
	shift
	grep -qF -e "$*" "doc/$page" || refuse "doc/$page says nothing of '$*'"
	for option in $(long_options "$@"); do
		grep -qF -e "*--$option" "doc/$page" || refuse "doc/$page says nothing of --$option ($*)"
	done
	for below in $(commands "$@"); do
		check "$page" "$@" "$below"
	done
}

for option in $("$binary" --help | sed -n 's/^  .*--\([a-z-]*\).*/\1/p'); do
	grep -qF -e "*--$option" doc/cartrita.1.scd || refuse "doc/cartrita.1.scd says nothing of --$option"
done
for name in $(commands); do
	grep -qF -e "*$name*" doc/cartrita.1.scd || refuse "doc/cartrita.1.scd says nothing of '$name'"
	page=cartrita-$name.1.scd
	[ -e "doc/$page" ] || page=cartrita.1.scd
	check "$page" "$name"
done
exit $status
