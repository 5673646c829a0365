# Searching and reading GitHub, against the sandbox: pages, forms, journal, errors.
. "$(dirname "$0")/lib.sh"
need python3

# in_sandbox FAULTS ARGUMENT...: run against the sandbox
in_sandbox() {
	faults=$1
	shift
	"$CARTRITA" sandbox --fault "$faults" -- "$CARTRITA" "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	command="cartrita $* ($faults)"
}

# json EXPRESSION: of the document d on stdout
json() { python3 -c "import json,sys; d=json.load(open('$work/out')); print($1)"; }

fine='claude:503'

# searches, of each type
in_sandbox "$fine" search -p github -n 2 tetris language:c
expect_status 0
expect_out ' 1. sandbox/repository-1
    https://sandbox.example/sandbox/repository-1
    [sandbox] no real repository: result 1 for: tetris language:c

 2. sandbox/repository-2
    https://sandbox.example/sandbox/repository-2
    [sandbox] no real repository: result 2 for: tetris language:c'
in_sandbox "$fine" search -p github --type code -n 1 tetris
expect_out ' 1. sandbox/repository: src/file-1.c
    https://sandbox.example/sandbox/repository/src/file-1.c
    /* [sandbox] no real file: line 1 */'
in_sandbox "$fine" search -p github --type issues -n 1 'is:open tetris'
expect_out_has '[sandbox] Issue 1 for: is:open tetris'
in_sandbox "$fine" search -p github --type users -n 1 tom
expect_out_has '[sandbox] no real user'

# several pages, up to the limit, and no more than there are
in_sandbox "$fine" search -p github --type users -n 250 --json find 230
expect_status 0
expect pages "230 230 sandbox-user-230 1" \
	"$(json "len(d['results']), d['total'], d['results'][-1]['title'], len({r['url'] for r in d['results']})//230" | tr -d "(),'")"
in_sandbox "$fine" search -p github -n 120 --json find 5000
expect pages "120 5000" "$(json "len(d['results']), d['total']" | tr -d '(),')"
expect members "['score', 'snippet', 'title', 'url']" "$(json "sorted(d['results'][0])")"
in_sandbox "$fine" search -p github -n 1000 --json find 5000
expect pages 1000 "$(json "len(d['results'])")"
in_sandbox "$fine" search -p github --json find nothing
expect_status 0
expect_out '{"results":[],"total":0,"provider":"github"}'
in_sandbox "$fine" search -p github --json -n 1 out of time
expect incomplete True "$(json "d['incomplete']")"
expect_err_has 'has not looked everywhere'

# what a page says never reaches the terminal raw
in_sandbox "$fine" search -p github --type issues -n 1 "$(printf 'red \033[31m \342\200\256 <b>bold</b> \007')"
expect_status 0
expect_out_has 'Issue 1 for: red [31m bold'
expect controls "" "$(tr -d '\n -~' <"$work/out")"

# a page that fails fails all
in_sandbox "github:503*9" search -p github --no-fallback --retries 0 --json -n 200 find 230
expect_status 1
expect_out_has '"code":"provider_error"'

# a repository
in_sandbox "$fine" github repo octocat/Hello-World
expect_status 0
expect_out_has 'octocat/Hello-World'
expect_out_has 'Address      https://sandbox.example/octocat/Hello-World'
expect_out_has 'Stars        42'
in_sandbox "$fine" github repo https://github.com/octocat/Hello-World.git --json
expect_status 0
expect repo "octocat/Hello-World 42 main octocat" \
	"$(json "d['full_name'], d['stargazers_count'], d['default_branch'], d['owner']['login']" | tr -d "(),'")"
in_sandbox "$fine" github repo octocat/missing --json
expect_status 2
expect_out_has '"code":"invalid_request"'
expect_out_has '"status":404'
expect_err_has 'may not see it'
in_sandbox "$fine" github repo octocat/private
expect_status 2
expect_err_has 'needed is one of repo; it has gist'
in_sandbox "$fine" github repo octocat/forbidden
expect_status 4
expect_err_has 'needed is one of repo; it has gist'
in_sandbox "$fine" github repo octocat/moved --retries 0
expect_status 1
expect_err_has 'redirect not followed'
expect_err_has 'renamed or moved'

# pull requests
in_sandbox "$fine" github pr list octocat/Hello-World -n 2
expect_status 0
expect_out_has '[sandbox] Pull request 41'
expect lines 3 "$(wc -l <"$work/out" | tr -d ' ')"
in_sandbox "$fine" github pr list octocat/Hello-World --json --state all --limit 200
expect pulls "42 42 1" "$(json "len(d), d[0]['number'], d[-1]['number']" | tr -d '(),')"
in_sandbox "$fine" github pr list octocat/Hello-World --json --state closed
expect pulls "14 ['closed']" "$(json "str(len(d)) + ' ' + str(sorted({p['state'] for p in d}))")"
in_sandbox "$fine" github pr list octocat/Hello-World --json
expect pulls "28 ['open']" "$(json "str(len(d)) + ' ' + str(sorted({p['state'] for p in d}))")"
in_sandbox "$fine" github pr show octocat/Hello-World '#6'
expect_status 0
expect_out_has '[sandbox] Pull request 6 #6'
expect_out_has 'State        merged'
expect_out_has '[sandbox] github here, no real pull request.'
in_sandbox "$fine" github pr show octocat/Hello-World 6 --json
expect pull "6 True topic main" \
	"$(json "d['number'], d['merged'], d['head']['ref'], d['base']['ref']" | tr -d "(),'")"
