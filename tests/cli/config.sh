# Settings with where they come from; a mistake is exit 3 with file and line.
. "$(dirname "$0")/lib.sh"
dir=$work/.config/cartrita
mkdir -p "$dir"

run config path
expect_out "$dir/config.yaml"
run config check
expect_status 0
expect_out "$dir/config.yaml: configuration: none
$dir/models.json: models: none
$dir/keys: keys: none"
EDITOR=true run config edit
[ -e "$dir/config.yaml" ] || differ "the example is there" yes no

printf 'chat: {primary: gemini}\nproviders:\n  x: {kind: openai, base_url: "http://localhost:1/"}\n' \
	>"$dir/config.yaml"
export OPENAI_API_KEY=sk-never-shown-1
run config show
expect_status 0
expect_out_has "chat.primary"
expect_out_has "$dir/config.yaml:1"
expect_out_has "environment OPENAI_API_KEY"
expect "the key" "" "$(grep sk-never "$work/out" "$work/err")"
PRIMARY_PROVIDER=claude run config show --json
expect_out_has '{"name":"chat.primary","value":"claude","origin":"environment PRIMARY_PROVIDER"}'
expect_out_has '{"name":"providers.x.key","value":"not set","origin":"not needed"}'
unset OPENAI_API_KEY

printf 'chat:\n  retires: 3\n' >"$dir/config.yaml"
for form in check show; do
	run config $form
	expect_status 3
	expect_out ""
	expect_err "cartrita: $dir/config.yaml:2: unknown key 'retires' in chat
did you mean retries?"
done
run config check --json
expect_status 3
expect_out_has '"code":"bad_config"'
run --config "$work/none.yaml" config check
expect_status 3
expect_err_has "none.yaml"

: >"$dir/config.yaml"
echo '{"models":5}' >"$dir/models.json"
run config check
expect_status 3
expect_err "cartrita: $dir/models.json:1: 'models' must be a list"
rm "$dir/models.json"

echo "claude sk-1" >"$dir/keys"
chmod 644 "$dir/keys"
run config check
expect_status 3
expect_err_has "chmod 600"

rm "$dir/keys"
echo 'log: warn' >"$dir/config.yaml"
printf '#!/bin/sh\necho "${ANTHROPIC_API_KEY-none}" >"$2"\necho "log: loud" >"$3"\n' >"$work/editor"
chmod +x "$work/editor"
ANTHROPIC_API_KEY=sk-editor-must-not-see VISUAL="$work/editor -o $work/seen" run config edit
expect_status 3
expect_err_has "config.yaml:1: log: 'loud' is none of"
expect "the key in the editor's environment" "none" "$(cat "$work/seen")"
VISUAL=false run config edit
expect_status 1
finish
