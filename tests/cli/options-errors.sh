# What is wrong with a command line is said in a line, what to do in the next, and exit 2.
. "$(dirname "$0")/lib.sh"

usage_error() { # MESSAGE HINT ARGUMENT...
	message=$1 hint=$2
	shift 2
	run "$@"
	expect_status 2
	expect_out ""
	expect_err "cartrita: $message
$hint"
}

run
expect_status 2
expect_out ""
expect_err_has "Usage: cartrita [GLOBAL OPTION]... COMMAND"
expect_err_has "cartrita: no command given"

usage_error "unknown command 'provder': did you mean 'provider'?" "Try 'cartrita help'." provder
usage_error "unknown command 'zzzzzz'" "Try 'cartrita help'." zzzzzz
usage_error "unknown command 'provider stts': did you mean 'provider stats'?" \
	"Try 'cartrita help provider'." provider stts
usage_error "unknown command 'provider logs shw': did you mean 'provider logs show'?" \
	"Try 'cartrita help provider logs'." provider logs shw
usage_error "unknown command 'serach': did you mean 'search'?" "Try 'cartrita help'." help serach
usage_error "unknown option '--jsn'" "Did you mean '--json'? Try 'cartrita help'." --jsn version
usage_error "unknown option '--limt'" "Did you mean '--limit'? Try 'cartrita help provider logs'." \
	provider logs --limt 5
usage_error "unknown option '-Z'" "Try 'cartrita help version'." version -Z
usage_error "'--ver' could be '--verbose' or '--version'" "Try 'cartrita help version'." version --ver
usage_error "--color must be one of auto|always|never, not 'blue'" "Try 'cartrita help version'." \
	version --color blue
usage_error "--json takes no value" "Try 'cartrita help version'." version --json=yes
usage_error "--limit must be from 1 to 100000, not 'abc'" "Try 'cartrita help provider logs'." \
	provider logs -n abc
usage_error "--limit must be from 1 to 100000, not '-1'" "Try 'cartrita help provider logs'." \
	provider logs --number -1
usage_error "--limit must be from 1 to 100000, not '100001'" "Try 'cartrita help provider logs'." \
	provider logs -n100001
usage_error "--limit must be a whole number from 1 to 100000, not '2.5'" \
	"Try 'cartrita help provider logs'." provider logs -n 2.5
usage_error "--db is empty: it needs a value: FILE" "Try 'cartrita help version'." version --db ''
usage_error "--model is empty: it needs a value: ID" "Try 'cartrita help chat'." chat -m '' hello
usage_error "search for what? Give a word" "Try 'cartrita help conversation search'." \
	conversation search
usage_error "--faults and --stream do not go together" "Try 'cartrita help provider test'." \
	provider test --faults --stream
usage_error "--limit needs a value: COUNT" "Try 'cartrita help provider logs'." provider logs -n
for hours in -1 0 abc nan inf 1e9 ''; do
	usage_error "--time must be hours, more than 0 and up to 878400, or all, not '$hours'" \
		"Try 'cartrita help provider stats'." provider stats --time "$hours"
done
for time in 2026-02-30 2x h -3d 99999999d 2026-11-20T25:00 2026-11-20T10:00+99:00 tomorrow; do
	usage_error "--since must be a time such as 2h, 3d, yesterday or 2026-11-20T10:50, not '$time'" \
		"Try 'cartrita help provider logs'." provider logs --since "$time"
done
usage_error "'cartrita version' takes no argument 'x'" "Try 'cartrita help version'." version x
usage_error "'cartrita provider' needs a command after it" "Try 'cartrita help provider'." provider
usage_error "circuit reset takes one provider, or --all" \
	"Try 'cartrita help provider circuit reset'." provider circuit reset claude --all

run chat -m claude hello
expect_status 3
expect_err "cartrita: unknown model 'claude', and no provider can be told from it
claude is a provider: -p claude"

run --json provder
expect_status 2
expect_out '{"error":{"code":"usage","message":"unknown command '"'provder': did you mean 'provider'?"'","provider":null,"status":null,"retry_after_ms":null,"request_id":null,"provider_request_id":null,"conversation_id":null,"attempts":[]}}'

# no key in an error, whatever is typed
OPENAI_API_KEY=sk-very-secret-0123456789 run version sk-very-secret-0123456789
expect_status 2
expect_err_has "REDACTED"
expect "key" "" "$(grep -F very-secret "$work/err" "$work/out")"

# no control characters of the command line on a terminal
run "$(printf 'a\033[31mb')"
expect "escapes" "" "$(grep -F "$(printf '\033')" "$work/err")"
finish
