/** Types of attributes that people may give to objects. */
export const TYPES = ['singlechar', 'longchar', 'int', 'enum', 'date', 'time', 'objuser', 'timezone', 'bool', 'singleasst', 'multiasst'] as const
/** Objects whose instances an attribute may refer to. */
export const REFERABLE = ['biz', 'set', 'module', 'host', 'plat'] as const
export const refers = (type: string): boolean => type === 'singleasst' || type === 'multiasst'

/** A value as it is typed in. */
export function typedFrom(value: unknown): string {
  if (value === null || value === undefined) return ''
  return Array.isArray(value) ? value.join(', ') : String(value)
}

/** What was typed, as the inventory takes it; nothing takes the value away. What is no number goes as text, and is refused by name. */
export function valueFrom(type: string, typed: string): unknown {
  const text = typed.trim()
  if (text === '') return null
  const whole = (part: string): number | string => (/^-?\d{1,15}$/.test(part) ? Number(part) : part)
  if (type === 'multiasst') return text.split(/[\s,;]+/).filter((part) => part !== '').map(whole)
  if (type === 'int' || type === 'singleasst') return whole(text)
  return type === 'bool' ? text === 'true' : text
}

/** The choices of an enumeration, one a line: `1 = New`, or a word that is both id and name. */
export function choicesFrom(text: string): { id: string; name: string }[] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '').map((line) => {
    const [id = '', ...name] = line.split('=').map((part) => part.trim())
    return { id, name: name.join('=') || id }
  })
}
