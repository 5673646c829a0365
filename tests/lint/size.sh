#!/bin/sh
# Files of 500 lines, functions of 60, at most (needs universal-ctags for the functions).
cd "${1:-.}" || exit 2
status=0

for file in cmd/*.c cmd/*.h lib/*/*.c lib/*/*.h; do
	[ -e "$file" ] || continue
	lines=$(wc -l <"$file")
	[ "$lines" -le 500 ] || { echo "$file has $lines lines"; status=1; }
done
command -v ctags >/dev/null 2>&1 || { echo "no ctags: functions not measured"; exit $((status ? status : 77)); }
long=$(ctags -x --kinds-c=f --_xformat='%{input}:%{line}:%{end}:%{name}' cmd/*.c lib/*/*.c |
	awk -F: '$3 - $2 > 60 { print $1 ": " $4 " has " $3 - $2 " lines" }')
[ -z "$long" ] || { echo "$long"; status=1; }
exit $status
