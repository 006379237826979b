import { onScopeDispose, ref, watch, type Ref } from 'vue'

/** Follows a value once it has been still for a while, in milliseconds. */
export function useDebounced<T>(source: Ref<T>, quiet: number): Ref<T> {
  const settled = ref(source.value) as Ref<T>
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(source, (value) => {
    clearTimeout(timer)
    timer = setTimeout(() => (settled.value = value), quiet)
  })
  onScopeDispose(() => clearTimeout(timer))
  return settled
}
