// A document of the form's own. What a script draws there is shown in a frame beside the form, never in the page; what it does
// to a tag's own element (hidden, disabled, its placeholder) is done to the tag.

const MAX_NODES = 5000;
let nodesMade = 0;
let nodes = new Map(); // elements by their number, for what a person does to them
let pageWanted = false; // whether the form ever asked for its page

class PageNode {
  constructor(name) {
    nodesMade += 1;
    if (nodesMade > MAX_NODES) throw new Error('a form draws at most ' + MAX_NODES + ' nodes');
    this.nodeName = name.toUpperCase();
    this.tagName = this.nodeName;
    this.nodeType = name === '#text' ? 3 : 1;
    this.number = nodesMade;
    this.text = '';
    this.parentNode = null;
    this.childNodes = [];
    this.attributes = new Map();
    this.listeners = [];
    this.tag = null; // whose element it is
    this.style = styleOf(this);
    this.classList = classesOf(this);
    nodes.set(this.number, this);
  }

  get parentElement() { return this.parentNode; }
  get ownerDocument() { return pageDocument; }
  get children() { return this.childNodes.filter((one) => one.nodeType === 1); }
  get firstChild() { return this.childNodes[0] || null; }
  get lastChild() { return this.childNodes[this.childNodes.length - 1] || null; }
  get firstElementChild() { return this.children[0] || null; }
  get lastElementChild() { return this.children[this.children.length - 1] || null; }
  get nextElementSibling() { return neighbour(this, 1); }
  get previousElementSibling() { return neighbour(this, -1); }

  get id() { return this.getAttribute('id') || ''; }
  set id(text) { this.setAttribute('id', text); }
  get className() { return this.getAttribute('class') || ''; }
  set className(text) { this.setAttribute('class', text); }
  get value() { return this.getAttribute('value') || ''; }
  set value(text) { this.setAttribute('value', text); }
  get textContent() { return this.nodeType === 3 ? this.text : this.childNodes.map((one) => one.textContent).join(''); }
  set textContent(text) { this.replaceChildren(String(text)); }
  get innerText() { return this.textContent; }
  set innerText(text) { this.textContent = text; }
  get innerHTML() { return this.childNodes.map(markupOf).join(''); }
  set innerHTML(text) { this.replaceChildren(...parsedMarkup(String(text))); }
  get outerHTML() { return markupOf(this); }
  get dataset() {
    const found = {};
    for (const [name, value] of this.attributes) if (name.startsWith('data-')) found[camel(name.slice(5))] = value;
    return found;
  }

  getAttribute(name) { return this.attributes.has(name) ? this.attributes.get(name) : null; }
  hasAttribute(name) { return this.attributes.has(name); }
  setAttribute(name, value) {
    this.attributes.set(String(name).toLowerCase(), String(value));
    reflected(this, String(name).toLowerCase());
  }
  removeAttribute(name) {
    this.attributes.delete(name);
    reflected(this, name);
  }

  appendChild(node) { this.append(node); return node; }
  append(...given) { for (const node of given.map(asNode)) placed(this, node, this.childNodes.length); }
  prepend(...given) { given.map(asNode).reverse().forEach((node) => placed(this, node, 0)); }
  insertBefore(node, before) {
    placed(this, node, before === null ? this.childNodes.length : this.childNodes.indexOf(before));
    return node;
  }
  insertAdjacentHTML(where, text) {
    const made = parsedMarkup(String(text));
    if (where === 'afterbegin') this.prepend(...made);
    else if (where === 'beforeend') this.append(...made);
    else this[where === 'beforebegin' ? 'before' : 'after'](...made);
  }
  before(...given) { for (const node of given.map(asNode)) placed(this.parentNode, node, this.parentNode.childNodes.indexOf(this)); }
  after(...given) {
    given.map(asNode).reverse().forEach((node) => placed(this.parentNode, node, this.parentNode.childNodes.indexOf(this) + 1));
  }
  removeChild(node) { node.remove(); return node; }
  remove() {
    if (this.parentNode !== null) this.parentNode.childNodes = this.parentNode.childNodes.filter((one) => one !== this);
    this.parentNode = null;
  }
  replaceChildren(...given) {
    for (const node of this.childNodes) node.parentNode = null;
    this.childNodes = [];
    this.append(...given);
  }
  contains(node) { return node === this || (node !== null && node !== undefined && node.parentNode !== null && this.contains(node.parentNode)); }
  cloneNode(deep) {
    const made = new PageNode(this.nodeType === 3 ? '#text' : this.nodeName.toLowerCase());
    made.text = this.text;
    for (const [name, value] of this.attributes) made.attributes.set(name, value);
    if (deep) made.append(...this.childNodes.map((one) => one.cloneNode(true)));
    return made;
  }

  matches(selector) { return fitsSelector(this, selector); }
  closest(selector) { return this.matches(selector) ? this : this.parentNode === null ? null : this.parentNode.closest(selector); }
  querySelectorAll(selector) { return below(this).filter((one) => fitsSelector(one, selector)); }
  querySelector(selector) { return this.querySelectorAll(selector)[0] || null; }
  getElementsByClassName(name) { return this.querySelectorAll('.' + name); }
  getElementsByTagName(name) { return this.querySelectorAll(name); }

