#!/usr/bin/env python3
"""What recorded answers hold, read in the plainest way there is.

    oracle.py FOLDER

One line of JSON for each recording of a chat, of a search and of a record of GitHub: the answer as it was sent, and what a reader
must find in it. Written from the providers' documentation, not from the C decoder: it sees
the whole body at once, has no ceilings and no state, and is not meant to be fast.
"""
import glob
import json
import os
import re
import sys

PROVIDERS = ('anthropic', 'gemini', 'openai', 'openai-compatible', 'huggingface')
KINDS = ('chat', 'tools', 'thinking', 'json-schema', 'vision', 'responses', 'error')
STOP = ('stop', 'eos', 'eos_token', 'end_turn', 'stop_sequence')
LENGTH = ('length', 'max_tokens', 'model_length', 'model_context_window_exceeded',
          'max_output_tokens')
FILTER = ('content_filter', 'refusal', 'safety', 'recitation', 'blocklist',
          'prohibited_content', 'spii')


def is_read(r):
    kind = r['kind'].replace('-stream', '')
    if r['provider'] == 'tavily':
        return kind in ('search', 'extract')
    if r['provider'] not in PROVIDERS or r['kind'].startswith('responses-get'):
        return False
    return kind in KINDS or kind.startswith('responses') or kind == 'openai-compat-tools'


def dialect(r):
    if r['provider'] == 'tavily':
        return 'tavily-' + r['kind']
    if r['provider'] == 'anthropic':
        return 'claude'
    if r['provider'] == 'gemini' and '/openai/' not in r['request']['url']:
        return 'gemini'
    return 'responses' if '/responses' in r['request']['url'] else 'chat'


def normal(reason):
    reason = (reason or '').lower()
    for name, words in (('stop', STOP), ('length', LENGTH), ('content_filter', FILTER),
                        ('tool_calls', ('tool_calls', 'tool_use', 'function_call')),
                        ('pause', ('pause_turn',))):
        if reason in words:
            return name
    return 'other' if reason else None


def frames(body):
    """(is a stream, JSON values in it, was there a [DONE])"""
    text = body.lstrip('\ufeff \r\n\t')
    if text[:1] in ('{', '['):
        whole = json.loads(text)
        return False, whole if isinstance(whole, list) else [whole], False
    values, done = [], False
    for frame in body.replace('\r\n', '\n').replace('\r', '\n').split('\n\n'):
        data = '\n'.join(line[5:].lstrip(' ') for line in frame.split('\n')
                         if line.startswith('data:')).strip()
        if data == '[DONE]':
            done = True
        elif data:
            values.append(json.loads(data))
    return True, values, done


class Seen:
    def __init__(self):
        self.text, self.reasoning, self.calls = '', '', []
        self.finish, self.usage, self.end = None, None, False
        self.error, self.found = None, ''

    def call(self, call_id, name, arguments):
        if isinstance(arguments, dict):
            arguments = json.dumps(arguments)
        self.calls.append([call_id or '', name, arguments or '{}'])


def counts(total_in, cached, written, out, reasoning):
    return [int(n or 0) for n in (total_in, cached, written, out, reasoning)]


