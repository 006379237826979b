import { onScopeDispose, ref, type Ref } from 'vue'

const PAUSE = 250

/** What somebody has typed, once he pauses: each letter would be a search of its own. */
export function useTyped(): { typed: Ref<string>; type: (text: string) => void } {
  const typed = ref('')
  let later: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(later))
  function type(text: string): void {
    clearTimeout(later)
    later = setTimeout(() => { typed.value = text.trim() }, PAUSE)
  }
  return { typed, type }
}
