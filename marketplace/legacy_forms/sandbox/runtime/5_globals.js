// What a form finds in the global object and in window.

function say(text, kind) {
  note('messages', text);
  effects.push({ type: 'message', text: String(text).slice(0, 2000), kind: String(kind || 'info') });
}

const globals = {
  $: dollar,
  jQuery: dollar,
  gettext(text) {
    note('texts', text);
    const own = known('texts', {})[text];
    return own === undefined ? text : own;
  },
  show_msg: say,
  alert: (text) => say(text, 'warning'),
  getCookie: () => '',
  console: { log() {}, info() {}, warn() {}, error() {}, debug() {} },
  setTimeout(action, wait, ...args) {
    const id = nextId++;
    note('uses', 'setTimeout');
    timers.set(id, () => { timers.delete(id); action(...args); });
    effects.push({ type: 'timer', id, wait: Number(wait) || 0 });
    return id;
  },
  clearTimeout: (id) => { timers.delete(id); },
  setInterval() { note('uses', 'setInterval'); return 0; },
  clearInterval() {},
  document: documentOfItsOwn(),
  localStorage: absent('localStorage'),
  sessionStorage: absent('sessionStorage'),
  navigator: absent('navigator'),
  XMLHttpRequest: absent('XMLHttpRequest'),
  fetch: absent('fetch'),
  WebSocket: absent('WebSocket'),
  Image: absent('Image'),
  Worker: absent('Worker'),
  importScripts: absent('importScripts'),
  parent: absent('parent'),
  top: absent('top'),
  opener: absent('opener'),
  postMessage: absent('postMessage'),
};
const WINDOW_VALUES = ['BK_JOB_HOST', 'FILE_UPLOAD_ENTRY', 'APP_CODE', 'SITE_URL', 'BK_STATIC_URL', 'BK_PAAS_HOST'];
const location = new Proxy({}, { get: (_t, name) => (typeof name === 'symbol' ? undefined : mark('location.' + name)), set: () => true });
const windowOwn = {
  open: (url) => { note('uses', 'window.open'); effects.push({ type: 'open', url: String(url).slice(0, 2000) }); return null; },
  location,
};
const frame = new Proxy(windowOwn, {
  get(target, name) {
    if (typeof name === 'symbol') return world[name];
    if (Object.prototype.hasOwnProperty.call(target, name)) return target[name];
    if (WINDOW_VALUES.includes(name)) {
      note('uses', 'window.' + name);
      return known('window', {})[name] === undefined ? mark('window.' + name) : given.window[name];
    }
    if (name in world) return world[name];
    note('uses', 'page.window.' + name);
    return undefined;
  },
  set(target, name, value) {
    target[name] = value;
    return true;
  },
});
for (const [name, value] of Object.entries({ ...globals, window: frame, self: frame, location })) {
  if (name in world) world[name] = value;
  else Object.defineProperty(world, name, { value, writable: true, configurable: true, enumerable: false });
}
