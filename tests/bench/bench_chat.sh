# bench_chat.sh [ROUNDS]: one-shot `cartrita chat`, cold, on loopback, against curl with the same
# request to the same server, the sandbox, in turn. CARTRITA and RACE name the programs. The
# promise is a ratio of 1.25 at most, in an optimized build.
set -u
rounds=${1:-101}
: "${CARTRITA:?} ${RACE:?}"

if [ -z "${BENCH_CHAT:-}" ]; then # outside the sandbox yet
	work=$(mktemp -d) || exit 2
	trap 'rm -rf "$work"' EXIT
	export BENCH_CHAT=$work HOME=$work
	unset XDG_CONFIG_HOME XDG_DATA_HOME CARTRITA_CONFIG CARTRITA_DB
	command -v curl >/dev/null 2>&1 || { echo "no curl"; exit 77; }
	"$CARTRITA" sandbox -- sh "$0" "$rounds"
	exit
fi

# what curl sends is what cartrita would
"$CARTRITA" chat --dry-run=http hello | tr -d '\r' | sed '1,/^$/d' >"$BENCH_CHAT/body"
"$RACE" -n "$rounds" \
	"cartrita chat" "$CARTRITA" chat hello -- \
	"curl, same request" curl -sS -N -o /dev/null -H "x-api-key: $ANTHROPIC_API_KEY" \
	-H 'anthropic-version: 2023-06-01' -H 'Content-Type: application/json' \
	--data-binary "@$BENCH_CHAT/body" "$ANTHROPIC_BASE_URL/v1/messages" || exit

# the journal was on
logged=$("$CARTRITA" provider logs --limit "$rounds" --json | grep -o '"request_id"' | grep -c .)
[ "$logged" -eq "$rounds" ] || { echo "$logged of $rounds requests are in the log"; exit 1; }
