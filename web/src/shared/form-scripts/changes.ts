import type { JsonObject } from '@/api/types'
import type { TagPath } from './types'

interface Element {
  type?: unknown
  scope?: unknown
  elements?: Element[]
  options?: { tag?: unknown; detail?: Element }
}

function same(first: unknown, second: unknown): boolean {
  return JSON.stringify(first) === JSON.stringify(second)
}

/** Whether lines only stand in another order. */
function areReordered(old: unknown[], now: unknown[]): boolean {
  const sorted = (rows: unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort()
  return same(sorted(old), sorted(now))
}

function codeOf(element: Element): string {
  const last = String(element.scope).split('/').pop() ?? ''
  return last.replaceAll('~1', '/').replaceAll('~0', '~')
}

function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

/** Whether a form was made of a form.js. */
export function isScripted(uischema: unknown): boolean {
  return (asObject(uischema).elements as Element[] | undefined)?.some(({ options }) => options?.tag !== undefined) === true
}

/**
 * The tags a person changed between two states of a form's data, with their values; cells of tables one by one. Lines that were
 * drawn to another place take along what has no column, so their table is one change.
 */
export function changedTags(before: JsonObject, after: JsonObject, layout: unknown, above: TagPath = []): { path: TagPath; value: unknown }[] {
  const found: { path: TagPath; value: unknown }[] = []
  for (const element of (layout as Element | null)?.elements ?? []) {
    if (element.type !== 'Control') continue
    const code = codeOf(element)
    const [old, now] = [before[code], after[code]]
    if (same(old, now)) continue
    const path = [...above, code]
    const detail = element.options?.detail
    if (detail !== undefined && element.options?.tag === 'combine') {
      found.push(...changedTags(asObject(old), asObject(now), detail, path))
    } else if (detail !== undefined && Array.isArray(old) && Array.isArray(now) && old.length === now.length && !areReordered(old, now)) {
      now.forEach((row, index) => found.push(...changedTags(asObject(old[index]), asObject(row), detail, [...path, String(index)])))
    } else {
      found.push({ path, value: now ?? null })
    }
  }
  return found
}

/** The data with what a script changed; what it left as it was sent stays as it is by now. */
export function withScriptValues(data: JsonObject, sent: JsonObject, values: JsonObject): JsonObject {
  const changed = Object.entries(values).filter(([name, value]) => !same(sent[name], value) && !same(data[name], value))
  return changed.length === 0 ? data : { ...data, ...Object.fromEntries(changed) }
}
