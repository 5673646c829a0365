# What is known of models, also of those that have ended; the nearest one for what is none.
. "$(dirname "$0")/lib.sh"
mkdir -p "$work/.config/cartrita"

run model list
expect_status 0
expect_out_has "claude-sonnet-5-5"
expect "retired ones" "" "$(grep gpt-4-turbo-preview "$work/out")"
run model list --all
expect_out_has "gpt-4-turbo-preview"
run model list -p anthropic
expect "other providers" "" "$(sed 1d "$work/out" | grep -v ' claude ')"
run model list -p nobody
expect_status 3
expect_out ""

run model show gpt-4-turbo-preview
expect_status 0
expect_out "id           gpt-4-turbo-preview
provider     openai
status       retired
shutdown     requests for it fail since 2026-03-26
use instead  gpt-6.1-sol"
run model show gpt-4-turbo-preview --json
expect_out_has '"status":"retired"'
expect_out_has '"shutdown":"2026-03-26","replacement":"gpt-6.1-sol"'

run model show claude-sonet-5-5
expect_status 3
expect_err "cartrita: the catalogue knows no model 'claude-sonet-5-5'
did you mean claude-sonnet-5-5?"
run model show
expect_status 2

echo 'aliases: {fast: claude/claude-haiku-5-5}' >"$work/.config/cartrita/config.yaml"
echo '{"models":[{"id":"claude-haiku-5-5","provider":"claude","context":7}]}' \
	>"$work/.config/cartrita/models.json"
run model show fast
expect_status 0
expect_out_has "id           claude-haiku-5-5"
expect_out_has "context      7 tokens"
finish
