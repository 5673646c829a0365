# Many processes on one store: no failure, no lost row; an outage that one finds is known to all.
. "$(dirname "$0")/lib.sh"
need sqlite3

# started at once COUNT: prints the exit statuses
cat >"$work/many" <<'S'
i=0
while [ $i -lt $1 ]; do
	"$CARTRITA" chat -q --no-stdin "count to 3" >"$2/out.$i" 2>"$2/err.$i" &
	i=$((i + 1))
done
wait
S

run --db "$work/new.db" sandbox -- sh "$work/many" 50 "$work"
expect "answers" 50 "$(cat "$work"/out.* | grep -c '^\[sandbox\] 1 2 3$')"
expect "completed" 50 "$(sqlite3 "$work/new.db" "SELECT count(*) FROM provider_logs WHERE state = 'completed'")"
expect "attempts" 50 "$(sqlite3 "$work/new.db" 'SELECT count(*) FROM provider_metrics WHERE success')"
rm -f "$work"/out.* "$work"/err.*

run --db "$work/dead.db" sandbox --fault claude:503 -- sh "$work/many" 20 "$work"
expect "answers" 20 "$(cat "$work"/out.* | grep -c '^\[sandbox\] 1 2 3$')"
tries=$(sqlite3 "$work/dead.db" "SELECT count(*) FROM provider_metrics WHERE provider = 'claude'")
[ "$tries" -le 25 ] || differ "tries of a dead provider" "threshold + 20 at most" "$tries"
run --db "$work/dead.db" provider circuit status --json
expect_out_has '"provider":"claude","state":"open"'
finish
