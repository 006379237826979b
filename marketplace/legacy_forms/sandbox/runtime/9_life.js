// What the host calls.

function settleEvents() {
  let left = MAX_EVENTS;
  while (queue.length > 0 && left > 0) {
    left -= 1;
    guarded(queue.shift());
  }
  if (queue.length > 0) effects.push({ type: 'problem', text: 'more than ' + MAX_EVENTS + ' events followed from one change' });
  queue = [];
}

function guarded(action) {
  try {
    return action();
  } catch (error) {
    effects.push({ type: 'problem', text: String(error && error.message ? error.message : error).slice(0, 500) });
    return undefined;
  }
}

// What changed since it was last told, and what the form wants of the outside.
function outcome() {
  settleEvents();
  const changes = [];
  for (const tag of everyTag()) {
    const key = tag.path.join('\u0000');
    const state = { hook: tag.hook, problem: tag.problem };
    if (WITHOUT_VALUE.includes(tag.kind)) state.value = encoded(tag.store.get());
    if (typeof tag.row_click_handler === 'function') state.clickable = true;
    for (const name of ATTRIBUTES) if (tag[name] !== undefined && typeof tag[name] !== 'function') state[name] = encoded(tag[name]);
    const text = JSON.stringify(state);
    if (told.get(key) !== text) {
      told.set(key, text);
      changes.push({ path: tag.path, state });
    }
  }
  guarded(tellDrawn);
  const told_effects = effects;
  effects = [];
  functions.length = 0;
  return JSON.stringify({ changes, values: root === null ? {} : encoded(root.get_value()), effects: told_effects });
}

function mountGroup(group) {
  for (const tag of group.children) {
    if (tag.inner !== null) mountGroup(tag.inner);
    if (tag.kind === 'datatable' && Array.isArray(tag.store.get())) {
      tag.store.get().slice(0, MOUNTED_ROWS).forEach((_row, index) => mountGroup(rowOf(tag, index)));
    }
    if (PICKERS.includes(tag.kind)) {
      const address = tag.kind === 'upload' ? tag.url : tag.remote_url;
      tag.addresses = typeof address === 'function' ? guarded(() => address.call(tag)) : address;
    }
    guarded(() => {
      if (typeof tag._tag_init === 'function') tag._tag_init();
    });
    if ((tag.remote === true || tag.kind !== 'select') && tag.remote_url && ['select', 'tree', 'datatable', 'cascader'].includes(tag.kind)) {
      guarded(() => loadRemote(tag));
    }
    emit(group, tag.tagCode, 'init', tag._get_value());
  }
}

