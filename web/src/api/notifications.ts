import { answer, api, refined } from './client'
import type { PreferenceChoices } from './messages'
import type { components } from './schema'
import type { LiveView } from './types'

/** A kind of message as the person who is signed in has it. */
export type OwnKind = components['schemas']['OwnKindView']
export type OwnNotifications = components['schemas']['OwnNotificationsView']

export const readOwnNotifications = (): Promise<OwnNotifications> => answer(api.GET('/v1/account/notifications'))

export async function readOwnPreferences(): Promise<PreferenceChoices> {
  const { preferences } = await refined<{ preferences: PreferenceChoices }>(api.GET('/v1/account/notifications'))
  return preferences
}

/** An empty address removes it. Nothing of it has to travel to gateway processes. */
export function setOwnAddress(msgType: string, address: string): Promise<OwnKind & Partial<LiveView>> {
  const params = { path: { msg_type: msgType } }
  if (address === '') return answer(api.DELETE('/v1/account/notifications/addresses/{msg_type}', { params }))
  return answer(api.PUT('/v1/account/notifications/addresses/{msg_type}', { params, body: { address } }))
}

export const setOwnPreferences = (choices: PreferenceChoices): Promise<object> =>
  answer(api.PUT('/v1/account/notifications/preferences', { body: choices }))
