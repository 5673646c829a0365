# A host that means no good: links to elsewhere and in circles, texts that a terminal would act on.
. "$(dirname "$0")/lib.sh"
need python3 jq

cat >"$work/server.py" <<'END'
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
folder = sys.argv[1]
EVIL = 'x \x1b]0;owned\x07\x1b[31mred\x9b2J \u202eflip\u202c \u2066iso\u2069 <b>bold</b>\r\nnext \x00'
ITEM = {'login': 'a', 'html_url': 'https://x.example/a', 'score': 1}

def pull(n, text):
    return {'number': n, 'title': text, 'state': 'open', 'html_url': 'https://x.example/\x1b[31m' + text,
            'user': {'login': text}, 'body': '# Head\n\n' + text + '\n\nend', 'labels': [{'name': text}],
            'head': {'label': text, 'ref': text}, 'base': {'ref': text}, 'created_at': text, 'updated_at': None,
            'commits': 1, 'changed_files': 'many', 'merged_by': 7}

class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *a): pass
    def do_GET(self):
        with open(folder + '/seen', 'a') as f:
            f.write(str(self.server.server_port) + ' ' + self.path + ' ' + self.headers.get('Authorization', 'none') + '\n')
        link, body = None, {}
        path = self.path.split('?')[0]
        if path == '/search/users':
            kind = self.path.split('q=')[1].split('&')[0]
            body = {'total_count': 500, 'items': [ITEM]}
            link = {'evil': '<http://127.0.0.1:%d/search/users?q=stolen&page=2>; rel="next"' % other.server_port,
                    'circle': '<http://127.0.0.1:%d/search/users?q=circle>; rel="next"' % self.server.server_port,
                    'rounds': '<http://127.0.0.1:%d/search/users?q=rounds&page=%d>; rel="next"' % (
                        self.server.server_port, 3 if 'page=2' in self.path else 2),
                    'scheme': '<file:///etc/passwd>; rel="next"', 'none': '<>; rel="next"'}.get(kind)
            if kind == 'stolen': link = None
            if kind == 'noitems': body = {'total_count': 1}
            if kind == 'nourl': body = {'total_count': 1, 'items': [{'login': 'a'}]}
            if kind == 'holes': body = {'items': [{'login': 'b'}, None, ITEM, {'html_url': 'https://x.example/c'}]}
        elif path == '/repos/o/n':
            body = {'full_name': 'o/n' + EVIL, 'html_url': 'https://x.example/o/n', 'description': EVIL * 3,
                    'topics': [EVIL, 3, None], 'license': EVIL, 'language': EVIL, 'stargazers_count': EVIL}
        elif path == '/repos/o/n/pulls': body = [pull(1, EVIL), pull(2, 'fine')]
        elif path == '/repos/o/n/pulls/1': body = pull(1, EVIL)
        elif path == '/repos/o/n/pulls/3': body = pull(4, 'another')
        elif path == '/repos/o/n/pulls/5': body = {**pull(5, 'bare'), 'head': None, 'base': {'ref': 'main'}, 'labels': [7, {'name': 'l'}, None]}
        elif path == '/repos/o/list': body = [pull(1, 'a')]
        elif path == '/repos/o/list/pulls': body = {'full_name': 'o/list', 'html_url': 'https://x.example'}
        elif path == '/repos/o/echo':
            body = {'message': 'you sent ' + self.headers.get('Authorization', '')}
        data = json.dumps(body).encode()
        self.send_response(403 if path == '/repos/o/echo' else 200)
        self.send_header('Content-Length', str(len(data)))
        if link: self.send_header('Link', link)
        self.end_headers()
        self.wfile.write(data)

own, other = (ThreadingHTTPServer(('127.0.0.1', 0), Handler) for _ in range(2))
import threading
threading.Thread(target=other.serve_forever, daemon=True).start()
with open(folder + '/port.new', 'w') as f: f.write(str(own.server_port))
import os
os.rename(folder + '/port.new', folder + '/port')
own.serve_forever()
END
python3 "$work/server.py" "$work" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
while [ ! -e "$work/port" ] && kill -0 $server 2>/dev/null; do sleep 0.1; done
port=$(cat "$work/port")
export GITHUB_BASE_URL="http://127.0.0.1:$port" GITHUB_API_KEY=ghp_secret0123456789 NO_PROXY=127.0.0.1

# the key goes to no other origin, nor does anything
for kind in evil scheme; do
	run search -p github --no-fallback --type users -n 50 --json "$kind"
	expect_status 1
	expect_out_has '"code":"bad_response"'
