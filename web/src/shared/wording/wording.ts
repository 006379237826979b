import { language } from '@/shared/session/language'
import terms from './zh-terms.json'

type Param = string | number | string[]

/** What names a sentence of the server: its code, and the values it was said of. */
export interface Worded {
  code?: string
  params?: Record<string, Param>
}

interface Translation {
  text: string
  remedy?: string
}

const files = import.meta.glob<Record<string, Translation>>('./zh/*.json', { eager: true, import: 'default' })
const chinese: Partial<Record<string, Translation>> = Object.assign({}, ...Object.values(files))
const words: Partial<Record<string, string>> = terms

function written(value: Param, kind: string | undefined): string {
  const parts = (Array.isArray(value) ? value : [String(value)]).map((part) => (kind === 'term' ? (words[part] ?? part) : part))
  const distinct = [...new Set(parts)]
  const last = distinct.pop() ?? ''
  if (distinct.length === 0) return last
  return `${distinct.join('、')}${kind === undefined ? '、' : kind === 'or' ? ' 或 ' : '或'}${last}`
}

/** `{name}`, `{name:or}` and `{name:term}` as the server's own sentences have them; braces around anything else stay. */
function filled(template: string, params: Record<string, Param>): string {
  return template.replaceAll(/\{(\w+)(?::(or|term))?\}/g, (whole, name: string, kind: string | undefined) => {
    const value = params[name]
    return value === undefined ? whole : written(value, kind)
  })
}

/** The sentence in the console's language; null where the server's English stands: in English, and of an unknown code. */
export function translation({ code, params }: Worded): Translation | null {
  const found = language.value === 'zh' && code !== undefined ? chinese[code] : undefined
  if (found === undefined) return null
  return { text: filled(found.text, params ?? {}), remedy: filled(found.remedy ?? '', params ?? {}) }
}

/** What is wrong with a flow and what to do about it, as it came or in the console's language. */
export function advised(problem: Worded & { message: string; remedy: string }): Translation {
  return translation(problem) ?? { text: problem.message, remedy: problem.remedy }
}

/** A sentence of the server, as it came or in the console's language. */
export function said(sentence: Worded & { text: string }): string {
  return translation(sentence)?.text ?? sentence.text
}
