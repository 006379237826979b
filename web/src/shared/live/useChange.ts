import { useMutation, useQueryClient, type QueryKey } from '@tanstack/vue-query'
import { ElMessage } from 'element-plus'
import { useI18n } from 'vue-i18n'
import type { LiveView } from '@/api/types'
import { sayProblem } from '@/shared/feedback/sayProblem'

/** Query key of what the gateway processes serve. */
export const SNAPSHOT = ['snapshot'] as const

interface Change<Input, Answer> {
  run: (input: Input) => Promise<Answer>
  /** What was done, in words; whether every process serves it is added. */
  said: (answer: Answer, input: Input) => string
  /** What has to be read anew. */
  stale: () => QueryKey[]
  done?: (answer: Answer, input: Input) => void
  /** Say a failure in passing: where no form shows it. */
  aloud?: boolean
}

/** A change. Of what the gateway serves, tells truthfully whether it is live already. Reads anew what it changed. */
export function useChange<Answer extends object, Input = void>({ run, said, stale, done, aloud }: Change<Input, Answer>) {
  const { t } = useI18n()
  const client = useQueryClient()
  return useMutation({
    mutationFn: run,
    onSuccess: async (answer, input) => {
      const { live, revision } = answer as Partial<LiveView>
      const later = live === false
      const state = live === undefined ? '' : later ? t('shared.live.soon', { revision }) : t('shared.live.now')
      ElMessage({ type: later ? 'warning' : 'success', message: `${said(answer, input)} ${state}`.trim(), duration: 4000 })
      done?.(answer, input)
      await Promise.all([SNAPSHOT, ...stale()].map((queryKey) => client.invalidateQueries({ queryKey })))
    },
    onError: (problem) => {
      if (aloud === true) sayProblem(problem, t)
    },
  })
}
