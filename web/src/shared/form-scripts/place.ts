import type { InjectionKey } from 'vue'
import type { FormModel, JsonObject } from '@/api/types'

/** Where a form is filled in: what its script is told of it, and in whose name what it asks for is asked. */
export interface FormPlace {
  /** Code or id. */
  project: string
  /** The flow that is being launched, for those who may do nothing else in the project. */
  flow?: string
  execEnv: '' | 'NODE_CONFIG' | 'NODE_RETRY' | 'NODE_EXEC_DETAIL'
  /** Variables by the text they are written with, `${inputs.host}`. */
  constants?: Record<string, { key: string; name: string; value: unknown }>
  inputs?: JsonObject
  outputs?: JsonObject
  nodeStatus?: string
}

/** How forms inside of other forms find the place. */
export const PLACE: InjectionKey<FormPlace> = Symbol('form place')

/** The inputs of a flow as the variables that its nodes refer to. */
export function constantsOf(form: FormModel | null | undefined, values: JsonObject): NonNullable<FormPlace['constants']> {
  const fields = (form?.schema.properties ?? {}) as Record<string, { title?: string; default?: unknown }>
  return Object.fromEntries(Object.entries(fields).map(([name, { title, default: given }]) => {
    const key = `\${inputs.${name}}`
    return [key, { key, name: title ?? name, value: values[name] ?? given ?? '' }]
  }))
}

/** What `$.context` knows of a place, beside what it knows of the project. */
export function contextOf(place: FormPlace): JsonObject {
  return {
    exec_env: place.execEnv,
    constants: place.constants ?? {},
    inputs: place.inputs ?? {},
    outputs: place.outputs ?? {},
    node_status: place.nodeStatus ?? '',
  }
}
