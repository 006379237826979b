import type { InjectionKey } from 'vue'

/** Fields that may be bound to variables instead of being filled in: those of a node's inputs. */
export interface FieldHooks {
  /** The name of the field with this id, if it may be bound. */
  field(id: string): string | undefined
  isHooked(field: string): boolean
  text(field: string): string
  /** What a text may refer to. */
  variables: string[]
  hook(field: string, on: boolean): void
  write(field: string, text: string): void
}

export const HOOKS: InjectionKey<FieldHooks> = Symbol('field hooks')

/** Whether a value stands for another: any text in it refers to a variable. */
export function holdsReference(value: unknown): boolean {
  if (typeof value === 'string') return /(^|[^$])\$\{[^{}]+\}/.test(value)
  return false
}
