import { answer, api } from './client'
import type { KeyRotation, LiveView, Page, SystemKey, VerificationKey } from './types'

/** Keys with which the gateway signs to a system, newest first. */
export function listKeys(system: string): Promise<Page<SystemKey>> {
  return answer(api.GET('/v1/systems/{system}/keys', { params: { path: { system } } }))
}

/** Makes a new key; the old one goes on verifying until it is retired. */
export function rotateKey(system: string, body: KeyRotation): Promise<LiveView> {
  return answer(api.POST('/v1/systems/{system}/keys:rotate', { params: { path: { system } }, body }))
}

export function retireKey(system: string, { profile, key_id }: SystemKey): Promise<LiveView> {
  const path = { system, profile: profile as KeyRotation['profile'], key: key_id }
  return answer(api.POST('/v1/systems/{system}/keys/{profile}/{key}:retire', { params: { path } }))
}

/** Shared secrets too; each look is on record. */
export function revealKeys(system: string): Promise<Page<VerificationKey>> {
  return answer(api.POST('/v1/systems/{system}:reveal-keys', { params: { path: { system } } }))
}
