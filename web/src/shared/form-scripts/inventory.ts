import type { JsonObject } from '@/api/types'
import type { RequestAnswer } from './types'

/** A host as the inventory's address answers it. */
export interface Host extends JsonObject {
  bk_host_id?: number
  bk_host_innerip?: string
  bk_host_name?: string
  bk_cloud_id?: number
}

export function asList(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter((one): one is JsonObject => typeof one === 'object' && one !== null && !Array.isArray(one)) : []
}

export function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

/** The address a widget was given for something; of several that fit by part of their name, the first. */
export function addressOf(addresses: unknown, name: string): string {
  const own = asObject(addresses)
  const found = own[name] ?? Object.values(own).find((one) => typeof one === 'string' && one.includes(name))
  return typeof found === 'string' ? found : ''
}

/** What an address of Standard OPS answered as `data`; an empty list where it answered none. */
export function dataOf(answer: RequestAnswer): unknown {
  const body = asObject(answer.body)
  return answer.ok && body.result !== false ? (body.data ?? []) : []
}

/** How a host is known where several areas have the same addresses. */
export function hostKey(host: Host): string {
  return `${host.bk_cloud_id ?? 0}:${host.bk_host_innerip ?? ''}`
}

export function hostLabel(host: Host): string {
  return host.bk_host_name ? `${host.bk_host_innerip ?? ''} (${host.bk_host_name})` : (host.bk_host_innerip ?? '')
}

/** A host that was typed: `10.0.0.1`, or `3:10.0.0.1` in another cloud area. */
export function typedHost(text: string): Host {
  const [, area, address] = /^(\d+):(.+)$/.exec(text) ?? ['', '0', text]
  return { bk_host_innerip: (address ?? '').trim(), bk_cloud_id: Number(area) }
}
