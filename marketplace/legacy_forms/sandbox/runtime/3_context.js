// $.context: what the host knows of the place a form is filled in; the rest stands as a mark in the text.

const CONTEXT_VALUES = {
  project: () => ({ id: mark('project.id'), bk_biz_id: mark('project.bk_biz_id'), from_cmdb: true }),
  biz_cc_id: () => mark('biz_cc_id'),
  site_url: () => mark('site_url'),
  component: () => mark('component'),
  variable: () => undefined,
  template: () => undefined,
  instance: () => undefined,
  exec_env: () => '',
  input_form: () => ({}),
  output_form: () => ({}),
  bk_plugin_api_host: () =>
    new Proxy({}, { get: (_t, code) => (typeof code === 'symbol' ? undefined : mark('bk_plugin_api_host.' + code)) }),
};

function contextValue(name) {
  return known(name, undefined) === undefined ? CONTEXT_VALUES[name]() : given[name];
}

function projectValue(name) {
  const project = contextValue('project') || {};
  return project[name];
}

function keyed(name) {
  return (key) => {
    const all = known(name, {}) || {};
    return all[key];
  };
}

const CONTEXT_FUNCTIONS = {
  get: (name) => (name in CONTEXT_VALUES ? contextValue(name) : known(name, mark('get.' + name))),
  getBkBizId: () => projectValue('bk_biz_id'),
  getProjectId: () => projectValue('id'),
  canSelectBiz: () => known('can_select_biz', true),
  getConstants: () => known('constants', {}),
  getOutput: keyed('outputs'),
  getInput: keyed('inputs'),
  getNodeStatus: () => known('node_status', ''),
};

const context = new Proxy(
  {},
  {
    get(target, name) {
      if (typeof name === 'symbol') return undefined;
      if (Object.prototype.hasOwnProperty.call(target, name)) return target[name];
      if (name in CONTEXT_FUNCTIONS) {
        return function (...args) {
          note('uses', name === 'get' ? 'context.get(' + args[0] + ')' : 'context.' + name);
          return CONTEXT_FUNCTIONS[name](...args);
        };
      }
      note('uses', 'context.' + name);
      return name in CONTEXT_VALUES ? contextValue(name) : undefined;
    },
  },
);
