import { ApiProblem, type FieldProblem } from '@/api/problem'
import { translation } from '@/shared/wording/wording'

/** Segments of a field's address, written `a.b[0]`, `/a/b/0` or `$.a.b[0]`. */
export function fieldPath(field: string): string[] {
  if (field.startsWith('/')) {
    return field.slice(1).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  }
  return field.split(/[.[\]'"]+/).filter((part) => part !== '' && part !== '$' && part !== 'body')
}

/** The fields at which a form may say something: the one addressed and, for a member of a list, the list. */
export function fieldNames(field: string): string[] {
  const name = fieldPath(field).join('.')
  const list = name.replace(/\.\d+$/, '')
  return name === list ? [name] : [name, list]
}

/** One sentence for a field: what is wrong and what to do about it. */
export function sentence(problem: FieldProblem): string {
  const { text, remedy } = translation(problem) ?? { text: problem.problem, remedy: problem.remedy }
  if (remedy === undefined || remedy === null || remedy === '') return text
  const end = text === problem.problem ? '. ' : '。'
  return `${text.replace(/[.\s]+$/, '')}${end}${remedy}`
}

/** Messages of a problem by dotted field address, to stand at a form's fields. */
export function fieldMessages(error: unknown): Record<string, string> {
  if (!(error instanceof ApiProblem)) return {}
  const messages: Record<string, string> = {}
  for (const field of error.fields) {
    for (const name of fieldNames(field.field)) messages[name] = name in messages ? `${messages[name]} ${sentence(field)}` : sentence(field)
  }
  return messages
}
