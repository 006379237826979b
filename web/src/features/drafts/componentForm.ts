import type { Assignment, ComponentDefinition, ComponentParameter, JsonObject, JsonSchema, Location, Policy } from '@/api/types'

/** `sources`: several, or one that is converted, as JSON. */
export type Source = Location | 'constant' | 'variable' | 'sources'
/** A line of the mapping: where a value is taken from, and where it goes. */
export interface MappingLine {
  source: Source
  /** Name of the parameter or variable; JSON text of a constant or of sources. */
  from: string
  location: Location
  to: string
  type: string
  required: boolean
}
interface Texts {
  title: string
  description: string
  doc: string
}
export interface ComponentForm {
  name: string
  method: ComponentDefinition['method']
  path: string
  match_subpath: boolean
  title: string
  description: string
  parameters: ComponentParameter[]
  body_schema: JsonSchema | undefined
  response_schema: JsonSchema | undefined
  mocked: boolean
  mock: { status: number; headers: { name: string; value: string }[]; body: string }
  upstream: string
  upstream_method: string
  upstream_path: string
  timeout: number | undefined
  enable_websocket: boolean
  mapping: MappingLine[]
  scopes: string[]
  /** What it does to the system: as its method says, or otherwise. */
  does: 'method' | 'reads' | 'writes'
  app_required: boolean
  user_required: boolean
  grant_required: boolean
  is_public: boolean
  allow_apply: boolean
  labels: string[]
  policies: Policy[]
  texts: Record<'en' | 'zh', Texts>
  samples: NonNullable<ComponentDefinition['samples']>
}

function lineOf({ to, from, required }: Assignment): MappingLine {
  const target = { location: to.in, to: to.name, type: to.type ?? 'string', required: required === true }
  if (Array.isArray(from) || 'values' in from || 'as' in from) return { ...target, source: 'sources', from: JSON.stringify(from) }
  if ('constant' in from) return { ...target, source: 'constant', from: JSON.stringify(from.constant) }
  if ('variable' in from) return { ...target, source: 'variable', from: from.variable }
  return { ...target, source: from.in, from: from.name }
}

/** A constant as it was typed: JSON where it is JSON, else a text. */
function constant(typed: string): unknown {
  try {
    return JSON.parse(typed)
  } catch {
    return typed
  }
}

function assignmentOf({ source, from, location, to, type, required }: MappingLine): Assignment {
  const name = from.trim()
  return {
    to: { in: location, name: to.trim(), ...(location === 'body' && type !== 'string' ? { type } : {}) },
    from: source === 'sources' ? (constant(from) as Assignment['from']) : source === 'constant' ? { constant: constant(from) } : source === 'variable' ? { variable: name } : { in: source, name },
    ...(required ? { required } : {}),
  }
}

function textsOf(component: Partial<ComponentDefinition>, language: 'en' | 'zh'): Texts {
  const { title = '', description = '', doc = '' } = component.texts?.[language] ?? {}
  return { title, description, doc }
}

/** The form for a component, or for a new one. */
export function formOf(name: string, component: Partial<ComponentDefinition>): ComponentForm {
  const { mock } = component
  return {
    name,
    method: component.method ?? 'GET',
    path: component.path ?? '/',
    match_subpath: component.match_subpath ?? false,
    title: component.title ?? '',
    description: component.description ?? '',
    parameters: (component.parameters ?? []).map((parameter) => ({ ...parameter, schema: parameter.schema ?? { type: 'string' } })),
    body_schema: component.body_schema ?? undefined,
    response_schema: component.response_schema ?? undefined,
    mocked: mock != null,
    mock: { status: mock?.status ?? 200, headers: Object.entries(mock?.headers ?? {}).map(([header, value]) => ({ name: header, value })), body: mock?.body ?? '' },
    upstream: component.upstream ?? 'default',
    upstream_method: component.upstream_method ?? '',
    upstream_path: component.upstream_path ?? '',
    timeout: component.timeout ?? undefined,
    enable_websocket: component.enable_websocket ?? false,
    mapping: (component.mapping ?? []).map(lineOf),
    scopes: [...(component.scopes ?? [])],
    does: component.is_read == null ? 'method' : component.is_read ? 'reads' : 'writes',
    app_required: component.app_required ?? true,
    user_required: component.user_required ?? false,
    grant_required: component.grant_required ?? true,
    is_public: component.is_public ?? true,
    allow_apply: component.allow_apply ?? true,
    labels: [...(component.labels ?? [])],
    policies: [...(component.policies ?? [])],
    texts: { en: textsOf(component, 'en'), zh: textsOf(component, 'zh') },
    samples: [...(component.samples ?? [])],
  }
}

/** What is sent: the whole definition. */
export function definitionOf(form: ComponentForm): ComponentDefinition {
  const { mocked, mock, texts, mapping, upstream_method, upstream_path, timeout, does, scopes } = form
  const written = Object.entries(texts).filter(([, { title, description, doc }]) => title + description + doc !== '')
  return {
    method: form.method,
    path: form.path.trim(),
    match_subpath: form.match_subpath,
    title: form.title.trim(),
    description: form.description,
    parameters: form.parameters as ComponentDefinition['parameters'],
    upstream: form.upstream.trim() === '' ? 'default' : form.upstream.trim(),
    enable_websocket: form.enable_websocket,
    app_required: form.app_required,
    user_required: form.user_required,
    grant_required: form.grant_required,
    is_public: form.is_public,
    allow_apply: form.allow_apply,
    labels: form.labels,
    policies: form.policies,
    samples: form.samples,
    body_schema: form.body_schema ?? null,
    response_schema: form.response_schema ?? null,
    scopes: scopes.length > 0 ? scopes : null,
    is_read: does === 'method' ? null : does === 'reads',
    upstream_method: (upstream_method === '' ? null : upstream_method) as ComponentDefinition['upstream_method'],
    upstream_path: upstream_path.trim() === '' ? null : upstream_path.trim(),
    timeout: timeout ?? null,
    mapping: mapping.map(assignmentOf),
    mock: mocked ? { status: mock.status, body: mock.body, headers: Object.fromEntries(mock.headers.filter(({ name }) => name !== '').map(({ name, value }) => [name, value])) } : null,
    texts: Object.fromEntries(written) as ComponentDefinition['texts'],
  }
}

/** The form's sections, and the members of a definition that each shows. */
export const SECTIONS = {
  basics: ['component', 'name', 'method', 'path', 'match_subpath', 'title', 'description', 'labels'],
  request: ['parameters', 'body_schema', 'response_schema'],
  upstream: ['upstream', 'upstream_method', 'upstream_path', 'timeout', 'enable_websocket', 'mapping', 'mock'],
  access: ['scopes', 'is_read', 'app_required', 'user_required', 'grant_required', 'is_public', 'allow_apply'],
  policies: ['policies'],
  docs: ['texts', 'samples'],
} as const
export type Section = keyof typeof SECTIONS

/** The sections that hold something the server found wrong. */
export function wrongSections(messages: Record<string, string>): Set<Section> {
  const heads = new Set(Object.keys(messages).map((field) => field.split(/[./]/)[0]))
  return new Set((Object.keys(SECTIONS) as Section[]).filter((section) => SECTIONS[section].some((member) => heads.has(member))))
}

/** The type a parameter's schema names; parameters of any other schema keep it as it is. */
export function typeOf(schema: JsonSchema | undefined): string {
  return typeof schema?.type === 'string' ? schema.type : 'string'
}
export function ofType(schema: JsonSchema | undefined, type: string): JsonObject {
  return { ...schema, type }
}
