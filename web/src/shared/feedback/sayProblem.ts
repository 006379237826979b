import { ElMessage } from 'element-plus'
import { ApiProblem } from '@/api/problem'

/** Says in passing that something failed, for actions that have no form of their own to say it in. */
export function sayProblem(error: unknown, t: (key: string) => string): void {
  const unreachable = error instanceof ApiProblem && error.status === 0
  const message = unreachable ? t('shared.problem.unreachable') : error instanceof Error ? error.message : t('shared.problem.unexpected')
  ElMessage({ type: 'error', message, duration: 6000, showClose: true })
}
