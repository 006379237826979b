import type { FlowDefinition, FlowNode, FormModel, JsonObject } from '@/api/types'
import { appended, layoutOf, scopeOf, type Element as Control } from '@/features/form-designer/formLayout'
import { secretReference } from '@/features/secrets/secretReference'
import { isScripted } from '@/shared/form-scripts/changes'

interface Element {
  type?: unknown
  scope?: unknown
  options?: { hookable?: unknown }
  elements?: Element[]
}

/** The fields of a form that may be bound to a variable: all at its top but those that forbid it. */
export function boundFields(form: FormModel | null): string[] {
  const elements = (form?.uischema as Element | null | undefined)?.elements ?? []
  const forbidden = elements.filter(({ options }) => options?.hookable === false).map(({ scope }) => String(scope).split('/').pop())
  return Object.keys((form?.schema.properties ?? {}) as object).filter((name) => !forbidden.includes(name))
}

/** What a node may refer to: the flow's inputs and constants, what nodes before it give, the task, and variables and secrets of its project. */
export function variablesAt(definition: FlowDefinition, id: string, ofProject: string[] = [], secrets: string[] = []): string[] {
  const inputs = Object.keys((definition.form?.schema.properties ?? {}) as object).map((name) => `\${inputs.${name}}`)
  const constants = Object.keys(definition.constants ?? {}).map((name) => `\${constants.${name}}`)
  const before = new Set<string>()
  const open = [id]
  while (open.length > 0) {
    const target = open.pop()
    definition.edges.filter((edge) => edge.target === target && !before.has(edge.source)).forEach(({ source }) => { before.add(source); open.push(source) })
  }
  before.delete(id)
  const outputs = definition.nodes.filter((node) => before.has(node.id) && node.plugin !== undefined).map((node) => `\${nodes.${node.id}.outputs.}`)
  return [...inputs, ...constants, ...outputs, '${task.id}', '${task.name}', '${task.created_by}', '${project.code}', ...ofProject.map((name) => `\${project.variables.${name}}`), ...secrets.map(secretReference)]
}

const REFERENCE = /^\$\{inputs\.([\w-]+)\}$/
const bound = (value: unknown): string | undefined => (typeof value === 'string' ? REFERENCE.exec(value)?.[1] : undefined)

/**
 * The flow with an input in its form for each variable that a field of the node is bound to and the form doesn't have: what
 * the field would take, drawn as the plugin draws it. In a form of tabs it stands where the node's other inputs are asked for.
 */
export function withVariables(definition: FlowDefinition, node: FlowNode, form: FormModel): FlowDefinition {
  const fields = (form.schema.properties ?? {}) as Record<string, JsonObject>
  const own = definition.form ?? { schema: { type: 'object', properties: {} }, uischema: null, i18n: {} }
  const known = (own.schema.properties ?? {}) as Record<string, JsonObject>
  const names = Object.entries(node.inputs ?? {}).flatMap(([field, value]) => { const name = bound(value); return name === undefined ? [] : [{ name, field }] })
  const added = names.filter(({ name, field }) => !(name in known) && field in fields)
  if (added.length === 0) return definition
  const scripted = isScripted(form.uischema)
  const source = (field: string): Control => (scripted ? { options: { source: { plugin: node.plugin, version: node.version, field } as JsonObject } } : {})
  const control = (name: string): Control => ({ type: 'Control', scope: scopeOf(name) })
  const layout = layoutOf(own) ?? { type: 'VerticalLayout', elements: Object.keys(known).map(control) }
  const uischema = appended(layout, added.map(({ name, field }) => ({ ...control(name), ...source(field) })), new Set(names.map(({ name }) => name)))
  const properties = { ...known, ...Object.fromEntries(added.map(({ name, field }) => [name, fields[field] ?? {}])) }
  return { ...definition, form: { ...own, schema: { ...own.schema, properties }, uischema: uischema as JsonObject } }
}
