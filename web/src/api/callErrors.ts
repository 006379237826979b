import type { FieldProblem, ProblemDocument } from './problem'

const NAMED = /^([\w./]+): (.+)$/
/** An error of the gateway's own: `Parameters error [reason="data/name: the value is too long"]`. */
const REASONED = /^(.*?) \[reason="(.*)"\]$/s

/** The fields in a component's words: `title: is missing; receiver.0: is too long`. */
export function fieldsOf(message: string): FieldProblem[] {
  return message.split('; ').flatMap((sentence) => {
    const [, field, problem] = NAMED.exec(sentence) ?? []
    return field === undefined || problem === undefined ? [] : [{ field, problem }]
  })
}

/** What the gateway answers where it refuses a call before any component sees it, read as a problem document. */
export function documentOf({ code, message }: { code?: string | number; message: string }): ProblemDocument {
  const [, title, reason] = REASONED.exec(message) ?? []
  if (title === undefined || reason === undefined) return { title: message, code }
  return { title, detail: reason, code, errors: fieldsOf(reason) }
}
