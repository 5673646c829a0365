# The store never stops an answer: locked, read-only, full, damaged.
. "$(dirname "$0")/lib.sh"
need sqlite3

answers() {
	expect_status 0
	expect_out "[sandbox] 1 2"
}

# one that is a directory, or not a database
mkdir "$work/dir.db"
run --db "$work/dir.db" sandbox -- "$CARTRITA" chat count to 2
answers
expect_err_has "not recorded"
printf 'this is no database, but it is long enough to look like a file of one\n%.0s' 1 2 3 4 5 6 7 8 9 >"$work/text.db"
run --db "$work/text.db" sandbox -- "$CARTRITA" chat count to 2
answers
expect_err_has "not recorded"
run --db "$work/text.db" provider stats
expect_status 8

# one that another process holds locked: 2 s at most, and the row is there in the end
run --db "$work/held.db" sandbox -- "$CARTRITA" chat count to 2
answers
mkfifo "$work/hold"
sqlite3 "$work/held.db" <"$work/hold" &
holder=$!
exec 9>"$work/hold"
echo "BEGIN IMMEDIATE; SELECT 1;" >&9
sleep 0.3
began=$(date +%s%N)
(sleep 4; echo "COMMIT;" >&9) &
run --db "$work/held.db" sandbox --latency 4000 -- "$CARTRITA" chat count to 2
answers
exec 9>&-
wait $holder
took=$((($(date +%s%N) - began) / 1000000))
[ "$took" -ge 5000 ] || differ "the lock was there" "a wait" "$took ms"
rows=$(sqlite3 "$work/held.db" "SELECT count(*) FROM provider_logs WHERE state = 'completed'")
expect "both requests are recorded" 2 "$rows"

# for as long as one likes: the answer is there, and the program ends sooner after it than it waited before
sqlite3 "$work/held.db" <"$work/hold" &
holder=$!
exec 9>"$work/hold"
echo "BEGIN IMMEDIATE; SELECT 1;" >&9
sleep 0.3
began=$(date +%s%N)
run --db "$work/held.db" sandbox -- sh -c '"$CARTRITA" chat count to 2 | { read -r line; echo "$line"; date +%s%N >"'"$work"'/shown"; cat; }'
ended=$(date +%s%N)
shown=$(cat "$work/shown")
answers
expect_err_has "not recorded"
[ $((ended - shown)) -lt $((shown - began)) ] ||
	differ "until it ended" "less than $(((shown - began) / 1000000)) ms" "$(((ended - shown) / 1000000)) ms"
exec 9>&-
wait $holder

# a full disk
run --db "$work/full.db" sandbox -- sh -c 'ulimit -f 8; "$CARTRITA" chat count to 2'
answers
expect_err_has "not recorded"
finish
