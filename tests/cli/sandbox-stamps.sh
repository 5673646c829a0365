# sandbox --stamps: each token of a stream says when it was sent, and --rate is kept from the first on.
. "$(dirname "$0")/lib.sh"
need curl

# ask STREAM: the answer's text goes to $work/text
ask() {
	"$CARTRITA" sandbox --stamps --rate 200 --db "$work/db" -- sh -c "
		curl -sS -N -H 'Authorization: Bearer x' -d '{\"model\":\"m\",\"stream\":$1,
			\"messages\":[{\"role\":\"user\",\"content\":\"count to 40\"}]}' \
			\"\$OPENAI_BASE_URL/chat/completions\"" >"$work/out" 2>"$work/err"
	sed -n 's/.*"content":"\([^"]*\)".*/\1/p' "$work/out" | tr -d '\n' >"$work/text"
	command="an answer with stream $1"
}

began=$(cut -d ' ' -f 1 /proc/uptime)
ask true
expect "words" "[sandbox] $(seq -s ' ' 40)" "$(sed 's/@[0-9]*//g' "$work/text")"
expect "stamps" 41 "$(grep -o '@[0-9][0-9]*' "$work/text" | wc -l)"
# none before the one that precedes it, and the last not before its time (/proc/uptime has the same clock)
expect "too early" "" "$(grep -o '@[0-9]*' "$work/text" | tr -d @ | awk -v began="$began" '
	$1 < last { print NR, $1, last }
	{ last = $1 }
	END { if (last < began * 1000000 + 39 * 5000) print began, last }')"
ask false
expect "an answer in one piece" "[sandbox] $(seq -s ' ' 40)" "$(cat "$work/text")"
finish
