import { ElMessage } from 'element-plus'
import { ApiProblem } from '@/api/problem'
import { language } from '@/shared/session/language'
import { translation } from '@/shared/wording/wording'
import { sentence } from './fieldMessages'

type Translate = (key: string) => string

/** Says in passing that something failed, for actions that have no form of their own to say it in. */
export function sayProblem(error: unknown, t: Translate): void {
  ElMessage({ type: 'error', message: spoken(error, t), duration: 6000, showClose: true })
}

/** The server's own words are in English; where its code is known, the Chinese console has words for it. */
function spoken(error: unknown, t: Translate): string {
  if (!(error instanceof Error)) return t('shared.problem.unexpected')
  if (!(error instanceof ApiProblem)) return error.message
  if (error.status === 0) return t('shared.problem.unreachable')
  const key = `shared.problem.code.${error.code}`
  const known = language.value === 'zh' ? t(key) : key
  if (known !== key) return known
  return error.fields.some((field) => translation(field) !== null) ? error.fields.map((field) => `${field.field}：${sentence(field)}`).join('；') : error.message
}