def claude(values, stream, done):
    s, usage, blocks = Seen(), {}, {}
    for v in values:
        if v.get('type') == 'message':
            for i, b in enumerate(v['content']):
                blocks[i] = dict(b)
                s.text += b.get('text', '') if b['type'] == 'text' else ''
                s.reasoning += b.get('thinking', '') if b['type'] == 'thinking' else ''
                if b['type'] == 'tool_use':
                    s.call(b['id'], b['name'], b['input'])
            s.finish, s.end, usage = v['stop_reason'], True, v['usage']
            break
        if v['type'] == 'message_start':
            usage.update(v['message']['usage'])
            blocks = {}
        elif v['type'] == 'content_block_start':
            b = blocks[v['index']] = dict(v['content_block'], json='')
            s.text += b.get('text', '') if b['type'] == 'text' else ''
        elif v['type'] == 'content_block_delta':
            d = v['delta']
            s.text += d.get('text', '')
            s.reasoning += d.get('thinking', '')
            blocks[v['index']]['json'] += d.get('partial_json', '')
        elif v['type'] == 'content_block_stop':
            b = blocks[v['index']]
            if b['type'] == 'tool_use':
                s.call(b['id'], b['name'], b['json'] or b['input'])
        elif v['type'] == 'message_delta':
            s.finish = v['delta'].get('stop_reason') or s.finish
            usage.update({k: n for k, n in v.get('usage', {}).items() if n is not None})
        elif v['type'] == 'message_stop':
            s.end = True
            break  # a recording may have been glued together from several answers
        elif v['type'] == 'error':
            s.error = v['error']['type']
            break
    if usage:
        read = usage.get('cache_read_input_tokens') or 0
        written = usage.get('cache_creation_input_tokens') or 0
        details = usage.get('output_tokens_details') or {}
        s.usage = counts(usage['input_tokens'] + read + written, read, written,
                         usage['output_tokens'], details.get('thinking_tokens'))
    return s


def put(args, part):
    """Set what a partial argument names, as {"jsonPath": "$.a[0].b", "stringValue": "x"}."""
    path = re.findall(r"\.([^.\[]+)|\[(\d+)\]", part['jsonPath'])
    value = [v for k, v in part.items() if k.endswith('Value')][0]
    at = args
    for (name, index), following in zip(path, path[1:] + [None]):
        key = name or int(index)
        if following is None:
            old = at.get(key)
            at[key] = old + value if isinstance(old, str) else value
        else:
            at = at.setdefault(key, {})


def listed(tree):
    """Mappings whose keys are numbers are lists."""
    if not isinstance(tree, dict):
        return tree
    if tree and all(isinstance(k, int) for k in tree):
        return [listed(v) for v in tree.values()]
    return {k: listed(v) for k, v in tree.items()}


def gemini_call(s, f, pending):
    """pending: the [id, name, args] of a call whose arguments come in parts, or []."""
    if f.get('name') and not f.get('willContinue'):
        s.call(f.get('id'), f['name'], f.get('args'))
        return
    if f.get('name'):
        pending[:] = [f.get('id'), f['name'], {}]
    for part in f.get('partialArgs', []):
        put(pending[2], part)
    if not f.get('willContinue'):
        s.call(pending[0], pending[1], listed(pending[2]))


def gemini(values, stream, done):
    s, pending = Seen(), []
    for v in values:
        for c in v.get('candidates', [])[:1]:
            for p in c.get('content', {}).get('parts', []):
                if 'functionCall' in p:
                    gemini_call(s, p['functionCall'], pending)
                elif p.get('thought'):
                    s.reasoning += p.get('text', '')
                else:
                    s.text += p.get('text', '')
            if c.get('finishReason'):
                s.finish, s.end = c['finishReason'], True
        if v.get('promptFeedback', {}).get('blockReason') and not v.get('candidates'):
            s.finish, s.end = 'safety', True
        u = v.get('usageMetadata', {})
        if 'promptTokenCount' in u:
            thoughts = u.get('thoughtsTokenCount', 0)
            s.usage = counts(u['promptTokenCount'] + u.get('toolUsePromptTokenCount', 0),
                             u.get('cachedContentTokenCount'), 0,
                             u.get('candidatesTokenCount', 0) + thoughts, thoughts)
    if s.finish and s.finish.lower() == 'max_tokens':
        s.finish = 'length'
    return s


def chat_content(s, content):
    if isinstance(content, str):
        s.text += content
    for part in content if isinstance(content, list) else []:
        if part['type'] == 'text':
            s.text += part['text']
        elif part['type'] == 'thinking':
            s.reasoning += ''.join(t['text'] for t in part['thinking'])


