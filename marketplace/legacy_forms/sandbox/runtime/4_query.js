// `$("…")`: jQuery's collections over the form's own document.

function collected(given, within) {
  if (given instanceof Collection) return given.all;
  if (given instanceof PageNode) return [given];
  if (given === pageDocument || given === world.document || given === frame) return [page()];
  if (Array.isArray(given)) return given.filter((one) => one instanceof PageNode);
  const text = String(given).trim();
  if (text.startsWith('<')) return parsedMarkup(text);
  return text === 'body' || text === 'html' ? [page()] : (within || page()).querySelectorAll(text);
}

class Collection {
  constructor(all) {
    this.all = all;
    this.length = all.length;
    all.forEach((node, index) => { this[index] = node; });
  }

  get(index) { return index === undefined ? this.all : this.all[index < 0 ? this.length + index : index]; }
  eq(index) { return new Collection(this.get(index) === undefined ? [] : [this.get(index)]); }
  first() { return this.eq(0); }
  last() { return this.eq(-1); }
  each(action) {
    this.all.every((node, index) => action.call(node, index, node) !== false);
    return this;
  }
  map(action) { return this.all.map((node, index) => action.call(node, index, node)); }
  is(selector) { return this.all.some((node) => node.matches(selector)); }
  filter(test) { return new Collection(this.all.filter((node, index) => (typeof test === 'function' ? test.call(node, index, node) : node.matches(test)))); }
  not(selector) { return new Collection(this.all.filter((node) => !node.matches(selector))); }
  find(selector) { return new Collection(this.all.flatMap((node) => node.querySelectorAll(selector))); }
  children(selector) { return new Collection(this.all.flatMap((node) => node.children).filter((node) => selector === undefined || node.matches(selector))); }
  parent() { return new Collection(this.all.flatMap((node) => node.parentNode || [])); }
  parents(selector) { return new Collection(this.all.flatMap((node) => above(node)).filter((node) => selector === undefined || node.matches(selector))); }
  closest(selector) { return new Collection(this.all.flatMap((node) => node.closest(selector) || [])); }
  siblings() { return new Collection(this.all.flatMap((node) => (node.parentNode === null ? [] : node.parentNode.children.filter((one) => one !== node)))); }
  next() { return new Collection(this.all.flatMap((node) => node.nextElementSibling || [])); }
  prev() { return new Collection(this.all.flatMap((node) => node.previousElementSibling || [])); }

  val(text) { return property(this, 'value', text); }
  text(text) { return property(this, 'textContent', text); }
  html(text) { return property(this, 'innerHTML', text); }
  attr(name, value) {
    if (isPlain(name)) return this.each((_index, node) => Object.keys(name).forEach((key) => node.setAttribute(key, name[key])));
    if (value === undefined) return this.length === 0 ? undefined : this.all[0].getAttribute(name) === null ? undefined : this.all[0].getAttribute(name);
    return this.each((_index, node) => node.setAttribute(name, value));
  }
  removeAttr(name) { return this.each((_index, node) => node.removeAttribute(name)); }
  prop(name, value) { return property(this, name, value); }
  data(name) { return this.length === 0 ? undefined : this.all[0].dataset[name]; }
  css(name, value) {
    if (isPlain(name)) return this.each((_index, node) => Object.keys(name).forEach((key) => { node.style[key] = name[key]; }));
    if (value === undefined) return this.length === 0 ? undefined : this.all[0].style[name];
    return this.each((_index, node) => { node.style[name] = value; });
  }
  addClass(names) { return this.each((_index, node) => node.classList.add(...names.split(/\s+/))); }
  removeClass(names) { return this.each((_index, node) => (names === undefined ? node.removeAttribute('class') : node.classList.remove(...names.split(/\s+/)))); }
  toggleClass(name, on) { return this.each((_index, node) => node.classList.toggle(name, on)); }
  hasClass(name) { return this.all.some((node) => node.classList.contains(name)); }
  show() { return this.css('display', ''); }
  hide() { return this.css('display', 'none'); }
  toggle(on) { return this.each((_index, node) => { node.style.display = (on === undefined ? node.style.display === 'none' : on) ? '' : 'none'; }); }

  append(...given) { return inserted(this, given, 'append'); }
  prepend(...given) { return inserted(this, given, 'prepend'); }
  before(...given) { return inserted(this, given, 'before'); }
  after(...given) { return inserted(this, given, 'after'); }
  appendTo(place) { new Collection(collected(place)).append(this); return this; }
  empty() { return this.each((_index, node) => node.replaceChildren()); }
  remove() { return this.each((_index, node) => node.remove()); }

  on(type, ...rest) {
    const action = rest[rest.length - 1];
    const within = typeof rest[0] === 'string' ? rest[0] : null;
    return this.each((_index, node) => node.addEventListener(type.split('.')[0], (event) => {
      const at = within === null ? node : event.target.closest(within);
      if (at !== null) action.call(at, event);
    }));
  }
  off(type) { return this.each((_index, node) => { node.listeners = node.listeners.filter((one) => one.type !== type); }); }
  trigger(type) { return this.each((_index, node) => happened(node, { type })); }
  ready(action) { guarded(action); return this; }
}
for (const type of ['click', 'change', 'input', 'focus', 'blur', 'keyup', 'keydown']) {
  Collection.prototype[type] = function (action) { return action === undefined ? this.trigger(type) : this.on(type, action); };
}

function above(node) {
  return node.parentNode === null ? [] : [node.parentNode, ...above(node.parentNode)];
}

function property(collection, name, value) {
  if (value === undefined) return collection.length === 0 ? undefined : collection.all[0][name];
  return collection.each((_index, node) => { node[name] = value; });
}

function inserted(collection, given, where) {
  return collection.each((index, node) => {
    for (const one of given) {
      const made = typeof one === 'string' && !one.trim().startsWith('<') ? [one] : collected(one);
      node[where](...made.map((part) => (index > 0 && part instanceof PageNode ? part.cloneNode(true) : part)));
    }
  });
}
