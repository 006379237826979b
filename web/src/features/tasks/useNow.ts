import { onScopeDispose, ref, watch, type Ref } from 'vue'

/** The present time, ticking every second while something runs. */
export function useNow(running: Ref<boolean>) {
  const now = ref(Date.now())
  let timer: ReturnType<typeof setInterval> | undefined
  watch(
    running,
    (on) => {
      clearInterval(timer)
      now.value = Date.now()
      if (on) timer = setInterval(() => (now.value = Date.now()), 1000)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearInterval(timer))
  return now
}

/** Milliseconds from start to end, or to now while there is no end; null before the start. */
export function elapsed(start: string | null, end: string | null, now: number): number | null {
  if (start === null) return null
  return (end === null ? now : Date.parse(end)) - Date.parse(start)
}
