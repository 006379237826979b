import type { JsonSchema } from '@jsonforms/core'
import type { Choice } from '@/shared/forms/renderers/choices'

interface Item {
  value?: unknown
  id?: unknown
  text?: unknown
  name?: unknown
  label?: unknown
  options?: unknown
  children?: unknown
  leaf?: unknown
}

function itemsOf(found: unknown): Item[] {
  return Array.isArray(found) ? found.filter((one): one is Item => typeof one === 'object' && one !== null) : []
}

function textOf(item: Item): string {
  const text = item.text ?? item.name ?? item.label ?? item.value ?? item.id
  return typeof text === 'string' || typeof text === 'number' ? String(text) : ''
}

function choice(item: Item): { value: string | number | boolean; label: string } | null {
  const { value } = item
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? { value, label: textOf(item) } : null
}

/** Choices of a select in their groups; those without a group stand in one without a label. */
export function choiceGroups(items: unknown): { label: string; choices: { value: string | number | boolean; label: string }[] }[] {
  const groups = itemsOf(items).map((item) => {
    const inner = Array.isArray(item.options) ? itemsOf(item.options) : [item]
    return { label: Array.isArray(item.options) ? textOf(item) : '', choices: inner.flatMap((one) => choice(one) ?? []) }
  })
  const loose = groups.filter(({ label }) => label === '').flatMap(({ choices }) => choices)
  return [...(loose.length > 0 ? [{ label: '', choices: loose }] : []), ...groups.filter(({ label }) => label !== '')]
}

export interface TreeNode extends Record<string, unknown> {
  value: string | number
  label: string
  children?: TreeNode[]
  leaf?: boolean
}

/** Nodes of a tree or cascader. */
export function treeNodes(items: unknown): TreeNode[] {
  return itemsOf(items).flatMap((item) => {
    const value = item.value ?? item.id
    if (typeof value !== 'string' && typeof value !== 'number') return []
    const children = treeNodes(item.children)
    return [{ value, label: textOf(item), ...(children.length > 0 ? { children } : {}), ...(item.leaf === true ? { leaf: true } : {}) }]
  })
}

/** The last step of a scope, the name of a field. */
export function fieldOf(scope: string): string {
  return (scope.split('/').pop() ?? '').replaceAll('~1', '/').replaceAll('~0', '~')
}

/** The schema of a radio or of checkboxes, with the choices there are by now; null where there are none. */
export function choiceSchema(schema: JsonSchema, items: unknown): JsonSchema | null {
  const choices: Choice[] = choiceGroups(items).flatMap((group) => group.choices)
  if (choices.length === 0) return null
  const one = { oneOf: choices.map(({ value, label }) => ({ const: value, title: label })) } as JsonSchema
  const { title, description } = schema
  return { title, description, ...(schema.type === 'array' ? { type: 'array', items: one } : one) } as JsonSchema
}

/** The schema of a table whose columns the script has set; null where it has set none, or those it had. */
export function columnsSchema(schema: JsonSchema, columns: unknown): JsonSchema | null {
  const known = Object.keys((schema.items as JsonSchema | undefined)?.properties ?? {})
  const found = itemsOf(columns) as { tag_code?: unknown; type?: unknown; attrs?: { name?: unknown } }[]
  const codes = found.map(({ tag_code: code }) => String(code))
  if (found.length === 0 || codes.join() === known.join()) return null
  const properties = Object.fromEntries(
    found.map(({ tag_code: code, type, attrs }) => [String(code), { type: type === 'int' ? 'integer' : 'string', title: String(attrs?.name ?? code) }]),
  )
  return { ...schema, items: { type: 'object', properties } } as JsonSchema
}
