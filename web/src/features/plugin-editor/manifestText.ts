import { isMap, isScalar, parseDocument, YAMLMap, type Document } from 'yaml'
import type { JsonObject } from '@/api/types'

export type Place = (string | number)[]

/** The manifest's values; null while its text can't be read. */
export function manifestOf(text: string): JsonObject | null {
  const document = read(text)
  const found: unknown = document?.toJS()
  return isObject(found) ? found : null
}

/** The text with one value changed, taken away where it is undefined; comments and all else stay as they are. */
export function withValue(text: string, place: Place, value: unknown): string {
  return changed(text, (document) => {
    if (value === undefined) document.deleteIn(place)
    else if (isObject(value) || Array.isArray(value)) document.setIn(place, document.createNode(value))
    else document.setIn(place, value)
  })
}

/** The text with a member under another name, in the same place among the others. */
export function withName(text: string, place: Place, from: string, to: string): string {
  return changed(text, (document) => {
    const map = document.getIn(place)
    const pair = isMap(map) ? map.items.find(({ key }) => isScalar(key) && key.value === from) : undefined
    if (pair !== undefined && isScalar(pair.key)) pair.key.value = to
  })
}

const OF_A_STEP = ['call', 'success', 'error', 'outputs', 'poll', 'callback', 'cancel']

/** The text with one more call at the end; what was the only one becomes the first of several. */
export function withStep(text: string, component: string): string {
  return changed(text, (document) => {
    if (document.getIn(['component', 'steps']) === undefined) {
      const first = new YAMLMap<unknown, unknown>()
      OF_A_STEP.forEach((name) => {
        const part = document.getIn(['component', name], true)
        if (part !== undefined) first.set(name, part)
        document.deleteIn(['component', name])
      })
      document.setIn(['component', 'steps'], document.createNode([]))
      document.addIn(['component', 'steps'], first)
    }
    document.addIn(['component', 'steps'], document.createNode({ call: { component } }))
  })
}

/** A value as it is typed: texts as they are, unless they would be taken for JSON. */
export function typed(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' && parsed(value) === undefined ? value : JSON.stringify(value)
}

/** What was typed: JSON, or a text. */
export function untyped(text: string): unknown {
  const found = parsed(text)
  return found === undefined ? text : found
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function read(text: string): Document.Parsed | null {
  const document = parseDocument(text)
  return document.errors.length > 0 ? null : document
}

function changed(text: string, change: (document: Document.Parsed) => void): string {
  const document = read(text)
  if (document === null) return text
  change(document)
  return document.toString({ lineWidth: 0 })
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Every component that is called anywhere in a mapping, once. */
export function componentsIn(mapping: unknown): string[] {
  const found = new Set<string>()
  const look = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(look)
    else if (isObject(part)) {
      if (isObject(part.call) && typeof part.call.component === 'string' && part.call.component !== '') found.add(part.call.component)
      Object.values(part).forEach(look)
    }
  }
  look(mapping)
  return [...found]
}
