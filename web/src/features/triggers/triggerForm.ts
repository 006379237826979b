import type { JsonObject, JsonSchema, TriggerChange, TriggerInput, TriggerView } from '@/api/types'

export const RESOURCES = ['host', 'host_relation', 'biz', 'set', 'module', 'plat'] as const
export const EVENT_TYPES = ['create', 'update', 'delete'] as const

/** A trigger as it is filled in. */
export interface TriggerForm {
  name: string
  kind: 'inventory' | 'webhook'
  resource: (typeof RESOURCES)[number]
  event_types: (typeof EVENT_TYPES)[number][]
  condition: string
  mapping: JsonObject
  schemes: string[]
  /** Whether tasks are told of an event; otherwise one is started. */
  tells: boolean
  event: string
  event_key: string
  /** 0 for the latest. */
  revision: number
  authentication: 'signature' | 'bearer'
  payload_schema: JsonSchema | undefined
  per_minute: number
}

export function formOf(trigger: TriggerView | null): TriggerForm {
  return {
    name: trigger?.name ?? '',
    kind: trigger?.kind ?? 'inventory',
    resource: (trigger?.resource || 'host') as TriggerForm['resource'],
    event_types: [...(trigger?.event_types ?? [])],
    condition: trigger?.condition ?? '',
    mapping: { ...trigger?.mapping },
    schemes: [...(trigger?.schemes ?? [])],
    tells: (trigger?.event ?? '') !== '',
    event: trigger?.event ?? '',
    event_key: trigger?.event_key ?? '',
    revision: trigger?.revision ?? 0,
    authentication: trigger?.authentication || 'signature',
    payload_schema: trigger?.payload_schema ?? undefined,
    per_minute: trigger?.per_minute || 60,
  }
}

/** What may be changed later. */
export function changeOf(form: TriggerForm): TriggerChange {
  return {
    name: form.name.trim(),
    condition: form.condition.trim(),
    mapping: form.mapping,
    event: form.tells ? form.event.trim() : '',
    event_key: form.tells ? form.event_key.trim() : '',
    revision: form.revision || null,
    schemes: form.tells ? [] : form.schemes,
    event_types: form.event_types,
    authentication: form.authentication,
    payload_schema: form.payload_schema ?? null,
    per_minute: form.per_minute,
  }
}

export function bodyOf(form: TriggerForm): TriggerInput {
  return { ...changeOf(form), kind: form.kind, resource: form.kind === 'inventory' ? form.resource : null }
}

/** Something that could come: the smallest that tells what a sample looks like. */
export function sampleOf(form: TriggerForm): JsonObject {
  if (form.kind === 'webhook') return {}
  return { id: '1', type: form.event_types[0] ?? 'create', resource: form.resource, detail: {} }
}
