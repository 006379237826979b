import type { Schemas } from './shapes'

export interface Page<Item> {
  items: Item[]
  next?: string | null
}

export type JsonObject = Record<string, unknown>
/** A JSON Schema (2020-12); read loosely, since systems bring their own. */
export type JsonSchema = Record<string, unknown>
/** A text in the languages its author gave. */
export type Localized = string | { en?: string | null; zh?: string | null }

export type AuditEntry = Schemas['AuditRecordView']
export type AuditVerification = Schemas['AuditVerification']

/** Form model: JSON Forms' schema and UI schema with the texts of other languages by key. */
export interface FormModel {
  schema: JsonSchema
  uischema?: JsonObject | null
  i18n?: Record<string, Record<string, string>> | null
}
