import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { readLog, type FileLog, type HostLog, type HostResult, type Scope } from '@/api/jobs'
import { HOST_RUNNING } from './jobStates'

const LOOK_MS = 1000

/** What is known of a log, with a further answer taken in: a part goes behind it, a whole in its place. */
export function grown(known: string, answer: Pick<HostLog, 'log_content' | 'log_offset'>): string {
  return answer.log_offset === 0 ? answer.log_content : known + answer.log_content
}

/** The log of a host, followed while it runs. */
export function useHostLog(system: string, scope: Scope, job: number, step: number, host: Ref<HostResult>) {
  const text = ref('')
  const files = ref<FileLog[]>([])
  const error = ref<unknown>(null)
  let size = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0

  async function look(mine: number): Promise<void> {
    try {
      const answer = await readLog(system, scope, job, step, host.value, size)
      if (mine !== turn) return
      text.value = grown(text.value, answer)
      size = answer.log_size
      files.value = answer.file_logs
      error.value = null
      if (answer.status === HOST_RUNNING) timer = setTimeout(() => void look(mine), LOOK_MS)
    } catch (problem) {
      if (mine === turn) error.value = problem
    }
  }
  function begin(): void {
    clearTimeout(timer)
    turn += 1
    size = 0
    void look(turn)
  }
  watch([() => host.value.status, () => host.value.start_time], begin, { immediate: true })
  onScopeDispose(() => {
    clearTimeout(timer)
    turn += 1
  })
  return { text, files, error, again: begin }
}
