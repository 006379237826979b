// What leaves this world: JSON.

const functions = [];

// JSON of any value. What JSON has no form for stands as {"\ue000fn": index}, {"\ue000re": [source, flags]} or
// {"\ue000other": kind}.
function encoded(value, depth = 0, open = []) {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : { '\ue000other': 'number' };
  if (typeof value === 'function') {
    if (functions.length >= MAX_FUNCTIONS) return { '\ue000other': 'function' };
    let text = '';
    try {
      text = Reflect.apply(functionText, value, []);
    } catch {
      return { '\ue000other': 'function' };
    }
    functions.push(text.startsWith('function () { [native') ? '' : text);
    return { '\ue000fn': functions.length - 1 };
  }
  if (typeof value !== 'object') return { '\ue000other': typeof value };
  if (value instanceof RegExp) return { '\ue000re': [value.source, value.flags] };
  if (depth > MAX_DEPTH) return { '\ue000other': 'deep' };
  if (open.includes(value)) return { '\ue000other': 'cycle' };
  const inner = [...open, value];
  if (Array.isArray(value)) return Array.from(value, (one) => encoded(one, depth + 1, inner));
  const made = {};
  for (const name of Object.keys(value)) {
    let one;
    try {
      one = value[name];
    } catch {
      one = undefined;
    }
    if (one !== undefined) Object.defineProperty(made, name, { value: encoded(one, depth + 1, inner), enumerable: true, configurable: true, writable: true });
  }
  return made;
}

function describe() {
  const forms = {};
  for (const code of Object.keys(dollar.atoms)) forms[code] = encoded(dollar.atoms[code]);
  return JSON.stringify({ forms, functions, ...notes });
}
