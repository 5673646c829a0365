# Help fits a terminal, and says each limit once, in digits.
. "$(dirname "$0")/lib.sh"
need script

for words in "" chat sandbox "provider logs" "provider stats" "model list"; do
	for columns in 80 100; do
		on_terminal $columns help $words
		width=$(widest)
		[ "$width" -le $columns ] || differ "width" "at most $columns" "$width"
	done
done
run help chat
expect "limits are written as digits" "" "$(grep -E '[0-9]e[+-]?[0-9]' "$work/out")"
expect "and once" "" "$(grep -E '0 to 2.*0 to 2' "$work/out")"
run chat --seed x hi
expect_err_has "--seed must be from -9000000000000000 to 9000000000000000"
run chat hi --color
expect_err_has "--color needs a value: auto|always|never"

# a failure is what a narrow list shows rather than how long it took
run --db "$work/x.db" sandbox --fault 503 -- "$CARTRITA" chat --no-stdin --retries 0 hi
expect_status 1
on_terminal 80 --db "$work/x.db" provider logs
expect_out_has "ERROR"
expect_out_has "provider_error: "
finish