  addEventListener(type, action) { this.listeners.push({ type, action }); }
  removeEventListener(type, action) { this.listeners = this.listeners.filter((one) => one.type !== type || one.action !== action); }
  dispatchEvent(event) { happened(this, event); return true; }
  click() { happened(this, { type: 'click' }); }
  focus() {}
  blur() {}
  scrollIntoView() {}
  getBoundingClientRect() { return { x: 0, y: 0, top: 0, left: 0, right: 0, bottom: 0, width: 0, height: 0 }; }
}
for (const name of ['disabled', 'checked', 'hidden', 'readonly', 'selected']) {
  Object.defineProperty(PageNode.prototype, name === 'readonly' ? 'readOnly' : name, {
    get() { return this.attributes.has(name); },
    set(on) { if (on) this.setAttribute(name, ''); else this.removeAttribute(name); },
  });
}
for (const name of ['title', 'placeholder', 'type', 'name', 'href', 'src']) {
  Object.defineProperty(PageNode.prototype, name, {
    get() { return this.getAttribute(name) || ''; },
    set(text) { this.setAttribute(name, text); },
  });
}

function camel(name) {
  return name.replace(/-([a-z])/g, (_all, letter) => letter.toUpperCase());
}

function dashed(name) {
  return name.replace(/[A-Z]/g, (letter) => '-' + letter.toLowerCase());
}

function neighbour(node, step) {
  const beside = node.parentNode === null ? [] : node.parentNode.children;
  return beside[beside.indexOf(node) + step] || null;
}

function asNode(given) {
  if (given instanceof PageNode) return given;
  const made = new PageNode('#text');
  made.text = String(given);
  return made;
}

function placed(parent, node, index) {
  if (node.contains(parent)) throw new Error('a node can stand in no node of its own');
  node.remove();
  parent.childNodes.splice(Math.min(index, parent.childNodes.length), 0, node);
  node.parentNode = parent;
}

function below(node) {
  return node.children.flatMap((one) => [one, ...below(one)]);
}

// `style` as an object of properties; they stand in the attribute.
function styleOf(node) {
  const read = () => {
    const found = {};
    for (const part of (node.attributes.get('style') || '').split(';')) {
      const colon = part.indexOf(':');
      if (colon > 0) found[part.slice(0, colon).trim()] = part.slice(colon + 1).trim();
    }
    return found;
  };
  const write = (name, value) => {
    const all = read();
    if (value === '' || value === null || value === undefined) delete all[name];
    else all[name] = String(value).replace(/;/g, '');
    node.setAttribute('style', Object.keys(all).map((one) => one + ': ' + all[one]).join('; '));
  };
  const named = {
    setProperty: (name, value) => write(name, value),
    removeProperty: (name) => write(name, ''),
    getPropertyValue: (name) => read()[name] || '',
  };
  return new Proxy(named, {
    get(target, name) {
      if (typeof name === 'symbol' || name in target) return target[name];
      return name === 'cssText' ? node.attributes.get('style') || '' : read()[dashed(name)] || '';
    },
    set(_target, name, value) {
      if (name === 'cssText') node.setAttribute('style', value);
      else write(dashed(String(name)), value);
      return true;
    },
  });
}

function classesOf(node) {
  const read = () => node.className.split(/\s+/).filter(Boolean);
  const write = (names) => { node.className = names.join(' '); };
  return {
    add: (...names) => write([...new Set([...read(), ...names])]),
    remove: (...names) => write(read().filter((one) => !names.includes(one))),
    contains: (name) => read().includes(name),
    toggle(name, on) {
      const wanted = on === undefined ? !read().includes(name) : Boolean(on);
      this[wanted ? 'add' : 'remove'](name);
      return wanted;
    },
  };
}

// What happens to a node is heard by it and by all it stands in.
function happened(node, event) {
  const told = { target: node, preventDefault() {}, stopPropagation() { told.stopped = true; }, stopped: false, ...event };
  for (let at = node; at !== null && !told.stopped; at = at.parentNode) {
    const own = at['on' + told.type];
    for (const action of [...at.listeners.filter((one) => one.type === told.type).map((one) => one.action), own]) {
      if (typeof action === 'function') guarded(() => action.call(at, { ...told, currentTarget: at, stopPropagation: told.stopPropagation }));
    }
  }
}

// A tag's element, and the input in it, are the tag's: what a script makes of them becomes of the tag.
function reflected(node, name) {
  const tag = node.tag;
  if (tag === null) return;
  if (name === 'style') tag.hidden = node.style.display === 'none';
  else if (name === 'hidden') tag.hidden = node.hasAttribute('hidden');
  else if (name === 'disabled') tag.disabled = node.hasAttribute('disabled');
  else if (name === 'placeholder') tag.placeholder = node.placeholder;
}
