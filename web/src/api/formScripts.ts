import { answer, api, refined } from './client'
import type { FormScriptView } from './types'

/** What a form.js becomes; nothing is kept. */
export function convertForm(source: string): Promise<FormScriptView> {
  return refined<FormScriptView>(api.POST('/v1/forms:convert', { body: { source } }))
}

/** The form.js a version was published with. */
export function readFormScript(code: string, version: string): Promise<FormScriptView> {
  return refined<FormScriptView>(api.GET('/v1/plugins/{code}/versions/{version}/form-script', { params: { path: { code, version } } }))
}

/** The world scripts of forms run in. */
export function readFormRuntime(): Promise<string> {
  return answer(api.GET('/v1/forms/runtime.js', { parseAs: 'text' })) as Promise<string>
}
