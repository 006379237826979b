// Instances of tags: what `this` is in the functions of a form.

const TYPE_DEFAULTS = {
  int: () => 0, checkbox: () => [], datatable: () => [], tree: () => [], cascader: () => [], upload: () => [],
  combine: () => ({}), ip_selector: () => ({}), set_allocation: () => ({}), host_allocation: () => ({}), password: () => ({}),
};
const ATTRIBUTES = ['items', 'columns', 'remote_url', 'table_buttons', 'placeholder', 'disabled', 'loading', 'hidden', 'name', 'empty_text', 'multiple', 'addresses'];
const WITHOUT_VALUE = ['section', 'text', 'button', 'log_display'];
const PICKERS = ['ip_selector', 'set_allocation', 'host_allocation', 'upload'];

let root = null;
let queue = [];
let told = new Map();

function typeDefault(scheme) {
  const attrs = scheme.attrs || {};
  if (scheme.type === 'select') return attrs.multiple ? [] : '';
  if (scheme.type === 'time') return attrs.isRange ? ['00:00:00', '23:59:59'] : '';
  const make = TYPE_DEFAULTS[scheme.type];
  return make ? make() : '';
}

function fits(value, scheme) {
  if (typeof value === 'string' && /^\$\{[^{}]+\}$/.test(value)) return true;
  const wanted = kindOf(typeDefault(scheme));
  const kind = kindOf(value);
  if (wanted === 'string') return kind === 'string' || kind === 'number' || kind === 'boolean';
  return kind === wanted || (scheme.type === 'password' && kind === 'string');
}

