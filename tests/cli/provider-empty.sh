# A store that is not there is empty, and is not made by looking; one that is broken is exit 8.
. "$(dirname "$0")/lib.sh"

for form in "stats" "stats -t all" "stats --by day" "logs" "logs --failed -p claude" "circuit status"; do
	run provider $form
	expect_status 0
	expect_out ""
	expect "one line on stderr" 1 "$(wc -l <"$work/err" | tr -d ' ')"
	run -q provider $form
	expect_err ""
	run provider $form --json
	expect_status 0
	expect_out "[]"
	expect_err ""
done
expect "files made by looking" "" "$(find "$work" -name '*.db*')"

# where nobody can be asked, what to do is said, not an empty table
run provider health
expect_status 3
expect_out ""
expect_err_has "cartrita: no provider has a key"
expect_err_has "cartrita sandbox"
run provider health --json
expect_status 3
expect_out_has '"configured":false'

run provider logs show last --json
expect_status 2
expect_out_has '"code":"invalid_request"'

echo "this is no database, but a text that is long enough to be read as one" >"$work/broken.db"
for form in "stats" "logs" "logs show last" "circuit reset --all"; do
	run --db "$work/broken.db" provider $form
	expect_status 8
	expect_out ""
	expect_err_has "cartrita: "
done
finish
