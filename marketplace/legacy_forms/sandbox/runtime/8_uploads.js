// Files of an upload: the host carries them, the form is asked before and told afterwards.

// The entry of a file as BlueKing's widget keeps it.
function entryOf(file, answer) {
  return { name: file.name, size: file.size, type: file.type, status: answer.ok ? 'success' : 'fail', response: answer.body };
}

// Ends an upload: the form may change the entry before it is kept.
function uploaded(tag, file, answer) {
  const kept = Array.isArray(tag.store.get()) ? tag.store.get() : [];
  const entry = entryOf(file, answer);
  const handler = answer.ok ? tag.onSuccess : tag.onError;
  if (typeof handler === 'function') guarded(() => handler.call(tag, answer.ok ? answer.body : new Error(answer.message || ''), entry, [...kept, entry]));
  if (answer.ok) tag.updateForm([...kept, copyOf(entry)]);
}

// What the form makes of a file that was picked: `goes` where the host is to carry it.
function picked(tag, file) {
  const kept = Array.isArray(tag.store.get()) ? tag.store.get() : [];
  if (typeof tag.limit === 'number' && kept.length >= tag.limit) return { goes: false, reason: 'limit' };
  if (typeof tag.beforeUpload === 'function' && guarded(() => tag.beforeUpload.call(tag, file)) === false) return { goes: false, reason: 'refused' };
  if (typeof tag.httpRequest !== 'function') return { goes: true, url: typeof tag.url === 'string' ? tag.url : '', data: encoded(isPlain(tag.data_params) ? tag.data_params : {}), headers: textsOf(tag.headers) };
  let answered = false;
  const end = (answer) => { if (!answered) uploaded(tag, file, answer); answered = true; };
  guarded(() => tag.httpRequest.call(tag, {
    file, action: tag.url, headers: tag.headers, data: tag.data_params, filename: 'file', onProgress() {},
    onSuccess: (body) => end({ ok: true, body }),
    onError: (error) => end({ ok: false, message: String(error) }),
  }));
  return { goes: false, reason: answered ? '' : 'own_request' };
}

// Headers as texts, whatever a form wrote.
function textsOf(headers) {
  const found = {};
  for (const name of isPlain(headers) ? Object.keys(headers).slice(0, MAX_HEADERS) : []) found[name] = String(headers[name]);
  return found;
}

// Whether files that waited to be sent go: a form's own `submit` is asked, and holds them back by `false`.
function submitted(tag) {
  return typeof tag.submit !== 'function' || guarded(() => tag.submit.call(tag)) !== false;
}

function unpicked(tag, index) {
  const kept = Array.isArray(tag.store.get()) ? tag.store.get() : [];
  const left = kept.filter((_one, place) => place !== index);
  if (typeof tag.onRemove === 'function') guarded(() => tag.onRemove.call(tag, kept[index], left));
  tag.updateForm(left);
}
