# doctor says what is wrong and what to do.
. "$(dirname "$0")/lib.sh"
need jq

verdict() { jq -r --arg t "$1" '[.[] | select(.topic == $t) | .verdict] | unique | join(" ")' "$work/out"; }

run doctor --offline
expect_status 1
expect_out_has "no key"
expect_out_has "cartrita sandbox"

TAVILY_API_KEY=none run doctor --offline --json
expect_status 0
expect_out_has "1 provider could be asked, 0 of them to chat"

run sandbox -- "$CARTRITA" doctor --json
expect_status 0
expect "providers" ok "$(verdict provider)"
expect_out_has "8 providers could be asked, 5 of them to chat"
expect "store" ok "$(verdict store)"

run sandbox -- sh -c 'GEMINI_BASE_URL=http://127.0.0.1:1 "$CARTRITA" doctor --json'
expect_status 1
expect "providers" "ok wrong" "$(verdict provider)"

echo "no database at all, but long enough to be taken for one: $(seq 200 | tr '\n' ' ')" >"$work/s.db"
run --db "$work/s.db" doctor --offline --json
expect "store" wrong "$(verdict store)"

printf 'caht: {}\n' >"$work/c.yaml"
run --config "$work/c.yaml" doctor --offline --json
expect "configuration" wrong "$(verdict configuration)"
expect_out_has "c.yaml:1"

run doctor --offline
https_proxy=http://me:secret-password@proxy.invalid:8080 run doctor --offline
expect_out_has "proxy.invalid:8080"
grep -q secret-password "$work/out" && differ "proxy password" "not shown" "shown"
finish
