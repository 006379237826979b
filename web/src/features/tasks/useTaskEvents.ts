import { onScopeDispose, ref, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { taskEventsAddress } from '@/api/tasks'
import type { NodeView, TaskView } from '@/api/types'

export type TaskChange = Partial<TaskView> & { id?: string }

interface Handlers {
  task: (change: TaskChange) => void
  node: (change: NodeView) => void
  /** The stream is there again after a gap; what was missed may be read afresh. */
  reconnected: () => void
}

const FIRST_WAIT = 500
const LONGEST_WAIT = 10_000

/**
 * Follows a task's server-sent events while `active`.
 * The browser reconnects by itself after a broken line (and names the last event it saw); after an answer it takes for
 * final, such as a proxy's 502, it gives up, and then we open a new stream after a growing pause.
 */
export function useTaskEvents(task: MaybeRefOrGetter<string>, active: MaybeRefOrGetter<boolean>, handlers: Handlers) {
  const connected = ref(false)
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let wait = FIRST_WAIT
  let everOpen = false

  function close(): void {
    clearTimeout(timer)
    source?.close()
    source = undefined
    connected.value = false
  }

  function parsed<T>(event: Event): T | undefined {
    try {
      return JSON.parse((event as MessageEvent<string>).data) as T
    } catch {
      return undefined
    }
  }

  function open(): void {
    close()
    const stream = new EventSource(taskEventsAddress(toValue(task)))
    source = stream
    stream.addEventListener('open', () => {
      connected.value = true
      wait = FIRST_WAIT
      if (everOpen) handlers.reconnected()
      everOpen = true
    })
    stream.addEventListener('task', (event) => {
      const change = parsed<TaskChange>(event)
      if (change !== undefined) handlers.task(change)
    })
    stream.addEventListener('node', (event) => {
      const change = parsed<NodeView>(event)
      if (change !== undefined) handlers.node(change)
    })
    stream.addEventListener('error', () => {
      connected.value = false
      if (stream.readyState !== EventSource.CLOSED || source !== stream) return
      timer = setTimeout(open, wait)
      wait = Math.min(wait * 2, LONGEST_WAIT)
    })
  }

  watch(
    [() => toValue(task), () => toValue(active)],
    ([, on]) => {
      everOpen = false
      if (on) open()
      else close()
    },
    { immediate: true },
  )
  onScopeDispose(close)
  return { connected }
}
