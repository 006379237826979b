// Markup and selectors of the form's own document: as much of HTML and CSS as forms write.

const WITHOUT_END = ['AREA', 'BR', 'COL', 'HR', 'IMG', 'INPUT', 'LINK', 'META', 'SOURCE', 'WBR'];
const NEVER_DRAWN = ['SCRIPT', 'STYLE', 'IFRAME', 'OBJECT', 'EMBED', 'LINK', 'META', 'BASE'];
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };
const MAX_MARKUP = 200000;

function escaped(text) {
  return String(text).replace(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one]);
}

function unescaped(text) {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{1,6}));/gi, (all, decimal, hex, name) => {
    const code = decimal ? Number(decimal) : hex ? parseInt(hex, 16) : -1;
    if (code >= 0) return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    return ENTITIES[name] === undefined ? all : ENTITIES[name];
  });
}

// Text of a node, each element with its number, so that the frame can tell what was clicked.
function markupOf(node) {
  if (node.nodeType === 3) return escaped(node.text);
  const name = node.nodeName.toLowerCase();
  if (NEVER_DRAWN.includes(node.nodeName)) return '';
  let text = '<' + name + ' data-node="' + node.number + '"';
  for (const [key, value] of node.attributes) if (!key.startsWith('on')) text += ' ' + key + '="' + escaped(value) + '"';
  if (WITHOUT_END.includes(node.nodeName)) return text + '>';
  return text + '>' + node.childNodes.map(markupOf).join('') + '</' + name + '>';
}

function parsedMarkup(text) {
  const top = new PageNode('template');
  let at = top;
  const pattern = /<!--[^]*?(?:-->|$)|<(\/?)([a-zA-Z][\w-]*)((?:\s+[^\s=>/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?)*)\s*\/?>|[^<]+|</g;
  for (const found of text.slice(0, MAX_MARKUP).matchAll(pattern)) {
    const [all, closes, name, attributes] = found;
    if (all.startsWith('<!--')) continue;
    if (name === undefined) at.append(unescaped(all));
    else if (closes) {
      let open = at;
      while (open !== top && open.nodeName !== name.toUpperCase()) open = open.parentNode;
      if (open !== top) at = open.parentNode;
    } else {
      const made = new PageNode(name);
      for (const one of attributes.matchAll(/([^\s=>/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)) {
        made.attributes.set(one[1].toLowerCase(), unescaped(one[2] || one[3] || one[4] || ''));
      }
      at.append(made);
      if (!WITHOUT_END.includes(made.nodeName) && !all.endsWith('/>')) at = made;
    }
  }
  const made = top.childNodes;
  for (const node of made) node.parentNode = null;
  return made;
}

// Whether an element is what a selector names: names, #ids, .classes, [attributes], :visible, with spaces and > between.
function fitsSelector(node, selector) {
  return String(selector).split(',').some((one) => fitsChain(node, one.trim().replace(/\s*>\s*/g, ' > ').split(/\s+/)));
}

function fitsChain(node, steps) {
  const last = steps[steps.length - 1];
  if (last === '' || !fitsStep(node, last)) return false;
  const above = steps.slice(0, -1);
  if (above.length === 0) return true;
  if (above[above.length - 1] === '>') return node.parentNode !== null && fitsChain(node.parentNode, above.slice(0, -1));
  for (let at = node.parentNode; at !== null; at = at.parentNode) if (fitsChain(at, above)) return true;
  return false;
}

function fitsStep(node, step) {
  const parts = step.match(/^[\w*-]+|#[^#.[:\s]+|\.[^#.[:\s]+|\[[^\]]*\]|:[\w-]+(?:\([^)]*\))?/g);
  if (parts === null || parts.join('') !== step) return false;
  return parts.every((part) => {
    if (part.startsWith('#')) return node.id === part.slice(1);
    if (part.startsWith('.')) return node.classList.contains(part.slice(1));
    if (part.startsWith(':')) return fitsState(node, part.slice(1));
    if (!part.startsWith('[')) return part === '*' || node.nodeName === part.toUpperCase();
    const [, name, how, value] = part.match(/^\[\s*([\w-]+)\s*(?:([*^$~|]?=)\s*["']?([^"']*)["']?\s*)?\]$/) || [];
    if (name === undefined) return false;
    const own = node.getAttribute(name);
    if (how === undefined || own === null) return own !== null && how === undefined;
    if (how === '*=') return own.includes(value);
    if (how === '^=') return own.startsWith(value);
    if (how === '$=') return own.endsWith(value);
    return how === '~=' ? own.split(/\s+/).includes(value) : own === value;
  });
}

function fitsState(node, state) {
  if (state === 'first-child') return node.previousElementSibling === null;
  if (state === 'last-child') return node.nextElementSibling === null;
  if (state === 'visible' || state === 'hidden') return (node.style.display === 'none' || node.hasAttribute('hidden')) === (state === 'hidden');
  return ['checked', 'disabled', 'selected'].includes(state) && node.hasAttribute(state);
}
