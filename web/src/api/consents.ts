import { answer, api } from './client'
import type { AuthorizationQuestion, ConsentView, DeviceQuestion, LiveView, Onward, Page } from './types'

/** What an app asks of the person who is signed in; `request` is as the address of the page has it. */
export function readQuestion(request: string): Promise<AuthorizationQuestion> {
  return answer(api.GET('/v1/authorization-request', { params: { query: { request } } }))
}

/** Answers where the browser goes now. */
export function answerQuestion(request: string, decision: 'allow' | 'deny'): Promise<Onward> {
  const options = { body: { request } }
  const calls = {
    allow: () => api.POST('/v1/authorization-request:allow', options),
    deny: () => api.POST('/v1/authorization-request:deny', options),
  }
  return answer(calls[decision]())
}

/** What the person lets apps do for him. */
export function listConsents(): Promise<Page<ConsentView>> {
  return answer(api.GET('/v1/consents'))
}

/** Takes a consent back; the app's tokens end. */
export function withdrawConsent(app: string): Promise<LiveView> {
  return answer(api.DELETE('/v1/consents/{app_code}', { params: { path: { app_code: app } } }))
}

/** What a device asks; the code as it was typed. */
export function readDevice(code: string): Promise<DeviceQuestion> {
  return answer(api.GET('/v1/device-request', { params: { query: { user_code: code } } }))
}

export async function answerDevice(code: string, decision: 'allow' | 'deny'): Promise<void> {
  const options = { body: { user_code: code } }
  const calls = {
    allow: () => api.POST('/v1/device-request:allow', options),
    deny: () => api.POST('/v1/device-request:deny', options),
  }
  await answer(calls[decision]())
}
