# However a provider ends a stream: what it never said it heard is no success, and costs no word.
. "$(dirname "$0")/lib.sh"
need python3
export DEEPGRAM_API_KEY=key NO_PROXY=127.0.0.1

cat >"$work/server.py" <<'EOF'
# server.py CASE: each connection gets words from what of the sound it was sent (a byte a frame: 1 byte is 10 ms)
import base64, hashlib, json, socket, struct, sys, time

def frame(op, data=b''):
    size = bytes([len(data)]) if len(data) < 126 else b'\x7e' + struct.pack('>H', len(data))
    return bytes([0x80 | op]) + size + data

def exactly(io, n):
    data = io.read(n)
    if len(data) < n:
        raise EOFError
    return data

def receive(io):
    op, n = exactly(io, 2)
    n &= 127
    if n > 125:
        n = struct.unpack('>H' if n == 126 else '>Q', exactly(io, 2 if n == 126 else 8))[0]
    mask, data = exactly(io, 4), exactly(io, n)
    return op & 15, bytes(c ^ mask[i & 3] for i, c in enumerate(data))

def result(text, start, end, channel=0, channels=1, words=()):
    return frame(1, json.dumps({'type': 'Results', 'channel_index': [channel, channels], 'is_final': True,
        'start': start, 'duration': end - start, 'speech_final': False,
        'channel': {'alternatives': [{'transcript': text, 'words': [
            {'word': w, 'start': a, 'end': b} for w, a, b in words]}]}}).encode())

END = frame(1, b'{"type":"Metadata"}') + frame(8, struct.pack('>H', 1000))

# What a connection is told at its end, having been sent so many seconds; n: how many there were before.
def early(n, s):
    return result('one', 0, 2) + frame(8, struct.pack('>H', 1000)) if n == 0 else result('two', 0, s) + END
def nothing(n, s):
    return frame(8)
def heard(n, s):
    return result('all', 0, s) + frame(8, struct.pack('>H', 1000))
def mute(n, s):
    return result('all', 0, round(s, 2) - 0.01)
def refused(n, s):
    return (frame(1, b'{"type":"Error","description":"no such sound"}') +
            frame(8, struct.pack('>H', 1008) + b'DATA-0000'))
def within(n, s):
    if n == 0:
        return result('one', 0, 2, words=[('one', 0.2, 1.6)]) + frame(8, struct.pack('>H', 1011))
    return result('tail two three', 0, s, words=[('tail', 0, 0.3), ('two', 0.3, 0.8), ('three', 1, s)]) + END
def lags(n, s):
    if n == 0:
        return result('left', 0, s, 0, 2) + frame(8, struct.pack('>H', 1011))
    return result('' if s > 3 else 'LOST', 0, s, 0, 2) + result('right', 0, s, 1, 2) + END

def serve(io, case, n, rate):
    line, key = io.readline(), b''
    while line.strip():
        if line.lower().startswith(b'sec-websocket-key:'):
            key = line.split(b':')[1].strip()
        line = io.readline()
    accept = base64.b64encode(hashlib.sha1(key + b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest())
    io.write(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
             b'Sec-WebSocket-Accept: ' + accept + b'\r\n\r\n')
    io.flush()
    bytes_sent = 0
    while True:
        op, data = receive(io)
        if op == 2:
            bytes_sent += len(data)
        elif b'CloseStream' in data:
            io.write(globals()[case](n, bytes_sent / rate))
            io.flush()

listener = socket.create_server(('127.0.0.1', 0))
print(listener.getsockname()[1], flush=True)
n = 0
while True:
    io = listener.accept()[0].makefile('rwb')
    try:
        serve(io, sys.argv[1], n, int(sys.argv[2]))
    except (EOFError, OSError):
        pass
    n += 1
EOF

# with CASE RATE CHANNELS ARGUMENT...: 4.0 s of that, to a server that behaves so
with() {
	python3 "$work/server.py" "$1" $(($2 * $3)) >"$work/port" &
	server=$!
	until [ -s "$work/port" ]; do sleep 0.05; done
	head -c $(($2 * $3 * 4)) /dev/zero >"$work/samples"
	case=$1 rate=$2 channels=$3
	shift 3
	DEEPGRAM_BASE_URL=http://127.0.0.1:$(cat "$work/port") run --db "$work/db$case" voice listen \
		--source "$work/samples" --encoding mulaw --sample-rate "$rate" --channels "$channels" "$@"
	command="listen with $case"
	kill $server
	: >"$work/port"
}

# closed as if all were well, with half of it unheard
with early 8000 1
expect_status 0
expect_out "one two"
expect_err_has "closed the stream before all of it was heard; connecting again"
expect_err_has "the last 2.0 s of sound are sent again"
with nothing 8000 1 --retries 0
expect_status 1
expect_out ""
with early 8000 1 --retries 0
expect_status 1
expect_err_has "the transcript was cut off: "

# all was heard, whether or not it says so; times are rounded
with heard 11025 1
expect_status 0
expect_out "all"
expect_err ""
with mute 11025 1 --timeout 12
expect_status 0
expect_out "all"

# what it says of the sound itself will be no other the next time
with refused 8000 1
expect_status 2
expect_out ""
expect_err "cartrita: deepgram: no such sound
it cannot decode the audio: is it what --encoding, --sample-rate and --channels say?"

# a final result that ends within a word does not cost it, and what it covered comes once
with within 8000 1
expect_status 0
expect_out "one two three"
expect_err_has "the last 2.4 s of sound are sent again"

# one channel had said nothing yet when it broke
with lags 8000 2
expect_status 0
expect_out "left right"
finish
