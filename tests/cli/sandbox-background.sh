# Detached: the exports come once it listens, and its process ends on SIGTERM.
. "$(dirname "$0")/lib.sh"
need curl jq

run sandbox --background
expect_status 0
expect_out_has "export CARTRITA_SANDBOX_PID='"
. "$work/out"
expect "store" "$HOME/.local/share/cartrita/sandbox.db" "$CARTRITA_DB"
expect "models" 200 "$(curl -s -o "$work/models" -w '%{http_code}' -H 'x-goog-api-key: k' "$GEMINI_BASE_URL/v1beta/models")"
port=${CARTRITA_SANDBOX##*:}
run sandbox --background --port "$port"
expect_status 1
expect_err_has "port $port"
run sandbox --background --fault zap
expect_status 2
kill "$CARTRITA_SANDBOX_PID"
while kill -0 "$CARTRITA_SANDBOX_PID" 2>/dev/null; do
	case $(cat "/proc/$CARTRITA_SANDBOX_PID/stat" 2>/dev/null) in *") Z "*) break ;; esac
done
curl -s "$CARTRITA_SANDBOX" >/dev/null
expect "refused afterwards" 7 $?

# with --json the exports are one document, and what a shell would make of them
NO_PROXY="it's.example" run sandbox --background --json
expect_status 0
pid=$(jq -r .exports.CARTRITA_SANDBOX_PID "$work/out")
expect "exports" "sandbox-no-key-claude|127.0.0.1,localhost,it's.example|$work/.local/share/cartrita/sandbox.db" \
	"$(jq -r '.exports | [.ANTHROPIC_API_KEY, .NO_PROXY, .CARTRITA_DB] | join("|")' "$work/out")"
kill "$pid"
finish
