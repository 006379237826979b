import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { logEventsAddress, readLog, type FileLog, type HostResult, type LogEnd, type LogPart, type Scope } from '@/api/jobs'
import { HOST_RUNNING } from './jobStates'

const LOOK_MS = 2000

/** What is known of a log, with a further part taken in: it goes behind the rest, or, when it begins at 0, in its place. */
export function grown(known: string, part: LogPart): string {
  return part.log_offset === 0 ? part.log_content : known + part.log_content
}

/**
 * The log of a host, as it grows. After a broken line the browser comes back by itself and names the last part it saw.
 * Where there is no stream to be had, as of a BlueKing system, the log is read as it stands, again and again.
 */
export function useHostLog(system: string, scope: Scope, job: number, step: number, host: Ref<HostResult>) {
  const text = ref('')
  const files = ref<FileLog[]>([])
  const error = ref<unknown>(null)
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  async function read(instead: EventSource): Promise<void> {
    try {
      const log = await readLog(system, scope, job, step, host.value)
      if (source !== instead) return
      text.value = log.log_content
      files.value = log.file_logs
      error.value = null
      if (host.value.status === HOST_RUNNING) timer = setTimeout(() => void read(instead), LOOK_MS)
    } catch (problem) {
      if (source === instead) error.value = problem
    }
  }
  function close(): void {
    clearTimeout(timer)
    source?.close()
    source = undefined
  }
  function begin(): void {
    close()
    text.value = ''
    error.value = null
    const stream = new EventSource(logEventsAddress(system, scope, job, step, host.value))
    source = stream
    stream.addEventListener('log', ({ data }: MessageEvent<string>) => {
      text.value = grown(text.value, JSON.parse(data) as LogPart)
    })
    stream.addEventListener('end', ({ data }: MessageEvent<string>) => {
      stream.close()
      const end = JSON.parse(data) as LogEnd
      files.value = end.file_logs
      if (text.value === '') text.value = end.reason
    })
    stream.addEventListener('error', () => {
      if (stream.readyState === EventSource.CLOSED && source === stream) void read(stream)
    })
  }
  // Tried again, the host begins a new log.
  watch(() => host.value.start_time, begin, { immediate: true })
  onScopeDispose(close)
  return { text, files, error, again: begin }
}
