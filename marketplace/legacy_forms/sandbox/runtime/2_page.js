// The page that is not there: whatever a form does to it does nothing, and is noted.

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
