# Circuits of configured providers, open ones too when their time has passed; reset closes.
. "$(dirname "$0")/lib.sh"
need sqlite3 jq
export CARTRITA_DB="$work/circuit.db" GOOGLE_API_KEY=key-for-gemini-only OPENAI_API_KEY=key-for-openai-only
run provider circuit reset --all
expect_status 0
now=$(date +%s)000
sqlite3 "$CARTRITA_DB" "
	INSERT INTO provider_circuits VALUES('claude',1,5, $now-90000,0,0, $now-90000,0,0, $now-30000,0,0, 0,0,0, 60000, 0,0,0,0,'status 503');
	INSERT INTO provider_circuits VALUES('openai',1,7, $now-1000,0,0, $now-1000,0,0, $now+50000,0,0, $now+20000,0,0, 60000, 0,0,0,0,'refused');"

run provider circuit status --json
expect_status 0
expect "states" '["claude","open",5,5,"status 503",null],["gemini","closed",0,5,null,null],["openai","open",7,5,"refused","resting"]' \
	"$(jq -c '.[] | [.provider,.state,.failures,.threshold,.last_error,(if .resting_until then "resting" else null end)]' "$work/out" | paste -sd, )"
expect "members" "provider,state,failures,threshold,opened_at,retry_at,resting_until,last_error,probe_pid,rate_limit" \
	"$(jq -r '.[0] | keys_unsorted | join(",")' "$work/out")"
run provider circuit status
expect "a probe may pass" now "$(awk '/^claude/ { print $6 }' "$work/out")"

sqlite3 "$CARTRITA_DB" "UPDATE provider_circuits SET state=2, probe_pid=4711 WHERE provider='openai'"
run provider circuit status --json
expect "who probes" 4711 "$(jq '.[] | select(.provider == "openai") | .probe_pid' "$work/out")"
run provider circuit status
expect_out_has "half_open (probed by 4711)"

run provider circuit reset anthropic
expect_status 0
run provider circuit status --json
expect "after reset" "gemini openai" "$(jq -r '[.[].provider] | join(" ")' "$work/out")"
run provider circuit reset opnai
expect_status 3
run provider circuit reset --all --json
expect_out '{"reset":null,"all":true}'
run provider circuit status --json
expect "after reset of all" "closed closed" "$(jq -r '[.[].state] | join(" ")' "$work/out")"
finish
