# What doc/coming-from.md says in place of llm's and aichat's commands does run.
. "$(dirname "$0")/lib.sh"
need jq python3 git awk
page=$(cd "$(dirname "$0")/../../doc" && pwd)/coming-from.md

# block LANGUAGE N: the N-th fenced block of that language
block() {
	awk -v lang="$1" -v n="$2" '
		/^```/ && !inside { inside = 1; mine = ($0 == "```" lang); count += mine; next }
		$0 == "```" { inside = 0; next }
		inside && mine && count == n' "$page"
}
count=$(grep -c '^```sh$' "$page")
[ "$count" -gt 25 ] || differ "blocks" "more than 25" "$count"

# what the examples name
mkdir -p "$work/bin" "$work/.config/cartrita" "$work/try/dir"
ln -s "$CARTRITA" "$work/bin/cartrita"
block yaml 1 >"$work/.config/cartrita/config.yaml"
cd "$work/try" || exit 2
echo "some data" >data.txt
echo "print('hello')" >myfile.py
echo "# Notes" >dir/notes.md
echo "notes of a page" >notes.txt
printf '\211PNG\r\n\032\n\000\000\000\015IHDR\000\000\000\001' >image.png
printf '\377\330\377\340\000\020JFIF' >scanned-document.jpg
git init -q . && git add data.txt && echo "more data" >>data.txt

# the page that they fetch, here
python3 -c '
import functools, http.server
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Quiet)
print(server.server_port, flush=True)
server.serve_forever()' >"$work/port" &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
while [ ! -s "$work/port" ]; do
	kill -0 $server 2>/dev/null || { echo "no server for pages"; exit 2; }
	sleep 0.05
done
base=http://127.0.0.1:$(cat "$work/port")

n=1
while [ $n -le "$count" ]; do
	{ echo 'set -e'; block sh $n; } | sed "s|https://example.com|$base|" >"$work/example.sh"
	command=$(grep -v '^#' "$work/example.sh" | sed 1d)
	PATH="$work/bin:$PATH" "$CARTRITA" sandbox --db "$work/log.db" -- \
		sh "$work/example.sh" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	expect_status 0
	case $command in
	*'key set'*) ;;
	*) [ -s "$work/out" ] || differ "an answer" "something" "$(cat "$work/err")" ;;
	esac
	n=$((n + 1))
done
finish
