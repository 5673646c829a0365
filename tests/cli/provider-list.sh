# Which providers are known, what they are for, and which could be asked.
. "$(dirname "$0")/lib.sh"
need jq
PRIMARY_PROVIDER=gemini FALLBACK_CHAIN=openai OPENAI_API_KEY=key-for-openai-only \
	OPENAI_BASE_URL=http://127.0.0.1:1/v1 run provider list --json
expect_status 0
expect "members" "name,kind,configured,sandbox,default_model,base_url,capabilities,role" \
	"$(jq -r '.[0] | keys_unsorted | join(",")' "$work/out")"
expect "roles" '["claude",false,"other"] ["gemini",false,"primary"] ["openai",true,"fallback"]' \
	"$(jq -c '.[] | [.name,.configured,.role]' "$work/out" | head -3 | paste -sd' ')"
expect "address" "http://127.0.0.1:1/v1" "$(jq -r '.[] | select(.name == "openai").base_url' "$work/out")"
run provider list
expect_status 0
expect_out_has "claude"
expect_err ""
echo "nonsense: 1" >"$work/bad.yaml"
run --config "$work/bad.yaml" provider list --json
expect_status 3
expect_out_has '"code":"bad_config"'

# the sandbox never passes for a real provider, also where it refuses, and on a narrow terminal
run sandbox -- "$CARTRITA" provider list
expect "all are the sandbox" "$(($(wc -l <"$work/out") - 1))" "$(grep -c ' sandbox  ' "$work/out")"
run sandbox --fault claude:refused -- env -u GOOGLE_API_KEY -u GEMINI_API_KEY "$CARTRITA" provider list --json
expect "none but the sandbox" "" "$(jq -r '[.[] | select(.sandbox | not).name] | join(" ")' "$work/out")"
run sandbox -- env ANTHROPIC_BASE_URL=https://api.example.com OPENAI_BASE_URL=http://127.0.0.1:9 \
	OPENAI_API_KEY=key-of-a-local-one "$CARTRITA" provider list --json
expect "real ones are none" "claude openai" \
	"$(jq -r '[.[] | select(.sandbox | not).name] | join(" ")' "$work/out")"

# to test who searches needs no model, and takes none
run sandbox -- "$CARTRITA" provider test tavily
expect_status 0
run sandbox -- "$CARTRITA" provider test tavily -m zzz
expect_status 2
expect_err_has "tavily has no models"
finish
