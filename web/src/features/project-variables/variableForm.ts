import type { ProjectVariable } from '@/api/types'
import type { VariableWish } from '@/api/projectVariables'

export type Kind = ProjectVariable['kind']
export const KINDS: Kind[] = ['text', 'number', 'boolean', 'list', 'object']

/** A value is edited in the member that is its kind's. */
export interface VariableForm {
  name: string
  title: string
  description: string
  kind: Kind
  text: string
  number: number | null
  flag: boolean
  json: unknown
}

/** The form of a variable that is there; an empty one for a new one. */
export function formOf(variable: ProjectVariable | null): VariableForm {
  const { name = '', title = '', description = '', kind = 'text', value } = variable ?? {}
  return {
    name, title, description, kind,
    text: kind === 'text' ? String(value ?? '') : '',
    number: kind === 'number' ? Number(value) : null,
    flag: value === true,
    json: kind === 'list' || kind === 'object' ? value : undefined,
  }
}

/** The value in the form, or undefined while there is none of its kind. */
export function valueOf({ kind, text, number, flag, json }: VariableForm): VariableWish['value'] | undefined {
  switch (kind) {
    case 'text': return text
    case 'number': return number ?? undefined
    case 'boolean': return flag
    case 'list': return Array.isArray(json) ? (json as unknown[]) : undefined
    case 'object': return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : undefined
  }
}

/** What is sent, or undefined while something is missing. */
export function wishOf(form: VariableForm): VariableWish | undefined {
  const [name, value] = [form.name.trim(), valueOf(form)]
  return name === '' || value === undefined ? undefined : { name, title: form.title.trim(), description: form.description.trim(), value }
}
