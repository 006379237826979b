// The page a form finds: a document with an element for each of its tags. The rest of a browser is not there: whatever a form does
// to it does nothing, and is noted.

function absent(name) {
  const inert = function () {};
  return new Proxy(inert, {
    get(_target, key) {
      if (key === Symbol.toPrimitive) return () => '';
      if (key === Symbol.iterator) return function* () {};
      if (key === 'then' || key === 'toJSON') return undefined;
      if (key === 'length') return 0;
      if (typeof key === 'symbol') return undefined;
      note('uses', 'page.' + name + '.' + key);
      effects.push({ type: 'unsupported', what: name + '.' + key });
      return absent(name);
    },
    set(_target, key) {
      note('uses', 'page.' + name + '.' + String(key));
      return true;
    },
    apply() {
      note('uses', 'page.' + name);
      effects.push({ type: 'unsupported', what: name });
      return absent(name);
    },
    construct() {
      note('uses', 'page.' + name);
      return absent(name);
    },
  });
}

let pageBody = null;
let drawn = ''; // what was told last of what the form drew

// The body, with an element for each tag that stands in the form itself or in a combine.
function page() {
  pageWanted = true;
  if (pageBody === null) {
    pageBody = new PageNode('body');
    if (root !== null) for (const tag of root.children) elementOf(tag);
  }
  return pageBody;
}

// A tag's own element (`this.$el`): its label, its input, and for a combine those of its children.
function elementOf(tag) {
  if (tag.element !== undefined) return tag.element;
  const box = new PageNode('div');
  box.setAttribute('class', 'rf-form-item rf-tag-' + tag.kind);
  box.setAttribute('id', tag.tagCode);
  box.setAttribute('data-tag', tag.path.join('.'));
  const label = new PageNode('label');
  label.className = 'rf-group-name';
  label.textContent = typeof tag.name === 'string' ? tag.name : tag.tagCode;
  box.append(label);
  if (tag.inner === null) {
    const input = new PageNode(tag.kind === 'textarea' ? 'textarea' : 'input');
    const value = tag.store.get();
    input.attributes.set('value', isPlain(value) || Array.isArray(value) ? JSON.stringify(value) : String(value));
    input.tag = tag;
    input.addEventListener('input', () => tag.updateForm(tag.kind === 'int' ? Number(input.value) : input.value));
    input.addEventListener('change', () => tag.updateForm(tag.kind === 'int' ? Number(input.value) : input.value));
    box.append(input);
  }
  Object.defineProperty(tag, 'element', { value: box, enumerable: false });
  box.tag = tag;
  const above = tag.path.length > 1 ? everyTag().find((one) => one.inner === tag.group) : undefined;
  (above === undefined ? page() : elementOf(above)).append(box);
  if (tag.inner !== null) for (const child of tag.inner.children) elementOf(child);
  return box;
}

// What the form drew of its own, without what stands for its tags.
function ownMarkup(node) {
  return node.childNodes.map((one) => {
    if (one.tag !== null && one.nodeName === 'DIV') return ownMarkup(one);
    return one.tag !== null || (one.parentNode.tag !== null && one.className === 'rf-group-name') ? '' : markupOf(one);
  }).join('');
}

// Told when it has changed: the host shows it in a frame.
function tellDrawn() {
  if (pageBody === null) return;
  const now = ownMarkup(pageBody);
  if (now !== drawn) effects.push({ type: 'drawn', html: now.slice(0, MAX_MARKUP) });
  drawn = now;
}

const pageDocument = {
  nodeType: 9,
  readyState: 'complete',
  title: '',
  cookie: '',
  get body() { return page(); },
  get documentElement() { return page(); },
  get activeElement() { return page(); },
  createElement: (name) => new PageNode(String(name)),
  createTextNode: (text) => asNode(String(text)),
  createDocumentFragment: () => new PageNode('div'),
  getElementById: (id) => below(page()).find((one) => one.id === id) || null,
  getElementsByClassName: (name) => page().querySelectorAll('.' + name),
  getElementsByTagName: (name) => (/^body$/i.test(name) ? [page()] : page().querySelectorAll(name)),
  querySelector: (selector) => (selector === 'body' ? page() : page().querySelector(selector)),
  querySelectorAll: (selector) => (selector === 'body' ? [page()] : page().querySelectorAll(selector)),
  addEventListener: (type, action) => (type === 'DOMContentLoaded' ? guarded(() => action({ type })) : page().addEventListener(type, action)),
  removeEventListener: (type, action) => page().removeEventListener(type, action),
};

function documentOfItsOwn() {
  return new Proxy(pageDocument, {
    get(target, name) {
      if (typeof name === 'symbol') return undefined;
      note('uses', 'page.document.' + name);
      if (name in target) return target[name];
      effects.push({ type: 'unsupported', what: 'document.' + name });
      return absent('document');
    },
    set: () => true,
  });
}
