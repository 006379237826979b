import type { FormModel, JsonObject, JsonSchema } from '@/api/types'
import type { RequestAnswer } from '@/shared/form-scripts/types'

/** What a served plugin says of itself, by the protocol of BlueKing's plugins. */
export interface Meta {
  code: string
  versions: string[]
  description: string
}
export interface Detail {
  version: string
  desc: string
  inputs: JsonSchema
  context_inputs: JsonSchema
  forms: { renderform: string | null }
}
export interface RunState {
  state: number
  outputs: JsonObject | null
  err: string | null
}
/** What draws a form.js and runs it, as `trunkline plugin form --program` prints it. */
export interface FormProgramOfFile {
  source: string
  code: string
  form: FormModel
  runtime: string
}
export interface Answer<T> {
  result: boolean
  data: T | null
  message: string
  trace_id?: string
}

const DATA_APIS = '/bk_plugin/plugin_api/'

/** Never rejects: whatever went wrong stands in `message`. */
export async function ask<T>(path: string, body?: unknown): Promise<Answer<T>> {
  try {
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
    const answer = await fetch(path, sent)
    const text = await answer.text()
    return parsed<T>(text) ?? { result: false, data: null, message: `HTTP ${answer.status}: ${text.slice(0, 500)}` }
  } catch (error) {
    return { result: false, data: null, message: error instanceof Error ? error.message : String(error) }
  }
}

function parsed<T>(text: string): Answer<T> | null {
  try {
    const found = JSON.parse(text) as Partial<Answer<T>> & { detail?: string }
    if (typeof found !== 'object' || found === null) return null
    return { ...found, result: found.result === true, data: found.data ?? null, message: found.message ?? found.detail ?? text.slice(0, 500) }
  } catch {
    return null
  }
}

/** Carries out what a form asks the plugin's own data APIs, as flows do; nobody else is asked here. */
export async function askDataApi({ url, method, data }: { url: string; method: string; data: unknown }): Promise<RequestAnswer> {
  const { origin, pathname, search } = new URL(url, window.location.href)
  if (origin !== window.location.origin || !pathname.startsWith(DATA_APIS)) return { ok: false, status: 0, message: url }
  const asked = { url: `${pathname}${search}`, method, username: 'author', data: typeof data === 'object' && data !== null ? data : {} }
  const answer = await ask<unknown>('bk_plugin/plugin_api_dispatch/', asked)
  return answer.result ? { ok: true, status: 200, body: answer.data } : { ok: false, status: 500, message: answer.message }
}

/** The form of a schema as pydantic 1 writes it: what it refers to stands in each field, where the console looks. */
export function formOf(schema: JsonSchema): FormModel {
  const { definitions = {}, ...own } = schema as JsonObject & { definitions?: Record<string, JsonObject> }
  return { schema: resolved(own, definitions) as JsonSchema, uischema: null, i18n: {} } as FormModel
}

function resolved(value: unknown, definitions: Record<string, JsonObject>, depth = 0): unknown {
  if (Array.isArray(value)) return value.map((one) => resolved(one, definitions, depth))
  if (typeof value !== 'object' || value === null) return value
  const { $ref, allOf, ...own } = value as JsonObject & { $ref?: string; allOf?: { $ref?: string }[] }
  const named = ($ref ?? (allOf?.length === 1 ? allOf[0]?.$ref : undefined))?.split('/').pop()
  // A definition that refers to itself is drawn some levels deep.
  if (named !== undefined && depth < 5) return { ...(resolved(definitions[named] ?? {}, definitions, depth + 1) as JsonObject), ...own }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolved(one, definitions, depth)]))
}

/** The token in a callback's address, or a token itself. */
export function tokenOf(address: string): string {
  return address.trim().replace(/\/+$/, '').split('/').pop() ?? ''
}

/** The callback's address, where a plugin that waits for one tells it in its outputs. */
export function callbackIn(outputs: JsonObject | null): string | undefined {
  return Object.values(outputs ?? {}).find((value): value is string => typeof value === 'string' && value.includes('/callback/'))
}
