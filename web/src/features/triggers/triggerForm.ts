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
    authentication: trigger?.authentication || 'signature',
    payload_schema: trigger?.payload_schema ?? undefined,
    per_minute: trigger?.per_minute || 60,
  }
}

/** What may be changed later; what is not asked here stays as it was. */
export function changeOf(form: TriggerForm, before: TriggerView | null): TriggerChange {
  return {
    name: form.name.trim(),
    condition: form.condition.trim(),
    mapping: form.mapping,
    event: before?.event ?? '',
    event_key: before?.event_key ?? '',
    revision: before?.revision ?? null,
    schemes: form.schemes,
    event_types: form.event_types,
    authentication: form.authentication,
    payload_schema: form.payload_schema ?? null,
    per_minute: form.per_minute,
  }
}

export function bodyOf(form: TriggerForm): TriggerInput {
  return { ...changeOf(form, null), kind: form.kind, resource: form.kind === 'inventory' ? form.resource : null }
}