const forms = {
  // What the host knows; texts by language are looked up by gettext.
  start(options, sync) {
    given = options || {};
    syncRequest = sync || null;
  },
  describe,
  // Makes the instances of one form, or of one of its tags, without waking them.
  build(code, values, only) {
    const all = dollar.atoms[code];
    root = makeGroup(only && Array.isArray(all) ? all.filter((scheme) => scheme && scheme.tag_code === only) : all, values || {}, [], null);
    told = new Map();
    queue = [];
    pageBody = null;
    drawn = '';
  },
  // Makes them and wakes them: what the form is when a person begins to fill it in.
  open(code, values, only) {
    this.build(code, values, only);
    mountGroup(root);
    return outcome();
  },
  // What the host knows by now: the form's functions find it from here on.
  know(options) {
    given = options || {};
    return outcome();
  },
  // A person's change of a field.
  change(path, value) {
    const tag = at(path);
    // An emptied field has no value in the console; here it has that of its type.
    if (tag !== undefined && tag.store !== undefined) guarded(() => tag.updateForm(value === null ? typeDefault(tag.scheme) : value));
    return outcome();
  },
  event(path, type, value) {
    const tag = at(path);
    if (tag !== undefined && tag.group !== undefined) emit(tag.group, tag.tagCode, type, value === undefined ? tag._get_value() : value);
    return outcome();
  },
  // A button of a table by its place, or the one beside a select.
  press(path, index) {
    const tag = at(path);
    const buttons = tag !== undefined && Array.isArray(tag.table_buttons) ? tag.table_buttons : [];
    const action = index === null ? tag && tag.rightBtnCb : buttons[index] && buttons[index].callback;
    if (typeof action === 'function') guarded(() => action.call(tag));
    return outcome();
  },
  // A click on a line of a table.
  row(path, index) {
    const tag = at(path);
    const rows = tag !== undefined && tag.kind === 'datatable' ? tag.store.get() : [];
    if (typeof tag.row_click_handler === 'function' && rows[index] !== undefined) guarded(() => tag.row_click_handler.call(tag, rows[index]));
    return outcome();
  },
  // What a person did to something the form drew.
  happen(number, type, value, checked) {
    const node = nodes.get(number);
    if (node !== undefined) {
      if (type === 'input' || type === 'change') {
        node.attributes.set('value', String(value));
        if (checked) node.attributes.set('checked', '');
        else node.attributes.delete('checked');
      }
      happened(node, { type });
    }
    return outcome();
  },
  // Binds a field to a variable, or lets it go. That it holds the variable's name then is no change of its value.
  hook(path, on, value) {
    const tag = at(path);
    if (tag !== undefined && tag.store !== undefined) {
      tag.hook = on === true;
      if (typeof value === 'string') tag.store.set(value);
    }
    return outcome();
  },
  // The nodes below one, of a cascader that reads them when they are wanted.
  children(path, node, id) {
    const tag = at(path);
    let told = false;
    const give = (items) => {
      if (!told) effects.push({ type: 'children', id, items: encoded(Array.isArray(items) ? items : []) });
      told = true;
    };
    const load = tag === undefined ? undefined : tag.lazyLoad;
    if (typeof load !== 'function') give([]);
    else {
      try {
        load.call(tag, { ...node, root: node.level === 0, data: node }, give);
      } catch (error) {
        effects.push({ type: 'problem', text: String(error && error.message ? error.message : error).slice(0, 500) });
        give([]);
      }
    }
    return outcome();
  },
  // A file was picked for an upload: the host carries it where it `goes`.
  pick(path, file, id) {
    const tag = at(path);
    effects.push({ type: 'picked', id, ...(tag === undefined ? { goes: false, reason: '' } : picked(tag, file)) });
    return outcome();
  },
  // Files that waited are to be sent.
  submit(path, id) {
    const tag = at(path);
    effects.push({ type: 'picked', id, goes: tag !== undefined && submitted(tag) });
    return outcome();
  },
  uploaded(path, file, answer) {
    const tag = at(path);
    if (tag !== undefined) uploaded(tag, file, answer);
    return outcome();
  },
  unpick(path, index) {
    const tag = at(path);
    if (tag !== undefined) unpicked(tag, index);
    return outcome();
  },
  deliver(id, answer) {
    const request = pending.get(id);
    pending.delete(id);
    if (request !== undefined) guarded(() => settle(request, answer));
    return outcome();
  },
  fire(id) {
    const timer = timers.get(id);
    if (timer !== undefined) guarded(timer);
    return outcome();
  },
  // The problems of values. What the form hides at its start is not asked for, nor what is `hooked` to a variable.
  check(code, values, hooked) {
    this.build(code, copyOf(values));
    mountGroup(root);
    settleEvents();
    const hidden = everyTag().filter((tag) => tag.hidden).map((tag) => tag.path.join('\u0000'));
    this.build(code, values);
    for (const tag of everyTag()) {
      tag.hidden = hidden.includes(tag.path.join('\u0000'));
      if (hooked.includes(tag.path.join('.'))) tag.hook = true;
    }
    return JSON.stringify(validateGroup(root));
  },
  outcome,
};
Object.defineProperty(world, '__forms', { value: Object.freeze(forms), writable: false, configurable: false, enumerable: false });
