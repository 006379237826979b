import type { JsonObject } from '@/api/types'

/** A form.js, and the world it runs in. */
export interface FormProgram {
  source: string
  code: string
  runtime: string
  context: JsonObject
  /** The only field of it that is drawn. */
  only?: string
  /** Who answers what the script waits for; without it that is told and not asked. */
  endpoint?: Endpoint
}

/** Where to send what a form asks, with what must be in each request. */
export interface Endpoint {
  address: string
  headers: Record<string, string>
  flow?: string
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
  /** Of a text, or of a log that is shown. */
  value?: unknown
  /** Where a widget of hosts or sets finds them. */
  addresses?: unknown
  placeholder?: unknown
  empty_text?: unknown
  table_buttons?: unknown
  /** A click on a line of the table means something to the script. */
  clickable?: boolean
}

/** What a script says of a file that was picked: whether it is to be carried, and where the form would have sent it. */
export interface Picked {
  goes: boolean
  url?: string
  /** What the form would have sent with it. */
  data?: JsonObject
  headers?: Record<string, string>
  reason?: '' | 'limit' | 'refused' | 'own_request'
}

/** What is told of a file. */
export interface FileFacts {
  name: string
  size: number
  type: string
}

/** What a script wants of the outside. */
export type Effect =
  | { type: 'request'; id: number; url: string; method: string; data: unknown }
  | { type: 'unsent'; url: string; method: string; data: unknown }
  | { type: 'message'; text: string; kind: string }
  | { type: 'timer'; id: number; wait: number }
  | { type: 'open'; url: string }
  | { type: 'export'; path: TagPath; rows: unknown }
  | { type: 'children'; id: number; items: unknown }
  | ({ type: 'picked'; id: number } & Picked)
  | { type: 'remote_failed'; path: TagPath }
  | { type: 'drawn'; html: string }
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
/** `waits`: the script waits for an answer from outside. */
export type FromWorker = { id: number; outcome: Outcome } | { id: number; failure: string } | { id: number; waits: true }
