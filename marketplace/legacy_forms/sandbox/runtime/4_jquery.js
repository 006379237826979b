// $: requests, which the host carries out, and the helpers of jQuery that know no page.

function kindOf(value) {
  return Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
}

function isPlain(value) {
  return kindOf(value) === 'object' && !(value instanceof RegExp) && !(value instanceof Date);
}

function each(collection, action) {
  if (collection === null || collection === undefined) return collection;
  if (Array.isArray(collection)) {
    for (let index = 0; index < collection.length; index += 1) {
      if (action.call(collection[index], index, collection[index]) === false) break;
    }
  } else {
    for (const key of Object.keys(collection)) {
      if (action.call(collection[key], key, collection[key]) === false) break;
    }
  }
  return collection;
}

function extend(...args) {
  const deep = args[0] === true;
  const [target, ...sources] = deep ? args.slice(1) : args;
  for (const source of sources) {
    for (const key of Object.keys(source || {})) {
      if (key === '__proto__') continue;
      if (deep && isPlain(source[key])) target[key] = extend(true, isPlain(target[key]) ? target[key] : {}, source[key]);
      else if (source[key] !== undefined) target[key] = source[key];
    }
  }
  return target;
}

function queryOf(data) {
  if (typeof data === 'string') return data;
  const parts = [];
  for (const key of Object.keys(data || {})) {
    const values = Array.isArray(data[key]) ? data[key] : [data[key]];
    const name = Array.isArray(data[key]) ? key + '[]' : key;
    for (const one of values) parts.push(encodeURIComponent(name) + '=' + encodeURIComponent(one === null || one === undefined ? '' : one));
  }
  return parts.join('&');
}

function settle(request, answer) {
  const { options, handlers } = request;
  request.answer = answer;
  const failed = !answer.ok;
  let body = answer.body;
  if (!failed && typeof body === 'string' && (options.dataType || 'json') === 'json') {
    try {
      body = JSON.parse(body);
    } catch {
      // What is no JSON is handed over as the text it is.
    }
  }
  const xhr = { status: answer.status || 0, responseText: typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body), responseJSON: body };
  if (failed) {
    for (const handler of [options.error, ...handlers.fail]) if (typeof handler === 'function') handler(xhr, 'error', answer.message || '');
  } else {
    for (const handler of [options.success, ...handlers.done]) if (typeof handler === 'function') handler(body, 'success', xhr);
  }
  for (const handler of [options.complete, ...handlers.always]) if (typeof handler === 'function') handler(xhr, failed ? 'error' : 'success');
}

function send(options) {
  const request = { id: nextId++, options, handlers: { done: [], fail: [], always: [] }, answer: null };
  const method = String(options.type || options.method || 'GET').toUpperCase();
  const asked = { url: String(options.url), method, data: encoded(options.data === undefined ? null : options.data) };
  note('requests', method + ' ' + asked.url);
  const promise = {
    done(handler) { return add('done', handler); },
    success(handler) { return add('done', handler); },
    fail(handler) { return add('fail', handler); },
    error(handler) { return add('fail', handler); },
    always(handler) { return add('always', handler); },
    then(done, fail) { if (done) add('done', done); return fail ? add('fail', fail) : promise; },
    abort() { pending.delete(request.id); },
  };
  function add(kind, handler) {
    if (request.answer === null) request.handlers[kind].push(handler);
    else if (kind === 'always' || (kind === 'done') === Boolean(request.answer.ok)) handler(request.answer.body);
    return promise;
  }
  if (options.async === false) {
    if (syncRequest === null) effects.push({ type: 'unsent', ...asked });
    const answer = syncRequest === null ? { ok: false, status: 0, message: 'not sent' } : JSON.parse(syncRequest(JSON.stringify(asked)));
    settle(request, answer);
  } else {
    pending.set(request.id, request);
    effects.push({ type: 'request', id: request.id, ...asked });
  }
  return promise;
}

function shorthand(method) {
  return (url, ...rest) => {
    const data = typeof rest[0] === 'function' ? undefined : rest.shift();
    const [success, dataType] = rest;
    return send({ url, type: method, data, success, dataType });
  };
}

const helpers = {
  atoms: {},
  context,
  ajax: (first, second) => send(typeof first === 'string' ? { ...second, url: first } : { ...first }),
  get: shorthand('GET'),
  getJSON: shorthand('GET'),
  post: shorthand('POST'),
  each,
  extend,
  map(collection, action) {
    const found = [];
    each(collection, (key, value) => {
      const one = action(value, key);
      if (Array.isArray(one)) found.push(...one);
      else if (one !== null && one !== undefined) found.push(one);
    });
    return found;
  },
  grep: (list, test, invert) => list.filter((value, index) => Boolean(test(value, index)) !== Boolean(invert)),
  inArray: (value, list) => (list || []).indexOf(value),
  trim: (text) => (text === null || text === undefined ? '' : String(text).trim()),
  isArray: (value) => Array.isArray(value),
  isFunction: (value) => typeof value === 'function',
  isPlainObject: isPlain,
  isEmptyObject: (value) => Object.keys(value || {}).length === 0,
  isNumeric: (value) => value !== '' && value !== null && !Array.isArray(value) && Number.isFinite(Number(value)),
  merge: (first, second) => { first.push(...second); return first; },
  noop() {},
  param: queryOf,
  parseJSON: (text) => JSON.parse(text),
  type: kindOf,
};

function query(first, within) {
  if (typeof first === 'function') return first(); // what waits for the page to be ready
  note('uses', 'page.$');
  return new Collection(collected(first, within instanceof Collection ? within.all[0] : within));
}
Object.assign(query, helpers);
const dollar = new Proxy(query, {
  get(target, name) {
    if (name in target || typeof name === 'symbol') return target[name];
    note('uses', 'jquery.' + name);
    return undefined;
  },
});
