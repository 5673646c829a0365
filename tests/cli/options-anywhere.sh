# Global options before and after the command; long names shortened; --help and -V win.
. "$(dirname "$0")/lib.sh"

for form in "--json version" "version --json" "version --js" "--color=never version --json" \
	"-v --json version -vv" "--json -V" "-V --json" "--config /nowhere --json version"; do
	run $form
	expect_status 0
	expect_out "{\"version\":\"$("$CARTRITA" --version | cut -d' ' -f2)\"}"
	expect_err ""
done

run --help
expect_status 0
expect_err ""
expect_out_has "Usage: cartrita [GLOBAL OPTION]... COMMAND"
general=$(cat "$work/out")
run help
expect_out "$general"
run -hv
expect_out "$general"

run help provider logs
expect_status 0
expect_out_has "-n, --limit COUNT"
logs=$(cat "$work/out")
for form in "provider logs --help" "--help provider logs" "provider --help logs" \
	"provider logs -h --bogus" "provider logs -n abc --help"; do
	run $form
	expect_status 0
	expect_out "$logs"
	expect_err ""
done

run help provider lgs
expect_status 2
expect_err_has "did you mean 'provider logs'?"

# every command in help has help
for name in $(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' <<HELP
$general
HELP
); do
	run help "$name"
	expect_status 0
	expect_out_has "Usage: cartrita $name"
done
finish