done
expect "other servers" "" "$(grep -v "^$port " "$work/seen")"
expect stolen "" "$(grep stolen "$work/seen")"
# a link that is not needed harms nobody
run search -p github --no-fallback --type users -n 1 --json evil
expect_status 0
run search -p github --no-fallback --type users -n 50 --json none
expect_status 0

# a circle ends
: >"$work/seen"
run search -p github --no-fallback --type users -n 30 --json circle
expect_status 0
expect requests 2 "$(wc -l <"$work/seen" | tr -d ' ')"
: >"$work/seen"
run search -p github --no-fallback --type users -n 30 --json rounds
expect_status 0
expect "a page without anything new is the last" "1 2" \
	"$(jq '.results | length' "$work/out") $(wc -l <"$work/seen" | tr -d ' ')"

for kind in noitems nourl; do
	run search -p github --no-fallback --retries 0 --type users --json $kind
	expect_status 1
	expect_out_has '"code":"bad_response"'
done

# what says where it is is there, whatever else is missing
run search -p github --no-fallback --type users --json holes
expect_status 0
expect "results" "2 a https://x.example/a null https://x.example/c" \
	"$(jq -r '"\(.total) \(.results[0].title) \(.results[0].url) \(.results[1].score) \(.results[1].url)"' "$work/out")"
expect_err "cartrita: github sent 2 results without an address: left out"

# nothing that a terminal acts on; ESC is 033, DEL 177, CSI 302 233, bidi 342 200/201
controls() {
	LC_ALL=C tr -d '\n\t' <"$work/out" | LC_ALL=C grep -c "$(printf '[\001-\010\013-\037\177]\|\302[\200-\237]\|\342\200[\252-\256]\|\342\201[\246-\251]')"
}
for words in 'repo o/n' 'pr list o/n' 'pr show o/n 1'; do
	run github $words
	expect_status 0
	expect_out_has 'red'
	expect "controls" 0 "$(controls)"
	if has_terminal; then
		command="github $words on a terminal"
		TERM=dumb script -qec "stty cols 60; \"$CARTRITA\" github $words 2>/dev/null" /dev/null \
			</dev/null | tr -d '\r' >"$work/out"
		expect_out_has 'red'
		expect "controls" 0 "$(controls)"
		TERM=xterm script -qec "stty cols 60; \"$CARTRITA\" github $words 2>/dev/null" /dev/null \
			</dev/null | tr -d '\r' >"$work/out"
		# of our own making: colours and links
		sed -i 's/\x1b\[[0-9;]*m//g; s/\x1b\]8;;[!-~]*\x1b\\//g' "$work/out"
		expect "controls" 0 "$(controls)"
	fi
	run github $words --json
	expect_status 0
	python3 -c "import json; json.load(open('$work/out'))" || differ JSON valid "$(cat "$work/out")"
	expect "controls" 0 "$(LC_ALL=C tr -d '\n' <"$work/out" | LC_ALL=C grep -c "$(printf '[\001-\037\177]')")"
	if has_terminal; then # there what JSON lets stand is escaped: it means the same
		jq -c . <"$work/out" >"$work/piped"
		command="github $words --json on a terminal"
		TERM=dumb script -qec "\"$CARTRITA\" github $words --json 2>/dev/null" /dev/null \
			</dev/null | tr -d '\r' >"$work/out"
		expect "controls" 0 "$(controls)"
		expect "the same" "$(cat "$work/piped")" "$(jq -c . <"$work/out")"
	fi
done

# another kind of document than was asked for
run github repo o/list --retries 0
expect_status 1
expect_err_has 'answered with no repository'
run github pr list o/list --retries 0
expect_status 1
run github pr show o/n 2 --retries 0
expect_status 1
run github pr show o/n 3 --retries 0
expect_status 1
expect_err_has 'answered with another pull request'
run github pr show o/n 3 --json
expect "who, and how often" 'bad_response github 200 null' \
	"$(jq -r '.error | "\(.code) \(.provider) \(.attempts[].status) \(.provider_request_id)"' "$work/out")"
# members that are missing leave no holes
run github pr show o/n 5
expect "branches" "Merges       main" "$(grep ^Merges "$work/out")"
expect "labels" "Labels       l" "$(grep ^Labels "$work/out")"

# a key that is echoed goes no further
run github repo o/echo --json
expect_status 4
expect "the key" "" "$(cat "$work/out" "$work/err" | grep ghp_secret)"
run provider logs show last
expect "the key" "" "$(cat "$work/out" "$work/err" | grep ghp_secret)"
finish
