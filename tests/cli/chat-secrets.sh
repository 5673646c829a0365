# A key appears nowhere: not raw, not percent-encoded, not in base64, also when it is echoed.
. "$(dirname "$0")/lib.sh"
need base64

key='sk-ant-secret/+value=%1234567890'
encoded='sk-ant-secret%2F%2Bvalue%3D%251234567890'
b64=$(printf %s "$key" | base64 -w0)

run --db "$work/s.db" sandbox -- env ANTHROPIC_API_KEY="$key" sh -c '
	for text in "$1" "$2" "$3"; do
		"$CARTRITA" -vv chat --no-stdin "repeat: my $text end"
		"$CARTRITA" -vv chat --no-stdin --stream "repeat: my $text end"
		"$CARTRITA" -vv chat --no-stdin --json "repeat: my $text end"
	done
	"$CARTRITA" chat --no-stdin --dry-run hello
	"$CARTRITA" chat --no-stdin --dry-run=curl hello
	"$CARTRITA" provider logs show last
	"$CARTRITA" config show
	"$CARTRITA" provider logs --json' sh "$key" "$encoded" "$b64"
expect_status 0
expect_out_has "REDACTED"
for form in "$key" "$encoded" "${b64%??????}"; do
	for file in "$work/out" "$work/err" "$work/s.db" "$work/s.db-wal"; do
		[ ! -e "$file" ] || ! grep -qaF -e "$form" "$file" || differ "$file" "no key" "$form"
	done
done
finish
