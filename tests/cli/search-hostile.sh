# search, extract and chat --web with a host that means no good, or keeps half of what it was asked for.
. "$(dirname "$0")/lib.sh"
need python3 jq

cat >"$work/server.py" <<'END_OF_SERVER'
import json, os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
folder = sys.argv[1]
EVIL = 'x \x1b]0;owned\x07\x1b[31mred\x9b2J \u202eflip\u202c \u2066iso\u2069 \x00'

def result(n, **more):
    return {'title': 'T%s' % n, 'url': 'https://e.example/%s' % n, 'content': 'c', 'score': 1, **more}

class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *a): pass
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        kind, status = asked.get('query'), 200
        if self.path == '/search':
            body = {'nowhere': {'results': [{'title': 'x'}, 4]},
                    'long': {'results': [result('a' * 20000), result(2)]},
                    'beyond': {'results': [result(1, score=10**400)]},
                    'evil': {'results': [result(1)], 'answer': EVIL},
                    'refused': {'detail': EVIL}}.get(kind, {'results': [result(1)]})
            status = 400 if kind == 'refused' else 200
        elif self.path == '/extract':
            urls = [u for u in asked['urls'] if 'lost' not in u]
            body = {'results': [{'url': u + '/' * ('slash' in u), 'raw_content': 'page ' + u} for u in urls]}
        elif self.path == '/v1/chat/completions': # a local server without tools
            with open(folder + '/local', 'a') as f: f.write('tools\n' if 'tools' in asked else 'none\n')
            message = {'role': 'assistant', 'content': 'From [1].'}
            body = {'id': 'c', 'model': 'm', 'choices': [{'index': 0, 'message': message, 'finish_reason': 'stop'}]}
            if 'tools' in asked:
                status = 500 if asked['model'] == 'old' else 400
                body = {'error': {'message': 'tools param requires --jinja flag' if status == 500 else
                                  'some/some does not support tools', 'type': 'api_error'}}
            elif 'broken' in str(asked['messages'][-1]):
                status, body = 400, {'error': {'message': 'no Tools here, nor anything else'}}
        else: # a model that asks for ever
            body = {'type': 'message', 'id': 'm', 'model': 'm', 'stop_reason': 'tool_use', 'usage': {},
                    'content': [{'type': 'text', 'text': 'wait'},
                                {'type': 'tool_use', 'id': 't', 'name': 'web_search', 'input': {'query': 'q'}}]}
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)

server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
with open(folder + '/port.new', 'w') as f: f.write(str(server.server_port))
os.rename(folder + '/port.new', folder + '/port')
server.serve_forever()
END_OF_SERVER
python3 "$work/server.py" "$work" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
while [ ! -e "$work/port" ] && kill -0 $server 2>/dev/null; do sleep 0.1; done
url="http://127.0.0.1:$(cat "$work/port")"
export TAVILY_BASE_URL="$url" TAVILY_API_KEY=tvly-0123456789 NO_PROXY=127.0.0.1

# a page of which the answer says nothing is not passed over
run extract https://e.example/1 https://e.example/lost https://e.example/2
expect_status 1
expect_out_has "page https://e.example/2"
expect_err_has "https://e.example/lost: the answer does not say anything of it"
expect_err_has "1 of 3 pages could not be read"
run extract --json https://e.example/1 https://e.example/lost
expect_status 1
expect "what is missing" https://e.example/lost "$(jq -r '.failed_results[].url' "$work/out")"
run extract https://e.example/slash https://e.example/1 https://e.example/1
expect_status 0

# results without addresses
run search --retries 0 nowhere
expect_status 1
expect_err "cartrita: tavily answered with results without addresses"

# nor is an address without end one
run search --json long
expect_status 0
expect "the other one" https://e.example/2 "$(jq -r '.results[].url' "$work/out")"
expect_err "cartrita: tavily sent 1 result without an address: left out"

# a score beyond all numbers is none
run search --json beyond
expect "score" null "$(jq '.results[].score' "$work/out")"

# an answer that was not asked for is none
run search evil
expect "not shown" 0 "$(grep -c flip "$work/out")"

# nothing that turns the direction of a line, in an answer or an error
for words in '--answer evil' refused; do
	run search --retries 0 $words
	cat "$work/out" "$work/err" >"$work/both"
	expect "it is shown" 1 "$(grep -c 'flip iso' "$work/both")"
	expect "controls" 0 "$(LC_ALL=C tr -d '\n' <"$work/both" | LC_ALL=C grep -c "$(printf '[\001-\037\177]\|\302[\200-\237]\|\342\200[\252-\256]\|\342\201[\246-\251]')")"
done

# a model that only ever asks for further searches has not answered
export ANTHROPIC_BASE_URL="$url" ANTHROPIC_API_KEY=sk-0123456789
run chat -p claude --no-fallback --web --no-stream --no-stdin --json what
expect_status 1
expect "the document" "tool_failed 5" "$(jq -r '.error | "\(.code) \(.attempts | length)"' "$work/out")"
run chat -p claude --no-fallback --web --no-stream --no-stdin what
expect_status 1
expect_out ""
expect_err_has "has not answered"
run conversation list --json
expect "nothing is kept of it" "[]" "$(cat "$work/out")"
run chat -p claude --no-fallback --web --no-stdin --json refused
expect_status 2
expect "a search that failed has attempts" 400 "$(jq -r '.error.attempts[].status' "$work/out")"

# a server that refuses a request for its tools is asked without them, once
cat >"$work/config.yaml" <<END
providers:
  local: {kind: openai, base_url: "$url/v1", model: some}
END
for model in some old; do
	: >"$work/local"
	run --config "$work/config.yaml" chat -p local -m local/$model --retries 0 --no-fallback --web --no-stream --no-stdin --json what
	expect_status 0
	expect "answered from the search" "From [1]. 1 2" \
		"$(jq -r '"\(.response) \(.metadata.sources | length) \(.metadata.attempts | length)"' "$work/out")"
	expect "asked" "tools none" "$(tr '\n' ' ' <"$work/local" | sed 's/ $//')"
	expect_err "cartrita: local takes no tools: $model answers from the first search alone"
	run conversation show last
	expect_out_has "From [1]."
done
run --config "$work/config.yaml" chat -p local --retries 0 --no-fallback --web --no-stream --no-stdin --json broken
expect_status 2
expect "once only" "invalid_request 2" "$(jq -r '"\(.error.code) \(.error.attempts | length)"' "$work/out")"
finish
