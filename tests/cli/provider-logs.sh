# Filters, order, forms and endings of ids, on rows that are known.
. "$(dirname "$0")/lib.sh"
need sqlite3 jq
export CARTRITA_DB="$work/logs.db"
run provider circuit reset --all
expect_status 0
now=$(date +%s)000

row() { # NUMBER PROVIDER STATE AGE_S CONVERSATION USER ERROR
	sqlite3 "$CARTRITA_DB" "INSERT INTO provider_logs(id,request_id,conversation_id,user_id,provider,
		model,state,request_data,response_data,error_data,duration,created_at,updated_at,attempts)
		VALUES('id-$1','request-number-$1',$5,$6,'$2','$2-model','$3',
		'{\"messages\":[{\"role\":\"user\",\"content\":\"question $1\"}]}',
		CASE '$3' WHEN 'completed' THEN '{\"response\":\"answer $1\",\"usage\":{\"total_tokens\":$1}}' END,
		$7,100+$1,$now-1000*$4,$now-1000*$4+100,
		'[{\"provider\":\"claude\",\"model\":\"m\",\"status\":429,\"error\":\"rate_limited\",\"duration_ms\":5,\"reason\":\"next candidate\"},
		{\"provider\":\"$2\",\"model\":\"m\",\"status\":200,\"error\":null,\"duration_ms\":7,\"reason\":\"answered\"}]')"
}
row 11 claude completed 10 "'c1'" "'ann'" NULL
row 12 gemini failed 4000 "'c1'" NULL "'{\"code\":\"rate_limited\",\"message\":\"slow down\"}'"
row 13 claude failed 200000 NULL "'bob'" "'{\"code\":\"timeout\",\"message\":\"too long\"}'"
row 14 openai completed 400000 "'c2'" "'ann'" NULL

ids() { # EXPECTED OPTION...
	expected=$1
	shift
	run provider logs --json "$@"
	expect_status 0
	expect "ids" "$expected" "$(jq -r '[.[].id] | join(" ")' "$work/out")"
}
ids "id-11 id-12 id-13 id-14"
ids "id-11 id-12" -n 2
ids "id-11 id-12" --number=2
ids "id-11 id-13" -p claude
ids "id-11 id-13" --provider anthropic
ids "id-12 id-13" --failed
ids "id-12" --failed -n1
ids "id-13" --failed -p claude
ids "id-11 id-12" --conversation c1
ids "id-11 id-14" --user ann
ids "id-11" --since 1h
ids "id-11 id-12" --since 2h
ids "id-11 id-12 id-13" --since 3d
ids "" --since 2100-01-01
ids "id-11 id-12 id-13 id-14" --since 1970-01-02T00:00:00.5+01:00

run provider logs --json -n 2
expect "members" "id,request_id,conversation_id,user_id,provider,model,state,duration,created_at,updated_at,error,usage" \
	"$(jq -r '.[0] | keys_unsorted | join(",")' "$work/out")"
expect "values" '["request-number-11","c1","ann","completed",111,null,11]' \
	"$(jq -c '.[0] | [.request_id,.conversation_id,.user_id,.state,.duration,.error,.usage.total_tokens]' "$work/out")"
expect "failed values" '[null,"rate_limited",null]' \
	"$(jq -c '.[1] | [.user_id,.error.code,.usage]' "$work/out")"
expect "time" "true" "$(jq '.[0].created_at | test("^20..-..-..T..:..:..\\....Z$")' "$work/out")"

run provider logs
expect_out_has "rate_limited: slow down"
expect_out_has "claude-model"

for id in last request-number-11 number-11 id-11; do
	run provider logs show "$id" --json
	expect_status 0
	expect "show $id" '["id-11","answer 11","question 11",2,"rate_limited"]' \
		"$(jq -c '[.id,.response.response,.request.messages[0].content,(.attempts|length),.attempts[0].error]' "$work/out")"
done
run provider logs show 12
expect_status 0
expect_out_has "question 12"
expect_out_has "next candidate"
expect_out_has "Error         rate_limited: slow down"
for id in 99 number; do
	run provider logs show "$id"
	expect_status 2
	expect_out ""
done

# --follow: what is there, oldest first, then each new request as it begins and as it ends
touch "$work/follow"
"$CARTRITA" provider logs --follow --json -n 2 >"$work/follow" 2>"$work/follow.err" &
pid=$!
lines() { # COUNT: wait until so many lines are there
	tries=0
	while [ "$(wc -l <"$work/follow")" -lt "$1" ] && [ $tries -lt 600 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
}
command="cartrita provider logs --follow --json -n 2"
lines 2
row 15 claude pending 0 NULL NULL NULL
lines 3
sqlite3 "$CARTRITA_DB" "UPDATE provider_logs SET state='completed' WHERE id='id-15'"
lines 4
kill -INT $pid
wait $pid
expect "exit status" 130 $?
expect "what follow printed" "id-12 failed;id-11 completed;id-15 pending;id-15 completed" \
	"$(jq -rs 'map(.id + " " + .state) | join(";")' "$work/follow")"
finish
