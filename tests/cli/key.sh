# Keys come from stdin or a terminal, go into a file of mode 0600, and are never shown.
. "$(dirname "$0")/lib.sh"
keys=$work/.config/cartrita/keys

feed() { # TEXT ARGUMENT...: run with TEXT on stdin
	printf '%b' "$1" >"$work/in"
	shift
	"$CARTRITA" "$@" >"$work/out" 2>"$work/err" <"$work/in"
	status=$?
	command="cartrita $*"
}

feed 'sk-secret-1\nnot read\n' key set anthropic
expect_status 0
expect_out ""
expect "the file" "claude sk-secret-1" "$(cat "$keys")"
expect "its mode" 600 "$(stat -c %a "$keys")"

run key list
expect_status 0
expect_out_has "key file"
expect "the key" "" "$(grep secret "$work/out" "$work/err")"
run key list --json
expect_out_has '{"provider":"claude","set":true,"origin":"key file","variable":"ANTHROPIC_API_KEY"}'
expect_out_has '{"provider":"gemini","set":false,"origin":null,"variable":"GOOGLE_API_KEY"}'

for form in "claude sk-argument-1" "sk-argument-1" "sk-argument-longer-than-names"; do
	feed 'x\n' key set $form
	[ "$status" -ne 0 ] || differ "status" "a failure" 0
	case $form in *\ *|*longer*) expect "the key" "" "$(grep sk-arg "$work/out" "$work/err")" ;; esac
done
feed '' key set claude
expect_status 2
feed '\n' key set claude
expect_status 2
feed 'two words\n' key set claude
expect_status 2
expect "the key" "" "$(grep words "$work/out" "$work/err")"
expect "the file" "claude sk-secret-1" "$(cat "$keys")"

chmod 640 "$keys"
for form in "list" "remove claude"; do
	run key $form
	expect_status 3
	expect_err_has "chmod 600 $keys"
done
chmod 600 "$keys"
run key remove claude
expect_status 0
expect "the file" "" "$(cat "$keys")"
run key remove claude
expect_status 3
run key remove nobody
expect_status 3
finish
