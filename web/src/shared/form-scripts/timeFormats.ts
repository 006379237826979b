const TYPES = ['datetime', 'date', 'datetimerange', 'daterange', 'month', 'year', 'week', 'dates', 'monthrange'] as const

/** What a form's `type` of a datetime is to the picker. */
export function dateType(type: unknown): (typeof TYPES)[number] {
  return TYPES.find((one) => one === type) ?? 'datetime'
}

/** The format of a form's time, in the picker's letters: forms write years and days in small ones. */
export function pickerFormat(tag: string, { format, type }: Record<string, unknown>): string {
  if (typeof format === 'string' && format !== '') return format.replaceAll('y', 'Y').replaceAll('d', 'D')
  if (tag === 'time') return 'HH:mm:ss'
  return String(type).startsWith('date') && !String(type).startsWith('datetime') ? 'YYYY-MM-DD' : 'YYYY-MM-DD HH:mm:ss'
}