def chat(values, stream, done):
    s, calls, refused = Seen(), {}, False
    for v in values:
        if v.get('error'):
            s.error = v['error']
            break
        for c in v.get('choices') or []:
            if c.get('index', 0) != 0:
                continue
            m = c.get('delta') or c.get('message') or {}
            chat_content(s, m.get('content'))
            s.reasoning += m.get('reasoning_content') or m.get('reasoning') or ''
            if m.get('refusal'):
                s.text, refused = s.text + m['refusal'], True
            for n, t in enumerate(m.get('tool_calls') or []):
                key = t.get('index', n) if 'delta' in c else n
                call = calls.setdefault(key, ['', '', ''])
                call[0] = call[0] or t.get('id') or ''
                call[1] = call[1] or t['function'].get('name') or ''
                args = t['function'].get('arguments') or ''
                call[2] += json.dumps(args) if isinstance(args, dict) else args
            s.finish = c.get('finish_reason') or s.finish
            s.end = s.end or bool(c.get('finish_reason')) or not stream
        u = v.get('usage') or (v.get('x_groq') or {}).get('usage')
        if u:
            details = u.get('prompt_tokens_details') or {}
            cached = details.get('cached_tokens')
            if cached is None:
                cached = u.get('prompt_cache_hit_tokens')
            if cached is None:
                cached = u.get('cached_tokens')
            # all that was generated: xAI and Gemini's copy count reasoning in the total only
            out = max(u['completion_tokens'], u['total_tokens'] - u['prompt_tokens'])
            s.usage = counts(u['prompt_tokens'], cached, details.get('cache_write_tokens'), out,
                             (u.get('completion_tokens_details') or {}).get('reasoning_tokens'))
    for call in calls.values():
        s.call(*call)
    s.end = s.end or done
    s.finish = 'refusal' if refused else s.finish
    return s


def tavily_search(values, stream, done, text='content'):
    s = Seen()
    s.end, s.text, s.finish, s.found = True, values[0].get('answer') or '', 'stop', ''
    for f in values[0]['results']:
        line = ' '.join((f.get(text) or '').split())
        title = ' '.join((f.get('title') or '').split())
        s.found += '%s|%s|%g|%s|\n' % (f['url'], title, f['score'], line)
    s.found += 'page|-1|\n'
    return s


def responses(values, stream, done):
    s, final, refused = Seen(), None, False
    for v in values:
        t = v.get('type', '')
        if t == 'error' or t == 'response.failed':
            s.error = (v.get('error') or v).get('code') or v['response']['error']['code']
            break
        if t in ('response.output_text.delta', 'response.refusal.delta'):
            s.text += v['delta']
            refused = refused or t == 'response.refusal.delta'
        elif t in ('response.reasoning_summary_text.delta', 'response.reasoning_text.delta'):
            s.reasoning += v['delta']
        elif t == 'response.output_item.done' and v['item']['type'] == 'function_call':
            i = v['item']
            s.call(i['call_id'], i['name'], i['arguments'])
        elif t in ('response.completed', 'response.incomplete'):
            final = v['response']
            break
        elif v.get('object') == 'response':
            final = v
            for i in v['output']:
                if i['type'] == 'function_call':
                    s.call(i['call_id'], i['name'], i['arguments'])
                elif i['type'] == 'message':
                    for p in i['content']:
                        s.text += p.get('text') or p.get('refusal') or ''
                        refused = refused or 'refusal' in p
                elif i['type'] == 'reasoning':
                    for p in (i.get('summary') or []) + (i.get('content') or []):
                        s.reasoning += p['text']
    if final is not None:
        s.end = True
        s.finish = {'completed': 'stop'}.get(final['status'], final['status'])
        if final['status'] == 'incomplete':
            s.finish = final['incomplete_details']['reason']
        u = final.get('usage')
        if u:
            into = u.get('input_tokens_details') or {}
            s.usage = counts(u['input_tokens'], into.get('cached_tokens'),
                             into.get('cache_write_tokens'), u['output_tokens'],
                             (u.get('output_tokens_details') or {}).get('reasoning_tokens'))
    s.finish = 'refusal' if refused else s.finish
    return s


MONEY = ('insufficient_quota', 'credit_balance_exhausted')
BY_STATUS = {400: 'invalid_request', 401: 'unauthorized', 402: 'quota_exceeded',
             403: 'unauthorized', 413: 'invalid_request', 422: 'invalid_request',
             429: 'rate_limited'}


