// The world a form.js was written for, without a page: `$`, `$.context`, gettext and the instances of tags.
// The server runs it in V8 to read and to validate forms, the console in QuickJS to bring them to life.
//
// Nothing here reaches outside: what a form wants of the outside is put into `effects`, which the host collects. A form
// may break everything in its own world; the host takes nothing from it but JSON, and throws the world away afterwards.
//
// The files of this folder are one function, in the order of their names; `world` is its global object.

const functionText = Function.prototype.toString;
const MARK = ['\ue000', '\ue001'];
const MAX_DEPTH = 30;
const MAX_TAGS = 2000;
const MAX_FUNCTIONS = 2000;
const MAX_HEADERS = 50;
const MAX_NOTES = 500;
const MAX_EVENTS = 1000;
const MAX_ROWS = 2000;
const MOUNTED_ROWS = 100;

let given = {}; // what the host knows of the context
let syncRequest = null; // the host's way to answer `async: false`
let effects = [];
let nextId = 1;
const notes = { uses: [], texts: [], requests: [], messages: [] };
const pending = new Map(); // requests without an answer, by id
const timers = new Map();

function note(kind, text) {
  const list = notes[kind];
  if (list.length < MAX_NOTES && !list.includes(text)) list.push(String(text).slice(0, 2000));
}

function mark(name) {
  return MARK[0] + name + MARK[1];
}

function known(name, fallback) {
  return Object.prototype.hasOwnProperty.call(given, name) ? given[name] : fallback;
}
