// The rules of a form.

function isEmpty(value) {
  return value === '' || value === undefined || value === null
    || (Array.isArray(value) && value.length === 0) || (isPlain(value) && Object.keys(value).length === 0);
}

// Whether a widget that chooses has chosen nothing, though its value has parts.
function choosesNothing(tag, value) {
  if (!isPlain(value)) return false;
  if (tag.kind === 'ip_selector') return (value.selectors || []).every((name) => isEmpty(value[name]));
  return (tag.kind === 'set_allocation' || tag.kind === 'host_allocation') && isEmpty(value.data);
}

function verdict(result) {
  if (result === true || result === undefined) return '';
  if (typeof result === 'string') return result;
  if (isPlain(result)) return result.result ? '' : String(result.error_message || 'is refused by the form');
  return 'is refused by the form';
}

function ruleProblem(tag, rule) {
  const value = tag._get_value();
  if (rule.type === 'required') return isEmpty(value) || choosesNothing(tag, value) ? 'is missing' : '';
  if (typeof value === 'string' && /^\$\{[^{}]+\}$/.test(value)) return '';
  if (rule.type === 'regex') {
    const pattern = rule.args instanceof RegExp ? rule.args : new RegExp(rule.args);
    return pattern.test(value) ? '' : String(rule.error_message || 'does not have the form wanted');
  }
  return typeof rule.args === 'function' ? verdict(rule.args.call(tag, value, tag.group.get_value())) : '';
}

function validateTag(tag) {
  if (tag.hidden || tag.hook) return [];
  const rules = tag.scheme.attrs && Array.isArray(tag.scheme.attrs.validation) ? tag.scheme.attrs.validation : [];
  const found = [];
  rules.forEach((rule, index) => {
    if (!isPlain(rule)) return;
    let problem = '';
    try {
      problem = ruleProblem(tag, rule);
    } catch (error) {
      problem = 'could not be checked: ' + String(error).slice(0, 200);
    }
    if (problem !== '') found.push({ path: tag.path, index, problem: problem.slice(0, 500) });
  });
  tag.problem = found.length > 0 ? found[0].problem : '';
  return found;
}

// A hidden or hooked tag is skipped with all that stands in it.
function validateGroup(group) {
  return group.children.flatMap((tag) => {
    if (tag.hidden || tag.hook) return [];
    const rows = tag.kind === 'datatable' && Array.isArray(tag.store.get()) ? tag.store.get().map((_row, index) => rowOf(tag, index)) : [];
    const inner = [...(tag.inner === null ? [] : [tag.inner]), ...rows.filter((row) => row !== undefined)];
    return [...validateTag(tag), ...inner.flatMap(validateGroup)];
  });
}