function copyOf(value) {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function firstValue(scheme, saved) {
  if (saved !== undefined && saved !== null && fits(saved, scheme)) return saved;
  const attrs = scheme.attrs || {};
  for (const own of [attrs.value, attrs.default]) if (own !== undefined && fits(own, scheme)) return copyOf(own);
  return typeDefault(scheme);
}

// The parent of tags: the form itself, a combine, or a row of a table.
function makeGroup(schemes, saved, path, above) {
  const group = {
    tagCode: path.length > 0 ? path[path.length - 1] : '', path, above, children: [],
    get_parent: () => above,
    get_child: (code) => group.children.find((child) => child.tagCode === code),
    get_value() { return valuesOf(group); },
    _get_value() { return valuesOf(group); },
    emit_event(code, type, value) { emit(group, code, type, value); },
    get_tag_value: (steps) => tagValue(steps),
  };
  group.children = (Array.isArray(schemes) ? schemes : []).filter(isPlain).slice(0, MAX_TAGS)
    .map((scheme) => makeTag(scheme, isPlain(saved) ? saved[scheme.tag_code] : undefined, [...path, String(scheme.tag_code)], group));
  Object.defineProperty(group, 'value', { get: () => valuesOf(group), enumerable: true });
  return group;
}

function valuesOf(group) {
  const values = {};
  for (const child of group.children) if (!WITHOUT_VALUE.includes(child.kind)) values[child.tagCode] = child._get_value();
  return values;
}

function tagValue(steps) {
  let current = root;
  for (const step of Array.isArray(steps) ? steps : [steps]) {
    if (current === undefined || current === null) return undefined;
    current = typeof current.get_child === 'function' ? current.get_child(step) : undefined;
  }
  return current && typeof current._get_value === 'function' ? current._get_value() : undefined;
}

function emit(group, source, type, value) {
  for (const listener of group.children) {
    for (const event of Array.isArray(listener.scheme.events) ? listener.scheme.events : []) {
      if (event && event.source === source && event.type === type && typeof event.action === 'function') {
        queue.push(() => event.action.call(listener, value));
      }
    }
  }
}

function makeTag(scheme, saved, path, group) {
  const attrs = isPlain(scheme.attrs) ? scheme.attrs : {};
  const tag = { scheme, path, group, kind: scheme.type, tagCode: scheme.tag_code, hook: false, rows: [], inner: null, problem: '' };
  const own = Object.keys(tag);
  let value = firstValue(scheme, saved);
  let address = attrs.remote_url;
  for (const name of Object.keys(attrs)) {
    if (!own.includes(name) && !['value', 'default', 'validation', 'remote_url', 'children'].includes(name)) tag[name] = attrs[name];
  }
  tag.hidden = attrs.hidden === true;
  tag.loading = false;
  Object.assign(tag, instanceMethods(tag));
  if (isPlain(scheme.methods)) {
    for (const name of Object.keys(scheme.methods)) {
      if (typeof scheme.methods[name] === 'function') tag[name] = scheme.methods[name].bind(tag);
    }
  }
  const store = {
    get: () => (tag.inner === null ? value : valuesOf(tag.inner)),
    set(next) {
      if (tag.inner !== null) {
        for (const child of tag.inner.children) if (isPlain(next) && next[child.tagCode] !== undefined) child.store.set(next[child.tagCode]);
      } else {
        value = next;
        if (tag.kind === 'datatable') tag.rows = [];
      }
    },
  };
  tag.store = store;
  Object.defineProperty(tag, 'value', { get: store.get, set: (next) => tag.updateForm(next), enumerable: true });
  Object.defineProperty(tag, 'remote_url', {
    get: () => address,
    set(next) {
      address = next;
      if (tag.kind === 'datatable') tag.remoteMethod();
    },
    enumerable: true,
  });
  Object.defineProperty(tag, '$el', { get: () => elementOf(tag), enumerable: false });
  if (tag.kind === 'combine') tag.inner = makeGroup(attrs.children, value, path, group);
  return tag;
}

function rowOf(tag, index) {
  const rows = Array.isArray(tag.store.get()) ? tag.store.get() : [];
  if (index >= rows.length || index >= MAX_ROWS) return undefined;
  if (tag.rows[index] === undefined) {
    tag.rows[index] = makeGroup(tag.columns, rows[index], [...tag.path, String(index)], tag.group);
  }
  return tag.rows[index];
}

function same(first, second) {
  return JSON.stringify(first) === JSON.stringify(second);
}

function instanceMethods(tag) {
  return {
    get_parent: () => tag.group,
    get_child: (code) => (tag.inner !== null ? tag.inner.get_child(code) : tag.kind === 'datatable' ? rowOf(tag, Number(code)) : undefined),
    get_value: () => tag.store.get(),
    _get_value: () => tag.store.get(),
    set_value(next) { tag.updateForm(next); },
    _set_value(next) { tag.updateForm(next); },
    updateForm(next) {
      const before = copyOf(tag.store.get());
      tag.store.set(next);
      intoRow(tag);
      if (!same(before, next)) emit(tag.group, tag.tagCode, 'change', tag.store.get());
    },
    show() { tag.hidden = false; },
    hide() { tag.hidden = true; },
    validate: () => validateTag(tag).length === 0,
    emit_event(code, type, value) { emit(tag.group, code, type, value); },
    get_tag_value: (steps) => tagValue(steps),
    changeHook(on) { tag.hook = on === undefined ? !tag.hook : Boolean(on); },
    getVariableVal() {
      const found = known('constants', {})[tag.store.get()];
      return found === undefined ? '' : found.value;
    },
    set_loading(on) { tag.loading = Boolean(on); },
    remoteMethod() { loadRemote(tag); },
    add_row() {
      if (tag.kind === 'datatable') tag.updateForm([...(tag.store.get() || []), valuesOf(makeGroup(tag.columns, {}, tag.path, tag.group))]);
    },
    export2Excel() { effects.push({ type: 'export', path: tag.path, rows: encoded(tag.store.get()) }); },
  };
}

// A cell's value is part of its table's.
function intoRow(tag) {
  const owner = everyTag().find((one) => one.rows.includes(tag.group));
  if (owner === undefined) return;
  const rows = owner.store.get();
  rows[owner.rows.indexOf(tag.group)] = { ...rows[owner.rows.indexOf(tag.group)], ...valuesOf(tag.group) };
  emit(owner.group, owner.tagCode, 'change', rows);
}

function loadRemote(tag) {
  let url = tag.remote_url;
  if (typeof url === 'function') url = url.call(tag);
  if (typeof url !== 'string' || url === '') return;
  tag.loading = true;
  send({
    url, type: 'GET',
    success(answer) {
      const found = typeof tag.remote_data_init === 'function' ? tag.remote_data_init(answer) : answer;
      if (Array.isArray(found)) tag[tag.kind === 'datatable' ? 'columns' : 'items'] = found;
      tag.loading = false;
    },
    error() {
      tag.loading = false;
      effects.push({ type: 'remote_failed', path: tag.path });
    },
  });
}

function everyTag(group = root) {
  const found = [];
  for (const tag of group === null ? [] : group.children) {
    found.push(tag);
    if (tag.inner !== null) found.push(...everyTag(tag.inner));
    for (const row of tag.rows) if (row !== undefined) found.push(...everyTag(row));
  }
  return found;
}

function at(path) {
  let group = root;
  let tag;
  for (let index = 0; index < path.length; index += 1) {
    tag = group === undefined ? undefined : group.get_child(path[index]);
    if (tag === undefined) return undefined;
    if (tag.kind === 'datatable' && index + 1 < path.length) {
      group = rowOf(tag, Number(path[index + 1]));
      index += 1;
      tag = index + 1 < path.length ? tag : group;
    } else {
      group = tag.inner === null ? undefined : tag.inner;
    }
  }
  return tag;
}