def error_class(status, body):
    """The name of the class of an answer that is an error."""
    try:
        told = json.loads(body)
    except ValueError:
        told = {}
    error = told.get('error', told) if isinstance(told, dict) else {}
    if isinstance(error, str):
        error = {'message': error}
    code = str(error.get('code') or '')
    if code in MONEY or error.get('type') in MONEY:
        return 'quota_exceeded'
    if code == 'model_not_found' or (status == 404 and 'model' in str(error.get('message')).lower()):
        return 'unknown_model'
    if 'API_KEY_INVALID' in body:
        return 'unauthorized'
    if status == 404:
        return 'invalid_request'
    return BY_STATUS.get(status, 'provider_error')


def expected(r, name):
    response = r['response']
    if response['status'] >= 400:
        return {'error': error_class(response['status'], response['body'])}
    stream, values, done = frames(response['body'])
    s = globals()[name.replace('-', '_')](values, stream, done)
    if s.error:
        return {'error': 'quota_exceeded' if s.error in MONEY else 'provider_error'}
    finish = normal(s.finish) or 'stop'
    if finish == 'stop' and s.calls:
        finish = 'tool_calls'
    return {'error': None if s.end else 'truncated', 'text': s.text, 'reasoning': s.reasoning,
            'calls': s.calls, 'finish': finish if s.end else '', 'usage': s.usage,
            'found': s.found}


GITHUB = (('search', r'/search/(repositories|code|issues|users)$'),
          ('read', r'/repos/[^/]+/[^/]+$'), ('read', r'/repos/[^/]+/[^/]+/pulls(/[0-9]+)?$'))


def github_dialect(r):
    """How cartrita would read it: None for what it never asks."""
    path = r['request']['url'].split('?')[0]
    for name, pattern in GITHUB:
        if r['request']['method'] == 'GET' and re.search(pattern, path):
            return 'github-' + name
    return 'github-read' if r['response']['status'] >= 400 else None


def github_error(status, headers, body):
    headers = {k.lower(): v for k, v in headers.items()}
    message = str(json.loads(body).get('message')).lower() if body.startswith('{') else ''
    if status == 429 or status == 403 and ('retry-after' in headers or 'rate limit' in message or
                                           headers.get('x-ratelimit-remaining') == '0'):
        return 'rate_limited'
    if status in (401, 403):
        return 'unauthorized'
    if status < 400:
        return 'bad_response'
    return 'invalid_request' if status < 500 and status not in (408, 409) else 'provider_error'


def github(r, name):
    response = r['response']
    if response['status'] >= 300:
        return {'error': github_error(response['status'], response['headers'],
                                      response['body'] or '')}
    document = json.loads(response['body'])
    if name == 'github-read':
        records = document if isinstance(document, list) else [document]
        return {'error': None, 'records': [
            {k: v for k, v in one.items() if k in ('full_name', 'number', 'title', 'html_url',
                                                   'state', 'description', 'pushed_at')}
            for one in records]}
    link = {k.lower(): v for k, v in response['headers'].items()}.get('link', '')
    following = re.search(r'<([^>]*)>; rel="next"', link)
    found = []
    for item in document['items']:
        title = item.get('title') or item.get('full_name') or item.get('login')
        if 'repository' in item:
            title = item['repository']['full_name'] + ': ' + item['path']
        found.append([item['html_url'], title])
    return {'error': None, 'total': document['total_count'], 'found': found,
            'next': following.group(1) if following else ''}


def line(r, name, what):
    print(json.dumps({'id': r['id'], 'dialect': name, 'status': r['response']['status'],
                      'headers': r['response']['headers'], 'body': r['response']['body'] or '',
                      'tags': r['tags'], 'expected': what}))


def main():
    for path in sorted(glob.glob(os.path.join(sys.argv[1], '*', '*.json'))):
        with open(path, encoding='utf-8') as f:
            r = json.load(f)
        if r['provider'] == 'github' and 'body' in r['response'] and github_dialect(r):
            line(r, github_dialect(r), github(r, github_dialect(r)))
        if not is_read(r) or 'body' not in r['response']:
            continue
        name = dialect(r)
        line(r, name, expected(r, name))


main()
