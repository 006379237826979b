import type { Attribute, FieldRule, PropertyFilter } from '@/api/inventory'

/** A rule as it is typed in: its value is text, or the chosen ids of an enumeration. */
export interface TypedRule {
  field: string
  operator: string
  value: string | string[]
}
export interface TypedGroup {
  condition: 'AND' | 'OR'
  rules: (TypedRule | TypedGroup)[]
}

const ALWAYS = ['is_null', 'is_not_null']
const EXACT = ['equal', 'not_equal', 'in', 'not_in']
const ORDERED = ['less', 'less_or_equal', 'greater', 'greater_or_equal', 'between', 'not_between']
const TEXT = ['contains', 'not_contains', 'begins_with', 'not_begins_with', 'ends_with', 'not_ends_with']
const EMPTY = ['is_empty', 'is_not_empty']
const LISTS = new Set(['in', 'not_in', 'between', 'not_between'])
const NUMBERS = new Set(['int', 'singleasst', 'multiasst'])
const VALUELESS = new Set([...ALWAYS, ...EMPTY])

export function isGroup(rule: TypedRule | TypedGroup): rule is TypedGroup {
  return 'rules' in rule
}
export function newRule(): TypedRule {
  return { field: 'bk_host_name', operator: 'contains', value: '' }
}
export function newGroup(): TypedGroup {
  return { condition: 'AND', rules: [] }
}
export function takesValue(operator: string): boolean {
  return !VALUELESS.has(operator)
}
export function takesList(operator: string): boolean {
  return LISTS.has(operator)
}

/** Operators that mean something for a type of attribute, the usual one first. */
export function operatorsOf(type: string): string[] {
  switch (type) {
    case 'int':
    case 'singleasst': return [...EXACT, ...ORDERED, ...ALWAYS]
    case 'date':
    case 'time': return [...ORDERED, ...EXACT, ...ALWAYS]
    case 'multiasst': return ['contains', 'not_contains', 'in', 'not_in', ...EMPTY]
    case 'bool': return ['equal', 'not_equal', ...ALWAYS]
    case 'enum': return [...EXACT, ...EMPTY]
    default: return [...TEXT, ...EXACT, ...EMPTY]
  }
}

/** What a builder says as the inventory takes it; rules without a value are left out, and nothing is no filter. */
export function filterOf(group: TypedGroup, types: ReadonlyMap<string, string>): PropertyFilter | null {
  const rules = group.rules.flatMap((rule): (FieldRule | PropertyFilter)[] => {
    if (!isGroup(rule)) return ruleOf(rule, types.get(rule.field) ?? '')
    const inner = filterOf(rule, types)
    return inner === null ? [] : [inner]
  })
  return rules.length === 0 ? null : { condition: group.condition, rules }
}

/** A filter that finds what both find; nothing where that would nest too deeply. */
export function withSearch(filter: PropertyFilter | null, text: string): PropertyFilter | null {
  if (text === '') return filter
  const search: PropertyFilter = {
    condition: 'OR',
    rules: [{ field: 'bk_host_innerip', operator: 'begins_with', value: text }, { field: 'bk_host_name', operator: 'contains', value: text }],
  }
  return { condition: 'AND', rules: [...(filter?.rules ?? []), search] }
}

/** The types of attributes by their id. */
export function typesOf(attributes: Attribute[]): Map<string, string> {
  return new Map(attributes.map(({ bk_property_id, bk_property_type }) => [bk_property_id, bk_property_type]))
}

function ruleOf({ field, operator, value }: TypedRule, type: string): FieldRule[] {
  if (!takesValue(operator)) return [{ field, operator }]
  const parts = (Array.isArray(value) ? value : takesList(operator) ? value.split(',') : [value]).map((part) => part.trim()).filter((part) => part !== '')
  if (parts.length === 0) return []
  const typed = parts.map((part) => (NUMBERS.has(type) ? Number(part) : type === 'bool' ? part === 'true' : part))
  return [{ field, operator, value: takesList(operator) ? typed : typed[0] }]
}
