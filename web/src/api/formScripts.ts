import { inPieces } from '@/shared/text/pieces'
import { answer, api, csrfHeaders, refined } from './client'
import type { FormContext, FormFile, FormScriptView, JsonObject } from './types'

/** What a form of a form.js becomes, the first one if none is named; nothing is kept. */
export function convertForm(source: string, code?: string): Promise<FormScriptView> {
  return refined<FormScriptView>(api.POST('/v1/forms:convert', { body: { source, code } }))
}

/** The form.js a version was published with. */
export function readFormScript(code: string, version: string): Promise<FormScriptView> {
  return refined<FormScriptView>(api.GET('/v1/plugins/{code}/versions/{version}/form-script', { params: { path: { code, version } } }))
}

/** The world scripts of forms run in. */
export function readFormRuntime(): Promise<string> {
  return answer(api.GET('/v1/forms/runtime.js', { parseAs: 'text' })) as Promise<string>
}

/** An installed plugin's form, in a project or in one of its flows. */
export interface FormOwner {
  project: string
  code: string
  version: string
  flow?: string
}

/** What a form knows of its project. */
export function readFormContext({ project, code, version, flow }: FormOwner): Promise<FormContext> {
  const params = { path: { project, code, version }, query: flow === undefined ? {} : { flow } }
  return answer(api.GET('/v1/projects/{project}/plugins/{code}/versions/{version}/form-context', { params }))
}

/** What a form asks for; the server looks the address up. */
export async function askForForm({ project, code, version, flow }: FormOwner, asked: { url: string; method: string; data: unknown }): Promise<unknown> {
  const params = { path: { project, code, version } }
  const body = { ...asBody(asked), ...(flow === undefined ? {} : { flow }) }
  const { data } = await answer(api.POST('/v1/projects/{project}/plugins/{code}/versions/{version}/form-data', { params, body }))
  return data
}

/** For whose job system a file is, and what is said beside it. */
export interface FileWay {
  business?: number
  headers: Record<string, string>
}

/** Keeps a file that was picked, piece by piece; `told` hears which share has gone. */
export function keepFormFile({ project, code, version, flow }: FormOwner, file: File, { business, headers }: FileWay, told: (share: number) => void): Promise<FormFile> {
  const params = { path: { project, code, version } }
  const place = { headers, ...(flow === undefined ? {} : { flow }), ...(business === undefined ? {} : { bk_biz_id: business }) }
  return inPieces(file, (piece) => answer(api.POST('/v1/projects/{project}/plugins/{code}/versions/{version}/form-files', { params, body: { ...place, ...piece } })), told)
}

/** How a worker asks what a script waits for. */
export function formEndpoint({ project, code, version, flow }: FormOwner): { address: string; headers: Record<string, string>; flow?: string } {
  const [owner, plugin, number] = [project, code, version].map(encodeURIComponent)
  return { address: `/v1/projects/${owner}/plugins/${plugin}/versions/${number}/form-data`, headers: csrfHeaders(), flow }
}

function asBody({ url, method, data }: { url: string; method: string; data: unknown }): { url: string; method: 'GET' | 'POST'; data: JsonObject } {
  const given = typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as JsonObject) : {}
  return { url, method: method === 'GET' ? 'GET' : 'POST', data: given }
}
