import type { FieldProblem, ProblemDocument } from './problem'

const NAMED = /^([\w./]+): (.+)$/
/** An error of the gateway's own: `Parameters error [reason="data/name: the value is too long"]`. */
const REASONED = /^(.*?) \[reason="(.*)"\]$/s

/** The fields in a component's words: `title: is missing; receiver.0: is too long; name it shorter`. What names no field goes on with the one before. */
export function fieldsOf(message: string): FieldProblem[] {
  const fields: FieldProblem[] = []
  for (const sentence of message.split('; ')) {
    const [, field, problem] = NAMED.exec(sentence) ?? []
    const before = fields.at(-1)
    if (field !== undefined && problem !== undefined) fields.push({ field, problem })
    else if (before !== undefined) before.problem += `; ${sentence}`
  }
  return fields
}

/** What the gateway answers where it refuses a call before any component sees it, read as a problem document. */
export function documentOf({ code, message }: { code?: string | number; message: string }): ProblemDocument {
  const [, title, reason] = REASONED.exec(message) ?? []
  if (title === undefined || reason === undefined) return { title: message, code }
  return { title, detail: reason, code, errors: fieldsOf(reason) }
}
