import type { JsonObject, JsonSchema } from '@/api/types'

const SECONDS: Record<string, string> = { 1: 's', 60: 'min', 3600: 'h', 86400: 'd' }

interface Limit {
  period: number | string
  tokens?: number
  calls?: number
}

function isLimits(value: unknown): value is Limit[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'object' && one !== null && 'period' in one)
}

function limits(value: Limit[]): string {
  return value.map(({ period, tokens, calls }) => `${tokens ?? calls}/${SECONDS[String(period)] ?? period}`).join(', ')
}

function said(value: unknown): string {
  if (isLimits(value)) return limits(value)
  if (Array.isArray(value)) return value.map(said).join(', ')
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).filter(([, one]) => telling(one)).map(([name, one]) => `${name.replace('__default', '*')}: ${said(one)}`).join('; ')
  }
  return String(value)
}

/** Whether a value says something: not absent, empty or switched off. */
function telling(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  return typeof value !== 'object' || Object.values(value as object).some(telling)
}

/** A policy's configuration in a line, without what is usual for its kind: `rates: *: 100/s; per: user`. */
export function summary(config: JsonObject, schema: JsonSchema = {}): string {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>
  const unusual = Object.entries(config).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(properties[name]?.default))
  return said(Object.fromEntries(unusual))
}
