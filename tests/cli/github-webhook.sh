# `github webhook verify`: what is GitHub's own, and what is not.
. "$(dirname "$0")/lib.sh"

right=sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17
export HOOK="It's a Secret to Everybody"

# verify BODY ARGUMENT...: with the body on standard input
verify() {
	body=$1
	shift
	printf '%s' "$body" >"$work/body"
	"$CARTRITA" github webhook verify "$@" <"$work/body" >"$work/out" 2>"$work/err"
	status=$?
	command="cartrita github webhook verify $*"
	grep -qF -e "$HOOK" "$work/out" "$work/err" && differ "the secret" "nowhere" "$(cat "$work/out" "$work/err")"
}

verify 'Hello, World!' --secret-env HOOK --signature "$right"
expect_status 0
expect_out 'The signature is right.'
verify 'Hello, World!' --json --secret-env=HOOK --signature="$right"
expect_status 0
expect_out '{"valid":true}'

verify 'Hello, World!
' --secret-env HOOK --signature "$right"
expect_status 4
expect_out ''
expect_err_has 'the signature is not that of this body'
verify 'Hello, World!' --json --secret-env HOOK --signature "${right%7}8"
expect_status 4
expect_out_has '"code":"unauthorized"'
for bad in '' sha256= "${right#*=}" "${right}0" sha256=zz; do
	verify 'Hello, World!' --secret-env HOOK --signature "$bad"
	expect_status 4
	expect_out ''
done
verify 'Hello, World!' --secret-env HOOK --signature sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59
expect_status 4
expect_err_has 'SHA-1'
expect_err_has 'X-Hub-Signature-256'

# what is missing
verify x --signature "$right"
expect_status 2
expect_err_has '--secret-env'
verify x --secret-env HOOK
expect_status 2
expect_err_has '--signature'
verify x --secret-env NOT_SET
expect_status 2
verify x --secret-env HOOK --signature "$right" more
expect_status 2
verify x --secret-env 'A=B' --signature "$right"
expect_status 2
verify x --secret-env NOT_SET --signature "$right"
expect_status 3
expect_err_has 'NOT_SET is not set'
EMPTY='' verify x --secret-env EMPTY --signature "$right"
expect_status 3
expect_err_has 'EMPTY is empty'

# as much as GitHub sends, and a byte more
head -c 26214400 /dev/zero >"$work/most"
signature=sha256=a061aaa505aac15cc636b3afc7ce098978202a6bd0578200353917622e302a70
command='25 MB'
"$CARTRITA" github webhook verify --secret-env HOOK --signature "$signature" <"$work/most" >"$work/out" 2>"$work/err"
status=$?
expect_status 0
printf x >>"$work/most"
command='25 MB and a byte'
"$CARTRITA" github webhook verify --secret-env HOOK --signature "$signature" <"$work/most" >"$work/out" 2>"$work/err"
status=$?
expect_status 2
expect_err_has '25 MB'

command='a terminal'
if has_terminal; then
	script -qec "\"$CARTRITA\" github webhook verify --secret-env HOOK --signature $right" /dev/null </dev/null >"$work/out" 2>&1
	status=$?
	expect_status 2
fi
finish