in_sandbox "$fine" github pr show octocat/Hello-World 43
expect_status 2

# what makes no sense
for bad in 'repo' 'repo octocat' 'repo octocat/..' 'repo a/b c' 'pr list' 'pr list a/b 3' 'pr list a/b -n 0' \
	'pr list a/b -n 10000' 'pr list a/b --state ajar' 'pr show a/b' 'pr show a/b x' 'pr show a/b 0' 'pr' 'repo a/b -p claude'; do
	in_sandbox "$fine" github $bad
	expect_status 2
	expect_out ''
done
in_sandbox "$fine" github repo https://gitlab.com/octocat/Hello-World
expect_status 2
expect_out ''
expect_err_has 'github has no repositories of gitlab.com'
in_sandbox "$fine" github pr list https://WWW.github.com/octocat/Hello-World/pulls -n 1
expect_status 0
run github repo octocat/Hello-World
expect_status 3
expect_err_has 'GITHUB_API_KEY'

# an address of each kind of host, and who has it
cat >"$work/config.yaml" <<'END'
providers:
  house: {kind: github, base_url: "http://127.0.0.1:9/api/v3", key_env: HOUSE_KEY}
  tenant: {kind: github, base_url: "http://api.localhost:9", key_env: HOUSE_KEY}
END
while read -r provider address wanted; do
	HOUSE_KEY=none run --config "$work/config.yaml" github repo --retries 0 --timeout 1 -p $provider https://$address/o/n
	command="$provider $address"
	expect "is refused" "$wanted" "$(grep -c 'has no repositories' "$work/err")"
done <<'END'
house 127.0.0.1 0
house 127.0.0.1:8443 0
house github.com 1
tenant localhost 0
tenant LocalHost 0
tenant github.com 1
tenant other.example 1
END

# limits and faults, through the pipeline
in_sandbox 'github:403:1*1' github repo a/b
expect_status 0
in_sandbox 'github:429:90' github repo a/b --json
expect_status 5
expect wait "90000 1" "$(json "d['error']['retry_after_ms'], len(d['error']['attempts'])" | tr -d '(),')"
in_sandbox 'github:403' github repo a/b
expect_status 4
expect_err_has 'the token lacks a scope'
in_sandbox 'github:503*1' github repo a/b
expect_status 0
for fault in empty html shape; do
	in_sandbox "github:$fault" github repo a/b --retries 0 --json
	expect_status 1
	expect_out_has '"code":"bad_response"'
done
in_sandbox 'github:cut-after:3' github pr list a/b --retries 0
expect_status 1
expect_out ''

# journal and metrics show them as they show chats
cat >"$work/many" <<'END'
"$CARTRITA" github repo a/b >/dev/null
"$CARTRITA" search -p github -n 150 find 150 >/dev/null
"$CARTRITA" github repo a/missing >/dev/null 2>&1
"$CARTRITA" provider logs --json
"$CARTRITA" provider stats --json
END
"$CARTRITA" sandbox -- sh "$work/many" >"$work/out" 2>"$work/err"
command='provider logs and stats'
sed -n 1p "$work/out" >"$work/logs"
sed -n 2p "$work/out" >"$work/stats"
expect logs "failed completed completed completed" \
	"$(python3 -c "import json; print(*[r['state'] for r in json.load(open('$work/logs'))])")"
expect stats "github read 2 1 github search 2 2" \
	"$(python3 -c "
import json
print(*[x for r in sorted(json.load(open('$work/stats')), key=lambda r: r['model'])
        for x in (r['provider'], r['model'], r['requests'], r['successes'])])")"

# links, where a terminal knows them, and nothing wider than it
if has_terminal; then
	command='search on a terminal'
	TERM=xterm-256color script -qec "stty cols 50; \"$CARTRITA\" sandbox -- \"$CARTRITA\" search -p github -n 1 tetris 2>/dev/null" \
		/dev/null </dev/null | tr -d '\r' >"$work/out"
	expect_out_has "$(printf '\033]8;;https://sandbox.example/sandbox/repository-1\033\\')"
	sed -i 's/\x1b\]8;;[^\x1b]*\x1b\\//g' "$work/out"
	[ "$(widest)" -le 50 ] || differ width 50 "$(widest)"
	TERM=xterm-256color script -qec "stty cols 40; \"$CARTRITA\" sandbox -- \"$CARTRITA\" github pr list a/b -n 3 2>/dev/null" \
		/dev/null </dev/null | tr -d '\r' >"$work/out"
	expect_out_has '41'
	[ "$(widest)" -le 40 ] || differ width 40 "$(widest)"
fi
finish
