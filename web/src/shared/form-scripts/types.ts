import type { JsonObject } from '@/api/types'

/** A form.js, and the world it runs in. */
export interface FormProgram {
  source: string
  code: string
  runtime: string
  context: JsonObject
}

/** A tag's place: its code below those of what it stands in; a row by its number. */
export type TagPath = string[]

/** What a script says of a tag while it is filled in. */
export interface TagState {
  hidden?: boolean
  disabled?: boolean
  loading?: boolean
  hook?: boolean
  problem?: string
  items?: unknown
  columns?: unknown
  name?: unknown
  placeholder?: unknown
  empty_text?: unknown
  table_buttons?: unknown
}

/** What a script wants of the outside. */
export type Effect =
  | { type: 'request'; id: number; url: string; method: string; data: unknown }
  | { type: 'unsent'; url: string; method: string; data: unknown }
  | { type: 'message'; text: string; kind: string }
  | { type: 'timer'; id: number; wait: number }
  | { type: 'open'; url: string }
  | { type: 'export'; path: TagPath; rows: unknown }
  | { type: 'remote_failed'; path: TagPath }
  | { type: 'unsupported'; what: string }
  | { type: 'problem'; text: string }

export interface Outcome {
  changes: { path: TagPath; state: TagState }[]
  values: JsonObject
  effects: Effect[]
}

/** What a request of a script is answered with. */
export interface RequestAnswer {
  ok: boolean
  status: number
  body?: unknown
  message?: string
}

export type ToWorker = { id: number; program: FormProgram; values: JsonObject } | { id: number; call: string; given: unknown[] }
export type FromWorker = { id: number; outcome: Outcome } | { id: number; failure: string }
